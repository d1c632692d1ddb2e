"""What a broken or hostile phone sends is refused one by one; the rest of its batch is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.roll_call import queries
from server.roll_call.actions import NewMark, open_roll, record
from tenants.transactions import transaction
from tests.cast import Cast

PHONE = uuid4()


async def test_a_reason_that_no_database_can_hold_is_refused_and_the_rest_is_taken(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    an, binh = cast.numbers["Nguyễn Văn An"], cast.numbers["Trần Thị Bình"]
    good = NewMark(uuid4(), an, "absent_excused", 1, clock.now(), reason='Ốm "nặng" \\u0000 \n 😷')
    odd = NewMark(uuid4(), binh, "absent_excused", 2, clock.now(), reason="Ốm\0")
    late = NewMark(uuid4(), binh, "present", 3, clock.now(), late_reason="\0")

    verdict = await record(meeting, [good, odd, late], device=PHONE, since=0, by=cast.hoa)

    assert verdict.acked == [good.id]
    assert [mark.id for mark, _ in verdict.refused] == [odd.id, late.id]
    async with transaction(read_only=True):
        rows = await sql("SELECT reason FROM mark WHERE meeting = $1", meeting)
    assert [row["reason"] for row in rows] == [good.reason]


@pytest.mark.parametrize(
    "at",
    [
        datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ],
)  # fmt: skip
async def test_a_clock_in_any_year_can_be_read_back_in_the_history(cast: Cast, at: datetime) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    mark = NewMark(uuid4(), cast.numbers["Nguyễn Văn An"], "present", 1, at)

    verdict = await record(meeting, [mark], device=PHONE, since=0, by=cast.hoa)

    assert verdict.acked == [mark.id]
    async with transaction(read_only=True):
        [line] = await queries.history(meeting, mark.no)
    assert line["device_at"].astimezone(clock.VIETNAM).year > 1
