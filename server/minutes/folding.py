"""What of a page's text is indexed for search, and how words are compared. Pure; standard library only.

Vietnamese words are short: a single syllable stands on nearly every page, and its letters tell little. So what is
indexed beside every syllable is every *pair* of neighbours, which hardly ever stands on a page by chance. Both are
kept without accents and with them, there the tone written last, so that ``uỷ`` and ``ủy`` are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from server import names

_LETTER = r"[^\W_]"
_INSIDE = "\u00ad\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufeff"
_WORD = re.compile(rf"{_LETTER}(?:{_LETTER}|[{_INSIDE}]|['’‘ʼʹ`´](?={_LETTER}))*")
# A word broken at the end of a line: the hyphen touches it.
_BROKEN = re.compile(rf"(?<={_LETTER})[-‐‑¬\u00ad][ ]*\n\s*")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_MARKS = frozenset(map(chr, range(0x300, 0x370)))
_FOREIGN = re.compile("[^a-z0-9]")
# No page and no question needs longer words; a run of signs that was read as one is not worth its place in an index.
_LONGEST_WORD = 32


class Word(NamedTuple):
    """A word of a text: where it stands in it, with its accents, the tone last, and without any."""

    start: int
    end: int
    exact: str
    folded: str


def words_of(text: str) -> list[Word]:
    """The words of a text of any normal form, capitals and blanks; signs between words do not count."""
    found = (Word(match.start(), match.end(), *_forms(match[0])) for match in _WORD.finditer(text))
    return [word for word in found if 0 < len(word.folded) <= _LONGEST_WORD]


@lru_cache(maxsize=50_000)
def _forms(word: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFD", word.casefold().replace("ð", "đ"))
    letters = "".join(c for c in plain if c.isalnum() or (c in _MARKS and c not in _TONES))
    tones = "".join(sorted(c for c in plain if c in _TONES))
    return unicodedata.normalize("NFC", letters) + tones, _FOREIGN.sub("", names.fold(word))


def line_texts(lines: Mapping[str, Any], corrected: Mapping[str, str]) -> list[str]:
    """The text of each line of a stored reading (server.paper.stored), or what a person put in its place."""
    return [
        corrected.get(str(number), " ".join(word[0] for word in words))
        for number, (*_, words) in enumerate(lines["lines"])
    ]


def folded_text(lines: Mapping[str, Any], corrected: Mapping[str, str]) -> str:
    """The value of minutes_text.folded: each term by which a page is found, once, with one blank between.

    ``lines`` as server.paper.stored writes them, ``corrected`` {number of a line: its text as corrected}. Whoever
    writes lines or corrections writes this with them.
    """
    terms: set[str] = set()
    for text in _blocks(lines, line_texts(lines, corrected)):
        terms.update(_terms(words_of(text)))
        if _BROKEN.search(text):
            terms.update(_terms(words_of(_BROKEN.sub("", text))))
    return " ".join(sorted(terms))


def _blocks(lines: Mapping[str, Any], texts: Sequence[str]) -> Iterator[str]:
    """The text of each block (a column, the body, a cell of a table): the next one's words are no neighbours."""
    block: list[str] = []
    number: object = None
    for (_, of, *_), text in zip(lines["lines"], texts, strict=True):
        if of != number and block:
            yield "\n".join(block)
            block = []
        number = of
        block.append(text)
    yield "\n".join(block)


def _terms(words: Sequence[Word]) -> Iterator[str]:
    for word in words:
        yield word.exact
        yield word.folded
    for first, second in pairwise(words):
        yield pair(first.exact, second.exact)
        yield pair(first.folded, second.folded)


def pair(first: str, second: str) -> str:
    """The term of two neighbours; apart from all single words, so that beginnings of words find words only."""
    return f"_{first}_{second}"
