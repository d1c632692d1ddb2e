"""Versions of rolls and assignments as phones are told them.

A phone keeps what it heard last and takes no older version for news. Where a committee was taken back to a backup, or
the whole database to an earlier moment, the rows count on from what they were then, below what phones have heard. So
phones are told each version plus where the committee's present life begins (``CommitteeRef.versions_from``): in
microseconds since 1970, so that going back twice is above the first time, and JavaScript counts that far. Rows and
rules know nothing of it.
"""

from __future__ import annotations

from tenants.current import current

# What a phone may tell: where numbers of JavaScript stop being exact.
MOST = 2**53 - 1
_MOST_STORED = 2**31 - 1


def told(version: int) -> int:
    """A stored version as phones are told it; 0 is that of a roll which is not open."""
    return current().versions_from + version


def known(told: int) -> int:
    """The stored version that a phone which was told this one knows; 0, so nothing, where that was taken back."""
    return min(max(0, told - current().versions_from), _MOST_STORED)


def seen(told: int) -> int:
    """The ordinal of the newest change that a phone knew as it said something of an assignment.

    What it had seen before the committee was taken back keeps its ordinal: what is said later has no bearing on it, and
    what people said without a network is not to be refused because somebody mended the database meanwhile.
    """
    present = told - current().versions_from
    return min(present if present >= 0 else told, _MOST_STORED)
