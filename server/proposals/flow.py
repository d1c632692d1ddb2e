"""The running text of a document: folded, with its keywords repaired, and every part of it known by its words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.names import fold
from server.paper.shapes import Line, Reading, Word, around

from .fields import Proposal
from .numbers import digits
from .phrases import repaired

LONGEST = 10_000  # words of a document that are looked at: over twenty full pages, and no more work than that
_SIGNS = str.maketrans(
    {"†": "t", "–": "-", "—": "-", "~": "-", "−": "-", "•": "-", "*": "-", "“": '"', "”": '"'}
)
_COMRADE = re.compile(r"^(\W*)(?:[da][/.][ce]|d[il1|]?c|dcs|d/c/s)(?=[^\w]|$)")
_SHORT = {
    "ko": "khong",
    "kg": "khong",
    "hk": "khong",
    "dv": "dang vien",
    "dvct": "chinh thuc",
    "dvdb": "du bi",
}
_ITEM = re.compile(r"^\s*(?:[-+]|(?:[ivx]{1,4}|[a-e]|\d{1,2})[.)]\s?)")
_NUMBERED = re.compile(r"^\s*(?:[ivx]{1,4}|[a-e]|\d{1,2})[.)]\s?\D")


@dataclass(frozen=True, slots=True)
class Place:
    """A word of the text: its page and its line in the document, both counted from 0."""

    word: Word
    page: int
    line: int


@dataclass(frozen=True, slots=True)
class Flow:
    """``text`` is folded: blanks between words, line ends between lines. Word i of ``places`` begins at ``starts[i]``;
    where a phrase was repaired its first word holds all of it.
    """

    text: str
    places: tuple[Place, ...]
    starts: tuple[int, ...]
    pasts: tuple[int, ...]
    sentences: tuple[int, ...]

    def sentence(self, offset: int) -> tuple[int, int]:
        """(start, past) of the sentence about an offset: it ends with a full stop, or where a list's item ends."""
        index = bisect_right(self.sentences, offset)
        past = self.sentences[index] if index < len(self.sentences) else len(self.text)
        return self.sentences[max(index - 1, 0)], past

    def at(self, offset: int) -> int:
        """The number of the word that holds an offset of the text."""
        return max(bisect_right(self.starts, offset) - 1, 0)

    def span(self, start: int, past: int) -> range:
        """The numbers of the words that a stretch of the text was read from."""
        if past <= start:
            return range(0)
        first, last = self.at(start), self.at(past - 1)
        return range(first, max(last + 1, self.pasts[last]))

    def propose(self, name: str, value: str | int, words: range, sure: int, of: int = 0) -> Proposal:
        """A proposal that stands in these words, less sure if they were read badly."""
        places = self.places[words.start : words.stop]
        return proposal(name, value, places, sure, of)

    def printed(self, words: range) -> str:
        """What was read of these words, with one blank between them."""
        return " ".join(place.word.text for place in self.places[words.start : words.stop])


def proposal(name: str, value: str | int, places: Sequence[Place], sure: int, of: int = 0) -> Proposal:
    """A proposal out of the words it was read from, with the box of those on the first's page; no words, no place."""
    if not places:
        return Proposal(name, value, "", 0, None, sure, of)
    page = places[0].page
    box = around(place.word.box for place in places if place.page == page)
    return Proposal(name, value, " ".join(p.word.text for p in places), page, box, doubted(sure, places), of)


def doubted(sure: int, places: Sequence[Place]) -> int:
    """How sure a value is that was read in these words: a word read badly takes away up to a third."""
    letters = sum(len(place.word.text) for place in places)
    read = sum(max(place.word.sure, 0) * len(place.word.text) for place in places) / max(letters, 1)
    return round(sure * (2 / 3 + read / 300))


Lines = Sequence[tuple[int, Line]]


def lines_of(pages: Sequence[Reading]) -> list[tuple[int, Line]]:
    """(page, line) for the lines of pages that can be trusted, in order, without page numbers, up to LONGEST words."""
    found: list[tuple[int, Line]] = []
    words = 0
    for number, page in enumerate(pages):
        for index, line in enumerate(page.lines if page.readable else ()):
            words += len(line.words)
            if line.words and words <= LONGEST and not _page_number(line, index, number + 1):
                found.append((number, line))
    return found


def _page_number(line: Line, index: int, page: int) -> bool:
    return index == 0 and line.role != "cell" and line.text.strip(" .-") == str(page)


def flow_of(lines: Lines) -> Flow:
    """The running text of these lines."""
    places = tuple(Place(word, page, at) for at, (page, line) in enumerate(lines) for word in line.words)
    folded = [_folded(place.word.text) for place in places]
    texts, pasts = list(folded), list(range(1, len(places) + 1))
    for first, past, phrase in repaired(folded):
        texts[first], pasts[first] = phrase, past
        texts[first + 1 : past] = [""] * (past - first - 1)
    text, starts = "", []
    for at, part in enumerate(texts):
        if part and text:
            text += " " if places[at].line == places[at - 1].line else "\n"
        starts.append(len(text))
        text += part
    return Flow(text, places, tuple(starts), tuple(pasts), _sentences(text))


def _folded(word: str) -> str:
    text = fold(word.translate(_SIGNS)).strip("'`|_")
    text = _COMRADE.sub(r"\1dong chi", text)
    core = text.strip('()[]:;,."-+')
    return text.replace(core, _SHORT[core]) if core in _SHORT else digits(text)


def _items(text: str) -> Iterator[int]:
    """Where something new begins: at list marks, and after numbered headings."""
    yield 0
    line = 0
    for end in re.finditer(r"\n", text):
        before = text[line : end.start()]
        line = end.end()
        if _ITEM.match(text[line : line + 12]) or _heading(before):
            yield line


def _heading(line: str) -> bool:
    """Whether a numbered line is a heading, which ends with it: short, and not broken off."""
    return bool(_NUMBERED.match(line)) and len(line) < 60 and line[-1:] not in ",;:."


def _sentences(text: str) -> tuple[int, ...]:
    stops = {stop.end() for stop in re.finditer(r"[.?!]\s+", text)}
    return tuple(sorted(stops | set(_items(text))))
