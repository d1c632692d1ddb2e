"""Work given to members: the work as it stands, everything that was said of it, and what hangs on it."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from infra.postgres import DB
from server.cells.tables import Cell
from server.meetings.tables import Meeting
from server.members.tables import Member


class UsualWork(Table, db=DB):
    """What a cell does again and again: a template, and with ``every`` a rule from which a job makes assignments."""

    id = UUID(primary_key=True)
    cell = ForeignKey(Cell, null=False)
    text = Text()
    area = Text(help_text="a key of rules.AREAS")
    check_by = Text()
    every = Text(help_text="'' | month | quarter | year")
    due_day = SmallInt(null=True)
    due_month = SmallInt(null=True)
    members = Array(UUID())
    from_on = Date()
    to_on = Date(null=True)
    exceptions = JSONB(help_text="{first day of a period: another due date, or null for none that time}")
    created_at = Timestamptz()
    created_by = Text()
    ended_at = Timestamptz(null=True)
    ended_by = Text()


class Resolution(Table, db=DB):
    """The yearly resolution on assigning work: of one cell, or of the committee (cell null)."""

    id = UUID(primary_key=True)
    cell = ForeignKey(Cell, null=True)
    year = SmallInt()
    number = Text()
    adopted_on = Date(null=True)
    abstract = Text()
    created_at = Timestamptz()
    created_by = Text()


class Assignment(Table, db=DB):
    """One piece of work of one member; from ``version`` on, the fold of its changes (see fold.fold)."""

    id = UUID(primary_key=True)
    no = Integer(unique=True)
    task = UUID(help_text="shared by what several members were given together")
    cell = ForeignKey(Cell, null=False)
    meeting = ForeignKey(Meeting, null=True)
    given_on = Date()
    usual_work = ForeignKey(UsualWork, null=True)
    period = Date(null=True)
    minutes = UUID(null=True)
    page = UUID(null=True)
    line = SmallInt(null=True)
    resolution = ForeignKey(Resolution, null=True)
    version = Integer(help_text="the ordinal of its newest change")
    member = ForeignKey(Member, null=False)
    text = Text()
    area = Text()
    check_by = Text()
    due_on = Date(null=True)
    state = Text(help_text="open | reported | done | not_done | cancelled")
    result = Text(help_text="'' | better | on_time | late")
    asked_due = Date(null=True)
    rivals = JSONB(null=True)
    reported_on = Date(null=True)
    ended_on = Date(null=True)
    folded = Text()


class AssignmentChange(Table, db=DB):
    """One thing that somebody said of an assignment. Append-only; ``id`` was made by whoever said it."""

    id = UUID(primary_key=True)
    assignment = ForeignKey(Assignment, null=False)
    ordinal = Integer()
    kind = Text(help_text="a key of rules.MOVES")
    sets = JSONB()
    note = Text()
    seen = Integer()
    after = Array(UUID())
    meeting = UUID(null=True)
    said_on = Date()
    device = UUID()
    device_at = Timestamptz()
    received_at = Timestamptz()
    account = UUID(null=True)
    by_name = Text()
    behalf = Boolean()


class AssignmentSpan(Table, db=DB):
    """A stretch of an assignment with one member and one due date; the primary key is (assignment, n)."""

    assignment = ForeignKey(Assignment, primary_key=True, null=False)
    n = SmallInt()
    cell = UUID()
    member = UUID()
    due_on = Date(null=True)
    from_on = Date()
    to_on = Date(null=True)
    ended = Text(help_text="'' | changed | done | not_done | cancelled")
    result = Text()


class AssignmentFile(Table, db=DB):
    """Evidence: a photo or a PDF beside a report."""

    id = UUID(primary_key=True)
    assignment = ForeignKey(Assignment, null=False)
    name = Text()
    sha256 = Text()
    bytes = BigInt()
    kind = Text()
    pages = SmallInt()
    object_key = Text()
    created_at = Timestamptz()
    account = UUID()
    by_name = Text()
    removed_at = Timestamptz(null=True)
    removed_by = Text()
    removed_why = Text()


class Reminder(Table, db=DB):
    """One reminder a person and day; the primary key is (member, on_day), Piccolo is told of one half."""

    member = ForeignKey(Member, primary_key=True, null=False)
    on_day = Date()
    assignments = Array(UUID())
    soon = SmallInt()
    today = SmallInt()
    overdue = SmallInt()
    planned_at = Timestamptz()
    pushing_until = Timestamptz(null=True)
    pushed_at = Timestamptz(null=True)
    push_attempts = SmallInt()
    told_at = Timestamptz(null=True)
    told_by = Text()


class Contact(Table, db=DB):
    """That somebody kept in touch with a member: when, how, a line about what."""

    id = UUID(primary_key=True)
    member = ForeignKey(Member, null=False)
    held_on = Date()
    channel = Text(help_text="call | zalo | sms | visit | family_visit | letter")
    summary = Text()
    created_at = Timestamptz()
    account = UUID()
    by_name = Text()


class Setting(Table, db=DB):
    """What a committee has set for itself: one row a setting."""

    name = Text(primary_key=True)
    value = JSONB()
    set_at = Timestamptz()
    set_by = Text()
