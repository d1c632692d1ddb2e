"""Where on a page the words of a question stand: its lines with their boxes and the words marked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from server.minutes.folding import Word, line_texts, words_of
from server.minutes.ladder import LEAST_BEGINNING, LEAST_NEAR, MANY, typed_words, variants

Rectangle = tuple[int, int, int, int]
# The first word of an occurrence and the first behind it, counted over the page.
_Span = tuple[int, int]


@dataclass(frozen=True)
class MarkedLine:
    """A line of a page: its number from 0, its box in the cleaned picture, its text as [(text, whether it is what was
    looked for)], and the boxes of what was looked for. Boxes are (x, y, width, height) in pixels.
    """

    number: int
    box: Rectangle
    parts: list[tuple[str, bool]]
    marks: list[Rectangle]


@dataclass(frozen=True)
class _Page:
    """The words of a page in their order, each with its line; ``blocks``: what each stands in."""

    words: list[Word]
    lines: list[int]
    blocks: list[object]

    def runs(self, words: Sequence[str], *, exact: bool = False) -> Iterator[_Span]:
        """Where these words stand one after the other."""
        mine = [word.exact if exact else word.folded for word in self.words]
        for start, word in enumerate(mine):
            end = start + len(words)
            if word == words[0] and mine[start:end] == words and self.blocks[start] == self.blocks[end - 1]:
                yield start, end


def marked_lines(
    lines: Mapping[str, Any], corrected: Mapping[str, str], typed: str, *, most: int | None = None
) -> list[MarkedLine]:
    """The lines of a stored reading on which a question is met, in the manner that comes first in the ladder of a
    search; at most ``most`` of them, those with most of its words. Empty where nothing of it stands there.
    """
    asked, texts = typed_words(typed), line_texts(lines, corrected)
    if not asked:
        return []
    page = _page(lines, texts)
    met: dict[int, list[Word]] = {}
    for start, end in _first_met(page, [word.exact for word in asked], [word.folded for word in asked]):
        for at in range(start, end):
            met.setdefault(page.lines[at], []).append(page.words[at])
    best = sorted(met, key=lambda number: (-len({word.folded for word in met[number]}), number))[:most]
    return [_marked(number, lines["lines"][number], texts[number], met[number]) for number in sorted(best)]


def _page(lines: Mapping[str, Any], texts: Sequence[str]) -> _Page:
    page = _Page([], [], [])
    for number, ((_, block, *_), text) in enumerate(zip(lines["lines"], texts, strict=True)):
        words = words_of(text)
        page.words.extend(words)
        page.lines.extend([number] * len(words))
        page.blocks.extend([block] * len(words))
    return page


def _first_met(page: _Page, exact: list[str], folded: list[str]) -> list[_Span]:
    ways = (_exactly, _plainly, _begun, _nearly, _scattered)
    return next((met for way in ways if (met := list(way(page, exact, folded)))), [])


def _exactly(page: _Page, exact: list[str], _: list[str]) -> Iterator[_Span]:
    return page.runs(exact, exact=True)


def _plainly(page: _Page, _: list[str], folded: list[str]) -> Iterator[_Span]:
    return page.runs(folded)


def _begun(page: _Page, _: list[str], folded: list[str]) -> Iterator[_Span]:
    *before, last = folded
    starts = (end for _, end in page.runs(before)) if before else iter(range(len(page.words)))
    if before or len(last) >= LEAST_BEGINNING:
        for at in starts:
            if at < len(page.words) and page.words[at].folded.startswith(last):
                yield at - len(before), at + 1


def _nearly(page: _Page, _: list[str], folded: list[str]) -> Iterator[_Span]:
    """Written together, the same but for one misreading: so blanks lost and blanks too many are met as well. Of many
    words one may be anything.
    """
    whole, count = "".join(folded), len(folded)
    if len(whole) < LEAST_NEAR or whole.isdigit():
        return
    near = {whole, *variants(whole)}
    mine = [word.folded for word in page.words]
    for size in {count, max(count - 1, 1), count + 1}:
        for start in range(len(mine) - size + 1):
            window = mine[start : start + size]
            if page.blocks[start] == page.blocks[start + size - 1] and (
                "".join(window) in near or (size == count >= MANY and _but_one(window, folded))
            ):
                yield start, start + size


def _but_one(window: Sequence[str], folded: Sequence[str]) -> bool:
    return sum(a != b for a, b in zip(window, folded, strict=True)) == 1


def _scattered(page: _Page, _: list[str], folded: list[str]) -> Iterator[_Span]:
    last = folded[-1] if len(folded[-1]) >= LEAST_BEGINNING else None
    for at, word in enumerate(page.words):
        if word.folded in folded or (last and word.folded.startswith(last)):
            yield at, at + 1


def _marked(number: int, line: Sequence[Any], text: str, met: Sequence[Word]) -> MarkedLine:
    spans = _spans(text, met)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    pieces = [(text[a:b], bool(at % 2)) for at, (a, b) in enumerate(pairwise(edges))]
    box = tuple(line[4])
    return MarkedLine(
        number, box, [one for one in pieces if one[0]], [_place(line, text, *span) for span in spans]
    )


def _spans(text: str, met: Sequence[Word]) -> list[tuple[int, int]]:
    """Where a text was met, from letter to letter; words that follow each other are one."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted({(word.start, word.end) for word in met}):
        if spans and not any(map(str.isalnum, text[spans[-1][1] : start])):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _place(line: Sequence[Any], text: str, start: int, end: int) -> Rectangle:
    """The box of some letters of a line: of the words that they were read in, or, of a text that a person put there,
    about where they must stand.
    """
    x, y, width, height = line[4]
    at, boxes = 0, []
    for word, left, _, wide, *_ in line[5]:
        if at < end and start < at + len(word):
            boxes.append((left, left + wide))
        at += len(word) + 1
    if at - 1 == len(text) and boxes:
        left, right = min(box[0] for box in boxes), max(box[1] for box in boxes)
    else:
        left, right = (x + width * edge // max(len(text), 1) for edge in (start, end))
    return left, y, right - left, height
