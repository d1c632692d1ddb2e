"""One line a figure: what was measured, what it should be, and a word where it is not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value. ``most`` or ``least`` is the target; None on both sides is only told."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    note: str = ""

    def line(self) -> str:
        limit = ""
        if self.most is not None:
            limit = f"target ≤ {_number(self.most)}" + ("" if self.value <= self.most else "  ABOVE TARGET")
        if self.least is not None:
            limit = f"target ≥ {_number(self.least)}" + ("" if self.value >= self.least else "  BELOW TARGET")
        return f"  {self.name:<58}{_number(self.value):>9} {self.unit:<6} {limit:<24}{self.note}".rstrip()


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def heading(text: str) -> None:
    """Begin a part of the report."""
    print(f"\n{text}", flush=True)


def tell(*figures: Figure) -> None:
    """Print figures at once: a long run shows that it lives."""
    for figure in figures:
        print(figure.line(), flush=True)
