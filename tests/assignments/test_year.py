"""A member's year on one sheet: counted by hand, for those who answer for the person, and for nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server import clock, contacts
from server.accounts.reader import Grant, Reader
from server.assignments import year
from server.assignments.year import Sheet
from server.meetings.queries import NotFound
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from server.words import Refused
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, CUC
from tests.assignments.stretches import assignment, member
from tests.cast import Cast, person

THIS = clock.today().year
LAST = THIS - 1


def then(month: int, day: int) -> date:
    """A day of last year, whose end has come."""
    return date(LAST, month, day)


async def sheet(cast: Cast, name: str, by: Reader, of: int = LAST) -> Sheet:
    async with transaction(read_only=True):
        return await year.sheet(cast.numbers[name], of, by)


async def as_member(cast: Cast, name: str, role: str = "member") -> Reader:
    """The reader who is this member of the cell."""
    who = await member(cast, name)
    return Reader(uuid4(), name, (Grant(role, cast.cell, member=who),))


async def kept(cast: Cast, name: str, keeper: str) -> None:
    """From now on a member is exempt, and somebody stays in touch with them."""
    who, by = await member(cast, name), await member(cast, keeper)
    async with transaction():
        await sql(
            "INSERT INTO exemption (id, member, kind, from_on, keeper) VALUES ($1, $2, 'away_work', $3, $4)",
            uuid4(), who, then(6, 1), by,
        )  # fmt: skip


async def test_results_are_counted_of_the_deadlines_of_the_year(cast: Cast) -> None:
    begun = then(1, 5)
    for stretches in (
        [(then(2, 1), begun, then(1, 30), "done", "better")],
        [(then(3, 1), begun, then(3, 1), "done", "on_time")],
        [(then(4, 1), begun, then(4, 20), "done", "late")],
        [(then(5, 1), begun, then(5, 2), "not_done", "")],
        [(then(6, 1), begun, then(6, 5), "changed", ""), (date(THIS, 1, 1), then(6, 5), None, "", "")],
        [(then(7, 1), begun, None, "", "")],
        [(then(8, 1), begun, then(7, 1), "cancelled", "")],
        [(None, begun, None, "", "")],
    ):
        await assignment(cast, AN, *stretches)
    await assignment(cast, BINH, (then(9, 1), begun, then(9, 1), "done", "on_time"))

    found = await sheet(cast, AN, cast.hoa)

    assert (found.done, found.due["due"]) == (3, 6)
    assert {name: n for name, n in found.due.items() if n} == {
        "due": 6, "better": 1, "on_time": 1, "late": 1, "not_done": 1, "moved": 1, "undecided": 1, "cancelled": 1
    }  # fmt: skip
    assert len(found.works) == 7


async def test_a_deadline_to_come_is_not_due_yet_and_what_is_done_early_is_done(cast: Cast) -> None:
    today, end = clock.today(), date(THIS, 12, 31)
    await assignment(cast, AN, (end, today, None, "", ""))
    await assignment(cast, AN, (end, today, today, "done", "better"))

    found = await sheet(cast, AN, cast.hoa, THIS)

    assert (found.done, found.due["due"], found.ahead) == (1, 1, 1)


async def test_who_has_handed_work_over_has_it_on_the_sheet_of_the_other(cast: Cast) -> None:
    other = await member(cast, BINH)
    work = await assignment(
        cast, AN, (then(3, 1), then(1, 5), then(2, 1), "changed", ""), (then(3, 1), then(2, 1), None, "", "")
    )
    async with transaction():
        await sql("UPDATE assignment SET member = $2 WHERE id = $1", work, other)
        await sql("UPDATE assignment_span SET member = $2 WHERE assignment = $1 AND n = 2", work, other)

    before, after = await sheet(cast, AN, cast.hoa), await sheet(cast, BINH, cast.hoa)

    assert ([*before.works], before.due["due"]) == ([], 0)
    assert (len(after.works), after.due["undecided"]) == (1, 1)


async def attended(cast: Cast, day: date, *states: tuple[str, str], closed: bool = True) -> None:
    """A roll of a day; who is not named was there."""
    meeting = await cast.meeting(day)
    await open_roll(meeting, by=cast.hoa)
    told = dict(states)
    marks = [
        NewMark(
            uuid4(), no, told.get(name, "present"), no, clock.now(), reason="việc nhà" if name in told else ""
        )
        for name, no in cast.numbers.items()
    ]
    await record(meeting, marks, device=uuid4(), since=0, by=cast.hoa)
    if closed:
        await close_roll(meeting, rest_absent=False, by=cast.hoa)


async def test_attendance_counts_closed_rolls_with_their_base(cast: Cast) -> None:
    await attended(cast, then(3, 3), (AN, "late"))
    await attended(cast, then(4, 3), (AN, "absent_excused"))
    await attended(cast, then(5, 3), (AN, "absent_unexcused"), closed=False)
    await attended(cast, date(THIS, 1, 3) if clock.today() >= date(THIS, 1, 3) else then(1, 2))

    found, none = await sheet(cast, AN, cast.hoa), await sheet(cast, AN, cast.hoa, LAST - 1)

    assert found.attendance is not None
    assert (found.attendance["attending"], found.attendance["base"], found.rolls) == (1, 2, 2)
    assert [(row["held_on"], row["state"]) for row in found.away] == [(then(4, 3), "absent_excused")]
    # Not reported is not zero.
    assert (none.attendance, none.rolls) == (None, 0)


async def test_an_exempt_member_is_not_missed(cast: Cast) -> None:
    await attended(cast, then(3, 3), (CUC, "not_called"))

    found = await sheet(cast, CUC, cast.hoa)

    assert found.attendance is not None
    assert (found.attendance["base"], found.attendance["exempt"] + found.attendance["not_called"]) == (0, 1)
    assert [(row["kind"], row["from_on"]) for row in found.exemptions] == [("age_health", date(2020, 1, 1))]


async def test_who_answers_for_a_member_sees_all_and_others_nothing(cast: Cast) -> None:
    own, other = await as_member(cast, BINH), await as_member(cast, AN)
    recorder = person("Thư ký", "recorder", cast.cell)

    for reader in (cast.hoa, cast.deputy, cast.office, cast.leader, own):
        found = await sheet(cast, BINH, reader)
        assert found.sight.whole
        assert found.sight.own == (reader is own)
        assert found.sight.contact == (reader is not own)
        assert found.sight.why
    for reader in (recorder, other, cast.stranger, person("Tổ trưởng", "group_leader", cast.cell, 1)):
        with pytest.raises(NotFound):
            await sheet(cast, BINH, reader)


async def test_a_secretary_does_not_see_the_sheet_of_who_has_left(cast: Cast) -> None:
    who = await member(cast, AN)
    async with transaction():
        await sql("UPDATE membership SET to_on = $2 WHERE member = $1", who, then(5, 31))

    assert (await sheet(cast, AN, cast.hoa, LAST - 1)).sight.whole
    assert (await sheet(cast, AN, cast.office)).sight.whole
    with pytest.raises(NotFound):
        await sheet(cast, AN, cast.hoa)


@pytest.mark.parametrize("of", [1999, THIS + 1, 0])
async def test_a_year_that_nobody_has_kept_is_no_page(cast: Cast, of: int) -> None:
    with pytest.raises(NotFound):
        await sheet(cast, AN, cast.hoa, of)


async def told(cast: Cast, name: str, by: Reader, *, id_: UUID | None = None, **more: object) -> None:
    said: dict[str, object] = {
        "held_on": clock.today(),
        "channel": "call",
        "summary": "Vẫn khỏe,\n đang đi làm",
    }
    await contacts.add(id_ or uuid4(), no=cast.numbers[name], by=by, **(said | more))  # type: ignore[arg-type]


async def test_a_contact_sent_twice_is_put_down_once(cast: Cast) -> None:
    one = uuid4()

    await told(cast, AN, cast.hoa, id_=one)
    await told(cast, AN, cast.hoa, id_=one)

    found = (await sheet(cast, AN, cast.hoa, THIS)).contacts
    assert [(row["channel"], row["summary"], row["by_name"]) for row in found] == [
        ("call", "Vẫn khỏe, đang đi làm", "Hòa")
    ]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"held_on": None}, "held_on"),
        ({"held_on": clock.today() + timedelta(days=1)}, "held_on"),
        ({"held_on": date(THIS - 3, 12, 31)}, "held_on"),
        ({"channel": "pigeon"}, "channel"),
        ({"summary": "x" * 281}, "summary"),
    ],
)
async def test_a_fault_of_a_contact_is_told_at_its_field(
    cast: Cast, said: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await told(cast, AN, cast.hoa, **said)

    assert [*refusal.value.reasons] == [field]


async def test_the_keeper_puts_contacts_down_and_sees_these_alone(cast: Cast) -> None:
    await kept(cast, BINH, AN)
    keeper = await as_member(cast, AN)
    await assignment(cast, BINH, (then(9, 1), then(7, 1), None, "", ""))

    await told(cast, BINH, keeper)
    found = await sheet(cast, BINH, keeper, THIS)

    assert (found.sight.whole, found.sight.contact, found.works, found.attendance) == (False, True, [], None)
    assert [row["by_name"] for row in found.contacts] == [AN]
    for reader in (await as_member(cast, CUC), await as_member(cast, BINH), replace(cast.stranger)):
        with pytest.raises(NotFound):
            await told(cast, BINH, reader)
