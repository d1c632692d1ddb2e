"""Figures are proposed by the reader of the paper and written by people only."""

from __future__ import annotations

from uuid import UUID

import pytest

from infra.postgres import one, sql
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.minutes.figures import Figure, Form, Unit, confirm, units
from server.minutes.paper_and_roll import proposals_of, roll_of, side_by_side
from server.minutes.values import NoValue, canonical
from server.proposals.checks import contradictions
from server.roll_call.actions import close_roll, open_roll
from server.words import Refused
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast, person
from tests.minutes.read_pages import change, read_minutes

PROPOSED = {"present": "33", "expected": "36", "absent_excused": "3", "meeting_date": "2026-10-03"}
TASK = {
    "assignment.name": "Ksor Giang",
    "assignment.task": "Rà soát bóng đèn",
    "assignment.due": "2026-10-12",
}


@pytest.fixture
async def minutes(cast: Cast) -> UUID:
    made = await read_minutes(cast.pleiku, cast.cell, "Có mặt 33 đồng chí")
    for name, value in (PROPOSED | TASK).items():
        await propose(cast, made, name, value)
    return made


async def propose(cast: Cast, minutes: UUID, name: str, value: str, of: int = 0) -> None:
    """As the reader of the text does, when it has read once more."""
    await change(
        cast.pleiku,
        """INSERT INTO minutes_field (minutes, name, ordinal, proposed, sure) VALUES ($1, $2, $3, $4, 90)
        ON CONFLICT (minutes, name, ordinal) DO UPDATE SET proposed = $4""",
        minutes, name, of, value,
    )  # fmt: skip


async def figures(minutes: UUID) -> dict[str, Figure]:
    async with transaction(read_only=True):
        return {figure.key: figure for unit in await units(minutes) for figure in unit.figures}


async def press(
    minutes: UUID,
    *ticked: str,
    by: Reader,
    typed: dict[str, str] | None = None,
    seen: dict[str, str] | None = None,
) -> int:
    """Send the form as it was shown, with some ticks and some fields typed over."""
    shown = {key: figure.value for key, figure in (await figures(minutes)).items()} | (seen or {})
    return await confirm(minutes, Form(shown, shown | (typed or {}), ticked), by=by)


async def confirmed(minutes: UUID) -> dict[str, str]:
    found = await figures(minutes)
    return {key: figure.confirmed for key, figure in found.items() if figure.confirmed is not None}


async def test_only_what_was_ticked_or_typed_is_written(cast: Cast, minutes: UUID) -> None:
    written = await press(
        minutes, "present-0", by=cast.hoa, typed={"expected-0": "35", "number-0": "10-BB/CB"}
    )

    assert written == 3
    assert await confirmed(minutes) == {"present-0": "33", "expected-0": "35", "number-0": "10-BB/CB"}
    assert (await figures(minutes))["expected-0"].proposed == "36"
    assert (await figures(minutes))["present-0"].confirmed_by == "Hòa"


async def test_a_form_sent_untouched_writes_nothing(cast: Cast, minutes: UUID) -> None:
    assert await press(minutes, by=cast.hoa) == 0

    assert await confirmed(minutes) == {}


async def test_a_figure_that_is_not_on_the_paper_is_confirmed_empty(cast: Cast, minutes: UUID) -> None:
    await press(minutes, "present-0", by=cast.hoa, typed={"present-0": " "})

    assert await confirmed(minutes) == {"present-0": ""}
    assert (await figures(minutes))["present-0"].value == ""


async def test_what_was_confirmed_is_not_changed_by_reading_again(cast: Cast, minutes: UUID) -> None:
    await press(minutes, "present-0", by=cast.hoa)

    await propose(cast, minutes, "present", "88")

    figure = (await figures(minutes))["present-0"]
    assert (figure.value, figure.confirmed, figure.proposed) == ("33", "33", "88")


async def test_every_fault_is_told_at_its_field_and_nothing_is_written(cast: Cast, minutes: UUID) -> None:
    typed = {
        "present-0": "ba ba",
        "meeting_date-0": "31/02/2026",
        "attendance_rate-0": "120",
        "assignment.due-0": "mai",
    }

    with pytest.raises(Refused) as refused:
        await press(minutes, "expected-0", by=cast.hoa, typed=typed)

    assert set(refused.value.reasons) == set(typed)
    assert await confirmed(minutes) == {}


async def test_a_row_is_confirmed_whole_emptied_and_added_to(cast: Cast, minutes: UUID) -> None:
    await press(minutes, "assignment-0", by=cast.hoa)
    assert (await confirmed(minutes)).items() >= {f"{name}-0": value for name, value in TASK.items()}.items()

    await press(minutes, by=cast.hoa, typed=dict.fromkeys((f"{name}-0" for name in TASK), ""))
    async with transaction(read_only=True):
        (row,) = [unit for unit in await units(minutes) if unit.list == "assignment"]
    assert row.emptied

    added = {"assignment.name-1": "Trần Thị Bình", "assignment.task-1": "Vận động", "assignment.due-1": ""}
    await press(minutes, by=cast.hoa, typed=added, seen=dict.fromkeys(added, ""))
    assert (await confirmed(minutes)).items() >= added.items()


async def test_two_people_at_once_the_second_sees_what_the_first_confirmed(cast: Cast, minutes: UUID) -> None:
    await press(minutes, by=cast.deputy, typed={"present-0": "34"})

    with pytest.raises(Refused, match="Đức vừa xác nhận là “34”") as refused:
        await press(
            minutes,
            "present-0",
            "expected-0",
            by=cast.hoa,
            typed={"present-0": "33"},
            seen={"present-0": "33"},
        )

    assert set(refused.value.reasons) == {"present-0"}
    assert await confirmed(minutes) == {"present-0": "34"}


async def test_a_proposal_that_changed_under_the_persons_eyes_is_not_taken_for_theirs(
    cast: Cast, minutes: UUID
) -> None:
    with pytest.raises(Refused, match="máy đọc là “33”"):
        await press(minutes, "present-0", by=cast.hoa, typed={"present-0": "38"}, seen={"present-0": "38"})


async def test_the_document_is_confirmed_once_nothing_proposed_waits(cast: Cast, minutes: UUID) -> None:
    await press(minutes, *(f"{name}-0" for name in PROPOSED), by=cast.hoa)
    assert await state(minutes) == (None, "")

    await press(minutes, "assignment-0", by=cast.office)

    at, by_name = await state(minutes)
    assert (at is not None, by_name) == (True, "Văn phòng")


async def state(minutes: UUID) -> tuple[object, str]:
    async with transaction(read_only=True):
        row = await one("SELECT confirmed_at, confirmed_by FROM minutes WHERE id = $1", minutes)
    assert row is not None
    return row["confirmed_at"], row["confirmed_by"]


async def test_who_may_not_confirm_confirms_nothing(cast: Cast, minutes: UUID) -> None:
    for reader in (
        person("Thư ký", "recorder", cast.cell),
        cast.leader,
        person("Đảng viên", "member", cast.cell),
    ):
        with pytest.raises(Refused, match="Chỉ bí thư"):
            await press(minutes, "present-0", by=reader)
    with pytest.raises(NotFound):
        await press(minutes, "present-0", by=cast.stranger)
    assert await confirmed(minutes) == {}


async def test_rows_beyond_any_paper_are_not_made(cast: Cast, minutes: UUID) -> None:
    far = {"assignment.name-5000": "x", "assignment.task-x": "y", "nonsense.name-1": "z"}

    assert await press(minutes, "assignment-5000", by=cast.hoa, typed=far) == 0

    async with transaction(read_only=True):
        assert await sql("SELECT 1 FROM minutes_field WHERE ordinal > 0") == []


async def test_paper_and_roll_stand_side_by_side_once_the_roll_is_closed(cast: Cast, minutes: UUID) -> None:
    async with transaction(read_only=True):
        row = await one("SELECT meeting, cell FROM minutes WHERE id = $1", minutes)
        before = await roll_of(row or {})
    assert row is not None
    assert before.present is None
    with using(cast.pleiku):
        await open_roll(row["meeting"], by=cast.hoa)
        await close_roll(row["meeting"], rest_absent=True, by=cast.hoa)

    async with transaction(read_only=True):
        found = await units(minutes)
        roll = await roll_of(row)
    compared = {one.name: one for one in side_by_side(proposals_of(found, []), roll)}

    assert (compared["present"].paper, compared["present"].roll, compared["present"].differs) == (
        "33",
        "0",
        True,
    )
    assert (compared["exempt"].paper, compared["exempt"].roll, compared["exempt"].differs) == (
        None,
        "1",
        False,
    )
    assert compared["official"].roll == "5"


def test_a_confirmed_value_is_what_the_paper_is_checked_by() -> None:
    def paper(present: Figure) -> list[Unit]:
        others = {"expected": "36", "absent_excused": "3", "absent_unexcused": "0"}
        return [
            Unit("", 0, (figure,))
            for figure in (present, *(Figure(n, proposed=v) for n, v in others.items()))
        ]

    assert contradictions(proposals_of(paper(Figure("present", proposed="38")), []))
    assert not contradictions(proposals_of(paper(Figure("present", proposed="38", confirmed="33")), []))


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("present", " 06 ", "6"), ("present", "", ""), ("meeting_date", "3/11/2026", "2026-11-03"),
        ("meeting_date", "2026-11-03", "2026-11-03"),
        ("started_at", "19h", "19:00"), ("started_at", "19 giờ 05 phút", "19:05"), ("ended_at", "21:30", "21:30"),
        ("attendance_rate", "91,670 %", "91.67"), ("attendance_rate", "100", "100"), ("kind", "thematic", "thematic"),
        ("chair", "  Võ   Tấn Phước ", "Võ Tấn Phước"), ("absence.state", "absent_excused", "absent_excused"),
    ],
)  # fmt: skip
def test_values_are_kept_in_one_form(name: str, typed: str, kept: str) -> None:
    assert canonical(name, typed) == kept


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("present", "-1"), ("present", "12.5"), ("present", "١٢"), ("meeting_date", "2026-13-01"),
        ("started_at", "25:00"),
        ("attendance_rate", "100,1"), ("kind", "picnic"), ("absence.state", "present"), ("chair", "x" * 101),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(name: str, typed: str) -> None:
    with pytest.raises(NoValue):
        canonical(name, typed)
