"""``make release-check``: whether what is here can be given to others. Ends with 1 where it can't.

Builds sdist and wheel into dist/, installs that wheel in a fresh environment and runs it as the containers do, upgrades
the previous release's database, renders the chart, and compares every place that names the version.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.house.sources import ROOT
from tests.ship.packing import GIVEN, pack
from tests.ship.versions import versions

DIST = ROOT / "dist"
# What is never looked at on one machine alone.
ELSEWHERE = ("for other machines or other versions of Python",)


class NotReady(Exception):
    """One step has found something; the text says what."""


def one_version() -> str:
    """Every place names the same."""
    found = versions()
    version = found["pyproject.toml"]
    if others := {place: said for place, said in found.items() if said != version}:
        raise NotReady(f"pyproject.toml says {version}, but {others}")
    return f"{version} in {len(found)} places"


def packed() -> str:
    """sdist and wheel, kept in dist/ with their sums."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        kept = [Path(shutil.copy(file, DIST)) for file in pack(Path(folder))]
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in kept]
    (DIST / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    return ", ".join(f"dist/{file.name} {file.stat().st_size / 1e6:.1f} MB" for file in kept)


def suite(*places: str) -> Callable[[], str]:
    """Those tests of the repository, and that none is missing."""

    def run() -> str:
        absent = [place for place in places if not (ROOT / place).exists()]
        if absent:
            raise NotReady(f"{', '.join(absent)}: not here")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rs", *places],
            cwd=ROOT,
            env={**os.environ, GIVEN: str(DIST)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise NotReady(f"pytest {' '.join(places)} ended with {done.returncode}:\n{done.stdout[-6000:]}")
        # A check that could not be made has found nothing.
        left = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
        if left := [line for line in left if not any(reason in line for reason in ELSEWHERE)]:
            raise NotReady("what this machine lacks was not looked at:\n" + "\n".join(left))
        return done.stdout.strip().splitlines()[-1]

    return run


STEPS: dict[str, Callable[[], str]] = {
    "versions agree": one_version,
    "sdist and wheel": packed,
    "installed and started as in the containers": suite("tests/ship"),
    "the previous release's database upgraded": suite("tests/upgrade"),
    "chart rendered and validated": suite("tests/helm"),
}


def main() -> int:
    """Every step, also after one that failed; the exit code."""
    failed = []
    for number, (title, step) in enumerate(STEPS.items(), 1):
        sys.stdout.write(f"[{number}/{len(STEPS)}] {title} …\n")
        sys.stdout.flush()
        began = time.monotonic()
        try:
            told, mark = step(), "ok"
        except (NotReady, AssertionError, OSError, KeyError) as fault:
            told, mark = str(fault) or type(fault).__name__, "FAILED"
            failed.append(title)
        sys.stdout.write(f"      {mark} after {time.monotonic() - began:.0f} s: {told}\n")
    sys.stdout.write(f"Not ready: {', '.join(failed)}.\n" if failed else "Ready to be released.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
