"""The demo's log-ins: a file that only its owner can read, and a table for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from infra.embedded.folder import write_private
from infra.settings import settings

if TYPE_CHECKING:  # the supervisor reads the file, and has no use for what builds a demonstration
    from server.demo.logins import DemoLogin

FIELDS = ("role", "province", "committee", "cell", "login", "password", "url")
SHOWN = ("role", "committee", "cell", "login", "password")

Login = dict[str, Any]


def entries(made: Iterable[DemoLogin]) -> list[Login]:
    """What the demo's builder answers, as the file holds it: ``url`` is where this log-in begins."""
    base = settings().public_url
    return [
        {name: getattr(login, name) for name in FIELDS[:-1]} | {"url": base + login.url_path}
        for login in made
    ]


def write(file: Path, logins: Sequence[Login]) -> None:
    """Write the file, whole or not at all, with mode 0600."""
    write_private(file, json.dumps(logins, ensure_ascii=True, indent=1) + "\n")


def read(file: Path) -> list[Login]:
    """The log-ins of an earlier run, with addresses for this one; empty if there is no such file."""
    base = settings().public_url
    try:
        kept: list[Login] = json.loads(file.read_text("utf-8"))
        return [login | {"url": base + urlsplit(login["url"]).path} for login in kept]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def table(logins: Sequence[Login]) -> list[str]:
    """Lines of a table with a head."""
    rows = [SHOWN, *(tuple(str(login[name] or "") for name in SHOWN) for login in logins)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(SHOWN))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
