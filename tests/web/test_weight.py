"""What a web process does not bring along: libraries of papers and workbooks weigh more than all our own code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workers.commands.children import ROOT

# Each is imported when the first paper is written, in the one process that writes it.
HEAVY = (
    "cv2",
    "numpy",
    "pikepdf",
    "openpyxl",
    "fontTools",
    "fpdf",
    "docx",
    "PIL",
    "pypdfium2",
    "tesserocr",
    "py_vapid",
)


@pytest.mark.parametrize("process", ["web.app", "workers.commands.dispatcher", "workers.commands.up"])
def test_a_process_starts_without_what_it_rarely_needs(process: str) -> None:
    code = (
        f"import sys, {process}\n"
        "if 'web' in sys.argv: web.app.create_app()\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code, process.partition(".")[0]],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )

    assert loaded.stdout.strip() == ""
