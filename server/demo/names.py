"""Names of people who do not exist, put together from parts as they are used where the committee is."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any

from server.demo.figures import table
from server.names import fold


@lru_cache(maxsize=1)
def never() -> frozenset[str]:
    """Names of real people, folded: nobody invented bears one, with or without accents."""
    return frozenset(fold(name) for name in table("names")["never"]["names"])


class Namer:
    """Invents people of one mix of peoples; no two of one namer share a name."""

    def __init__(self, mix: str, chance: Random) -> None:
        self.mix: dict[str, int] = table("names")["mixes"][mix]
        self.chance = chance
        self.given: set[str] = set()

    def person(self, women: float = 0.4) -> tuple[str, str]:
        """(name, ``male`` or ``female``); ``women`` is the share of women."""
        while True:
            sex = "female" if self.chance.random() < women else "male"
            name = self._name(sex)
            key = fold(name)
            if key not in self.given and key not in never() and " " in name:
                self.given.add(key)
                return name, sex

    def _name(self, sex: str) -> str:
        people = self._weighted(self.mix)
        parts: dict[str, Any] = table("names")[people]
        words = (
            self._weighted(parts["family"]),
            self.chance.choice(parts[f"middle_{sex}"]),
            self.chance.choice(parts[f"given_{sex}"]),
        )
        return " ".join(word for word in words if word)

    def _weighted(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]
