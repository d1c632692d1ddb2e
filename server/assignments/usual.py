"""What a cell does again and again: templates to give from, and rules from which assignments are made by themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.assignments import periods
from server.assignments.actions import append_given
from server.assignments.periods import Occurrence, Rule
from server.assignments.sight import sight_of
from server.meetings.queries import NotFound
from server.roll_call.queries import expected
from server.roll_call.rules import Expected
from server.rollups.marking import mark_dirty
from tenants.transactions import transaction

SHOWN_AHEAD = 3
_COLUMNS = """u.id, u.cell, c.name AS cell_name, u.text, u.area, u.check_by, u.every, u.due_day, u.due_month, u.members,
    u.from_on, u.to_on, u.exceptions, u.created_at, u.created_by, u.ended_at, u.ended_by"""
_FROM = "FROM usual_work u JOIN cell c ON c.id = u.cell"


@dataclass(frozen=True)
class Round:
    """One occurrence with those who are given the work and those who are not: (person, whether they are exempt)."""

    occurrence: Occurrence
    given: list[Expected]
    exempt: list[Expected]


async def templates(cell: UUID) -> list[Record]:
    """The templates of a cell that work can be given from: id, text, area, check_by. Needs a transaction."""
    return await sql(
        """SELECT id, text, area, check_by FROM usual_work WHERE cell = $1 AND every = '' AND ended_at IS NULL
        ORDER BY created_at, id""",
        cell,
    )


async def of_cell(cell: UUID, reader: Reader) -> list[Record]:
    """All usual work of a cell, what has ended last. Raises NotFound for who may not see all work of the cell: here
    stands who does what.
    """
    if not (await sight_of(reader)).sees_all(cell):
        raise NotFound(cell)
    return await sql(
        f"""SELECT {_COLUMNS} {_FROM} WHERE u.cell = $1
        ORDER BY u.ended_at IS NOT NULL, array_position('{{month,quarter,year}}'::text[], u.every) NULLS LAST,
            u.created_at, u.id""",
        cell,
    )


async def find(work: UUID, reader: Reader) -> Record:
    """One usual work. Raises NotFound, for who may not see all work of its cell too. Needs a transaction."""
    row = await one(f"SELECT {_COLUMNS} {_FROM} WHERE u.id = $1", work)
    if row is None or not (await sight_of(reader)).sees_all(row["cell"]):
        raise NotFound(work)
    return row


def rule_of(work: Record) -> Rule:
    """When a repeating work comes."""
    exceptions = {
        date.fromisoformat(period): due and date.fromisoformat(due)
        for period, due in json.loads(work["exceptions"]).items()
    }
    return Rule(
        work["every"], work["due_day"], work["due_month"] or 1, work["from_on"], work["to_on"], exceptions
    )


async def ahead(work: Record, *, after: date) -> list[Round]:
    """The next occurrences of a repeating work after a day, with who will be given it as things stand on that day."""
    if not work["every"] or work["ended_at"]:
        return []
    given, exempt = await _who(work, after)
    return [
        Round(occurrence, given if occurrence.due_on else [], exempt if occurrence.due_on else [])
        for occurrence in periods.coming(rule_of(work), after, SHOWN_AHEAD)
    ]


async def made(work: UUID) -> list[Record]:
    """The newest periods of a repeating work that have been given: period, given (members), done, due_on."""
    return await sql(
        """SELECT period, count(*)::int AS given, count(*) FILTER (WHERE state = 'done')::int AS done,
            max(due_on) AS due_on
        FROM assignment WHERE usual_work = $1 AND period IS NOT NULL GROUP BY period ORDER BY period DESC LIMIT 6""",
        work,
    )


async def make_usual_work(day: str) -> None:
    """The nightly job: give what every repeating work of the committee has begun by ``day`` (ISO) and is not made yet.

    Each work in a transaction of its own, each assignment under an id that follows from its work, period and member:
    killed half-way, run again or by two at once, everybody gets it once.
    """
    async with transaction(read_only=True):
        live = await sql("SELECT id FROM usual_work WHERE every <> '' AND ended_at IS NULL ORDER BY id")
    for row in live:
        async with transaction():
            work = await one(
                f"SELECT {_COLUMNS} {_FROM} WHERE u.id = $1 AND u.ended_at IS NULL FOR UPDATE OF u", row["id"]
            )
            if work is not None:
                await give_begun(work, date.fromisoformat(day))


def assignment_id(work: UUID, every: str, period: date, member: UUID) -> UUID:
    """The id of one member's assignment of one period: the same whoever makes it."""
    return uuid5(work, f"{periods.key_of(every, period)}/{member}")


def task_id(work: UUID, every: str, period: date) -> UUID:
    """What the assignments of one period share."""
    return uuid5(work, periods.key_of(every, period))


async def give_begun(work: Record, day: date) -> None:
    """Give what has begun by a day and is not made yet; figures follow. Needs a transaction and the row's lock."""
    if not work["every"]:
        return
    wanted: dict[UUID, tuple[Occurrence, Expected]] = {}
    for occurrence in periods.begun(rule_of(work), day):
        given, _ = await _who(work, occurrence.given_on)
        for person in given:
            id_ = assignment_id(work["id"], work["every"], occurrence.period, person.person.member)
            wanted[id_] = occurrence, person
    new = []
    for id_, (occurrence, person) in sorted(wanted.items()):
        given_now = await append_given(
            id_, task=task_id(work["id"], work["every"], occurrence.period), cell=work["cell"],
            member=person.person.member, text=work["text"], area=work["area"], check_by=work["check_by"],
            due=occurrence.due_on, said_on=occurrence.given_on, by_name=work["created_by"], usual_work=work["id"],
            period=occurrence.period,
        )  # fmt: skip
        new += [occurrence.given_on] if given_now else []
    if new:
        await mark_dirty(min(new), onward=True, cause="work")


async def _who(work: Record, day: date) -> tuple[list[Expected], list[Expected]]:
    """(who is given the work, who is not because exempt) of those who belong to the cell on a day."""
    wanted = set(work["members"])
    here = [one for one in await expected(work["cell"], day) if one.person.member in wanted]
    return [one for one in here if one.base == "expected"], [one for one in here if one.base == "exempt"]
