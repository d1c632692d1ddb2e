"""What a reader of figures chooses, in the address: month, group of indicators, order, words; and how it is ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from server import clock
from server.province.hiding import Figure
from server.rollups.indicators import BY_KEY, INDICATORS, Indicator
from server.words import Say, say
from web.words import month_switch, read_month

# Indicators that are read together, by the word in the address.
GROUPS: dict[str, tuple[Say, tuple[str, ...]]] = {
    "": (say("Chính"), ("members", "met", "attendance", "assigned", "work_done", "not_reported")),
    "members": (
        say("Đảng viên"), ("cells", "members", "probationary", "exempt_age_health", "exempt_away_work"),
    ),
    "meetings": (
        say("Sinh hoạt"), ("met", "meetings_held", "attendance", "not_met", "not_reported", "minutes_received"),
    ),
    "work": (
        say("Giao việc"), ("assigned", "work_live", "work_done", "work_late", "work_not_done"),
    ),
    "quality": (
        say("Chất lượng"), ("quality_told", "quality_good", "quality_fair", "quality_average", "quality_weak"),
    ),
}  # fmt: skip
# What a province looks at first, at the head of its page.
HEADLINES = ("met", "attendance", "assigned", "work_done", "minutes_received")
# Which group's twelve months are drawn beside each committee.
DRAWN = {
    "": "attendance",
    "members": "members",
    "meetings": "met",
    "work": "work_done",
    "quality": "quality_good",
}
MONTHS = 12


@dataclass(frozen=True)
class Choice:
    """What was asked for; nonsense is taken for nothing."""

    month: date
    group: str = ""
    sort: str = ""
    words: str = ""

    @property
    def indicators(self) -> list[Indicator]:
        """The indicators of the group."""
        return [BY_KEY[key] for key in GROUPS[self.group][1]]

    def query(self, **changed: object) -> str:
        """The address's query with some of it changed; what is empty is left out."""
        asked = {
            "month": f"{self.month:%Y-%m}",
            "show": self.group,
            "sort": self.sort,
            "q": self.words,
        } | changed
        return urlencode({name: value for name, value in asked.items() if value})

    def switch(self, path: str, **more: str) -> dict[str, Any]:
        """The month switcher, whose links keep the rest, and ``more``."""
        links = dict(month_switch(path, self.month, last=this_month()))
        for name, steps in (("previous_href", -1), ("next_href", 1)):
            if links[name]:
                month = f"{clock.month_after(self.month, steps):%Y-%m}"
                links[name] = f"{path}?{self.query(month=month, **more)}"
        return links

    def groups(self, path: str) -> list[tuple[str, Say, bool]]:
        """The groups as links."""
        return [
            (f"{path}?{self.query(show=key, sort='')}", words, key == self.group)
            for key, (words, _) in GROUPS.items()
        ]

    def sorts(self) -> list[tuple[str, Say]]:
        """The orders that there are: by name, and by each indicator from either end."""
        ways = [("", say("Theo tên")), ("silent", say("Nơi chưa báo cáo trước"))]
        for one in self.indicators:
            ways.append((one.key, say("{title}: thấp đến cao", title=one.title)))
            ways.append((f"-{one.key}", say("{title}: cao đến thấp", title=one.title)))
        return ways


def this_month() -> date:
    """The month that is now, by its first day."""
    return clock.month_of(clock.today())


def read(month: str, show: str = "", sort: str = "", words: str = "") -> Choice:
    """The choice that an address carries."""
    group = show if show in GROUPS else ""
    chosen = Choice(read_month(month, default=this_month()), group, "", " ".join(words.split())[:60])
    return Choice(chosen.month, group, sort if sort in dict(chosen.sorts()) else "", chosen.words)


def before(month: date, count: int = MONTHS) -> list[date]:
    """``count`` months up to this one, the earliest first."""
    return [clock.month_after(month, -n) for n in range(count - 1, -1, -1)]


def ordered(rows: Iterable[Any], sort: str) -> list[Any]:
    """Rows (with ``figure`` and ``reported``) in an order; they come by name, and stay so where they are equal. What is
    not shown stands last, whatever it is: its place says nothing.
    """
    if sort == "silent":
        return sorted(rows, key=lambda row: row.reported)
    if not sort:
        return list(rows)
    down = sort.startswith("-")
    value: Callable[[Any], float | int | None] = lambda row: height(row.figure(sort.removeprefix("-")))  # noqa: E731
    return sorted(rows, key=lambda row: _place(value(row), down=down))


def _place(value: float | None, *, down: bool) -> tuple[bool, float]:
    return (True, 0.0) if value is None else (False, -value if down else value)


def height(figure: Figure) -> float | int | None:
    """What a figure is compared and drawn by: a share by its rate, a count by itself; None where it is not shown."""
    return figure.rate if figure.base is not None else figure.part


def change_words(change: float | None, one: Indicator) -> Say | None:
    """How much a figure has changed: by so many, or by so many points of a hundred."""
    if change is None:
        return None
    shown = (
        f"{abs(100 * change):.1f}".replace(".", ",") if one.base else f"{abs(change):,.0f}".replace(",", ".")
    )
    if not float(shown.replace(".", "").replace(",", ".")):
        return say("không đổi")
    sign = "+" if change > 0 else "−"
    return say("{sign}{n} điểm", sign=sign, n=shown) if one.base else say("{sign}{n}", sign=sign, n=shown)


def spark(heights: Sequence[float | int | None], low: float, high: float) -> str:
    """The path of a small drawing, 4 wide a month and 12 high; months that are not shown are gaps."""
    span, path, drawn = high - low or 1, "", False
    for n, value in enumerate(heights):
        if value is None:
            drawn = False
            continue
        point = f"{4 * n + 2} {round(11 - 10 * (value - low) / span)}"
        path += f"L{point}" if drawn else f"M{point}h0"
        drawn = True
    return path


__all__ = ("DRAWN", "GROUPS", "HEADLINES", "INDICATORS", "MONTHS", "Choice", "before", "change_words", "height",
           "ordered", "read", "spark", "this_month")  # fmt: skip
