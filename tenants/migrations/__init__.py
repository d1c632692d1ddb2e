"""Forward-only migrations, written as SQL files ``0001_what.sql`` in a folder that is called a line.

Piccolo's own runner is not used: in 1.38 it looks a migration table up by name in all schemas, so the second tenant
fails or is silently skipped, and it replays Python per tenant. SQL files are read once and run as one text per tenant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True)
class Migration:
    """One step. ``sql`` may hold ``{role}``, the tenant's role and schema, quoted."""

    version: int
    name: str
    sql: str


def read_line(folder: Path) -> list[Migration]:
    """The migrations of one folder in order. Raises ValueError when the numbers are not 1, 2, 3, …"""
    found = sorted(p for p in folder.iterdir() if p.suffix == ".sql")
    line = []
    for expected, path in enumerate(found, start=1):
        match = _NAME.fullmatch(path.name)
        if match is None or int(match[1]) != expected:
            raise ValueError(f"migration {path.name} should be number {expected:04}")
        line.append(Migration(expected, path.stem, path.read_text(encoding="utf-8")))
    return line


def body_of(steps: Sequence[Migration]) -> str:
    """The SQL of several steps as one text, which still holds ``{role}``."""
    return ";\n".join(m.sql for m in steps)
