"""Giving work and saying something of it: who may, what is refused and why, what is written and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import keeping, queries
from server.assignments.actions import NewChange, say_all, say_one
from server.meetings.queries import NotFound
from server.words import Refused
from tenants.current import using
from tenants.transactions import transaction
from tests.assignments.saying import (
    AN,
    BINH,
    CUC,
    WORK,
    change,
    day,
    explained,
    give,
    given,
    history,
    row,
    said,
)
from tests.cast import Cast, person
from tests.rollups.papers import marks_of


async def refused(*changes: NewChange, by: Reader) -> list[str]:
    verdict = await say_all(changes, device=uuid4(), by=by)
    assert verdict.acked == []
    return [str(reason) for _, reason in verdict.refused]


async def test_work_that_was_given_is_there_and_stays_what_was_said(cast: Cast) -> None:
    work = await give(cast, check_by="Danh sách có chữ ký")

    found = await row(work, cast.hoa)

    assert (found["text"], found["member_name"], found["state"], found["due_on"]) == (
        WORK,
        AN,
        "open",
        day(10),
    )
    assert (await explained(work)).check_by == "Danh sách có chữ ký"


async def test_from_report_to_result_the_history_says_who(cast: Cast) -> None:
    work, an = await give(cast), await cast.themselves(AN)

    await said(change(work, "progress", 1, note="Đã đến hai hộ"), by=an)
    await said(change(work, "reported", 2), by=an)
    await said(change(work, "accepted", 3, result="better", note="Làm tốt"), by=cast.hoa)

    now = await explained(work)
    assert (now.state, now.result) == ("done", "better")
    assert [(c.kind, c.by) for c in await history(work)] == [
        ("given", "Hòa"), ("progress", AN), ("reported", AN), ("accepted", "Hòa"),
    ]  # fmt: skip


async def test_who_writes_for_somebody_without_a_phone_is_named_as_such(cast: Cast) -> None:
    work = await give(cast, BINH)

    await said(change(work, "progress", 1, note="Đang làm"), by=cast.leader)
    await said(change(work, "reported", 2), by=await cast.themselves(BINH))
    await said(change(work, "taken_back", 3), by=cast.hoa)

    async with transaction(read_only=True):
        told = await sql(
            "SELECT by_name, behalf FROM assignment_change WHERE assignment = $1 ORDER BY ordinal", work
        )
    assert [tuple(t) for t in told] == [("Hòa", False), ("Lan", True), (BINH, False), ("Hòa", True)]


async def test_more_time_is_asked_for_and_given_or_not(cast: Cast) -> None:
    work, an = await give(cast), await cast.themselves(AN)
    await said(change(work, "asked_time", 1, due=day(30), note="Hộ đi vắng"), by=an)
    assert (await row(work, an))["asked_due"] == day(30)

    await said(change(work, "time_given", 2), by=cast.deputy)
    assert (await explained(work)).due == day(30)
    await said(change(work, "asked_time", 3, due=day(60), note="Vẫn đi vắng"), by=an)
    await said(change(work, "time_refused", 4, note="Giao hộ khác"), by=cast.hoa)

    now = await explained(work)
    assert (now.due, now.asked) == (day(30), None)


async def test_who_decides_otherwise_has_answered_who_asked(cast: Cast) -> None:
    work = await give(cast)
    await said(change(work, "asked_time", 1, due=day(30), note="Hộ đi vắng"), by=await cast.themselves(AN))

    await said(change(work, "carried", 2, due=day(25)), by=person("Thư ký", "recorder", cast.cell))

    assert (await explained(work)).asked is None


async def test_a_batch_repeated_in_part_is_acknowledged_and_written_once(cast: Cast) -> None:
    new = given(cast)
    after = change(new.assignment, "rescheduled", 0, after=(new.id,), due=day(20), note="Mưa bão")
    device = uuid4()

    first = await say_all([new], device=device, by=cast.hoa)
    second = await say_all([new, after], device=device, by=cast.hoa)
    third = await say_all([after, new, after], device=device, by=cast.hoa)

    assert (first.acked, second.acked) == ([new.id], [new.id, after.id])
    assert third.acked == [after.id, new.id, after.id]
    assert second.rows == third.rows
    assert len(await history(new.assignment)) == 2
    assert (await explained(new.assignment)).due == day(20)


async def test_giving_the_same_work_again_under_another_change_is_the_same_gift(cast: Cast) -> None:
    new = given(cast)
    await said(new, by=cast.hoa)

    await said(replace(new, id=uuid4()), by=cast.hoa)
    (why,) = await refused(replace(new, id=uuid4(), text="Việc khác hẳn"), by=cast.hoa)

    assert "đã dùng" in why
    assert len(await history(new.assignment)) == 1


async def test_two_devices_that_decide_apart_are_both_kept_until_somebody_chooses(cast: Cast) -> None:
    work = await give(cast)
    await said(change(work, "rescheduled", 1, due=day(20), note="Mưa"), by=cast.hoa)
    await said(change(work, "rescheduled", 1, due=day(40), note="Bão"), by=cast.deputy)

    assert (await explained(work)).due == day(10)
    verdict = await say_all([change(work, "carried", 3, due=day(60))], device=uuid4(), by=cast.hoa)
    assert "ý kiến khác nhau" in str(verdict.refused[0][1])
    assert [r["note"] for r in verdict.rows[0]["rivals"]["due"]] == ["Mưa", "Bão"]
    assert "một trong các ý kiến" in (
        await refused(change(work, "settled", 3, register="due", value="2030-01-01"), by=cast.hoa)
    )[0]  # fmt: skip
    await said(change(work, "settled", 3, register="due", value=day(40).isoformat()), by=cast.hoa)

    now = await explained(work)
    assert (now.due, now.rivals) == (day(40), {})
    assert [c.note for c in await history(work)][1:3] == ["Mưa", "Bão"]


async def test_two_tabs_of_one_person_that_did_not_see_each_other_disagree_too(cast: Cast) -> None:
    work, device = await give(cast), uuid4()
    await said(change(work, "cancelled", 1, note="Trùng việc"), by=cast.hoa, device=device)
    await said(change(work, "accepted", 1, result="on_time"), by=cast.hoa, device=device)

    now = await explained(work)

    assert (now.state, sorted(now.rivals)) == ("open", ["state"])
    assert {r["value"] for r in (await told_rivals(work, cast))["state"]} == {"cancelled", "done:on_time"}


async def told_rivals(work: Any, cast: Cast) -> dict[str, list[dict[str, Any]]]:
    async with transaction(read_only=True):
        return await queries.rivals(await queries.row(work, cast.hoa))


async def test_people_disagree_about_a_person_by_name(cast: Cast) -> None:
    work = await give(cast)
    for by, name in ((cast.hoa, BINH), (cast.deputy, CUC)):
        await said(change(work, "reassigned", 1, member=cast.numbers[name], note="Gần nhà"), by=by)

    assert {r["name"] for r in (await told_rivals(work, cast))["who"]} == {BINH, CUC}
    assert (await explained(work)).member == await cast.member(AN)


async def test_work_counts_from_the_day_of_its_meeting(cast: Cast) -> None:
    meeting = await cast.meeting(day(-40))

    work = await give(cast, meeting=meeting, cell=None, due=day(-20))

    assert (await row(work, cast.hoa))["given_on"] == day(-40)
    assert (await row(work, cast.hoa))["meeting_held_on"] == day(-40)
    async with transaction(read_only=True):
        (span,) = await sql("SELECT from_on, due_on FROM assignment_span WHERE assignment = $1", work)
    assert tuple(span) == (day(-40), day(-20))


async def test_what_is_wrong_is_told_at_its_field(cast: Cast) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"text": "ab"}, "text"), ({"text": "x" * 501}, "text"), ({"text": "Thu\0 quỹ"}, "text"),
        ({"text": "Thu \ud83d quỹ"}, "text"), ({"area": "sport"}, "area"), ({"check_by": "x" * 201}, "check_by"),
        ({"due": ...}, "due"), ({"due": date(2019, 1, 1)}, "due"), ({"due": date.max}, "due"),
        ({"member": 999_999}, "member"), ({"member": None}, "member"), ({"note": "x" * 501}, "note"),
        ({"usual_work": uuid4()}, ""),
    ]  # fmt: skip
    for wrong, field in cases:
        with pytest.raises(Refused) as refusal:
            await say_one(given(cast, **wrong), device=uuid4(), by=cast.hoa)
        assert list(refusal.value.reasons) == [field], wrong


async def test_a_move_that_is_not_open_is_refused_and_leaves_nothing(cast: Cast) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("progress", {}, "note"), ("accepted", {"result": "great"}, "result"), ("accepted", {}, "result"),
        ("not_done", {}, "note"), ("cancelled", {"note": " "}, "note"), ("reassigned", {"note": "x"}, "member"),
        ("reassigned", {"note": "x", "member": cast.numbers[AN]}, "member"), ("rescheduled", {"note": "x"}, "due"),
        ("rescheduled", {"note": "x", "due": day(10)}, "due"), ("asked_time", {"note": "x", "due": day(10)}, "due"),
        ("asked_time", {"note": "x", "due": None}, "due"), ("carried", {}, "due"), ("taken_back", {}, ""),
        ("reworded", {"note": "x", "text": WORK, "area": "economy"}, "text"), ("time_given", {}, ""),
        ("restored", {"note": "x"}, ""), ("settled", {"register": "due"}, ""), ("burnt", {}, ""), ("given", {}, "text"),
    ]  # fmt: skip
    work = await give(cast)
    for kind, more, field in cases:
        with pytest.raises(Refused) as refusal:
            await say_one(change(work, kind, 1, **more), device=uuid4(), by=cast.hoa)
        assert next(iter(refusal.value.reasons)) == field, kind
    assert len(await history(work)) == 1


async def test_each_may_say_what_is_theirs_to_say(cast: Cast) -> None:
    own, recorder = await cast.themselves(AN), person("Thư ký", "recorder", cast.cell)
    plain, other = person("Đảng viên", "member", cast.cell), await cast.themselves(BINH)
    cases = [
        (own, "reported", True), (own, "accepted", False), (own, "given", False), (recorder, "given", True),
        (recorder, "reported", True), (recorder, "accepted", False), (recorder, "carried", True),
        (recorder, "taken_back", False), (cast.deputy, "accepted", True), (cast.office, "cancelled", True),
        (cast.office, "given", True), (cast.leader, "given", False), (plain, "given", False),
    ]  # fmt: skip
    for by, kind, may in cases:
        new = given(cast) if kind == "given" else change(
            await give(cast), kind, 1, note="x", due=day(20), result="late"
        )  # fmt: skip
        verdict = await say_all([new], device=uuid4(), by=by)
        assert (verdict.acked == [new.id]) is may, (by.name, kind)
        if not may:
            assert "bí thư, phó bí thư" in str(verdict.refused[0][1])
    for nobody in (plain, other, cast.leader, cast.stranger):
        (why,) = await refused(change(await give(cast), "progress", 1, note="x"), by=nobody)
        assert why.startswith("Không tìm thấy")


async def test_the_neighbours_work_is_not_there(cast: Cast) -> None:
    work = await give(cast)
    with using(cast.neighbour):
        for new in (change(work, "progress", 1, note="x"), given(cast)):
            with pytest.raises(NotFound):
                await say_one(new, device=uuid4(), by=cast.stranger)
            with pytest.raises(NotFound):
                await say_one(replace(new, cell=None), device=uuid4(), by=cast.office)
        with pytest.raises(NotFound):
            await row(work, cast.office)
    for new in (change(work, "progress", 1, note="x"), given(cast), replace(given(cast), assignment=work)):
        with pytest.raises(NotFound):
            await say_one(new, device=uuid4(), by=cast.stranger)


async def test_what_rests_on_something_that_never_arrived_waits_too(cast: Cast) -> None:
    work, other = await give(cast), await give(cast)
    lost = change(work, "progress", 1, note="x")
    elsewhere = change(other, "progress", 1, note="x")
    await said(elsewhere, by=cast.hoa)

    for missing in (lost.id, elsewhere.id):
        (why,) = await refused(change(work, "reported", 1, after=(missing,)), by=cast.hoa)
        assert "chưa được nhận" in why
    assert await refused(change(work, "reported", 0), by=cast.hoa)


async def test_an_id_is_used_once(cast: Cast) -> None:
    work, other = await give(cast), await give(cast)
    first = change(work, "progress", 1, note="x")
    await said(first, by=cast.hoa)

    assert "đã dùng" in (await refused(replace(first, assignment=other), by=cast.hoa))[0]
    assert "đã dùng" in (await refused(replace(given(cast), id=first.id), by=cast.hoa))[0]


async def test_a_meeting_must_be_the_cells_and_have_come(cast: Cast) -> None:
    ahead, off = await cast.meeting(day(3)), await cast.meeting(day(-3))
    async with transaction():
        await sql("UPDATE meeting SET state = 'not_held', not_held_reason = 'bão' WHERE id = $1", off)

    reasons = [(await refused(given(cast, meeting=m), by=cast.hoa))[0] for m in (ahead, off, uuid4())]

    assert [("ngày họp" in r, "không họp" in r, "không phải" in r) for r in reasons] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip


async def test_a_kill_in_the_middle_leaves_nothing_and_repeating_does_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, new = await give(cast), given(cast)
    batch = [new, change(work, "carried", 1, due=day(30))]

    async def killed(_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_respan", killed)
        with pytest.raises(ConnectionResetError):
            await say_all(batch, device=uuid4(), by=cast.hoa)
    assert await history(new.assignment) == []
    assert (await explained(work)).due == day(10)

    await said(*batch, by=cast.hoa)
    assert (await explained(work)).due == day(30)
    assert (await explained(new.assignment)).state == "open"


async def test_figures_follow_from_the_first_month_that_changes(cast: Cast) -> None:
    meeting = await cast.meeting(day(-70))
    work = await give(cast, meeting=meeting, due=day(-35))
    await said(change(work, "progress", 1, note="x"), by=cast.hoa)
    await said(change(work, "accepted", 2, result="late"), by=cast.hoa)

    assert await marks_of(cast.pleiku) == [(clock.month_of(d), True, "work") for d in (day(-70), day(-35))]


async def test_cancelling_and_choosing_stand_in_the_committees_record(cast: Cast) -> None:
    work = await give(cast)
    await said(change(work, "cancelled", 1, note="Giao nhầm"), by=cast.hoa)

    async with transaction(read_only=True):
        (told,) = await sql("SELECT action, by_name FROM event WHERE subject = $1", str(work))
    assert tuple(told) == ("assignment_cancelled", "Hòa")
