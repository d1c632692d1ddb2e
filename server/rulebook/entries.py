"""One number of a decree as it is kept: in the product's own file, and in what a province publishes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

# C: seen on a press, legal or official page. G: seen in an unofficial public file only. B: believed, not seen.
CONFIDENCES = ("C", "G", "B")
# What is written and not counted.
WORDS = ("body", "words")


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


Lines = Mapping[tuple[str, str | None], tuple[Rule, ...]]


def lines_of(rules: Iterable[Rule]) -> Lines:
    """Rules by key and scope, in the order in which they come."""
    lines: dict[tuple[str, str | None], list[Rule]] = defaultdict(list)
    for rule in rules:
        lines[rule.key, rule.scope].append(rule)
    return {name: tuple(line) for name, line in lines.items()}


def read_entry(entry: Mapping[str, Any]) -> Rule:
    """An entry of the file or of a published set: key, scope, value, unit, from, to, source, confidence, note; days as
    dates or as ISO text.
    """
    value = entry["value"]
    return Rule(
        key=entry["key"],
        scope=entry.get("scope"),
        value=Fraction(value) if entry["unit"] == "share" else value,
        unit=entry["unit"],
        from_on=_day(entry["from"]),
        to_on=_day(entry["to"]) if entry.get("to") else None,
        source=entry["source"],
        confidence=entry["confidence"],
        note=entry.get("note", ""),
    )


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def entry_of(rule: Rule) -> dict[str, Any]:
    """The same the other way round, as JSON holds it."""
    return {
        "key": rule.key, "scope": rule.scope, "unit": rule.unit, "source": rule.source, "note": rule.note,
        "value": str(rule.value) if isinstance(rule.value, Fraction) else rule.value, "confidence": rule.confidence,
        "from": rule.from_on.isoformat(), "to": rule.to_on.isoformat() if rule.to_on else None,
    }  # fmt: skip
