"""The figures of a committee and month, as the province sees them."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from tenants.tables import Committee


class Rollup(Table, db=DB, schema="platform"):
    """Counts of one committee and month; the primary key is (committee, month), Piccolo is told of one half.

    cells = cells_met + cells_not_met + cells_not_reported; present … exempt count people on closed rolls. What is of
    assignments and of members is null where it was not computed since these figures exist.
    assignments_due = better + on_time + late + not_done + moved + undecided. What is counted of assignments is None in
    a month that was computed before it was counted.
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
    assignments_live = Integer(null=True)
    assignments_due = Integer(null=True, help_text="deadlines in the month that stood until they came")
    assignments_better = Integer(null=True)
    assignments_on_time = Integer(null=True)
    assignments_late = Integer(null=True)
    assignments_not_done = Integer(null=True)
    assignments_moved = Integer(null=True)
    assignments_undecided = Integer(null=True)
    assignments_cancelled = Integer(null=True)
    members_assigned = Integer(null=True, help_text="of members_assignable those with work in the month")
    members_assignable = Integer(null=True, help_text="who belong on its last day and are not exempt")
