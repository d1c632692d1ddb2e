"""Meetings of cells."""

from __future__ import annotations

from piccolo.columns import UUID, Date, ForeignKey, SmallInt, Text, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from server.cells.tables import Cell
from server.members.tables import Member


class Meeting(Table, db=DB):
    """A meeting of a cell. ``held_on`` is the local date on which the rules of the day are looked up."""

    id = UUID(primary_key=True)
    cell = ForeignKey(Cell, null=False)
    kind = Text(help_text="regular | thematic | extraordinary")
    held_on = Date()
    starts_at = Timestamptz()
    place = Text()
    state = Text(help_text="planned | held | not_held")
    not_held_reason = Text()
    created_at = Timestamptz()
    created_by = Text()
    chair = ForeignKey(Member, null=True)
    recorder = ForeignKey(Member, null=True)
    quality = SmallInt(null=True, help_text="points of a hundred that the cell gives itself; null: not told")
    quality_by = Text()
    quality_at = Timestamptz(null=True)
