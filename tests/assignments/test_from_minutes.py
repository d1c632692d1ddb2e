"""Work that was confirmed in minutes goes into the register once, for whom a person has chosen."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from infra.postgres import one, sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import from_minutes, queries
from server.assignments.from_minutes import (
    Candidate,
    Row,
    Taking,
    assignment_id,
    confirmed_rows,
    meant,
    take_over,
)
from server.meetings.queries import NotFound
from server.minutes import figures, viewing
from server.words import Refused
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH
from tests.cast import Cast, person
from tests.minutes.read_pages import change, read_minutes
from tests.rollups.papers import marks_of

DAY = clock.today() - timedelta(days=10)
TASK, DUE = "Rà soát bóng đèn hỏng", DAY + timedelta(days=20)


@pytest.fixture
async def minutes(cast: Cast) -> UUID:
    """Minutes with two confirmed works, one that is only proposed, and one that is not on the paper."""
    made = await read_minutes(cast.pleiku, cast.cell, f"Phân công\n{AN} {TASK}\n{BINH} thu quỹ", held_on=DAY)
    async with transaction(read_only=True):
        page = await one("SELECT id FROM minutes_page WHERE minutes = $1", made)
    assert page is not None
    await work(cast, made, 0, AN, TASK, DUE.isoformat(), page=page["id"])
    await work(cast, made, 1, "Tran thi binh", "Thu quỹ", "")
    await work(cast, made, 2, "Lê Đình Dũng", "Chỉ là đề xuất", "", confirmed=False)
    await work(cast, made, 3, "", "", "")
    return made


async def work(
    cast: Cast, minutes: UUID, of: int, name: str, task: str, due: str, *, confirmed: bool = True,
    page: UUID | None = None,
) -> None:  # fmt: skip
    for column, value in (("name", name), ("task", task), ("due", due)):
        await change(
            cast.pleiku,
            """INSERT INTO minutes_field (minutes, name, ordinal, proposed, sure, confirmed, confirmed_at, page, box)
            VALUES ($1, $2, $3, $4, 90, CASE WHEN $5 THEN $4 END, now(), $6, '{100,105,300,30}')""",
            minutes, f"assignment.{column}", of, value, confirmed, page,
        )  # fmt: skip


async def rows(minutes: UUID, by: Reader) -> list[Row]:
    async with transaction(read_only=True):
        held = await viewing.document(minutes, by)
        return (await confirmed_rows(held, await figures.units(minutes)))[0]


def taking(cast: Cast, of: int = 0, name: str = AN, **more: object) -> Taking:
    said = {"of": of, "member": cast.numbers[name], "text": TASK, "area": "economy", "due": DUE}
    return Taking(**(said | more))  # type: ignore[arg-type]


async def test_only_what_a_person_has_confirmed_is_offered(cast: Cast, minutes: UUID) -> None:
    found = await rows(minutes, cast.hoa)

    assert [(row.of, row.text, row.due, row.taken) for row in found] == [
        (0, TASK, DUE, None),
        (1, "Thu quỹ", None, None),
    ]
    assert [row.member.name if row.member else None for row in found] == [AN, BINH]


def people(*names: str) -> list[Candidate]:
    return [Candidate(uuid4(), no, name) for no, name in enumerate(names)]


@pytest.mark.parametrize(
    ("written", "names", "member", "likely"),
    [
        ("Nguyễn Văn An", ("Nguyễn Văn An", "Trần An"), "Nguyễn Văn An", None),
        ("nguyen van an", ("Nguyễn Văn An",), "Nguyễn Văn An", None),
        # Namesakes, and names that differ by an accent alone: nobody is taken for the other.
        ("Nguyễn Văn An", ("Nguyễn Văn An", "Nguyễn Văn An"), None, None),
        ("Nguyễn Văn An", ("Nguyễn Văn Ân", "Nguyễn Văn An"), None, "Nguyễn Văn An"),
        ("nguyen van an", ("Nguyễn Văn Ân", "Nguyễn Văn An"), None, None),
        ("Nguyễn Vãn Anh", ("Nguyễn Văn An", "Trần Bình"), None, "Nguyễn Văn An"),
        ("Bình", ("Nguyễn Văn An", "Trần Bình"), None, "Trần Bình"),
        ("Người lạ hoàn toàn", ("Nguyễn Văn An",), None, None),
        ("", ("Nguyễn Văn An",), None, None),
    ],
)
def test_a_name_is_one_person_or_it_is_asked(
    written: str, names: tuple[str, ...], member: str | None, likely: str | None
) -> None:
    found, near = meant(written, people(*names))

    assert (found.name if found else None, near.name if near else None) == (member, likely)


async def test_taken_over_twice_there_is_one_with_its_meeting_page_and_line(
    cast: Cast, minutes: UUID
) -> None:
    wanted = [taking(cast), taking(cast, 1, BINH, text="Thu quỹ tháng", due=None)]

    new = await take_over(minutes, wanted, by=cast.hoa)
    again = await take_over(minutes, wanted, by=cast.deputy)

    assert (new, again) == (2, 0)
    async with transaction(read_only=True):
        made = await queries.row(assignment_id(minutes, 0), cast.hoa)
        other = await queries.row(assignment_id(minutes, 1), cast.hoa)
        event = await sql("SELECT by_name, detail FROM event WHERE action = 'assignments_taken_over'")
        page = await one("SELECT id FROM minutes_page WHERE minutes = $1", minutes)
    assert page is not None
    assert (made["member_name"], made["text"], made["due_on"], made["given_on"]) == (AN, TASK, DUE, DAY)
    assert (made["minutes"], made["page"], made["line"], made["meeting_held_on"]) == (
        minutes,
        page["id"],
        1,
        DAY,
    )
    assert (other["text"], other["due_on"], other["page"], other["line"]) == (
        "Thu quỹ tháng",
        None,
        None,
        None,
    )
    assert [(row["by_name"], row["detail"]) for row in event] == [("Hòa", "2")]
    assert [row.taken for row in await rows(minutes, cast.hoa)] == [made["no"], other["no"]]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"member": None}, "member-0"),
        ({"member": 999_999}, "member-0"),
        ({"text": "x"}, "text-0"),
        ({"text": "x" * 501}, "text-0"),
        ({"area": "sport"}, "area-0"),
        ({"due": DAY - timedelta(days=1)}, "due-0"),
        ({"due": date(DAY.year + 5, 1, 1)}, "due-0"),
        ({"of": 2}, "take-2"),
        ({"of": 99}, "take-99"),
    ],
)
async def test_a_fault_is_told_at_its_row_and_nothing_is_written(
    cast: Cast, minutes: UUID, said: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await take_over(minutes, [taking(cast, 1, BINH), taking(cast, **said)], by=cast.hoa)  # type: ignore[arg-type]

    assert [*refusal.value.reasons] == [field]
    assert [row.taken for row in await rows(minutes, cast.hoa)] == [None, None]


async def test_only_who_may_confirm_figures_takes_work_over(cast: Cast, minutes: UUID) -> None:
    for reader in (
        cast.leader,
        person("Thư ký", "recorder", cast.cell),
        person("Đảng viên", "member", cast.cell),
    ):
        with pytest.raises(Refused, match="xác nhận"):
            await take_over(minutes, [taking(cast)], by=reader)
    with pytest.raises(NotFound):
        await take_over(minutes, [taking(cast)], by=cast.stranger)
    assert await take_over(minutes, [taking(cast)], by=cast.office) == 1


async def test_a_confirmed_text_that_is_put_right_later_does_not_change_what_was_given(
    cast: Cast, minutes: UUID
) -> None:
    await take_over(minutes, [taking(cast)], by=cast.hoa)
    await change(
        cast.pleiku,
        "UPDATE minutes_field SET confirmed = 'Khác' WHERE minutes = $1 AND name = 'assignment.task' AND ordinal = 0",
        minutes,
    )

    assert await take_over(minutes, [taking(cast, text="Khác")], by=cast.hoa) == 0
    async with transaction(read_only=True):
        assert (await queries.row(from_minutes.assignment_id(minutes, 0), cast.hoa))["text"] == TASK


async def test_what_is_taken_over_counts_from_the_month_of_its_meeting(cast: Cast, minutes: UUID) -> None:
    before = len(await marks_of(cast.pleiku))

    for _ in range(2):
        await take_over(minutes, [taking(cast)], by=cast.hoa)

    assert (await marks_of(cast.pleiku))[before:] == [(clock.month_of(DAY), True, "work")]
