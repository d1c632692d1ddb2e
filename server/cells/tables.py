"""Cells, their groups and seats, inside a committee's schema."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Date, ForeignKey, SmallInt, Text
from piccolo.table import Table

from infra.postgres import DB


class Cell(Table, db=DB):
    """A cell (chi bộ), from when to when it exists."""

    id = UUID(primary_key=True)
    name = Text(unique=True)
    sort_key = Text()
    kind = Text(help_text="residential | office")
    from_on = Date()
    to_on = Date(null=True)
    members_see_assignments = Boolean(help_text="whether members see all work of the cell, or each their own")
    joined_on = Date(null=True, help_text="from when on a cell that was carried here counts here")
    came_from = Text(
        help_text="the title of the committee that it was carried from; empty where it began here"
    )
    went_to = Text(help_text="and that it was carried to, its last day here being to_on")
    went_on = Date(null=True, help_text="from when on a cell that was carried away counts there")


class PartyGroup(Table, db=DB):
    """A group (tổ đảng) of a cell; ``number`` orders them and is what a group leader's grant names."""

    id = UUID(primary_key=True)
    cell = ForeignKey(Cell, null=False)
    number = SmallInt()
    name = Text()
