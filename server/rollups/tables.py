"""The figures of a committee and month, as the province sees them."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from tenants.tables import Committee


class Rollup(Table, db=DB, schema="platform"):
    """Counts of one committee and month; the primary key is (committee, month), Piccolo is told of one half.

    cells = cells_met + cells_not_met + cells_not_reported; present … exempt count people on closed rolls.
    """

    committee = ForeignKey(Committee, primary_key=True, null=False)
    month = Date()
    computed_at = Timestamptz()
    cells = Integer()
    members_official = Integer()
    members_probationary = Integer()
    meetings_held = Integer()
    meetings_not_held = Integer()
    meetings_planned = Integer()
    cells_met = Integer()
    cells_not_met = Integer()
    cells_not_reported = Integer()
    rolls_closed = Integer()
    expected = Integer(help_text="people on closed rolls who were not exempt that day")
    present = Integer()
    late = Integer()
    absent_excused = Integer()
    absent_unexcused = Integer()
    exempt = Integer()
    exempt_attending = Integer()
