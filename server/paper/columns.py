"""Columns side by side on a page of lines: the head of minutes, and the names of those who sign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from server.names import fold
from server.paper.shapes import Box, Word, Words, around

GUTTER = 1.5  # a gap between two words wider than this many heights of a word may part two columns
HEAD_SHARE = 0.4  # the head begins in this upper part of the page
LEAST_PIECES = 3  # of two columns; fewer are one line with a wide blank in it
SAME_ROW = 0.5  # lines that share this part of their height stand in one row
CENTRED = 0.02  # of the page's width: a line this near to the gutter's middle is a title
TITLE = re.compile(r"^(bien ban|nghi quyet|thong bao|bao cao|chuong trinh|ke hoach)\b")


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns side by side: which of the pieces they take (from, past) and what stands left and right of the gutter,
    column by column: three people may sign.
    """

    first: int
    past: int
    left: tuple[tuple[Words, ...], ...]
    right: tuple[tuple[Words, ...], ...]


def two_columns(
    lines: Sequence[Words], size: tuple[int, int]
) -> tuple[Columns | None, Columns | None, list[Words]]:
    """The columns of a page's head and foot, where it has them, and the lines between and around them, from the top
    down. ``size`` is the page's (width, height).
    """
    height = median(word.box.height for line in lines for word in line) if lines else 0
    pieces = sorted((piece for line in lines for piece in in_pieces(line, GUTTER * height)), key=middle)
    head = _head(pieces, size)
    foot = _foot(pieces, head.past if head else 0, size)
    columned = (column for part in (head, foot) if part for column in (*part.left, *part.right))
    taken = {id(word) for column in columned for line in column for word in line}
    body = [tuple(word for word in line if id(word) not in taken) for line in lines]
    return head, foot, rows(line for line in body if line)


def middle(words: Sequence[Word]) -> float:
    """How far down the page a line runs, in pixels."""
    return median(word.box.y + word.box.height / 2 for word in words)


def in_pieces(line: Words, gutter: float) -> list[Words]:
    """A line cut where a gap is wide enough for a gutter between columns."""
    pieces = [[line[0]]]
    for one, two in pairwise(line):
        if two.box.x - one.box.right > gutter:
            pieces.append([])
        pieces[-1].append(two)
    return [tuple(piece) for piece in pieces]


def _head(pieces: Sequence[Words], size: tuple[int, int]) -> Columns | None:
    """The two columns at the top: from the first two pieces side by side to the first that crosses the gutter."""
    for first, piece in enumerate(pieces):
        if middle(piece) > HEAD_SHARE * size[1]:
            return None
        gutter = _gutter(pieces, first, size[0])
        past = _reach(pieces, first, gutter, size[0]) if gutter else first
        if gutter and first + LEAST_PIECES <= past < len(pieces):
            return _columns(pieces, first, past, gutter)
    return None


def _foot(pieces: Sequence[Words], start: int, size: tuple[int, int]) -> Columns | None:
    """The two columns at the bottom: from the first two pieces side by side after which nothing crosses the gutter."""
    for first in range(start, len(pieces) - LEAST_PIECES + 1):
        gutter = _gutter(pieces, first, size[0])
        if gutter and _reach(pieces, first, gutter, size[0]) == len(pieces):
            return _columns(pieces, first, len(pieces), gutter)
    return None


def _gutter(pieces: Sequence[Words], first: int, width: int) -> tuple[int, int] | None:
    """The gap (from, to) between a piece and one beside it, where it lies about the middle of the page."""
    one = around(word.box for word in pieces[first])
    for piece in pieces[first + 1 : first + 4]:
        left, right = sorted((one, around(word.box for word in piece)))
        if _share(left, right) >= SAME_ROW and left.right < right.x:
            about = (left.right + right.x) / 2
            return (left.right, right.x) if width / 4 < about < width * 3 / 4 else None
    return None


def _reach(pieces: Sequence[Words], first: int, gutter: tuple[int, int], width: int) -> int:
    """How far down from ``first`` nothing crosses the gutter."""
    low, high = gutter
    for past in range(first, len(pieces)):
        box = around(word.box for word in pieces[past])
        left = box.x + box.width / 2 < (low + high) / 2
        crosses = box.right >= high if left else box.x <= low
        centred = abs(box.x + box.width / 2 - (low + high) / 2) < CENTRED * width
        if crosses or centred or TITLE.match(fold(" ".join(word.text for word in pieces[past]))):
            return past
        low, high = (max(low, box.right), high) if left else (low, min(high, box.x))
    return len(pieces)


def _columns(pieces: Sequence[Words], first: int, past: int, gutter: tuple[int, int]) -> Columns:
    about = sum(gutter) / 2
    sides: tuple[list[Words], list[Words]] = ([], [])
    for piece in pieces[first:past]:
        box = around(word.box for word in piece)
        sides[box.x + box.width / 2 > about].append(piece)
    return Columns(first, past, *(tuple(tuple(rows(stack)) for stack in _stacks(side)) for side in sides))


def _stacks(pieces: Sequence[Words]) -> list[list[Words]]:
    """Pieces that stand below one another, from the left; one stack, unless two have as many as two lines."""
    stacks: list[list[Words]] = []
    for piece in sorted(pieces, key=lambda piece: piece[0].box.x):
        last = max((word.box.right for held in stacks[-1] for word in held), default=0) if stacks else 0
        if not stacks or piece[0].box.x >= last:
            stacks.append([])
        stacks[-1].append(piece)
    return stacks if sum(len(stack) > 1 for stack in stacks) > 1 else [[*pieces]] if pieces else []


def _share(one: Box, two: Box) -> float:
    """How much of the lower of two boxes' heights they have in common."""
    return (min(one.bottom, two.bottom) - max(one.y, two.y)) / max(min(one.height, two.height), 1)


def rows(lines: Iterable[Words]) -> list[Words]:
    """Lines from the top down; those that stand side by side are made one."""
    found: list[Words] = []
    for line in sorted(lines, key=middle):
        if found and _beside(found[-1], line):
            found[-1] = tuple(sorted(found[-1] + line, key=lambda word: word.box.x))
        else:
            found.append(line)
    return found


def _beside(one: Words, two: Words) -> bool:
    """Whether two lines are parts of one row; a part may stand between two others."""
    across = sorted((word.box.x, word.box.right) for word in (*one, *two))
    apart = all(before[1] <= after[0] for before, after in pairwise(across))
    return apart and _share(*(around(word.box for word in line) for line in (one, two))) >= SAME_ROW
