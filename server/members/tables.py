"""Members, where they belong, their exemptions and seats, and the lists they come in."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from server.cells.tables import Cell, PartyGroup


class Member(Table, db=DB):
    """A member. ``no`` is the short number by which rolls and phones know the person; born and admitted may be
    partial ISO dates (``1957``, ``1978-05``).
    """

    id = UUID(primary_key=True)
    no = Integer(unique=True)
    name = Text()
    sort_key = Text()
    folded = Text()
    sex = Text(help_text="'' | male | female")
    born = Text(null=True)
    admitted = Text(null=True)
    official_on = Date(null=True)
    card_number = Text(null=True)
    phone = Text(null=True)
    post = Text()


class Membership(Table, db=DB):
    """Where a member belongs, or is for a time; ``to_on`` is the last day."""

    id = UUID(primary_key=True)
    member = ForeignKey(Member, null=False)
    cell = ForeignKey(Cell, null=False)
    party_group = ForeignKey(PartyGroup, null=True)
    kind = Text(help_text="permanent | temporary_in | temporary_out")
    from_on = Date()
    to_on = Date(null=True)
    ended_by = Text(help_text="'' | moved | died | removed | corrected")


class Exemption(Table, db=DB):
    """A time in which a member need not come to meetings; ``keeper`` is who stays in touch with them."""

    id = UUID(primary_key=True)
    member = ForeignKey(Member, null=False)
    kind = Text(help_text="age_health | away_work")
    from_on = Date()
    to_on = Date(null=True)
    keeper = ForeignKey(Member, null=True)


class Seat(Table, db=DB):
    """A seat in a cell's committee, or the lead of a group."""

    id = UUID(primary_key=True)
    member = ForeignKey(Member, null=False)
    cell = ForeignKey(Cell, null=False)
    role = Text(help_text="secretary | deputy_secretary | committee_member | group_leader")
    party_group = ForeignKey(PartyGroup, null=True)
    from_on = Date()
    to_on = Date(null=True)
    commune_cadre = Boolean(
        help_text="a seat of the committee that a cadre or civil servant of the commune holds"
    )


class MemberImport(Table, db=DB):
    """A member list that was read and waits for, or has had, a person's confirmation."""

    id = UUID(primary_key=True)
    file_name = Text()
    sha256 = Text()
    cell = ForeignKey(Cell, null=True)
    as_of = Date()
    state = Text(help_text="read | writing | done | dropped")
    tally = JSONB()
    extras = JSONB()
    created_at = Timestamptz()
    created_by = Text()
    done_at = Timestamptz(null=True)
    written = Integer()
    known = Integer()


class MemberImportRow(Table, db=DB):
    """One row of a list with its verdict; ``value`` is the row as it will be stored."""

    member_import = ForeignKey(MemberImport, primary_key=True, null=False)
    row = Integer()
    verdict = Text()
    codes = Array(Text())
    of_row = Integer(null=True)
    value = JSONB(null=True)
    outcome = Text()
