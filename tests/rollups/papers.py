"""What the tests of figures have in common: a cell's papers, and what the province has of them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from infra.postgres import Record, one, sql
from server import clock
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from server.rollups.actions import recompute_rollup
from server.rollups.counting import FIGURES
from server.rollups.verify import verify
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast

DEVICES = [uuid4() for _ in range(3)]


Mark = tuple[date, bool, str]


async def marks_of(ref: CommitteeRef) -> list[Mark]:
    """(month, onward, cause) of the committee's marks in the order in which they were left; each left a job behind."""
    async with platform_transaction(read_only=True):
        marks = await sql(
            "SELECT month, onward, cause FROM platform.rollup_dirty WHERE schema_name = $1 ORDER BY id",
            ref.schema_name,
        )
        jobs = await sql("SELECT job FROM platform.outbox WHERE schema_name = $1", ref.schema_name)
    left = [row["job"] for row in jobs if row["job"].startswith("recompute")]
    assert set(left) <= {"recompute_dirty"}
    assert len(left) >= len(marks)
    return [(row["month"], row["onward"], row["cause"]) for row in marks]


async def stored(ref: CommitteeRef, month: date) -> Record | None:
    async with platform_transaction(read_only=True):
        return await one(
            f"SELECT {', '.join(FIGURES)} FROM platform.rollup WHERE committee = $1 AND month = $2",
            ref.id,
            month,
        )


async def more_cells(cast: Cast) -> None:
    """A cell that never meets, one that ended, one that is not founded yet."""
    today = clock.today()
    async with transaction():
        for name, start, end in (
            ("Chi bộ Thôn 1", date(1990, 1, 1), None),
            ("Chi bộ Thôn 2", date(1990, 1, 1), today - timedelta(days=45)),
            ("Chi bộ Thôn 3", today + timedelta(days=45), None),
        ):
            await sql(
                "INSERT INTO cell (id, name, sort_key, from_on, to_on) VALUES ($1, $2, '2', $3, $4)",
                uuid4(), name, start, end,
            )  # fmt: skip


async def a_closed_roll(cast: Cast) -> tuple[UUID, str]:
    """A closed roll of today with one person present, and its month, computed."""
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    mark = NewMark(uuid4(), cast.numbers["Nguyễn Văn An"], "present", 1, clock.now())
    await record(meeting, [mark], device=DEVICES[0], since=0, by=cast.hoa)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)
    month = clock.month_of(clock.today()).isoformat()
    await recompute_rollup(month)
    assert (await verify(cast.pleiku))[1] == []
    return meeting, month
