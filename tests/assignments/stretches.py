"""Assignments written as their stretches, by hand: what figures count, without anybody having said anything."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from infra.postgres import one, sql
from server import clock
from tenants.transactions import transaction
from tests.cast import Cast

# due, from, to, ended, result of a stretch; a number counts days of the month, None is none.
Stretch = tuple[date | None, date, date | None, str, str]
MONTH = date(2026, 3, 1)


def march(number: int) -> date:
    """A day of the month that the tests count; 0 and less are days of February, more than 31 of April."""
    return date.fromordinal(MONTH.toordinal() + number - 1)


async def member(cast: Cast, name: str) -> UUID:
    """A person's id."""
    async with transaction(read_only=True):
        row = await one("SELECT id FROM member WHERE no = $1", cast.numbers[name])
    assert row is not None
    found: UUID = row["id"]
    return found


async def assignment(
    cast: Cast,
    name: str,
    *stretches: Stretch,
    cell: UUID | None = None,
    area: str = "economy",
    state: str = "",
) -> UUID:
    """Work of one person with these stretches; its row stands as the last of them ended."""
    id_, who, of = uuid4(), await member(cast, name), cell or cast.cell
    due, _, to_on, ended, result = stretches[-1]
    async with transaction():
        await sql(
            """INSERT INTO assignment (id, task, cell, given_on, version, member, text, area, due_on, state, result,
                ended_on, folded) VALUES ($1, $1, $2, $3, 1, $4, 'Thu quỹ', $5, $6, $7, $8, $9, 'thu quy')""",
            id_, of, stretches[0][1], who, area, due, state or ended or "open", result, to_on,
        )  # fmt: skip
        for n, (due, from_on, to_on, ended, result) in enumerate(stretches, start=1):
            await sql(
                """INSERT INTO assignment_span (assignment, n, cell, member, due_on, from_on, to_on, ended, result)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
                id_, n, of, who, due, from_on, to_on, ended, result,
            )  # fmt: skip
    return id_


async def overdue_work(
    cast: Cast, days: int, *, area: str = "economy", state: str = "open", cell: UUID | None = None
) -> None:
    """Work that was due so many days ago."""
    today = clock.today()
    due = date.fromordinal(today.toordinal() - days)
    await assignment(cast, "Nguyễn Văn An", (due, due, None, "", ""), area=area, state=state, cell=cell)


async def another_cell() -> UUID:
    """A cell of nobody."""
    cell = uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Thôn 1', '2')", cell)
    return cell
