"""Pages of minutes by the thousand: words of the fixtures' true texts, as frequent and in the order that they have
there, names from the demo, rarer syllables in between, and the faults of a reader of print.
"""

from __future__ import annotations

import random
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "tests/fixtures/minutes"
LINES, WORDS = (24, 40), (8, 15)  # lines a page, words a line
# Shares of words: a person's name begins; a word out of its order; a syllable that hardly any other page has.
NAMED, OUT_OF_ORDER, RARE = 0.02, 0.12, 0.03
# Shares of letters that are read wrong, and of pages that are so: clean print, photographs, handwriting.
NOISE = ((0.004, 0.6), (0.02, 0.3), (0.08, 0.1))
ACCENTS = (
    "aàáảãạăằắẳẵặâầấẩẫậ",
    "eèéẻẽẹêềếểễệ",
    "iìíỉĩị",
    "oòóỏõọôồốổỗộơờớởỡợ",
    "uùúủũụưừứửữự",
    "yỳýỷỹỵ",
    "dđ",
)
LOOKS = {"h": "b", "b": "h", "n": "u", "u": "n", "c": "e", "e": "c", "l": "i", "i": "l", "t": "f", "o": "0", "g": "q",
         "m": "rn", "d": "cl", "r": "n", "k": "h", "p": "n", "v": "y"}  # fmt: skip
ONSETS = (
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "gi",
    "h",
    "k",
    "kh",
    "kr",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "pl",
    "r",
    "s",
    "t",
    "th",
    "tr",
    "x",
)
RHYMES = (
    "a",
    "ă",
    "â",
    "e",
    "ê",
    "i",
    "o",
    "ô",
    "ơ",
    "u",
    "ư",
    "ai",
    "ao",
    "au",
    "ây",
    "êu",
    "ia",
    "iêu",
    "oa",
    "oi",
    "ua",
    "ưa",
    "uê",
    "ươi",
)
CODAS = ("c", "ch", "m", "n", "ng", "nh", "p", "t")
_FAMILIES = {letter: row for row in ACCENTS for letter in row}


@dataclass
class Page:
    """A page as it stands on paper, and as it was read (the plain form of server.paper.stored)."""

    true: list[str]
    lines: dict[str, Any]


class Writer:
    """Writes pages from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        texts = [path.read_text("utf-8").split() for path in sorted(TEXTS.glob("*/page-*.txt"))]
        self.words = [word for text in texts for word in text if word.strip("-*")]
        self.follows: dict[str, list[str]] = defaultdict(list)
        for text in texts:
            for first, second in pairwise(text):
                self.follows[first].append(second)
        self.peoples = tomllib.loads((ROOT / "server/demo/names.toml").read_text("utf-8"))

    def pages(self, count: int) -> Iterator[Page]:
        for _ in range(count):
            yield self.page()

    def page(self) -> Page:
        share = self.chance.choices([share for share, _ in NOISE], [weight for _, weight in NOISE])[0]
        true = [self._line() for _ in range(self.chance.randint(*LINES))]
        lines = [self._read(number, text, share) for number, text in enumerate(true)]
        sure = int(100 - 400 * share)
        return Page(true, {"readable": True, "sure": sure, "size": [1654, 2339], "turned": 0, "lines": lines})

    def _line(self) -> str:
        chance, words = self.chance, [self.chance.choice(self.words)]
        while len(words) < chance.randint(*WORDS):
            draw = chance.random()
            if draw < NAMED:
                words += self.name().split()
            elif draw < NAMED + RARE:
                words.append(self._syllable())
            elif draw < NAMED + RARE + OUT_OF_ORDER or not self.follows[words[-1]]:
                words.append(chance.choice(self.words))
            else:
                words.append(chance.choice(self.follows[words[-1]]))
        return " ".join(words)

    def name(self) -> str:
        people = self.peoples[self.chance.choice(("kinh", "kinh", "kinh", "jrai", "bahnar", "tay", "nung"))]
        side = self.chance.choice(("male", "female"))
        family = self.chance.choices(list(people["family"]), list(people["family"].values()))[0]
        parts = (
            family,
            self.chance.choice(people[f"middle_{side}"]),
            self.chance.choice(people[f"given_{side}"]),
        )
        return " ".join(filter(None, parts))

    def _syllable(self) -> str:
        coda = self.chance.choice(CODAS) if self.chance.random() < 0.6 else ""
        return self.chance.choice(ONSETS) + self.chance.choice(RHYMES) + coda

    def _read(self, number: int, text: str, share: float) -> list[Any]:
        words, left = [], 140
        for word in self.misread(text, share).split():
            width = 17 * len(word)
            words.append([word, left, 120 + 52 * number, width, 30, 90])
            left += width + 14
        return ["body", 0, -1, -1, [140, 120 + 52 * number, max(left - 154, 1), 30], words]

    def misread(self, text: str, share: float) -> str:
        """A line as it is read: of the wrong letters two in three have only a wrong accent."""
        return "".join(self._letter(letter) if self.chance.random() < share else letter for letter in text)

    def _letter(self, letter: str) -> str:
        draw, small = self.chance.random(), letter.lower()
        if letter == " ":
            return "" if draw < 0.3 else " "
        if draw < 0.66 and small in _FAMILIES:
            return self.chance.choice(_FAMILIES[small])
        if draw < 0.9:
            return LOOKS.get(small, self.chance.choice("abcdeghiklmnopqrstuvxy"))
        return "" if draw < 0.95 else letter + " "
