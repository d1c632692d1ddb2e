"""Who opened what is written down, for the administrator and for those who are named."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from infra.postgres import one, sql
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.looks import PAGE, Wanted, looks, named
from server.minutes.viewing import document, looks_at_member, note_opened
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.read_pages import read_minutes

TEXT = "Phân công đồng chí Nguyễn Văn An rà soát bóng đèn\nđồng chí Trần Thị\nBình vận động, Phạm Thị Emily"


async def opened(minutes: UUID, by: Reader) -> None:
    async with transaction():
        await note_opened(await document(minutes, by), by=by)


async def member(name: str) -> UUID:
    row = await one("SELECT id FROM member WHERE name = $1", name)
    assert row is not None
    found: UUID = row["id"]
    return found


async def test_opening_is_written_once_in_ten_minutes_for_each_person(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)

    for reader in (cast.leader, cast.leader, cast.office):
        await opened(minutes, reader)

    async with transaction(read_only=True):
        found = await looks(Wanted(subject=str(minutes)))
    assert [(row["by_name"], row["action"]) for row in found] == [
        ("Văn phòng", "minutes_opened"), ("Lan", "minutes_opened"),
    ]  # fmt: skip


async def test_members_who_are_named_can_be_told_who_read_it(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)

    await opened(minutes, cast.leader)

    async with transaction(read_only=True):
        (an,) = await looks_at_member(await member("Nguyễn Văn An"))
        (binh,) = await looks_at_member(
            await member("Trần Thị Bình")
        )  # whose name runs over the end of a line
        assert await looks_at_member(await member("Phạm Thị Em")) == []  # Emily is somebody else
        assert await looks_at_member(await member("Lê Đình Dũng")) == []
    assert (an["by_name"], an["minutes"], an["cell_name"]) == ("Lan", str(minutes), "Chi bộ Tổ dân phố 5")
    assert binh["held_on"] == clock.today()


async def test_a_look_is_still_told_after_the_minutes_were_erased(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)
    await opened(minutes, cast.leader)
    async with transaction():
        for table in ("minutes_text", "minutes_page", "minutes_file"):
            await sql(f"DELETE FROM {table}")
        await sql("DELETE FROM minutes")

        (an,) = await looks_at_member(await member("Nguyễn Văn An"))

    assert (an["minutes"], an["cell_name"]) == (str(minutes), None)


async def test_the_record_is_read_page_by_page_without_a_gap(cast: Cast) -> None:
    async with transaction():
        for number in range(PAGE + 7):
            await record_event(cast.hoa, "roll_closed", str(number))

        first = await looks(Wanted())
        second = await looks(Wanted(), before=first[PAGE - 1]["id"])

    assert len(first) == PAGE + 1
    assert [row["subject"] for row in first[:PAGE] + second] == [str(n) for n in reversed(range(PAGE + 7))]


async def test_the_record_is_filtered_by_person_thing_and_day(cast: Cast) -> None:
    async with transaction():
        await record_event(cast.hoa, "minutes_binned", "a", "nhầm")
        await record_event(cast.deputy, "minutes_restored", "a")
        await record_event(cast.deputy, "roll_closed", "b")
        today = clock.today()

        def actions(rows: list[object]) -> list[str]:
            return [row["action"] for row in rows]  # type: ignore[index]

        assert actions(await looks(Wanted(account=cast.hoa.account_id))) == ["minutes_binned"]
        assert actions(await looks(Wanted(subject="a"))) == ["minutes_restored", "minutes_binned"]
        assert len(await looks(Wanted(day=today))) == 3
        assert await looks(Wanted(day=today - timedelta(days=1))) == []


async def test_things_are_called_by_their_meeting_or_cell(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)

    async with transaction(read_only=True):
        found = await named([str(minutes), f"cells/{cast.cell}", "members", "not-an-id"])

    assert found[str(minutes)]["what"] == "minutes"
    assert (found[f"cells/{cast.cell}"]["what"], found[f"cells/{cast.cell}"]["cell_name"]) == (
        "cell", "Chi bộ Tổ dân phố 5",
    )  # fmt: skip
    assert set(found) == {str(minutes), f"cells/{cast.cell}"}
