"""Papers of assigned work in the browser: downloads, the year's sheet, resolutions, work taken over from minutes."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from docx import Document
from openpyxl import load_workbook

from infra.postgres import sql
from server import clock
from server.assignments.from_minutes import assignment_id
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.assignments.saying import AN, BINH, CUC, WORK, give
from tests.assignments.stretches import member
from tests.cast import Cast
from tests.minutes.read_pages import change, read_minutes
from tests.web.walking import signed_in

THIS = clock.today().year
MEANT = "Rà soát bóng đèn hỏng"


@pytest.fixture
async def secretary(client: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    """The secretary's browser; her paths begin at the committee."""
    await signed_in(client, "secretary", cast, at_neighbour=False)
    client.base_url = httpx.URL(f"http://nennep.test/{cast.pleiku.slug}/")
    return client


async def rows_of(cast: Cast, query: str, *arguments: object) -> list[dict[str, object]]:
    with using(cast.pleiku):
        async with transaction(read_only=True):
            return [dict(row) for row in await sql(query, *arguments)]


async def test_the_annex_of_a_meeting_is_word_or_pdf_and_taking_it_is_recorded(
    secretary: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    await give(cast, AN, meeting=meeting)

    word = await secretary.get(f"meetings/{meeting}/assignments/annex.docx")
    pdf = await secretary.get(f"meetings/{meeting}/assignments/annex.pdf")

    tables = Document(io.BytesIO(word.content)).tables
    assert WORK in tables[1].cell(1, 2).text
    assert pdf.content.startswith(b"%PDF-")
    day = f"{clock.today():%Y-%m-%d}"
    for answer, kind in ((word, "docx"), (pdf, "pdf")):
        name = f"phan-cong-chi-bo-to-dan-pho-5-{day}.{kind}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["cache-control"] == "private, no-store"
    events = await rows_of(
        cast, "SELECT subject, detail FROM event WHERE action = 'assignments_exported' ORDER BY id"
    )
    assert events == [
        {"subject": f"meetings/{meeting}/assignments/annex.{kind}", "detail": "1"} for kind in ("docx", "pdf")
    ]


async def test_a_member_who_sees_own_work_only_gets_no_annex(client: httpx.AsyncClient, cast: Cast) -> None:
    meeting = await cast.meeting()
    await signed_in(client, "member", cast, at_neighbour=False)

    for kind in ("docx", "pdf"):
        answer = await client.get(f"/{cast.pleiku.slug}/meetings/{meeting}/assignments/annex.{kind}")
        assert answer.status_code == 404


async def test_the_list_is_exported_as_it_is_filtered(secretary: httpx.AsyncClient, cast: Cast) -> None:
    await give(cast, AN, area="economy")
    await give(cast, BINH, area="security", text="Trực tuần tra")

    found = {
        area: load_workbook(
            io.BytesIO((await secretary.get(f"assignments/list.xlsx?area={area}")).content)
        ).active
        for area in ("", "security", "other")
    }
    word = await secretary.get("assignments/list.docx?q=tran%20thi%20binh")

    assert [sheet.max_row - 1 for sheet in found.values()] == [2, 1, 0]
    assert found["security"]["D2"].value == "Trực tuần tra"
    text = [cell.text for cell in Document(io.BytesIO(word.content)).tables[1].rows[1].cells]
    assert text[1:3] == [BINH, "Trực tuần tra"]
    assert (await secretary.get("assignments/list.pdf?state=done")).content.startswith(b"%PDF-")
    for wrong in (f"cell={cast.neighbour_cell}", "cell=x"):
        assert (await secretary.get(f"assignments/list.xlsx?{wrong}")).status_code == 404


async def test_a_paper_that_has_not_room_for_all_says_so(
    secretary: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.assignments.papers.MOST", 1)
    for name in (AN, BINH):
        await give(cast, name)

    document = Document(io.BytesIO((await secretary.get("assignments/list.docx")).content))

    assert len(document.tables[1].rows) == 2
    assert "Danh sách có 2 việc; ở đây là 1 việc đầu." in [
        paragraph.text for paragraph in document.paragraphs
    ]


async def test_a_member_exports_own_work_only(client: httpx.AsyncClient, cast: Cast) -> None:
    await give(cast, AN)
    await signed_in(client, "member", cast, at_neighbour=False)

    answer = await client.get(f"/{cast.pleiku.slug}/assignments/list.xlsx")

    assert load_workbook(io.BytesIO(answer.content)).active.max_row == 1


async def test_a_resolution_from_its_first_line_to_its_annex(
    secretary: httpx.AsyncClient, cast: Cast
) -> None:
    await give(cast, AN)
    here = f"resolutions/{THIS}?cell={cast.cell}"
    begin = await secretary.get("resolutions")
    blank = await secretary.get(here)
    written = await secretary.post(
        here, data={"do": "write", "number": "05-nq/cb", "adopted_on": f"{THIS}-01-03"}
    )
    number = re.search(r'name="take\.(\d+)"', blank.text)
    assert number is not None
    put = await secretary.post(
        here, data={"do": "put", f"take.{number[1]}": "1", "q": "", "area": "", "of": ""}
    )

    page = await secretary.get(here)

    assert f"resolutions/{THIS}?cell={cast.cell}" in begin.text
    assert (blank.status_code, written.status_code, put.status_code) == (200, 303, 303)
    assert 'value="05-NQ/CB"' in page.text
    assert "annex.docx?cell=" in page.text
    book = await secretary.get(f"resolutions/{THIS}/annex.xlsx?cell={cast.cell}")
    assert load_workbook(io.BytesIO(book.content)).active["D2"].value == WORK
    for kind in ("docx", "pdf"):
        assert (await secretary.get(f"resolutions/{THIS}/annex.{kind}?cell={cast.cell}")).status_code == 200
    await secretary.post(here, data={"do": "take", f"take.{number[1]}": "1"})
    assert "annex.docx" not in (await secretary.get(here)).text
    assert "05-NQ/CB" in (await secretary.get("resolutions")).text


async def test_a_wrong_number_keeps_what_was_typed(secretary: httpx.AsyncClient, cast: Cast) -> None:
    typed = {"do": "write", "number": "5", "adopted_on": "31/02/2026", "abstract": "Về <b>phân công</b>"}

    page = await secretary.post(f"resolutions/{THIS}?cell={cast.cell}", data=typed)
    again = await secretary.post(f"resolutions/{THIS}?cell={cast.cell}", data=typed | {"adopted_on": ""})

    assert page.status_code == again.status_code == 422
    assert "Ngày không đúng" in page.text
    assert "Về &lt;b&gt;phân công&lt;/b&gt;" in page.text
    assert 'value="31/02/2026"' in page.text
    assert 'aria-describedby="h-number e-number"' in again.text
    assert "05-NQ/CB" in again.text


@pytest.mark.parametrize(
    "path",
    [
        f"resolutions/{THIS}", f"resolutions/{THIS}?cell=x", "resolutions/1800?cell=CELL",
        f"resolutions/{THIS}/annex.pdf?cell=CELL",
    ],
)  # fmt: skip
async def test_what_is_no_resolution_of_hers_is_no_page(
    secretary: httpx.AsyncClient, cast: Cast, path: str
) -> None:
    assert (await secretary.get(path.replace("CELL", str(cast.cell)))).status_code == 404


async def test_members_and_unknown_verbs_change_no_resolution(client: httpx.AsyncClient, cast: Cast) -> None:
    path = f"/{cast.pleiku.slug}/resolutions"
    await signed_in(client, "member", cast, at_neighbour=False)
    assert (await client.get(path)).status_code == 404
    assert (await client.post(f"{path}/{THIS}?cell={cast.cell}", data={"do": "write"})).status_code == 404
    await signed_in(client, "office", cast, at_neighbour=False)
    assert (await client.get(path)).status_code == 200
    assert (await client.post(f"{path}/{THIS}", data={"do": "burn"})).status_code == 404
    assert (await client.post(f"{path}/{THIS}", data={"do": "write"})).status_code == 303


async def test_the_years_sheet_is_linked_printed_and_looking_is_recorded(
    secretary: httpx.AsyncClient, cast: Cast
) -> None:
    work = await give(cast, AN, due=clock.today())
    file = uuid4()
    await change(
        cast.pleiku,
        """INSERT INTO assignment_file (id, assignment, sha256, bytes, kind, pages, object_key, account, by_name)
        VALUES ($1, $2, repeat('0', 64), 1, 'jpeg', 1, 'k', $1, 'Hòa')""",
        file, work,
    )  # fmt: skip
    no = cast.numbers[AN]
    path = f"members/{no}/years/{THIS}"

    page, before = await secretary.get(path), await secretary.get(f"members/{no}/years/{THIS - 1}")

    assert f'href="/{cast.pleiku.slug}/{path}"' in (await secretary.get(f"cells/{cast.cell}")).text
    assert WORK in page.text
    assert f"/files/{file}" in page.text
    assert "Chưa báo cáo không có nghĩa là vắng" in page.text
    assert WORK not in before.text
    assert "Trong năm chưa có việc nào" in before.text
    looked = await rows_of(cast, "SELECT subject FROM event WHERE action = 'member_year_viewed' ORDER BY id")
    assert [row["subject"] for row in looked] == [
        f"members/{no}/years/{THIS}",
        f"members/{no}/years/{THIS - 1}",
    ]
    for wrong in (f"members/{no}/years/{THIS + 1}", "members/999999/years/2026", f"members/{no}/years/0"):
        assert (await secretary.get(wrong)).status_code == 404


async def test_why_somebody_is_exempt_is_for_those_who_may_know(
    secretary: httpx.AsyncClient, cast: Cast
) -> None:
    page = await secretary.get(f"members/{cast.numbers[CUC]}/years/{THIS}")

    assert "tuổi cao, sức yếu" in page.text


async def test_who_only_keeps_in_touch_sees_contacts_and_nothing_else(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await give(cast, BINH, due=clock.today())
    keeper, kept = await member(cast, AN), await member(cast, BINH)
    await change(
        cast.pleiku,
        "INSERT INTO exemption (id, member, kind, from_on, keeper) VALUES ($1, $2, 'away_work', '2020-01-01', $3)",
        uuid4(), kept, keeper,
    )  # fmt: skip
    await signed_in(client, "member", cast, at_neighbour=False)
    async with platform_transaction():
        await sql("UPDATE platform.account_grant SET member = $1 WHERE cell = $2", keeper, cast.cell)
    paths = {
        name: f"/{cast.pleiku.slug}/members/{cast.numbers[name]}/years/{THIS}" for name in (AN, BINH, CUC)
    }

    cell = (await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}")).text
    own, of_kept, other = [await client.get(path) for path in paths.values()]

    assert [path in cell for path in paths.values()] == [True, True, False]
    assert [answer.status_code for answer in (own, of_kept, other)] == [200, 200, 404]
    assert "Kết quả việc được giao" in own.text
    assert "Ghi một lần liên hệ" not in own.text
    assert "Ghi một lần liên hệ" in of_kept.text
    for hidden in (WORK, "Kết quả việc được giao", "Dự sinh hoạt", "đi làm ăn xa"):
        assert hidden not in of_kept.text


async def test_a_contact_is_put_down_and_a_fault_keeps_what_was_typed(
    secretary: httpx.AsyncClient, cast: Cast
) -> None:
    path, nonce = f"members/{cast.numbers[BINH]}/contacts", str(uuid4())
    typed = {
        "held_on": f"{clock.today():%d/%m/%Y}",
        "channel": "zalo",
        "summary": "Vẫn khỏe <3",
        "nonce": nonce,
    }

    wrong = await secretary.post(path, data=typed | {"channel": ""})
    sent = [await secretary.post(path, data=typed) for _ in range(2)]
    page = await secretary.get(sent[0].headers["location"].removeprefix(f"/{cast.pleiku.slug}/"))

    assert wrong.status_code == 422
    assert "Xin chọn cách liên hệ." in wrong.text
    assert "Vẫn khỏe &lt;3" in wrong.text
    assert nonce in wrong.text
    assert [answer.status_code for answer in sent] == [303, 303]
    assert page.text.count("Vẫn khỏe &lt;3") == 1
    assert "Nhắn Zalo" in page.text


async def work_of_minutes(cast: Cast, name: str = AN) -> UUID:
    """Minutes in which one work was confirmed."""
    minutes = await read_minutes(cast.pleiku, cast.cell, MEANT)
    due = (clock.today() + timedelta(days=9)).isoformat()
    for column, value in (("name", name), ("task", MEANT), ("due", due)):
        await change(
            cast.pleiku,
            """INSERT INTO minutes_field (minutes, name, ordinal, confirmed, confirmed_at, confirmed_by)
            VALUES ($1, $2, 0, $3, now(), 'Hòa')""",
            minutes, f"assignment.{column}", value,
        )  # fmt: skip
    return minutes


async def test_confirmed_work_of_minutes_goes_into_the_register_with_one_press(
    secretary: httpx.AsyncClient, cast: Cast
) -> None:
    minutes = await work_of_minutes(cast)
    shown = (await secretary.get(f"minutes/{minutes}/figures")).text
    form = {
        "take.0": "1", "member.0": str(cast.numbers[AN]), "text.0": MEANT, "area.0": "economy", "due.0": ""
    }  # fmt: skip

    sent = [await secretary.post(f"minutes/{minutes}/assignments", data=form) for _ in range(2)]
    after = (await secretary.get(f"minutes/{minutes}/figures")).text

    assert re.search(rf'<option value="{cast.numbers[AN]}" selected>{AN}', shown)
    assert 'name="take.0" value="1" checked' in shown
    assert "Ghi các việc vào danh sách" in shown
    assert [answer.status_code for answer in sent] == [303, 303]
    ((number,),) = [
        row.values()
        for row in await rows_of(cast, "SELECT no FROM assignment WHERE id = $1", assignment_id(minutes, 0))
    ]
    assert f"assignments/{number}" in after
    assert "Ghi các việc vào danh sách" not in after


async def test_a_name_that_is_nobodys_is_asked_and_what_was_typed_stays(
    secretary: httpx.AsyncClient, cast: Cast
) -> None:
    minutes = await work_of_minutes(cast, "Nguyễn Vãn Anh")
    path = f"minutes/{minutes}/assignments"
    shown = (await secretary.get(f"minutes/{minutes}/figures")).text
    form = {
        "take.0": "1",
        "member.0": "",
        "text.0": "Việc <i>sửa lại</i>",
        "area.0": "security",
        "due.0": "31/02/2026",
    }

    wrong, nobody, nothing = [
        await secretary.post(path, data=data)
        for data in (form, form | {"due.0": ""}, {"member.0": "", "text.0": "x"})
    ]

    assert f"Có phải đồng chí {AN} không?" in shown
    assert 'name="take.0" value="1" checked' not in shown
    assert [answer.status_code for answer in (wrong, nobody, nothing)] == [422, 422, 422]
    assert 'id="e-due-0"' in wrong.text
    assert 'value="31/02/2026"' in wrong.text
    assert 'id="e-member-0"' in nobody.text
    assert "Việc &lt;i&gt;sửa lại&lt;/i&gt;" in nobody.text
    assert '<option value="security" selected>' in nobody.text
    assert "Xin đánh dấu những việc cần ghi vào danh sách." in nothing.text
    assert await rows_of(cast, "SELECT no FROM assignment") == []
