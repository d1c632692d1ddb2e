"""Putting figures into at most five classes for a map: limits that are round and leave about as many in each. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from server.words import Say, say

CLASSES, HUNDRED = 5, 100


@dataclass(frozen=True)
class Scale:
    """``limits`` ascending: a value below the first is of class 0, one from the last on of the last class. Shares are
    held in hundredths.
    """

    limits: Sequence[int]
    share: bool

    def of(self, value: float) -> int:
        """The class of a share (0 to 1) or a count."""
        return bisect_right(self.limits, 100 * value if self.share else value)

    def words(self) -> list[Say]:
        """What each class holds."""
        if not self.limits:
            return [say("mọi nơi có số liệu")]
        unit = " %" if self.share else ""
        told = [f"{limit:,}".replace(",", ".") + unit for limit in self.limits]
        between = [say("{low} đến dưới {high}", low=low, high=high) for low, high in pairwise(told)]
        whole = self.share and self.limits[-1] >= HUNDRED
        last = say("đủ {whole}", whole=told[-1]) if whole else say("từ {low} trở lên", low=told[-1])
        return [say("dưới {high}", high=told[0]), *between, last]


def scale(values: Sequence[float], *, share: bool) -> Scale:
    """The scale of these values: fifths of them, their limits rounded, none twice and none with nothing below it."""
    hundredths = sorted(100 * value if share else value for value in values)
    if not hundredths:
        return Scale((), share)
    limits = {round(hundredths[len(hundredths) * n // CLASSES]) for n in range(1, CLASSES)}
    return Scale(sorted(limit for limit in limits if limit > hundredths[0]), share)
