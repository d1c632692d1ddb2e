"""The verbs of a meeting: plan it, say who leads it or that it was not held. Each one transaction in the committee."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from infra.postgres import connection, one, sql
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings import rules
from server.meetings.queries import NotFound, people_of
from server.meetings.queries import meeting as find_meeting
from server.rollups.marking import mark_dirty
from tenants.transactions import transaction


async def plan(
    meeting: UUID, *, cell: UUID, kind: str, day: date, at: time, place: str, by: Reader,
    chair: UUID | None = None, recorder: UUID | None = None,
) -> UUID:  # fmt: skip
    """Write a meeting down; ``meeting`` is the id that the form carries, so sending it twice plans it once.

    Raises NotFound for a cell that ``by`` may not see and Refused(kind=…, day=…, chair=…, recorder=…) for what can't
    be planned; ``chair`` and ``recorder`` are members of the cell on that day, or nobody yet.
    """
    async with transaction():
        row = await one("SELECT from_on, to_on FROM cell WHERE id = $1", cell)
        if row is None or not by.may_see_cell(cell):
            raise NotFound(cell)
        rules.check_plan(
            kind, day, place, today=clock.today(), cell_from=row["from_on"], cell_to=row["to_on"]
        )
        rules.check_may_plan(by.may_open_roll(cell) or by.whole_committee)
        await _check_people(chair, recorder, cell, day)
        status = await connection().execute(
            """INSERT INTO meeting (id, cell, kind, held_on, starts_at, place, created_by, chair, recorder)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING""",
            meeting, cell, kind, day, clock.local(day, at), place.strip(), by.name, chair, recorder,
        )  # fmt: skip
        if status == "INSERT 0 0":
            await find_meeting(meeting, by)
            return meeting
        await mark_dirty(day, cause="meeting_planned")
    return meeting


async def _check_people(chair: UUID | None, recorder: UUID | None, cell: UUID, day: date) -> None:
    here = {row["id"] for row in await people_of(cell, day)} if chair or recorder else set()
    rules.check_people(chair, recorder, here=here)


async def name_people(meeting: UUID, *, chair: UUID | None, recorder: UUID | None, by: Reader) -> None:
    """Say who chairs and who records a meeting (None: nobody yet). Raises NotFound; Refused(chair=…, recorder=…) for
    somebody who is not in the cell that day, Refused(meeting=…) once the roll is closed.
    """
    async with transaction():
        held = await find_meeting(meeting, by)
        rules.check_may_plan(by.may_open_roll(held["cell"]) or by.whole_committee)
        await sql("SELECT 1 FROM meeting WHERE id = $1 FOR UPDATE", meeting)
        closed = await sql("SELECT 1 FROM roll_call WHERE meeting = $1 AND closed_at IS NOT NULL", meeting)
        rules.check_may_name(closed=bool(closed))
        await _check_people(chair, recorder, held["cell"], held["held_on"])
        await sql("UPDATE meeting SET chair = $2, recorder = $3 WHERE id = $1", meeting, chair, recorder)
        await record_event(by, "meeting_people_named", str(meeting))


async def call_off(meeting: UUID, *, reason: str, by: Reader) -> None:
    """Say that a meeting was not held, and why. Raises NotFound; Refused(reason=…) without a reason
    or once its roll has been opened.
    """
    async with transaction():
        held = await find_meeting(meeting, by)
        rules.check_may_plan(by.may_open_roll(held["cell"]) or by.whole_committee)
        await sql("SELECT 1 FROM meeting WHERE id = $1 FOR UPDATE", meeting)
        rules.check_call_off(
            reason, opened=bool(await sql("SELECT 1 FROM roll_call WHERE meeting = $1", meeting))
        )
        await sql(
            "UPDATE meeting SET state = 'not_held', not_held_reason = $2 WHERE id = $1",
            meeting,
            reason.strip(),
        )
        await record_event(by, "meeting_not_held", str(meeting), reason.strip())
        await mark_dirty(held["held_on"], cause="meeting_not_held")


async def put_back(meeting: UUID, *, by: Reader) -> None:
    """Take back that a meeting was not held: it is planned again. Nothing happens to any other meeting."""
    async with transaction():
        held = await find_meeting(meeting, by)
        rules.check_may_plan(by.may_open_roll(held["cell"]) or by.whole_committee)
        if held["state"] != "not_held":
            return
        # Asked again in the write: meanwhile somebody else may have put it back, opened it and closed it.
        await sql(
            "UPDATE meeting SET state = 'planned', not_held_reason = '' WHERE id = $1 AND state = 'not_held'",
            meeting,
        )
        await record_event(by, "meeting_planned_again", str(meeting))
        await mark_dirty(held["held_on"], cause="meeting_put_back")
