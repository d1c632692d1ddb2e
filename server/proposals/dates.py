"""Dates and times of day as minutes print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_LONG = r"ngay[\s:]*(?P<d>\d{1,2})\s*[,.]?\s*thang\s*(?P<m>\d{1,2})(?:\s*[,.]?\s*nam\s*(?P<y>\d{4}))?"
_SHORT = (
    r"(?<![\d/])(?P<d2>\d{1,2})\s?[/.\-]\s?(?P<m2>\d{1,2})(?:\s?[/.\-]\s?(?P<y2>\d{4}))?(?![\d/%]|[.,]\d)"
)
DATE = re.compile(rf"{_LONG}|{_SHORT}")
TIME = re.compile(
    r"(?<!\d)(?P<h>[01]?\d|2[0-4])\s?(?:gio|g|h|:)(?:\s?(?P<min>[0-5]\d)(?!\d)(?:\s?(?:phut|p)\b)?)?"
)
LATEST_DUE = timedelta(days=550)  # a task given for longer than this was rather read wrongly


@dataclass(frozen=True, slots=True)
class Day:
    """A date in a text: where it stands, and its year only if it is printed."""

    start: int
    past: int
    day: int
    month: int
    year: int | None

    def on(self, year: int | None) -> date | None:
        """The date, in that year if none is printed; None if there is no such day or no year."""
        chosen = self.year or year
        try:
            return date(chosen, self.month, self.day) if chosen else None
        except ValueError:
            return None


def days(text: str) -> Iterator[Day]:
    """The dates in a folded text, in order."""
    for found in DATE.finditer(text):
        day, month, year = (
            found[long] or found[short] for long, short in (("d", "d2"), ("m", "m2"), ("y", "y2"))
        )
        if 1 <= int(day) <= 31 and 1 <= int(month) <= 12:
            yield Day(found.start(), found.end(), int(day), int(month), int(year) if year else None)


def clock(found: re.Match[str]) -> str:
    """A time that TIME found, as ``07:30``."""
    return f"{int(found['h']) % 24:02}:{found['min'] or '00'}"
