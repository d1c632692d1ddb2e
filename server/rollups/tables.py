"""The figures of committees, as the province sees them: of a month, of a year, of a closed month and what changed."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from server.cells.tables import Cell
from tenants.tables import Committee, Province


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
    exempt_age_health = Integer(
        null=True, help_text="members who belong on the last day and are exempt on it"
    )
    exempt_away_work = Integer(
        null=True, help_text="the same; who is exempt for both is counted for age and health"
    )
    meetings_with_minutes = Integer(null=True, help_text="of meetings_held those whose minutes are here")
    quality_good = Integer(
        null=True, help_text="of meetings_held those whose points are in this band on their day"
    )
    quality_fair = Integer(null=True)
    quality_average = Integer(null=True)
    quality_weak = Integer(null=True)


class RollupYear(Table, db=DB, schema="platform"):
    """The yearly classification of one committee, as counts; the primary key is (committee, year).

    members = members_excellent + … + members_not_rated, of the cells that have told (cells_told of cells).
    """

    committee = ForeignKey(Committee, primary_key=True, null=False)
    year = SmallInt()
    computed_at = Timestamptz()
    cells = Integer()
    cells_told = Integer()
    cells_excellent = Integer()
    cells_good = Integer()
    cells_completed = Integer()
    cells_failed = Integer()
    members = Integer()
    members_excellent = Integer()
    members_good = Integer()
    members_completed = Integer()
    members_failed = Integer()
    members_not_rated = Integer()


class Closing(Table, db=DB, schema="platform"):
    """A month that is closed for a province; the primary key is (province, month)."""

    province = ForeignKey(Province, primary_key=True, null=False)
    month = Date()
    closed_at = Timestamptz()
    committees = Integer()
    reported = Integer()
    sha256 = Text(help_text="of all frozen figures in their canonical form, see closing.canonical")


class RollupClosed(Table, db=DB, schema="platform"):
    """The figures of one committee as they were when its month closed; the primary key is (committee, month)."""

    committee = ForeignKey(Committee, primary_key=True, null=False)
    month = Date()
    province = UUID()
    figures = JSONB(null=True, help_text="{figure: number}; null where nothing had ever been computed")
    kind = Text()
    name = Text()
    computed_at = Timestamptz(null=True)


class RollupCorrection(Table, db=DB, schema="platform"):
    """What changed in a closed month afterwards; the primary key is (committee, month, number). Append-only."""

    committee = ForeignKey(Committee, primary_key=True, null=False)
    month = Date()
    number = Integer()
    at = Timestamptz()
    cause = Text(help_text="codes of marking.CAUSES, with commas between them")
    changed = JSONB(help_text="{figure: [before, after]}")


class RollupCheck(Table, db=DB, schema="platform"):
    """The newest proof of a committee's figures."""

    committee = ForeignKey(Committee, primary_key=True, null=False)
    checked_at = Timestamptz()
    months = Integer()
    differences = JSONB(help_text="[[month, figure, stored, counted]]")


class Classification(Table, db=DB):
    """The yearly classification of one cell and of its members as counts, in the committee; primary key (cell, year).

    members = excellent + good + completed + failed + not_rated.
    """

    cell = ForeignKey(Cell, primary_key=True, null=False)
    year = SmallInt()
    grade = Text(help_text="'' | excellent | good | completed | failed")
    members = Integer()
    excellent = Integer()
    good = Integer()
    completed = Integer()
    failed = Integer()
    not_rated = Integer()
    not_rated_reason = Text()
    told_at = Timestamptz()
    told_by = Text()
