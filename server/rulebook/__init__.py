"""Numbers from decrees, as dated data with source and confidence: ``lookup("attendance_target", meeting_day)``.

The numbers are in ``rules.toml``; a decree that changes one adds an entry there and closes the one before it. They are
always looked up for the date of the case, so that last year's meeting keeps last year's rule. What a province has
published to the current committee stands before them (``local``).
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path

from server.rulebook.entries import CONFIDENCES, Lines, Rule, lines_of, read_entry
from server.rulebook.local import NotLoaded, local_lines

__all__ = ("CONFIDENCES", "NotLoaded", "Rule", "UnknownRule", "book", "lookup", "lookup_in")


class UnknownRule(KeyError):
    """The rulebook has no such rule on that date."""


def lookup(key: str, on: date, scope: str | None = None) -> Rule:
    """The rule in force on a date (of the case, not of today) for the current committee; a scope without a rule of its
    own has the general one. What its province has published for that date stands before the product's own.

    Raises UnknownRule for a key, or a date before the first source, that the rulebook doesn't have, and NotLoaded where
    the committee has rules of its own that nobody has loaded.
    """
    return lookup_in(local_lines(), key, on, scope)


def lookup_in(local: Lines, key: str, on: date, scope: str | None = None) -> Rule:
    """The same with other rules of a province's than the current committee's. Raises UnknownRule."""
    own = book()
    for name in ((key, scope), (key, None)):
        for rule in (*local.get(name, ()), *own.get(name, ())):
            if rule.covers(on):
                return rule
    raise UnknownRule(f"{key}{f' ({scope})' if scope else ''} on {on.isoformat()}")


@lru_cache(maxsize=1)
def book() -> Lines:
    """Every rule of the product's own by key and scope, in order of time."""
    text = (Path(__file__).parent / "rules.toml").read_text(encoding="utf-8")
    read = [read_entry(entry) for entry in tomllib.loads(text)["rule"]]
    return lines_of(sorted(read, key=lambda rule: rule.from_on))
