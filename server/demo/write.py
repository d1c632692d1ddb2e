"""Write a committee's cells, people and meetings: in bulk, by the committee's own role, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from infra.postgres import connection, one, sql
from server import clock
from server.demo import work_rows
from server.demo.attendance import Phone, Roll, Rows
from server.demo.chance import dice, new_id
from server.demo.judging import classification_of, quality_of
from server.demo.meetings import Meeting, calendar
from server.demo.people import COMMUNE_CADRE, SEAT_WORDS, Cell, Member
from server.roll_call import rules
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction

COLUMNS = {
    "cell": ("id", "name", "sort_key", "kind"),
    "party_group": ("id", "cell", "number", "name"),
    "member": ("id", "name", "sort_key", "folded", "sex", "born", "admitted", "official_on", "card_number", "phone",
               "post"),
    "membership": ("id", "member", "cell", "party_group", "from_on"),
    "exemption": ("id", "member", "kind", "from_on", "to_on", "keeper"),
    "seat": ("id", "member", "cell", "role", "party_group", "from_on", "commune_cadre"),
    "meeting": ("id", "cell", "kind", "held_on", "starts_at", "place", "state", "not_held_reason", "created_at",
                "created_by", "chair", "recorder", "quality", "quality_by", "quality_at"),
    "roll_call": ("meeting", "version", "opened_at", "opened_by", "closed_at", "closed_by"),
    "roll_entry": ("meeting", "no", "member", "name", "sort_key", "group_number", "group_name", "base", "exempt_kind",
                   "probationary", "state", "reason", "heads", "version"),
    "mark": ("id", "meeting", "no", "state", "reason", "device", "seq", "seen", "device_at", "received_at", "account",
             "by_name", "late_reason"),
    "classification": ("cell", "year", "grade", "members", "excellent", "good", "completed", "failed", "not_rated",
                       "not_rated_reason", "told_by"),
} | work_rows.COLUMNS  # fmt: skip
# Rows of one statement: a few megabytes, and well below the time limit of a statement.
_BATCH = 15_000


@dataclass(frozen=True)
class Span:
    """The time to fill: ``months`` whole months before the month of ``now``, and that month as it stands; whether the
    cells give ``work`` too.
    """

    seed: int
    now: datetime
    months: int
    work: bool = True

    @property
    def today(self) -> date:
        """The date of ``now`` in Vietnam."""
        return self.now.astimezone(clock.VIETNAM).date()

    def all_months(self) -> list[date]:
        """Every month with a meeting: the past ones, this one and, in the home cell, the next."""
        return [clock.month_after(clock.month_of(self.today), n) for n in range(-self.months, 2)]


async def fill(
    ref: CommitteeRef, cells: Sequence[Cell], accounts: Mapping[tuple[UUID, str], UUID], span: Span, *,
    missable: int, told: Callable[[int], None],
) -> None:  # fmt: skip
    """Write all cells of a committee with their past; ``accounts`` by (cell, role) are the markers that can log in.

    Everything or nothing. A cell missed at most ``missable`` meetings. ``told`` hears the number of cells done.
    """
    with using(ref):
        async with transaction():
            await _write_people(cells, span)
            numbers = {row["id"]: row["no"] for row in await sql("SELECT id, no FROM member")}
            done = 0
            for batch in _batches(cells, span.months + 1):
                rows = Rows()
                for cell in batch:
                    meetings = calendar(
                        cell.plan, seed=span.seed, now=span.now, months=span.months, missable=missable
                    )
                    _tell(cell, meetings, numbers, accounts, span, rows)
                await _copy("meeting", rows.meetings)
                await _copy("roll_call", rows.rolls)
                await _copy("roll_entry", rows.entries)
                await _copy("mark", rows.marks)
                for table in work_rows.COLUMNS:
                    await _copy(table, rows.work[table])
                done += len(batch)
                told(done)


async def is_filled(ref: CommitteeRef) -> bool:
    """Whether a founded committee has been filled: that is done whole or not at all."""
    with using(ref):
        async with transaction(read_only=True):
            return await one("SELECT 1 FROM cell LIMIT 1") is not None


async def _copy(table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        await connection().copy_records_to_table(table, records=some, columns=COLUMNS[table])


def _batches(cells: Sequence[Cell], meetings: int) -> Iterator[list[Cell]]:
    batch: list[Cell] = []
    for cell in cells:
        batch.append(cell)
        if sum(len(c.members) for c in batch) * meetings >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _write_people(cells: Sequence[Cell], span: Span) -> None:
    chance = dice(span.seed, cells[0].plan.id, "papers")
    cards = chance.randrange(10**8)
    term = clock.month_after(clock.month_of(span.today), -span.months - 3)
    everybody = [(cell, member) for cell in cells for member in cell.members]
    await _copy("cell", [(c.plan.id, c.plan.name, c.plan.sort_key, c.plan.site.kind) for c in cells])
    await _copy("party_group", [
        (id_, c.plan.id, n, f"Tổ {n}") for c in cells for n, id_ in enumerate(c.group_ids, start=1)
    ])  # fmt: skip
    await _copy("member", [_member(m, cards + n, chance) for n, (_, m) in enumerate(everybody)])
    await _copy(
        "membership", [(new_id(chance), m.id, c.plan.id, _group(c, m.group), m.joined) for c, m in everybody]
    )
    await _copy("exemption", [
        (new_id(chance), m.id, x.kind, x.start, x.end, x.keeper) for _, m in everybody for x in m.exempt
    ])  # fmt: skip
    await _copy("seat", [
        (new_id(chance), m.id, c.plan.id, role, _group(c, group), max(term, m.joined),
         role in SEAT_WORDS and COMMUNE_CADRE in m.posts)
        for c in cells for role, m, group in c.seats
    ])  # fmt: skip
    # Of a year whose months are shown: what is told of it counts where its months are counted.
    if span.all_months()[0].year < span.today.year:
        told = [classification_of(c, seed=span.seed, today=span.today) for c in cells]
        await _copy("classification", [row for row in told if row])


def _member(member: Member, card: int, chance: Random) -> tuple[Any, ...]:
    # Old papers give some dates in part; a few people have no card yet.
    born, admitted = member.born.isoformat(), member.admitted.isoformat()
    return (
        member.id, member.name, member.sort_key, member.folded, member.sex,
        born[:4] if chance.random() < 0.05 else born, admitted[:7] if chance.random() < 0.05 else admitted,
        member.official_on, f"099{card:09d}" if member.official_on else None, member.phone, ", ".join(member.posts),
    )  # fmt: skip


def _group(cell: Cell, number: int) -> UUID | None:
    return cell.group_ids[number - 1] if number else None


def _tell(
    cell: Cell, meetings: list[Meeting], numbers: Mapping[UUID, int], accounts: Mapping[tuple[UUID, str], UUID],
    span: Span, rows: Rows,
) -> None:  # fmt: skip
    """The meetings of one cell and the work they gave, as rows."""
    chance = dice(span.seed, cell.plan.id, "rolls")
    of = {member.id: member for member in cell.members}
    people = [_person(numbers[m.id], m) for m in cell.members]
    phones = _phones(cell, accounts, chance)
    for meeting in meetings:
        rows.meetings.append(_meeting(cell, meeting, span))
        if meeting.roll:
            Roll(meeting, phones, chance, rows).call(rules.roll_of(meeting.held_on, people), of)
    if not span.work:
        return
    work = work_rows.work_of(cell, meetings, phones, accounts, seed=span.seed, now=span.now)
    for table, some in work.items():
        rows.work[table] += some


def _person(no: int, member: Member) -> rules.Person:
    return rules.Person(
        no, member.id, member.name, member.sort_key, member.group, f"Tổ {member.group}" if member.group else "",
        member.official_on, stays=[("permanent", member.joined, None)],
        exemptions=[(x.kind, x.start, x.end) for x in member.exempt],
    )  # fmt: skip


def _phones(cell: Cell, accounts: Mapping[tuple[UUID, str], UUID], chance: Random) -> list[Phone]:
    """The secretary's phone; in cells with groups the deputy's too, which takes every other group."""
    holders = [("secretary", cell.holder("secretary")), ("deputy", cell.holder("deputy_secretary"))]
    return [
        Phone(new_id(chance), accounts.get((cell.plan.id, role)) or new_id(chance), member.name)
        for role, member in holders[: 2 if cell.plan.groups else 1]
    ]


def _meeting(cell: Cell, meeting: Meeting, span: Span) -> tuple[Any, ...]:
    starts_at, chair, recorder = meeting.starts_at.astimezone(UTC), cell.holder("secretary"), cell.recorder()
    return (
        meeting.id, cell.plan.id, "regular", meeting.held_on, starts_at, cell.plan.site.venue, meeting.state,
        meeting.why_not, min(starts_at - timedelta(days=7), span.now), chair.name,
        chair.id, recorder and recorder.id, *quality_of(cell, meeting, seed=span.seed, now=span.now),
    )  # fmt: skip
