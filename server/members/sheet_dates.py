"""Dates as clerks write them: whole, partial, in words, as spreadsheet numbers, with two-digit years."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise, product
from typing import Literal

from server.members.sheet_types import CellValue, Formula
from server.names import fold

Kind = Literal["missing", "read", "impossible", "unreadable", "formula"]

_FULL = re.compile(r"(\d{1,2})\s*([/.\-\s])\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t]00:00(?::00(?:\.0+)?)?)?")
_WORDS = re.compile(r"ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_MONTH = re.compile(r"(?:thang )?(\d{1,2})\s*(?:[/.\-]|nam)\s*(\d{4})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_YEAR = re.compile(r"(?:nam )?(\d{4})")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_NOTHING = re.compile(r"(?:[\W_]*|khong (?:ro|nho|co|biet)|chua (?:ro|co)|0)")
# Excel counts days from here (its day 60, 29-2-1900, never was; nobody in a list was born before it).
_EXCEL_EPOCH = date(1899, 12, 30)
# Years typed into cells formatted as dates come back as days of 1905: 1958 is "11-5-1905".
_TYPED_YEARS = (date(1905, 3, 14), date(1905, 11, 1))
YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is known. `loose` marks a year of two digits, held as 0-99 until a century is chosen."""

    year: int
    month: int | None = None
    day: int | None = None
    loose: bool = False

    @property
    def iso(self) -> str:
        """`1978-05-03`, `1978-05` or `1978`."""
        parts = (f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part))
        return "-".join(parts)

    @property
    def whole(self) -> bool:
        """Is it known to the day?"""
        return self.day is not None

    @property
    def first(self) -> date:
        """The earliest day it can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The latest day it can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])


@dataclass(frozen=True, slots=True)
class Written:
    """A date cell: what kind of thing stands there, the date if there is one, its text, and how it was tidied."""

    kind: Kind
    day: Day | None = None
    shown: str = ""
    fix: str | None = None


def read_date(value: CellValue) -> Written:
    """A date from a cell of any type; day before month, always."""
    if isinstance(value, Formula):
        return Written("formula", shown=value)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return _from_date(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(value)
    if value is None:
        return Written("missing")
    text = value if isinstance(value, str) else str(value)
    return replace(_from_text(text), shown=" ".join(text.split()))


def _from_date(value: date) -> Written:
    if _TYPED_YEARS[0] <= value < _TYPED_YEARS[1]:
        return _from_number((value - _EXCEL_EPOCH).days)
    return _whole(value.year, value.month, value.day, f"{value:%d/%m/}{value.year}")


def _from_number(value: float) -> Written:
    if value != value or value in (float("inf"), float("-inf")):
        return Written("unreadable", shown=str(value))
    number = int(value)
    if number == 0:
        return Written("missing")
    if number in YEARS:
        return Written("read", Day(number), str(number))
    if not YEARS.stop < number < 75_000:  # to the year 2105
        return Written("unreadable", shown=str(number))
    found = _EXCEL_EPOCH + timedelta(days=number)
    return _whole(found.year, found.month, found.day, f"{found:%d/%m/%Y}", "date_serial")


def _from_text(text: str) -> Written:
    plain = fold(text)
    if text.lstrip().startswith(("=", "@", "+")):
        return Written("formula")
    if _NOTHING.fullmatch(plain):
        return Written("missing")
    for pattern, read in _SHAPES:
        if match := pattern.fullmatch(plain):
            return read(match)
    return Written("unreadable")


def _from_full(match: re.Match[str]) -> Written:
    day, separator, month, year = match.groups()
    fix = "date_dots" if separator == "." else None
    return _whole(int(year), int(month), int(day), fix=fix, loose=len(year) == 2)


_SHAPES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Written]]] = [
    (_FULL, _from_full),
    (_ISO, lambda m: _whole(int(m[1]), int(m[2]), int(m[3]))),
    (_WORDS, lambda m: _whole(int(m[3]), int(m[2]), int(m[1]), fix="date_words")),
    (_MONTH, lambda m: _partial(int(m[2]), int(m[1]))),
    (_ISO_MONTH, lambda m: _partial(int(m[1]), int(m[2]))),
    (_YEAR, lambda m: _partial(int(m[1]), None)),
    (_SERIAL, lambda m: _from_number(float(m[0]))),
]


def _whole(
    year: int, month: int, day: int, shown: str = "", fix: str | None = None, loose: bool = False
) -> Written:
    # A year of two digits is checked as 2000 + year: 29-2-00 was, 29-2-02 was not, in either century that
    # counts.
    calendar_year = 2000 + year if loose else year
    if calendar_year not in YEARS:
        return Written("unreadable", shown=shown)
    try:
        date(calendar_year, month, day)
    except ValueError:
        return Written("impossible", shown=shown)
    return Written("read", Day(year, month, day, loose), shown, fix)


def _partial(year: int, month: int | None) -> Written:
    if year not in YEARS:
        return Written("unreadable")
    if month is not None and not 1 <= month <= 12:
        return Written("impossible")
    return Written("read", Day(year, month))


def choose_centuries(
    born: Day | None, admitted: Day | None, official: Day | None, as_of: date
) -> list[Day | None]:
    """The latest reading of two-digit years that keeps birth < admission < official <= `as_of`, if there is one."""
    ways = list(product(*(_centuries(day) for day in (official, admitted, born))))
    fitting = [way for way in ways if _in_order([day for day in reversed(way) if day], as_of)]
    if fitting:
        best = max(fitting, key=_latest)
        return [best[2], best[1], best[0]]
    return [_latest_until(day, as_of) for day in (born, admitted, official)]


def _centuries(day: Day | None) -> list[Day | None]:
    if day is None or not day.loose:
        return [day]
    both = (Day(century + day.year, day.month, day.day) for century in (1900, 2000))
    return [reading for reading in both if _exists(reading)]


def _exists(day: Day) -> bool:
    return day.day is None or day.day <= monthrange(day.year, day.month or 1)[1]


def _in_order(days: list[Day], as_of: date) -> bool:
    return all(a.first < b.last for a, b in pairwise(days)) and (not days or days[-1].first <= as_of)


def _latest(way: tuple[Day | None, ...]) -> tuple[date, ...]:
    return tuple(day.last if day else date.min for day in way)


def _latest_until(day: Day | None, as_of: date) -> Day | None:
    readings = _centuries(day)
    past = [reading for reading in readings if reading and reading.first <= as_of]
    return past[-1] if past else readings[0]


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
