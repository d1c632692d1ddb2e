"""Names of files: what came with an upload, made safe to show, and what we call a file that people download."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from server import names
from server.minutes.rules import LONGEST_NAME

ENDINGS = {"jpeg": "jpg", "heic": "heic", "tiff": "tif"}
# Of a cell's name in the name of a download; browsers and old file systems end at 255 bytes with everything.
_LONGEST_CELL = 60


def shown_name(given: str) -> str:
    """The name of an upload as text to show: NFC, one line, nothing invisible, the last part of a path, cut to length.

    It is never a path and decides nothing; templates escape it like any text. Empty where nothing is left of it.
    """
    text = unicodedata.normalize("NFC", given[: 8 * LONGEST_NAME])
    # Controls, marks of direction, halves of letters, private and unassigned signs: nothing of them can be seen.
    visible = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    last = " ".join(re.split(r"[/\\]", visible)[-1].split())
    return _cut(last) if last.strip(". ") else ""


def _cut(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 5:
        return name[: LONGEST_NAME - 1] + "…"
    return f"{stem[: LONGEST_NAME - len(ending) - 2]}….{ending}"


def download_name(cell: str, day: date, number: int | None, kind: str) -> str:
    """What a download is called, in ASCII: bien-ban-chi-bo-thon-1-2026-10-03-tep-2.jpg; no number: the whole."""
    place = re.sub("[^a-z0-9]+", "-", names.fold(cell)).strip("-")[:_LONGEST_CELL].strip("-")
    page = "" if number is None else f"-tep-{number}"
    return "-".join(filter(None, ("bien-ban", place, day.isoformat()))) + f"{page}.{ENDINGS.get(kind, kind)}"


def attachment(name: str) -> str:
    """The Content-Disposition of a download; ``name`` is one of download_name."""
    return f'attachment; filename="{name}"'
