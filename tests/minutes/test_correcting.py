"""A person puts right what was read; two people at once lose nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.minutes.correcting import Changed, correct
from server.minutes.folding import folded_text
from server.minutes.viewing import text_of
from server.words import Refused
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast, person
from tests.minutes.read_pages import change, read_minutes, reading

PAGE = "Chi bo To dan pho 5\nCó mặt 33 đồng chí\nTăng nhiệm vụ"


@pytest.fixture
async def sheet(cast: Cast) -> tuple[UUID, UUID]:
    minutes = await read_minutes(cast.pleiku, cast.cell, PAGE)
    async with transaction(read_only=True):
        row = await one("SELECT id FROM minutes_page WHERE minutes = $1", minutes)
    assert row is not None
    return minutes, row["id"]


async def put(sheet: tuple[UUID, UUID], typed: dict[int, str], *, by: Reader, **seen: Any) -> int:
    shown = dict(enumerate(PAGE.splitlines())) | seen.pop("seen", {})
    return await correct(*sheet, attempt=seen.pop("attempt", 1), seen=shown, typed=shown | typed, by=by)


async def written(page: UUID) -> Record:
    async with transaction(read_only=True):
        row = await one("SELECT corrected, folded, corrected_by FROM minutes_text WHERE page = $1", page)
    assert row is not None
    return row


async def test_only_the_lines_that_were_changed_are_written_and_then_found(
    cast: Cast, sheet: tuple[UUID, UUID]
) -> None:
    changed = await put(sheet, {0: "Chi bộ  Tổ dân phố 5 "}, by=cast.hoa)

    found = await written(sheet[1])
    assert changed == 1
    assert found["corrected"] == '{"0": "Chi bộ Tổ dân phố 5"}'
    assert found["corrected_by"] == "Hòa"
    assert found["folded"] == folded_text(reading(PAGE), {"0": "Chi bộ Tổ dân phố 5"})
    async with transaction(read_only=True):
        text = await text_of(sheet[1])
        events = await sql("SELECT action, detail FROM event WHERE subject = $1", str(sheet[0]))
    assert text is not None
    assert [line.text for line in text.lines][:2] == ["Chi bộ Tổ dân phố 5", "Có mặt 33 đồng chí"]
    assert [tuple(event) for event in events] == [("minutes_corrected", "1")]


async def test_the_pdf_is_put_together_again(cast: Cast, sheet: tuple[UUID, UUID]) -> None:
    await put(sheet, {2: "Tăng cường nhiệm vụ"}, by=cast.hoa)

    async with platform_transaction(read_only=True):
        jobs = await sql(
            "SELECT arguments FROM platform.outbox WHERE job = 'assemble_minutes' AND schema_name = $1",
            cast.pleiku.schema_name,
        )
    assert str(sheet[0]) in jobs[0]["arguments"]


async def test_a_form_sent_back_as_it_was_changes_nothing(cast: Cast, sheet: tuple[UUID, UUID]) -> None:
    assert await put(sheet, {}, by=cast.hoa) == 0

    assert (await written(sheet[1]))["corrected"] == "{}"


async def test_two_people_on_different_lines_both_count(cast: Cast, sheet: tuple[UUID, UUID]) -> None:
    await put(sheet, {0: "Chi bộ Tổ dân phố 5"}, by=cast.deputy)

    await put(sheet, {2: "Tăng cường nhiệm vụ"}, by=cast.hoa)

    assert (await written(sheet[1]))[
        "corrected"
    ] == '{"0": "Chi bộ Tổ dân phố 5", "2": "Tăng cường nhiệm vụ"}'


async def test_two_people_on_one_line_see_both_versions_and_nothing_is_written(
    cast: Cast, sheet: tuple[UUID, UUID]
) -> None:
    await put(sheet, {1: "Có mặt 34 đồng chí"}, by=cast.deputy)

    with pytest.raises(Changed) as changed:
        await put(sheet, {1: "Có mặt 35 đồng chí", 2: "Tăng cường nhiệm vụ"}, by=cast.hoa)

    assert (changed.value.now, changed.value.by_name) == ({1: "Có mặt 34 đồng chí"}, "Đức")
    assert "35" not in (await written(sheet[1]))["corrected"]
    # Having seen theirs, the person may still mean it.
    await put(sheet, {1: "Có mặt 35 đồng chí"}, by=cast.hoa, seen={1: "Có mặt 34 đồng chí"})
    assert '"Có mặt 35 đồng chí"' in (await written(sheet[1]))["corrected"]


async def test_a_line_can_be_emptied(cast: Cast, sheet: tuple[UUID, UUID]) -> None:
    await put(sheet, {2: "  "}, by=cast.hoa)

    assert (await written(sheet[1]))["corrected"] == '{"2": ""}'


async def test_a_page_read_anew_takes_no_lines_of_the_old_reading(
    cast: Cast, sheet: tuple[UUID, UUID]
) -> None:
    await change(cast.pleiku, "UPDATE minutes_page SET attempt = 2")

    with pytest.raises(Refused, match="đọc lại"):
        await put(sheet, {0: "Chi bộ Tổ dân phố 5"}, by=cast.hoa)


async def test_a_line_too_long_is_refused_at_its_field(cast: Cast, sheet: tuple[UUID, UUID]) -> None:
    with pytest.raises(Refused) as refused:
        await put(sheet, {1: "x" * 501, 0: "Chi bộ"}, by=cast.hoa)

    assert set(refused.value.reasons) == {"line_1"}
    assert (await written(sheet[1]))["corrected"] == "{}"


async def test_who_may_only_read_corrects_nothing(cast: Cast, sheet: tuple[UUID, UUID]) -> None:
    for reader in (cast.leader, person("Đảng viên", "member", cast.cell)):
        with pytest.raises(Refused, match="Chỉ bí thư"):
            await put(sheet, {0: "Chi bộ"}, by=reader)
    for reader in (cast.stranger, person("Tỉnh", "province_administrator")):
        with pytest.raises(NotFound):
            await put(sheet, {0: "Chi bộ"}, by=reader)
    await put(sheet, {0: "Chi bộ"}, by=cast.office)
    await put(sheet, {1: "Có mặt 30"}, by=person("Thư ký", "recorder", cast.cell))


async def test_another_documents_page_is_no_page_of_this_one(cast: Cast, sheet: tuple[UUID, UUID]) -> None:
    other = await read_minutes(cast.pleiku, cast.cell, "Khác")

    with pytest.raises(NotFound):
        await put((other, sheet[1]), {0: "Chi bộ"}, by=cast.hoa)
