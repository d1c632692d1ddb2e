"""The roll of a meeting: who is on it, and every mark that was made."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, ForeignKey, Integer, SmallInt, Text, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from server.meetings.tables import Meeting


class RollCall(Table, db=DB):
    """The roll of one meeting. ``version`` grows with every write, under the row's lock."""

    meeting = ForeignKey(Meeting, primary_key=True, null=False)
    version = Integer()
    opened_at = Timestamptz()
    opened_by = Text()
    closed_at = Timestamptz(null=True)
    closed_by = Text(null=True)


class RollEntry(Table, db=DB):
    """A person on a roll with what was true on the day; state, reason, heads and rivals are the fold of the marks.

    The primary key is (meeting, no); Piccolo is told of one half of it, and not of RollCall: Piccolo 1.38 makes no
    foreign key to a primary key that is itself a foreign key.
    """

    meeting = UUID(primary_key=True)
    no = Integer()
    member = UUID()
    name = Text()
    sort_key = Text()
    group_number = SmallInt()
    group_name = Text()
    base = Text(help_text="expected | exempt")
    exempt_kind = Text()
    probationary = Boolean()
    state = Text()
    reason = Text()
    heads = Array(UUID())
    rivals = JSONB(null=True)
    version = Integer()


class Mark(Table, db=DB):
    """One tap on somebody's phone. Append-only; ``id`` was made on the phone and makes a repeat harmless."""

    id = UUID(primary_key=True)
    meeting = UUID()
    no = Integer()
    state = Text()
    reason = Text()
    device = UUID()
    seq = Integer()
    seen = Array(UUID())
    device_at = Timestamptz()
    received_at = Timestamptz()
    account = UUID()
    by_name = Text()
    late_reason = Text()
