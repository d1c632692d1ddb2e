"""Usual work of the cast's cell, and what was made of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from infra.postgres import Record, sql
from server import clock
from server.assignments import usual_changing
from server.assignments.usual_changing import Wanted
from tenants.transactions import transaction
from tests.cast import Cast

NEXT_MONTH = clock.month_after(clock.month_of(clock.today()))
AN, BINH, CUC = "Nguyễn Văn An", "Trần Thị Bình", "Rơ Châm H'Cúc"


def monthly(cast: Cast, *names: str, due_day: int = 31, **more: object) -> Wanted:
    """Street flowers, every month on its last day, for these people."""
    members = tuple(cast.numbers[name] for name in names or (AN, BINH))
    given = {
        "text": "Chăm sóc đường hoa",
        "area": "culture_environment",
        "every": "month",
        "due_day": due_day,
    }
    return Wanted(**{**given, "members": members, **more})  # type: ignore[arg-type]


async def add(cast: Cast, wanted: Wanted | None = None) -> UUID:
    """Written down by the secretary; its id."""
    return await usual_changing.add(uuid4(), cell=cast.cell, wanted=wanted or monthly(cast), by=cast.hoa)


async def backdate(work: UUID, start: date) -> None:
    """As if a rule had stood since then, and nothing of it had been made."""
    async with transaction():
        await sql("UPDATE usual_work SET from_on = $2 WHERE id = $1", work, start)


async def given(work: UUID) -> list[Record]:
    """What was made, by period and person."""
    async with transaction(read_only=True):
        return await sql(
            """SELECT a.id, a.task, a.period, a.given_on, a.due_on, a.text, p.name,
                (SELECT count(*)::int FROM assignment_change c WHERE c.assignment = a.id) AS changes,
                (SELECT count(*)::int FROM assignment_span s WHERE s.assignment = a.id) AS spans
            FROM assignment a JOIN member p ON p.id = a.member WHERE a.usual_work = $1 ORDER BY a.period, p.sort_key""",
            work,
        )
