"""Numbers from decrees, as dated data with source and confidence: ``lookup("attendance_target", meeting_day)``.

The numbers are in ``rules.toml``; a decree that changes one adds an entry there and closes the one before it. They are
always looked up for the date of the case, so that last year's meeting keeps last year's rule.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

# C: seen on a press, legal or official page. G: seen in an unofficial public file only. B: believed, not seen.
CONFIDENCES = ("C", "G", "B")


class UnknownRule(KeyError):
    """The rulebook has no such rule on that date."""


@dataclass(frozen=True)
class Rule:
    """One number while it is in force; ``to_on`` is its last day, None while it is the present one.

    ``value`` is an int, a Fraction (shares of a whole such as 2/3) or a word, measured in ``unit``. ``confidence`` is
    one of CONFIDENCES: whoever shows a rule of confidence B says that it is not verified.
    """

    key: str
    scope: str | None
    value: int | Fraction | str
    unit: str
    from_on: date
    to_on: date | None
    source: str
    confidence: str
    note: str = ""

    @property
    def number(self) -> int:
        """The value where it is a whole number. Raises TypeError for shares and words."""
        if not isinstance(self.value, int):
            raise TypeError(f"{self.key} is no whole number")
        return self.value

    def covers(self, on: date) -> bool:
        """Whether the rule is in force on a date."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


def lookup(key: str, on: date, scope: str | None = None) -> Rule:
    """The rule in force on a date (of the case, not of today); a scope without a rule of its own has the general one.

    Raises UnknownRule for a key, or a date before the first source, that the rulebook doesn't have.
    """
    lines = book()
    for line in (lines.get((key, scope), ()), lines.get((key, None), ())):
        for rule in line:
            if rule.covers(on):
                return rule
    raise UnknownRule(f"{key}{f' ({scope})' if scope else ''} on {on.isoformat()}")


@lru_cache(maxsize=1)
def book() -> Mapping[tuple[str, str | None], Sequence[Rule]]:
    """Every rule by key and scope, in order of time."""
    text = (Path(__file__).parent / "rules.toml").read_text(encoding="utf-8")
    lines: dict[tuple[str, str | None], list[Rule]] = defaultdict(list)
    for entry in tomllib.loads(text)["rule"]:
        rule = _read(entry)
        lines[rule.key, rule.scope].append(rule)
    return {name: tuple(sorted(line, key=lambda rule: rule.from_on)) for name, line in lines.items()}


def _read(entry: dict[str, Any]) -> Rule:
    value = entry["value"]
    return Rule(
        key=entry["key"],
        scope=entry.get("scope"),
        value=Fraction(value) if entry["unit"] == "share" else value,
        unit=entry["unit"],
        from_on=entry["from"],
        to_on=entry.get("to"),
        source=entry["source"],
        confidence=entry["confidence"],
        note=entry.get("note", ""),
    )
