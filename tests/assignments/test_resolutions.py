"""The yearly resolution on assigning work: written by who leads, naming each work once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from infra.postgres import sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import annex_of, resolutions
from server.assignments.resolutions import Body, Choice, why_not_number
from server.meetings.queries import NotFound
from server.words import Refused
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, change, give, said
from tests.cast import Cast, person

THIS = clock.today().year


async def named(cast: Cast, cell: UUID | None, by: Reader) -> list[str]:
    """The words of the works that a resolution names."""
    async with transaction(read_only=True):
        row, _ = await resolutions.resolution(cell, THIS, by)
        return [work["text"] for work in await resolutions.works(row["id"])] if row else []


async def number_of(work: UUID) -> int:
    async with transaction(read_only=True):
        return int((await sql("SELECT no FROM assignment WHERE id = $1", work))[0]["no"])


@pytest.mark.parametrize("number", ["", "05-NQ/CB", "112-NQ/ĐU", "01-NQ/TU"])
def test_a_number_runs_on_through_the_term(number: str) -> None:
    assert why_not_number(number) is None


@pytest.mark.parametrize(
    "number", ["5-NQ/CB", "05-NQ", "05-NQ/CB-2026", "05-QĐ/CB", "05/NQ-CB", "năm", "05-NQ/cb"]
)
def test_what_is_no_number_is_told_how_one_looks(number: str) -> None:
    assert "05-NQ/CB" in str(why_not_number(number))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (Body(number="5"), "number"),
        (Body(adopted_on=date(THIS - 1, 9, 30)), "adopted_on"),
        (Body(adopted_on=date(THIS + 1, 1, 1)), "adopted_on"),
        (Body(abstract="x" * 301), "abstract"),
    ],
)
async def test_a_fault_is_told_at_its_field_and_nothing_is_begun(cast: Cast, body: Body, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        await resolutions.write(cast.cell, THIS, body, by=cast.hoa)

    assert [*refusal.value.reasons] == [field]
    async with transaction(read_only=True):
        assert await resolutions.resolutions(cast.hoa) == []


async def test_written_twice_there_is_one_and_both_are_recorded(cast: Cast) -> None:
    await resolutions.write(cast.cell, THIS, Body("05-NQ/CB", date(THIS, 1, 3), "Về phân công"), by=cast.hoa)
    await resolutions.write(cast.cell, THIS, Body("06-NQ/CB"), by=cast.deputy)

    async with transaction(read_only=True):
        rows = await resolutions.resolutions(cast.office)
        events = await sql(
            "SELECT by_name, subject, detail FROM event WHERE action = 'resolution_written' ORDER BY id"
        )
    assert [(row["number"], row["adopted_on"], row["works"]) for row in rows] == [("06-NQ/CB", None, 0)]
    assert [(event["by_name"], event["detail"]) for event in events] == [
        ("Hòa", "05-NQ/CB"),
        ("Đức", "06-NQ/CB"),
    ]
    assert events[0]["subject"] == f"resolutions/{THIS}/{cast.cell}"


async def test_works_are_put_in_by_ticks_and_taken_out_again(cast: Cast) -> None:
    first, second = await give(cast, AN, text="Việc một"), await give(cast, BINH, text="Việc hai")
    numbers = [await number_of(first), await number_of(second)]

    put = await resolutions.put_in(cast.cell, THIS, [*numbers, 999_999], by=cast.hoa)
    again = await resolutions.put_in(cast.cell, THIS, numbers, by=cast.hoa)
    out = await resolutions.take_out(cast.cell, THIS, numbers[:1], by=cast.hoa)

    assert (put, again, out) == (2, 0, 1)
    assert await named(cast, cast.cell, cast.hoa) == ["Việc hai"]
    async with transaction(read_only=True):
        assert [row["no"] for row in (await resolutions.open_works(cast.cell, THIS, Choice()))[0]] == numbers[
            :1
        ]


async def test_all_that_fits_a_choice_is_put_in_at_once(cast: Cast) -> None:
    await give(cast, AN, text="Vận động bảo hiểm y tế")
    await give(cast, BINH, text="Vận động làm đường", area="security")
    gone = await give(cast, BINH, text="Vận động nhầm")
    await said(change(gone, "cancelled", 1, note="nhầm"), by=cast.hoa)

    wanted = Choice(words="van dong", area="economy")
    async with transaction(read_only=True):
        rows, count = await resolutions.open_works(cast.cell, THIS, wanted)
    put = await resolutions.put_in_all(cast.cell, THIS, wanted, by=cast.hoa)

    assert (len(rows), count, put) == (1, 1, 1)
    assert await named(cast, cast.cell, cast.hoa) == ["Vận động bảo hiểm y tế"]


async def test_a_work_is_named_by_one_resolution_only(cast: Cast) -> None:
    await give(cast, AN, text="Việc một")

    own = await resolutions.put_in_all(cast.cell, THIS, Choice(), by=cast.hoa)
    committees = await resolutions.put_in_all(None, THIS, Choice(), by=cast.office)

    assert (own, committees) == (1, 0)
    assert await named(cast, None, cast.office) == []


async def test_last_years_work_is_not_this_years(cast: Cast) -> None:
    work = await give(cast, AN)
    async with transaction():
        await sql("UPDATE assignment SET given_on = $2 WHERE id = $1", work, date(THIS - 1, 12, 31))

    assert await resolutions.put_in_all(cast.cell, THIS, Choice(), by=cast.hoa) == 0
    assert await resolutions.put_in_all(cast.cell, THIS - 1, Choice(), by=cast.hoa) == 1


@pytest.mark.parametrize("year", [THIS - 6, THIS + 2, 0])
async def test_a_year_far_away_has_none(cast: Cast, year: int) -> None:
    with pytest.raises(NotFound):
        await resolutions.write(cast.cell, year, Body(), by=cast.hoa)


async def test_only_who_leads_the_cell_or_works_for_the_office_writes(cast: Cast) -> None:
    recorder, plain = person("Thư ký", "recorder", cast.cell), person("Đảng viên", "member", cast.cell)

    for reader, cell in [
        (cast.leader, cast.cell), (recorder, cast.cell), (plain, cast.cell), (cast.stranger, cast.cell),
        (cast.hoa, None),
    ]:  # fmt: skip
        with pytest.raises(NotFound):
            await resolutions.write(cell, THIS, Body(), by=reader)
        with pytest.raises(NotFound):
            await resolutions.put_in_all(cell, THIS, Choice(), by=reader)
        with pytest.raises(NotFound):
            await resolutions.take_out(cell, THIS, [1], by=reader)
    await resolutions.write(cast.cell, THIS, Body(), by=cast.office)
    await resolutions.write(None, THIS, Body(), by=cast.office)
    async with transaction(read_only=True):
        assert len(await resolutions.resolutions(cast.hoa)) == 1
        assert [row["cell_name"] for row in await resolutions.resolutions(cast.office)] == [
            None,
            "Chi bộ Tổ dân phố 5",
        ]
        assert await resolutions.resolutions(cast.leader) == []


async def test_the_annex_says_which_resolution_it_belongs_to_and_who_signs(cast: Cast) -> None:
    await give(cast, AN)
    await resolutions.write(cast.cell, THIS, Body("05-NQ/CB", date(THIS, 2, 3), "Về phân công"), by=cast.hoa)
    await resolutions.write(None, THIS, Body(), by=cast.office)
    await resolutions.put_in_all(cast.cell, THIS, Choice(), by=cast.hoa)
    async with transaction(read_only=True):
        row, name = await resolutions.resolution(cast.cell, THIS, cast.hoa)
        whole, _ = await resolutions.resolution(None, THIS, cast.office)
        assert row is not None
        assert whole is not None
        works = await resolutions.works(row["id"])

    cells, committees = (
        await annex_of.of_resolution(row, name, works),
        await annex_of.of_resolution(whole, None, works),
    )

    assert cells.title[2:] == (
        f"(kèm theo Nghị quyết số 05-NQ/CB, ngày 03/02/{THIS} của Chi bộ Tổ dân phố 5)", "Về phân công"
    )  # fmt: skip
    assert cells.signed[1][:2] == ("T/M CHI BỘ", "BÍ THƯ")
    assert cells.place_and_day.endswith(f"ngày 03 tháng 02 năm {THIS}")
    assert [row[1] for row in cells.rows()] == [AN]
    assert committees.signed[1][0] == "T/M THÀNH ỦY"
    assert committees.left[0].startswith("TỈNH ỦY GIA LAI")
    assert committees.left[1:] == ("THÀNH ỦY PLEIKU", "*")
    assert [row[1] for row in committees.rows()] == [f"{AN} (Chi bộ Tổ dân phố 5)"]
