"""The verbs of a meeting: plan it, say that it was not held. One transaction each in the current committee."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from infra.postgres import connection, one, sql
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings import rules
from server.meetings.queries import NotFound
from server.meetings.queries import meeting as find_meeting
from tenants.outbox import later
from tenants.transactions import transaction


async def plan(meeting: UUID, *, cell: UUID, kind: str, day: date, at: time, place: str, by: Reader) -> UUID:
    """Write a meeting down; ``meeting`` is the id that the form carries, so sending it twice plans it once.

    Raises NotFound for a cell that ``by`` may not see and Refused(kind=…, day=…) for what can't be planned.
    """
    async with transaction():
        row = await one("SELECT from_on, to_on FROM cell WHERE id = $1", cell)
        if row is None or not by.may_see_cell(cell):
            raise NotFound(cell)
        rules.check_plan(
            kind, day, place, today=clock.today(), cell_from=row["from_on"], cell_to=row["to_on"]
        )
        rules.check_may_plan(by.may_open_roll(cell) or by.whole_committee)
        status = await connection().execute(
            """INSERT INTO meeting (id, cell, kind, held_on, starts_at, place, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING""",
            meeting, cell, kind, day, clock.local(day, at), place.strip(), by.name,
        )  # fmt: skip
        if status == "INSERT 0 0":
            await find_meeting(meeting, by)
            return meeting
        await later("recompute_rollup", month=clock.month_of(day).isoformat())
    return meeting


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
        await later("recompute_rollup", month=clock.month_of(held["held_on"]).isoformat())


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
        await later("recompute_rollup", month=clock.month_of(held["held_on"]).isoformat())
