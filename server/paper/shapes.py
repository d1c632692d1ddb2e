"""The plain values that pass between the steps of reading a page. Boxes are in pixels of the cleaned page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in a picture: its left upper corner and its size, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column past the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row below the box."""
        return self.y + self.height


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of these, of which there is at least one."""
    held = list(boxes)
    x, y = min(box.x for box in held), min(box.y for box in held)
    return Box(x, y, max(box.right for box in held) - x, max(box.bottom for box in held) - y)


class Word(NamedTuple):
    """A word as it was read (NFC), where it stands, and how sure the reader is, from 0 to 100."""

    text: str
    box: Box
    sure: int


Words = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line, or a cell's line of a table. ``block`` numbers what belongs together (a column of the head, the
    body, one cell of a table), in reading order; ``role`` is ``head_left | head_right | body | cell | foot_left |
    foot_right``; ``row`` and ``column`` place a line of a table in it, counted from 0, both -1 elsewhere.
    """

    words: tuple[Word, ...]
    box: Box
    block: int
    role: str = "body"
    row: int = -1
    column: int = -1

    @property
    def text(self) -> str:
        """The line's words with one blank between them."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on a cleaned page: ``lines`` in reading order; ``readable`` False where the words are not to be
    trusted at all, and then ``lines`` holds what was guessed; ``sure`` is the mean over words, weighted by length.
    ``turned`` says by how many degrees clockwise (0, 90, 180, 270) the page had to be turned to be read upright: sizes
    and boxes are those of the turned page.
    """

    lines: tuple[Line, ...]
    readable: bool
    sure: int
    width: int
    height: int
    turned: int = 0

    @property
    def text(self) -> str:
        """All lines, one a row."""
        return "\n".join(line.text for line in self.lines)
