"""Which cell a written name means: capitals, blanks, tone placement and a left-out `Chi bộ` do not matter."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection

from server.names import fold, tidy


class KnownCells:
    """The cells that exist; `None` instead of a list means that any name is accepted (a first list)."""

    def __init__(self, names: Collection[str] | None) -> None:
        self.any = names is None
        self._exact = {_spelling(name): name for name in names or ()}
        self._folded: dict[str, set[str]] = defaultdict(set)
        for name in names or ():
            self._folded[_short(fold(name))].add(name)

    def find(self, written: str) -> str | None:
        """
        The cell's own name, or None. Text without any accent is matched without accents if only one cell
        fits.
        """
        if found := self._exact.get(_spelling(written)):
            return found
        if written.isascii():
            candidates = self._folded.get(_short(fold(written)), set())
            if len(candidates) == 1:
                return next(iter(candidates))
        return _as_written(written) if self.any and written else None


def _spelling(name: str) -> str:
    """Letters and tones of each word, wherever the tone stands: `Hoà` = `Hòa`."""
    words = tidy(name).casefold().rstrip(".,;: ").split()
    return _short(" ".join(map(_letters_and_marks, words)))


def _letters_and_marks(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    own = re.sub("[\u0300\u0301\u0303\u0309\u0323]", "", parts)
    tones = sorted(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", own) + "".join(tones)


def _short(name: str) -> str:
    return re.sub(r"^(?:chi bô\u0323|chi bo|cb)[.\s]+", "", name.rstrip(".,;: "))


def _as_written(written: str) -> str:
    if not written.isupper():
        return tidy(written)
    name = tidy(written)
    return re.sub(r"^Chi Bộ\b", "Chi bộ", name)
