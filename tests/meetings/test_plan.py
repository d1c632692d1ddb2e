"""Bí thư Hòa plans this month's meeting, or says why it was not held."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import one, sql
from server import clock
from server.accounts.reader import Reader
from server.meetings import queries, rules
from server.meetings.actions import call_off, name_people, plan, put_back
from server.meetings.queries import NotFound
from server.roll_call.actions import close_roll, open_roll
from server.words import Refused
from tenants.current import set_current, using
from tenants.transactions import transaction
from tests.cast import Cast, person

TODAY = clock.today()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(database: Servers) -> Cast:
    return await Cast.assemble(database.owner_url)


@pytest.fixture(autouse=True)
def _in_pleiku(town: Cast) -> None:
    set_current(town.pleiku)


async def planned(
    cast: Cast, day: date = TODAY, *, by: Reader | None = None, cell: UUID | None = None, kind: str = "regular",
    id_: UUID | None = None, place: str = "Nhà văn hóa", at: time = time(19, 30),
) -> UUID:  # fmt: skip
    return await plan(
        id_ or uuid4(), cell=cell or cast.cell, kind=kind, day=day, at=at, place=place, by=by or cast.hoa
    )


async def state_of(meeting: UUID) -> tuple[str, str]:
    async with transaction(read_only=True):
        row = await one("SELECT state, not_held_reason FROM meeting WHERE id = $1", meeting)
    assert row is not None
    return row["state"], row["not_held_reason"]


async def test_a_planned_meeting_stands_in_its_month_with_the_time_of_the_place(town: Cast) -> None:
    meeting = await planned(town, date(2026, 2, 28), at=time(19, 30))

    async with transaction(read_only=True):
        february = await queries.of_month(date(2026, 2, 1), [town.cell])
        march = await queries.of_month(date(2026, 3, 1), None)
        upcoming = await queries.upcoming([town.cell], date(2026, 2, 28), date(2026, 2, 28))
        found = await queries.meeting(meeting, town.hoa)
    assert [row["id"] for row in february] == [row["id"] for row in upcoming] == [meeting]
    assert meeting not in {row["id"] for row in march}
    assert found["starts_at"] == datetime(2026, 2, 28, 12, 30, tzinfo=found["starts_at"].tzinfo)
    assert (found["cell_name"], found["state"], found["place"]) == (
        "Chi bộ Tổ dân phố 5",
        "planned",
        "Nhà văn hóa",
    )


async def test_sending_the_form_twice_or_at_once_plans_one_meeting(town: Cast) -> None:
    meeting = uuid4()

    ends = await asyncio.gather(*(planned(town, id_=meeting) for _ in range(5)))
    again = await planned(town, id_=meeting, place="Chỗ khác")

    assert {*ends, again} == {meeting}
    async with transaction(read_only=True):
        rows = await sql("SELECT place FROM meeting WHERE id = $1", meeting)
    assert [row["place"] for row in rows] == ["Nhà văn hóa"]


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        (TODAY - timedelta(days=801), "quá xa"), (TODAY + timedelta(days=401), "quá xa"),
        (date(26, 11, 3), "quá xa"), (date.min, "quá xa"), (date.max, "quá xa"),
    ],
)  # fmt: skip
async def test_a_slip_of_the_finger_in_the_date_is_told(town: Cast, day: date, fault: str) -> None:
    with pytest.raises(Refused) as refusal:
        await planned(town, day)

    assert list(refusal.value.reasons) == ["day"]
    assert fault in refusal.value.reasons["day"]


async def test_a_cell_meets_only_while_it_exists(town: Cast) -> None:
    young, ended = uuid4(), uuid4()
    start = TODAY - timedelta(days=30)
    async with transaction():
        await sql(
            """INSERT INTO cell (id, name, sort_key, from_on, to_on)
            VALUES ($1, 'Chi bộ mới', '3', $3, NULL), ($2, 'Chi bộ cũ', '4', '2000-01-01', $3)""",
            young, ended, start,
        )  # fmt: skip

    for cell, day, allowed in (
        (young, start, True), (young, start - timedelta(days=1), False),
        (ended, start, True), (ended, start + timedelta(days=1), False),
    ):  # fmt: skip
        secretary = person("X", "secretary", cell)
        if allowed:
            assert await planned(town, day, cell=cell, by=secretary)
        else:
            with pytest.raises(Refused, match="chưa thành lập hoặc đã kết thúc"):
                await planned(town, day, cell=cell, by=secretary)


async def test_every_fault_is_told_at_its_field_at_once(town: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        await planned(town, date(1926, 1, 1), kind="party", place="x" * 201)

    assert set(refusal.value.reasons) == {"kind", "day", "place"}


async def test_who_leads_the_cell_or_works_for_the_office_plans_and_nobody_else(town: Cast) -> None:
    for by in (
        town.hoa,
        town.deputy,
        town.office,
        person("Thư", "recorder", town.cell),
        person("Q", "committee_administrator"),
    ):
        assert await planned(town, by=by)
    for by in (town.leader, person("Em", "member", town.cell)):
        with pytest.raises(Refused, match="Chỉ bí thư"):
            await planned(town, by=by)


async def member_id(cast: Cast, name: str) -> UUID:
    async with transaction(read_only=True):
        row = await one("SELECT id FROM member WHERE no = $1", cast.numbers[name])
    assert row is not None
    found: UUID = row["id"]
    return found


async def newcomer(cell: UUID, since: date) -> UUID:
    """Somebody new who belongs to a cell since a day."""
    member = uuid4()
    async with transaction():
        await sql("INSERT INTO member (id, name, sort_key, folded) VALUES ($1, 'Mới', 'MOI', 'moi')", member)
        await sql(
            "INSERT INTO membership (id, member, cell, from_on) VALUES ($1, $2, $3, $4)",
            uuid4(), member, cell, since,
        )  # fmt: skip
    return member


async def test_a_meeting_says_who_chairs_and_who_records_it_or_that_nobody_does_yet(town: Cast) -> None:
    an, binh = await member_id(town, "Nguyễn Văn An"), await member_id(town, "Trần Thị Bình")

    meeting = await plan(
        uuid4(), cell=town.cell, kind="regular", day=TODAY, at=time(19), place="", by=town.hoa, chair=an, recorder=binh
    )  # fmt: skip
    open_yet = await planned(town)

    async with transaction(read_only=True):
        named, nobody = await queries.meeting(meeting, town.hoa), await queries.meeting(open_yet, town.hoa)
    assert (named["chair_name"], named["recorder_name"]) == ("Nguyễn Văn An", "Trần Thị Bình")
    assert (nobody["chair"], nobody["recorder_name"]) == (None, None)


async def test_whoever_is_not_in_the_cell_that_day_neither_chairs_nor_records(town: Cast) -> None:
    other = uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ bên', '6')", other)
    elsewhere, tomorrow = await newcomer(other, TODAY), await newcomer(town.cell, TODAY + timedelta(days=1))
    meeting = await planned(town)

    for chair, recorder, fields in (
        (elsewhere, None, ["chair"]), (None, tomorrow, ["recorder"]), (uuid4(), uuid4(), ["chair", "recorder"]),
    ):  # fmt: skip
        with pytest.raises(Refused, match="không sinh hoạt ở chi bộ") as refusal:
            await plan(
                uuid4(), cell=town.cell, kind="regular", day=TODAY, at=time(19), place="", by=town.hoa,
                chair=chair, recorder=recorder,
            )  # fmt: skip
        assert list(refusal.value.reasons) == fields
        with pytest.raises(Refused, match="không sinh hoạt ở chi bộ"):
            await name_people(meeting, chair=chair, recorder=recorder, by=town.hoa)


async def test_chair_and_recorder_change_until_the_roll_is_closed(town: Cast) -> None:
    meeting, an = await planned(town), await member_id(town, "Nguyễn Văn An")

    await name_people(meeting, chair=an, recorder=an, by=town.office)
    await name_people(meeting, chair=an, recorder=None, by=town.hoa)
    with pytest.raises(Refused, match="Chỉ bí thư"):
        await name_people(meeting, chair=None, recorder=None, by=town.leader)
    with pytest.raises(NotFound):
        await name_people(meeting, chair=None, recorder=None, by=town.stranger)
    await open_roll(meeting, by=town.hoa)
    await close_roll(meeting, rest_absent=True, by=town.hoa)
    with pytest.raises(Refused, match="đã khóa"):
        await name_people(meeting, chair=None, recorder=an, by=town.hoa)

    async with transaction(read_only=True):
        row = await queries.meeting(meeting, town.hoa)
    assert (row["chair"], row["recorder"]) == (an, None)


async def test_a_cell_elsewhere_or_nowhere_is_not_found(town: Cast) -> None:
    for cell, by in ((uuid4(), town.office), (town.neighbour_cell, town.office), (town.cell, town.stranger)):
        with pytest.raises(NotFound):
            await planned(town, cell=cell, by=by)


async def test_the_neighbour_finds_no_such_meeting_and_cannot_take_its_id(town: Cast) -> None:
    meeting = await planned(town)

    with using(town.neighbour):
        for attempt in (
            lambda: call_off(meeting, reason="Bão", by=town.stranger),
            lambda: put_back(meeting, by=town.stranger),
            lambda: open_roll(meeting, by=town.stranger),
        ):
            with pytest.raises(NotFound):
                await attempt()
        async with transaction(read_only=True):
            assert await queries.of_month(clock.month_of(TODAY), None) == []
            assert await queries.upcoming([town.cell], TODAY, TODAY) == []
        # The same id in another committee is another meeting.
        assert (
            await planned(town, cell=town.neighbour_cell, by=town.stranger, id_=meeting, place="Nơi khác")
            == meeting
        )
    async with transaction(read_only=True):
        assert (await queries.meeting(meeting, town.hoa))["place"] == "Nhà văn hóa"
    with pytest.raises(NotFound):
        await call_off(meeting, reason="Bão", by=town.stranger)


async def test_an_id_used_in_another_cell_gives_nothing_away(town: Cast) -> None:
    meeting, other = await planned(town), uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ khác', '5')", other)

    with pytest.raises(NotFound):
        await planned(town, cell=other, by=person("X", "secretary", other), id_=meeting)


async def test_a_meeting_that_was_not_held_says_why_and_can_be_put_back(town: Cast) -> None:
    meeting = await planned(town)

    await call_off(meeting, reason="  Bão số 5 ", by=town.hoa)
    assert await state_of(meeting) == ("not_held", "Bão số 5")
    async with transaction(read_only=True):
        assert meeting not in {row["id"] for row in await queries.upcoming([town.cell], TODAY, TODAY)}
    with pytest.raises(Refused, match="không họp"):
        await open_roll(meeting, by=town.hoa)

    await put_back(meeting, by=town.hoa)
    await put_back(meeting, by=town.hoa)
    assert await state_of(meeting) == ("planned", "")
    await open_roll(meeting, by=town.hoa)

    async with transaction(read_only=True):
        events = await sql("SELECT action, detail FROM event WHERE subject = $1 ORDER BY id", str(meeting))
    assert [tuple(e) for e in events] == [("meeting_not_held", "Bão số 5"), ("meeting_planned_again", "")]


@pytest.mark.parametrize(
    ("reason", "fault"), [("", "ghi lý do"), (" \n ", "ghi lý do"), ("x" * 201, "dài quá")]
)
async def test_calling_off_needs_a_reason_of_a_reasonable_length(town: Cast, reason: str, fault: str) -> None:
    meeting = await planned(town)

    with pytest.raises(Refused) as refusal:
        await call_off(meeting, reason=reason, by=town.hoa)

    assert fault in refusal.value.reasons["reason"]
    assert await state_of(meeting) == ("planned", "")


async def test_a_meeting_whose_roll_was_opened_was_held(town: Cast) -> None:
    meeting = await planned(town)
    await open_roll(meeting, by=town.hoa)

    with pytest.raises(Refused, match="đã mở điểm danh"):
        await call_off(meeting, reason="Bão", by=town.hoa)
    await close_roll(meeting, rest_absent=True, by=town.hoa)
    with pytest.raises(Refused, match="đã mở điểm danh"):
        await call_off(meeting, reason="Bão", by=town.hoa)
    await put_back(meeting, by=town.hoa)

    assert await state_of(meeting) == ("held", "")


async def test_who_may_not_plan_may_not_call_off_or_put_back(town: Cast) -> None:
    meeting = await planned(town)

    for attempt in (
        lambda: call_off(meeting, reason="Bão", by=town.leader),
        lambda: put_back(meeting, by=person("Em", "member", town.cell)),
    ):
        with pytest.raises(Refused, match="Chỉ bí thư"):
            await attempt()


async def test_opening_and_calling_off_at_the_same_moment_end_in_one_of_the_two(town: Cast) -> None:
    for _ in range(8):
        meeting = await planned(town)

        ends = await asyncio.gather(
            open_roll(meeting, by=town.hoa),
            call_off(meeting, reason="Bão", by=town.deputy),
            return_exceptions=True,
        )

        assert sorted(type(end).__name__ for end in ends) == ["NoneType", "Refused"]
        async with transaction(read_only=True):
            opened = bool(await sql("SELECT FROM roll_call WHERE meeting = $1", meeting))
        assert ((await state_of(meeting))[0] == "not_held") != opened


@pytest.mark.parametrize(
    ("state", "closed", "day", "shown"),
    [
        ("planned", False, TODAY - timedelta(days=1), "not_reported"), ("planned", False, TODAY, "planned"),
        ("planned", True, TODAY - timedelta(days=1), "planned"), ("held", True, TODAY, "held"),
        ("not_held", False, TODAY - timedelta(days=1), "not_held"),
    ],
)  # fmt: skip
def test_no_report_yet_is_not_the_same_as_not_held(state: str, closed: bool, day: date, shown: str) -> None:
    assert rules.reported(state, roll_closed=closed, day=day, today=TODAY) == shown
