"""Seeded chance: the same seed and the same words give the same people, meetings and attendance."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from uuid import UUID

# The six bits of an id that say "random, version 4"; set here because a year of marks needs 200,000 ids.
_VERSION_4 = 0x4 << 76 | 0x2 << 62
_FREE = ~(0xF << 76 | 0x3 << 62)


def dice(*words: object) -> Random:
    """A generator of its own for one thing, so that nothing depends on the order in which things are made."""
    return Random("/".join(map(str, words)))


def new_id(chance: Random) -> UUID:
    """A random id of version 4 from seeded chance."""
    return UUID(int=chance.getrandbits(128) & _FREE | _VERSION_4)


def share(total: int, weights: Sequence[float], *, least: int, most: Sequence[int]) -> list[int]:
    """Split ``total`` into whole numbers that add up to it, in proportion to ``weights``, each from ``least`` to its
    ``most``. Raises ValueError where that can't be.
    """
    parts = [least] * len(weights)
    if not sum(parts) <= total <= sum(most):
        raise ValueError(f"{total} can't be shared between {len(weights)}, {least} to {sum(most)}")
    while left := total - sum(parts):
        free = [i for i, part in enumerate(parts) if part < most[i]]
        scale = left / (sum(weights[i] for i in free) or 1)
        extra = {i: min(most[i] - parts[i], int(weights[i] * scale)) for i in free}
        if not any(extra.values()):
            extra = dict.fromkeys(sorted(free, key=lambda i: -weights[i])[:left], 1)
        for i, number in extra.items():
            parts[i] += number
    return parts
