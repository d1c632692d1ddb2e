"""Versions of rolls and assignments as phones are told them.

A phone keeps what it heard last and takes no older version for news. Where a committee was taken back to a backup, or
the whole database to an earlier moment, the rows count on from what they were then, below what phones have heard. So
phones are told each version plus where the committee's present life begins (``CommitteeRef.versions_from``): in
microseconds since 1970, so that going back twice is above the first time, and JavaScript counts that far; and round, so
that the stored version can be read from what was told in whichever life. Rows and rules know nothing of it.
"""

from __future__ import annotations

from tenants.current import current
from tenants.registry import VERSIONS_OF_A_LIFE

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

    What it had seen before the committee was taken back, once or often, keeps its ordinal: what is said later has no
    bearing on it, and what people said without a network is not to be refused because somebody mended the database
    meanwhile. So it is with work that a committee without such a past took over from one that has it.
    """
    return told % VERSIONS_OF_A_LIFE
