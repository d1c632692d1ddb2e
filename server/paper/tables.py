"""Ruled tables in a cleaned page: where their lines run, and the cells these cut out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from server.paper.shapes import Box

Grey = NDArray[np.uint8]

GRAIN, DARKER = 51, 35  # px, grey levels: ink is so much darker than its surroundings of this size
LYING_INCHES = 0.4  # the shortest run of ink that is taken for a lying line: no letter is that wide
STANDING_INCHES = 0.23  # and for a standing one: no letter is that tall, but a row of a table is
SLANT_INCHES = 0.02  # a line may wander as far as this aside along such a run
STROKE_INCHES = 0.03  # ink wider than this across a line is a letter's that runs into it
GAP_INCHES = 0.3  # a line fainter than the paper in places is closed over gaps as long as this
CELL_INCHES = 0.12  # a cell is at least this wide and tall
LEAST_CELLS = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its inside in pixels of the page, its row and column counted from 0."""

    box: Box
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: what it covers, and its cells row by row."""

    box: Box
    cells: tuple[Cell, ...]


def ink_of(page: Grey) -> Grey:
    """255 where a grey page carries ink, 0 elsewhere."""
    ink = cv2.adaptiveThreshold(page, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, GRAIN, DARKER)
    return np.asarray(ink, np.uint8)


def ruling(ink: Grey, dpi: int) -> tuple[Grey, Grey]:
    """The lying and the standing lines in the ink, 255 where they are: of tables, underlines, lines for writing on."""
    slant, gap = max(int(SLANT_INCHES * dpi), 1), int(GAP_INCHES * dpi)
    lying = _runs(ink, (int(LYING_INCHES * dpi), 1), (1, slant), (gap, 1))
    standing = _runs(ink, (1, int(STANDING_INCHES * dpi)), (slant, 1), (1, gap))
    return lying, standing


def _runs(ink: Grey, run: tuple[int, int], slant: tuple[int, int], gap: tuple[int, int]) -> Grey:
    thick = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_RECT, slant))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, run))
    closed = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, gap))
    return np.asarray(closed, np.uint8)


def without_rules(
    page: Grey, ink: Grey, lying: Grey, standing: Grey, tables: tuple[Table, ...], dpi: int
) -> Grey:
    """The page with its ruling lines painted white, save where a stroke of a letter runs into a line. Standing lines
    outside a table are left alone: they are stems of letters.
    """
    framed = np.zeros_like(standing)
    for table in tables:
        box = table.box
        part = np.s_[box.y : box.bottom, box.x : box.right]
        framed[part] = standing[part]
    across = int(STROKE_INCHES * dpi)
    gone = _bare(ink, lying, framed, (1, across)) | _bare(ink, framed, lying, (across, 1))
    return np.where(gone > 0, np.uint8(255), page)


def _bare(ink: Grey, rules: Grey, others: Grey, stroke: tuple[int, int]) -> Grey:
    """The parts of ruling lines where the ink is no wider than a line."""
    shape = cv2.getStructuringElement(cv2.MORPH_RECT, stroke)
    strokes = cv2.morphologyEx(cv2.bitwise_and(ink, cv2.bitwise_not(others)), cv2.MORPH_OPEN, shape)
    touched = cv2.dilate(strokes, np.ones((3, 3), np.uint8))
    broad = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.bitwise_and(broad, cv2.bitwise_not(touched)), np.uint8)


def tables_of(rules: Grey, dpi: int) -> tuple[Table, ...]:
    """The tables that ruling lines enclose, from the top of the page down; a frame without cells is none."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    least = int(CELL_INCHES * dpi)
    found = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label][:4])
        if width < 4 * least or height < 2 * least:
            continue
        cells = _cells(labels[y : y + height, x : x + width] == label, Box(x, y, width, height), least)
        if len(cells) >= LEAST_CELLS:
            found.append(Table(Box(x, y, width, height), cells))
    return tuple(sorted(found, key=lambda table: table.box.y))


def _cells(lines: NDArray[np.bool_], table: Box, least: int) -> tuple[Cell, ...]:
    """What the lines of one table enclose; what touches the table's edge lies outside it."""
    inside = (~np.pad(lines, 1)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    boxes = [
        Box(table.x + int(x) - 1, table.y + int(y) - 1, int(width), int(height))
        for x, y, width, height, _ in stats[1:]
        if width >= least and height >= least and x > 0 and y > 0
    ]
    rows, columns = _ranks(boxes, upright=True), _ranks(boxes, upright=False)
    cells = (Cell(box, row, column) for box, row, column in zip(boxes, rows, columns, strict=True))
    return tuple(sorted(cells, key=lambda cell: (cell.row, cell.column)))


def _ranks(boxes: list[Box], *, upright: bool) -> list[int]:
    """The row (or column) of each box: boxes whose starts lie close together share one."""
    starts = [box.y if upright else box.x for box in boxes]
    sizes = [box.height if upright else box.width for box in boxes]
    near = min(sizes, default=0) / 2
    ordered = sorted(set(starts))
    steps = {ordered[0]: 0} if ordered else {}
    for one, two in pairwise(ordered):
        steps[two] = steps[one] + (two - one > near)
    return [steps[start] for start in starts]
