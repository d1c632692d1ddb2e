"""A secretary takes the roll: every mark counts once, whatever the network did to it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.meetings.queries import NotFound
from server.roll_call import actions
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from server.roll_call.queries import summary_and_conflicts
from server.words import Refused
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast

PHONE, OTHER_PHONE = uuid4(), uuid4()


def tap(
    no: int, state: str = "present", *, seq: int = 1, seen: tuple[UUID, ...] = (), **more: str
) -> NewMark:
    return NewMark(uuid4(), no, state, seq, clock.now(), seen=seen, **more)


async def test_opening_writes_down_who_is_expected_that_day(cast: Cast) -> None:
    meeting = await cast.meeting()

    await open_roll(meeting, by=cast.hoa)
    await open_roll(meeting, by=cast.deputy)

    async with transaction(read_only=True):
        rows = await sql("SELECT name, base, probationary FROM roll_entry ORDER BY group_number, sort_key")
    assert [r["name"] for r in rows if r["base"] == "exempt"] == ["Rơ Châm H'Cúc"]
    assert [r["name"] for r in rows if r["probationary"]] == ["Ksor Giang"]
    assert len(rows) == 6


async def test_a_batch_sent_twice_counts_once_and_is_acknowledged_twice(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    marks = [tap(no, seq=no) for no in cast.numbers.values()]

    first = await record(meeting, marks, device=PHONE, since=1, by=cast.hoa)
    again = await record(meeting, marks, device=PHONE, since=1, by=cast.hoa)

    assert first.acked == again.acked == [m.id for m in marks]
    assert first.changes["version"] == again.changes["version"] == 2
    assert again.changes["summary"]["attending"] == 6
    assert again.changes["summary"]["base"] == 6
    assert again.changes["summary"]["exempt_attending"] == 1


async def test_a_roll_opened_without_a_network_opens_with_its_first_batch(cast: Cast) -> None:
    meeting = await cast.meeting()
    mark = tap(cast.numbers["Nguyễn Văn An"])

    refused = await record(meeting, [mark], device=PHONE, since=0, by=cast.hoa)
    taken = await record(meeting, [mark], device=PHONE, since=0, by=cast.hoa, opening=True)

    assert "chưa mở" in refused.refused[0][1]
    assert taken.acked == [mark.id]
    assert len(taken.changes["entries"]) == 6


async def test_two_phones_converge_and_one_tap_settles(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    an = cast.numbers["Nguyễn Văn An"]

    await record(meeting, [tap(an, "present")], device=PHONE, since=1, by=cast.hoa)
    second = await record(meeting, [tap(an, "late")], device=OTHER_PHONE, since=1, by=cast.deputy)
    shown = second.changes["entries"][0]
    settled = await record(
        meeting, [tap(an, "late", seq=2, seen=tuple(shown["heads"]))], device=PHONE, since=3, by=cast.hoa
    )

    assert {(r["state"], r["by"]) for r in shown["rivals"]} == {("present", "Hòa"), ("late", "Đức")}
    assert settled.changes["entries"][0]["rivals"] == []
    assert settled.changes["entries"][0]["state"] == "late"


async def test_a_phone_clock_wrong_by_a_day_changes_nothing_and_both_times_are_kept(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    an = cast.numbers["Nguyễn Văn An"]
    early = NewMark(uuid4(), an, "present", 1, clock.now() + timedelta(days=1))
    later = NewMark(uuid4(), an, "late", 2, clock.now() - timedelta(days=1))

    verdict = await record(meeting, [later, early], device=PHONE, since=1, by=cast.hoa)

    assert verdict.changes["entries"][0]["state"] == "late"
    async with transaction(read_only=True):
        rows = await sql("SELECT device_at, received_at FROM mark WHERE id = $1", early.id)
    assert rows[0]["device_at"] - rows[0]["received_at"] > timedelta(hours=23)


async def test_strangers_to_the_roll_and_unknown_states_are_refused_one_by_one(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    good, nobody, odd = (
        tap(cast.numbers["Nguyễn Văn An"]),
        tap(9999),
        tap(cast.numbers["Ksor Giang"], "flying"),
    )
    exempt = tap(cast.numbers["Nguyễn Văn An"], "exempt")

    verdict = await record(meeting, [good, nobody, odd, exempt], device=PHONE, since=1, by=cast.hoa)

    assert verdict.acked == [good.id]
    assert [m.id for m, _ in verdict.refused] == [nobody.id, odd.id, exempt.id]


async def test_an_id_used_for_one_person_is_not_taken_for_another(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    first = tap(cast.numbers["Nguyễn Văn An"])
    stolen = NewMark(first.id, cast.numbers["Ksor Giang"], "present", 2, clock.now())

    verdict = await record(meeting, [first, stolen], device=PHONE, since=1, by=cast.hoa)

    assert verdict.acked == [first.id]
    assert "đã dùng" in verdict.refused[0][1]


async def test_a_group_leader_marks_the_own_group_and_a_member_nobody(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    in_group, outside = tap(cast.numbers["Trần Thị Bình"]), tap(cast.numbers["Nguyễn Văn An"])

    verdict = await record(meeting, [in_group, outside], device=PHONE, since=1, by=cast.leader)

    assert verdict.acked == [in_group.id]
    assert "tổ của mình" in verdict.refused[0][1]


async def test_closing_waits_until_everybody_is_decided(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    await record(meeting, [tap(cast.numbers["Nguyễn Văn An"])], device=PHONE, since=1, by=cast.hoa)

    with pytest.raises(Refused, match="Còn 4 đồng chí chưa gọi"):
        await close_roll(meeting, rest_absent=False, by=cast.hoa)
    with pytest.raises(Refused, match="Chỉ bí thư"):
        await close_roll(meeting, rest_absent=True, by=cast.leader)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)
    await close_roll(meeting, rest_absent=True, by=cast.deputy)

    async with transaction(read_only=True):
        summary, _ = await summary_and_conflicts(meeting)
        state = (await sql("SELECT state FROM meeting WHERE id = $1", meeting))[0]["state"]
    assert (summary["attending"], summary["absent_unexcused"], summary["base"]) == (1, 4, 5)
    assert state == "held"


async def test_after_closing_a_change_needs_a_reason_and_stays_in_the_history(cast: Cast) -> None:
    meeting = await cast.meeting()
    an = cast.numbers["Nguyễn Văn An"]
    await open_roll(meeting, by=cast.hoa)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)

    silent = await record(meeting, [tap(an)], device=PHONE, since=1, by=cast.hoa)
    by_leader = await record(
        meeting,
        [tap(cast.numbers["Trần Thị Bình"], late_reason="quên")],
        device=PHONE,
        since=1,
        by=cast.leader,
    )
    heads = next(e["heads"] for e in silent.changes["entries"] if e["no"] == an)
    told = await record(
        meeting, [tap(an, seen=tuple(heads), late_reason="Ghi nhầm")], device=PHONE, since=2, by=cast.hoa
    )

    assert "ghi lý do" in silent.refused[0][1]
    assert "đã khóa" in by_leader.refused[0][1]
    assert told.changes["entries"][0]["state"] == "present"
    async with transaction(read_only=True):
        history = await sql("SELECT state, late_reason FROM mark WHERE no = $1 ORDER BY received_at", an)
    assert [(h["state"], h["late_reason"]) for h in history] == [
        ("absent_unexcused", ""),
        ("present", "Ghi nhầm"),
    ]


async def test_the_neighbour_finds_no_such_meeting(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)

    with pytest.raises(NotFound):
        await record(meeting, [tap(1)], device=PHONE, since=0, by=cast.stranger)
    with using(cast.neighbour), pytest.raises(NotFound):
        await record(meeting, [tap(1)], device=PHONE, since=0, by=cast.stranger)


async def test_a_meeting_of_tomorrow_is_not_opened_today(cast: Cast) -> None:
    meeting = await cast.meeting(clock.today() + timedelta(days=1))

    with pytest.raises(Refused, match="Chưa đến ngày họp"):
        await actions.open_roll(meeting, by=cast.hoa)
