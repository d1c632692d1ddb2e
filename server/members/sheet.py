"""
Reads a member list as offices keep them: Excel or CSV, any order of columns, titles, sections, old fonts.

Pure: bytes in, rows with verdicts out. Nothing is computed (formulas stay text), hidden columns and sheets
are not read, citizen numbers never leave this package. Safe to run in a thread: bytes as sent and unpacked,
rows, columns, sheets and letters are all bounded.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date

from server.members import legacy_text, sheet_words
from server.members.sheet_cells import KnownCells
from server.members.sheet_columns import Header, find_header
from server.members.sheet_extras import read_extras
from server.members.sheet_judge import Judge
from server.members.sheet_open import read_grids
from server.members.sheet_rows import blank, sort_rows, title_cell
from server.members.sheet_types import Cells, Extras, Fault, Grid, Limits, MemberRow, Row, Sheet
from server.members.sheet_values import safe_cell
from server.members.sheet_words import sentence
from server.words import Refused

__all__ = ["Extras", "Fault", "Limits", "MemberRow", "Row", "Sheet", "read", "safe_cell", "sentence"]


def read(
    content: bytes,
    *,
    filename: str = "",
    as_of: date,
    known_cells: Collection[str] | None,
    only_cell: str | None = None,
    limits: Limits | None = None,
) -> Sheet:
    """
    The member list in a file, every sheet row with a verdict; raises Refused(file=sentence) for a whole file.

    `filename` only names the sheet of a text file: the content decides. `as_of` is the day to judge dates by.
    A row must belong to one of `known_cells` (None: any cell, as for a first list). Rows that name no cell
    belong to the section they stand under, else to `only_cell`, else to the cell in the title; to keep a
    cell's secretary to that cell, pass it as the only known one, too.
    """
    grids = read_grids(content, _shown_name(filename), limits or Limits())
    sheets = [(grid, header) for grid in map(_settled, grids) if (header := find_header(grid))]
    lists = [found for found in sheets if found[1].has_names]
    if not any(not blank(cell) for grid in grids for row in grid.rows for cell in row):
        raise Refused(file=sheet_words.file_empty())
    if not lists:
        raise Refused(file=sheet_words.no_header())
    grid, header = max(lists, key=_as_member_list)
    rows, notes = _judge(grid, header, as_of, KnownCells(known_cells), only_cell, limits or Limits())
    extras, unmatched = read_extras([found for found in sheets if found[0] is not grid], rows)
    others = [other.title for other, head in lists if other is not grid and head.lists_people]
    notes += [Fault("other_lists", shown=title) for title in others] + unmatched
    return Sheet(grid.title, rows, _columns(header), _unread(header), tuple(notes), extras)


def _shown_name(filename: str) -> str:
    """A file name as text to show: no folders, nothing invisible."""
    visible = "".join(c if c.isprintable() else " " for c in filename)
    return " ".join(re.split(r"[\\/]", visible)[-1].split())[:80] or "CSV"


def _settled(grid: Grid) -> Grid:
    """A sheet in an old font throughout: what would also read well as it stands (`Chi bé`) is converted, too."""
    texts = [cell for row in grid.rows for cell in row if isinstance(cell, str)]
    settle = legacy_text.settler(texts)
    if not settle:
        return grid
    rows: list[Cells] = [[settle(cell) if type(cell) is str else cell for cell in row] for row in grid.rows]
    return replace(grid, rows=rows)


def _as_member_list(found: tuple[Grid, Header]) -> tuple[bool, int, int]:
    grid, header = found
    return header.lists_people, len(header.columns), len(grid.rows)


def _judge(
    grid: Grid, header: Header, as_of: date, known: KnownCells, only_cell: str | None, limits: Limits
) -> tuple[list[Row], list[Fault]]:
    titled = title_cell(grid, header)
    judge = Judge(header, as_of, known, only_cell, titled, limits.letters)
    rows = [
        Row(place.index + 1, "skip", place.why)
        if place.why
        else judge.row(place.index + 1, grid.rows[place.index], place.section_cell)
        for place in sort_rows(grid, header)
    ]
    return rows, _notes(header, known, only_cell, titled)


def _notes(header: Header, known: KnownCells, only_cell: str | None, titled: str | None) -> list[Fault]:
    notes = [Fault(f"no_{role}_column".replace("admitted", "admission")) for role in _absent(header)]
    other = known.find(titled) if titled and only_cell and not known.any else None
    if other and other != only_cell and "cell" not in header.columns:
        notes.append(Fault("title_names_other_cell", shown=other))
    return notes


def _absent(header: Header) -> list[str]:
    have = set(header.columns) | ({"born"} if {"born_male", "born_female"} & header.columns.keys() else set())
    return [role for role in ("admitted", "born", "card") if role not in have]


def _columns(header: Header) -> dict[str, str]:
    return {role: header.column(role) for role in header.columns}


def _unread(header: Header) -> tuple[str, ...]:
    used = set(header.columns.values())
    return tuple(heading for index, heading in sorted(header.headings.items()) if index not in used)
