"""A reading as plain data, to be kept as jsonb, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.paper.shapes import Box, Line, Reading, Word


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading as numbers, texts and lists: a line is ``[role, block, row, column, box, words]``, a word
    ``[text, x, y, width, height, sure]``; boxes are in pixels of the cleaned page.
    """
    return {
        "readable": reading.readable,
        "sure": reading.sure,
        "size": [reading.width, reading.height],
        "turned": reading.turned,
        "lines": [
            [
                line.role,
                line.block,
                line.row,
                line.column,
                list(line.box),
                [_plain(word) for word in line.words],
            ]
            for line in reading.lines
        ],
    }


def from_json(data: Mapping[str, Any]) -> Reading:
    """The reading that ``as_json`` made plain."""
    lines = tuple(
        Line(tuple(_word(word) for word in words), Box(*box), block, role, row, column)
        for role, block, row, column, box, words in data["lines"]
    )
    width, height = data["size"]
    return Reading(lines, data["readable"], data["sure"], width, height, data["turned"])


def _plain(word: Word) -> list[str | int]:
    return [word.text, *word.box, word.sure]


def _word(data: list[Any]) -> Word:
    text, x, y, width, height, sure = data
    return Word(text, Box(x, y, width, height), sure)
