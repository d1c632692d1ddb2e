"""The committee's office at its desk: cells, members, and a list from Excel, all the way through the browser."""

from __future__ import annotations

import html
import re
from datetime import date
from uuid import uuid4

import httpx
import pytest

from infra.embedded import Servers
from server import clock
from tenants.current import CommitteeRef, using
from tests.cast import Cast
from tests.members.office import (
    AN,
    FIXTURES,
    TALLY,
    count,
    imported,
    new_committee,
    sheet_of,
    upload,
    workbook,
)
from tests.web.walking import signed_in

LIST = FIXTURES / "members" / "chi-bo-151.xlsx"


@pytest.fixture
async def desk(client: httpx.AsyncClient, cast: Cast, database: Servers) -> httpx.AsyncClient:
    """The browser of the office of a committee that has nothing yet; its paths begin there."""
    cast.pleiku = await new_committee(database.owner_url)
    await signed_in(client, "office", cast, at_neighbour=False)
    return client


async def send(client: httpx.AsyncClient, ref: CommitteeRef, content: bytes, **chosen: str) -> httpx.Response:
    data = {"as_of": "2026-11-01", "cell": "", "create": "1", **chosen}
    return await client.post(
        f"/{ref.slug}/members/imports",
        data={key: value for key, value in data.items() if value},
        files={"file": ("danh-sach.xlsx", content)},
    )


async def test_an_empty_committee_is_led_to_its_first_list(desk: httpx.AsyncClient, cast: Cast) -> None:
    for path in ("cells", "members"):
        page = await desk.get(f"/{cast.pleiku.slug}/{path}")
        assert f"/{cast.pleiku.slug}/members/imports/new" in page.text

    form = await desk.get(f"/{cast.pleiku.slug}/members/imports/new")
    assert 'name="create" value="1" checked' in form.text


async def test_a_list_is_looked_at_confirmed_and_then_stands_in_the_register(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    ref = cast.pleiku
    sent = await send(desk, ref, LIST.read_bytes())
    preview = await desk.get(sent.headers["location"])
    before = await count(ref, TALLY)
    confirmed = await desk.post(f"{sent.headers['location']}/confirmation")
    again = await desk.post(f"{sent.headers['location']}/confirmation")
    done = await desk.get(confirmed.headers["location"])

    assert (sent.status_code, preview.status_code, confirmed.status_code, done.status_code) == (
        303,
        200,
        303,
        200,
    )
    assert "Ghi 151 đồng chí vào sổ" in preview.text
    assert "Sẽ lập 1 chi bộ mới" in preview.text
    assert before["members"] == 0
    assert again.headers["location"] == confirmed.headers["location"]
    assert (await count(ref, TALLY))["members"] == 151
    cells = await desk.get(f"/{ref.slug}/cells")
    assert "Chi bộ Tổ dân phố 5" in cells.text
    assert "148" in cells.text
    assert "chưa báo cáo" in cells.text


async def test_the_preview_puts_what_is_refused_first_with_row_column_and_reason(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    sent = await send(
        desk, cast.pleiku, (FIXTURES / "members" / "dirty.xlsx").read_bytes(), as_of="2026-11-20"
    )

    page = (await desk.get(sent.headers["location"])).text

    at = [page.index(f"Những dòng {state}</caption>") for state in SECTIONS]
    assert at == sorted(at)
    assert "Cột “Ngày sinh”: ngày “31/09/1978” không có trên lịch." in page
    assert "Số CMND/CCCD" in page
    assert "99357516621" not in page


SECTIONS = ("không nhận", "cần xem lại", "đã sửa cách viết")
# A row of the dirty list with a year of two digits.
TWO_DIGITS = 28


def card(page: str, row: int) -> str:
    """What the preview says of one row of the list, as text with single blanks."""
    rows = re.findall(r'<tr role="row">.*?</tr>', page, re.DOTALL)
    found = next(r for r in rows if re.search(rf"\bDòng {row}\b", r))
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found)).split())


async def test_the_preview_tells_the_state_of_each_cell(desk: httpx.AsyncClient, cast: Cast) -> None:
    content = (FIXTURES / "members" / "dirty.xlsx").read_bytes()
    sent = await send(desk, cast.pleiku, content, as_of="2026-11-20")

    page = (await desk.get(sent.headers["location"])).text

    wrong, changed, odd = card(page, 133), card(page, 18), card(page, TWO_DIGITS)
    assert "Ngày sinh ✕ Lỗi trong tệp: “31/09/1978”" in wrong
    assert "không có trên lịch" in wrong
    assert "✎ Đã sửa" in changed
    assert "12/12/1972" in changed
    assert "! Xem lại" in odd
    assert "đã đoán thế kỷ" in odd
    assert "Xem đủ các ô ✓ Nhận" in changed
    assert "Số thẻ đảng 099467545411" in changed


async def test_a_card_of_somebody_in_the_register_is_an_error_at_the_card(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    await imported(cast.pleiku, sheet_of(AN))
    thief = ("Trần Thị Bình", "01/02/1970", "15/01/1995", "15/01/1996", AN[4], "Chi bộ Thôn 1", "")
    sent = await send(desk, cast.pleiku, workbook(thief), as_of=clock.today().isoformat())

    told = card((await desk.get(sent.headers["location"])).text, 2)

    assert f"Số thẻ đảng ✕ Lỗi trong tệp: “{AN[4]}” Số thẻ đã có trong sổ, ghi cho đồng chí {AN[0]}" in told


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("zipbomb.xlsx", "Tệp khi mở ra quá lớn"),
        (None, "Đồng chí chọn tệp danh sách"),
        ("index.json", "Họ và tên"),
    ],
)
async def test_a_file_that_cannot_be_a_list_is_refused_on_the_form_with_what_was_chosen(
    desk: httpx.AsyncClient, cast: Cast, name: str | None, words: str
) -> None:
    path = f"/{cast.pleiku.slug}/members/imports"
    files = {"file": (name, (FIXTURES / "hostile" / name).read_bytes())} if name else {"file": ("", b"")}

    page = await desk.post(path, data={"as_of": "2026-11-01", "create": "1"}, files=files)

    assert page.status_code == 422
    assert words in page.text
    assert 'value="2026-11-01"' in page.text
    assert 'value="1" checked' in page.text
    assert (await count(cast.pleiku, TALLY))["members"] == 0


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"as_of": "31/02/2026"}, "Ngày lập danh sách không đúng"),
        ({"as_of": "2999-01-01"}, "đến hôm nay"),
        ({"cell": "nowhere"}, "chọn chi bộ"),
        ({"cell": str(uuid4())}, "chọn chi bộ"),
        ({"create": ""}, "chưa có chi bộ nào"),
    ],
)
async def test_wrong_choices_are_told_at_their_field(
    desk: httpx.AsyncClient, cast: Cast, chosen: dict[str, str], words: str
) -> None:
    page = await send(desk, cast.pleiku, LIST.read_bytes(), **chosen)

    assert page.status_code == 422
    assert words in page.text


async def test_nonsense_instead_of_a_form_breaks_nothing(desk: httpx.AsyncClient, cast: Cast) -> None:
    path = f"/{cast.pleiku.slug}/members/imports"
    form = {"Content-Type": "multipart/form-data; boundary=x"}

    answers = [
        await desk.post(path, content=b"\xff" * 100, headers=form),
        await desk.post(path, content=b"x" * 13_000_000, headers=form),
        await desk.post(path, data={"file": "text", "as_of": "2026-11-01"}),
        await desk.post(path, json={"file": 1}),
    ]

    assert [answer.status_code for answer in answers] == [422, 413, 422, 422]


async def test_a_list_that_was_dropped_is_gone(desk: httpx.AsyncClient, cast: Cast) -> None:
    sent = await send(desk, cast.pleiku, LIST.read_bytes())

    dropped = await desk.post(f"{sent.headers['location']}/drop")

    assert dropped.headers["location"].endswith("/members/imports/new")
    for answer in (
        await desk.get(sent.headers["location"]),
        await desk.post(f"{sent.headers['location']}/confirmation"),
    ):
        assert answer.status_code == 404


async def test_the_template_and_the_register_are_workbooks(desk: httpx.AsyncClient, cast: Cast) -> None:
    for path in ("imports/template.xlsx", "export.xlsx"):
        answer = await desk.get(f"/{cast.pleiku.slug}/members/{path}")
        assert answer.content.startswith(b"PK")
        assert ".xlsx" in answer.headers["content-disposition"]


async def test_a_search_answers_a_page_or_its_part_and_looking_is_written_down(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    await imported(cast.pleiku, upload("chi-bo-151"))
    path = f"/{cast.pleiku.slug}/members"

    first = await desk.get(path)
    part = await desk.get(path, params={"q": "dinh dieu trinh"}, headers={"HX-Request": "true"})
    empty = await desk.get(path, params={"q": "không ai tên như vậy"})

    assert 'rel="next"' in first.text
    assert "1–50 / 151" in first.text
    assert "<html" not in part.text
    assert "Trinh" in part.text
    assert "1 đồng chí" in part.text
    assert "Không tìm thấy ai" in empty.text
    looked = await count(cast.pleiku, "SELECT count(*) AS n FROM event WHERE action = 'members_viewed'")
    assert looked == {"n": 1}


@pytest.mark.parametrize(
    "query", ["after=zzz", "after=99999999999999", "q=%00", "q=%25", "before=-1", "cell=former"]
)
async def test_odd_questions_get_a_plain_answer(desk: httpx.AsyncClient, cast: Cast, query: str) -> None:
    assert (await desk.get(f"/{cast.pleiku.slug}/members?{query}")).status_code == 200


async def test_a_cell_of_another_committee_is_no_cell(desk: httpx.AsyncClient, cast: Cast) -> None:
    for path in (f"cells/{cast.neighbour_cell}", f"members?cell={cast.neighbour_cell}", "cells/nonsense"):
        assert (await desk.get(f"/{cast.pleiku.slug}/{path}")).status_code == 404


@pytest.mark.parametrize("view", ["members", "meetings", "attendance", "nonsense"])
async def test_everybody_of_a_cell_sees_its_page_without_cards_and_telephones(
    client: httpx.AsyncClient, cast: Cast, view: str
) -> None:
    from infra.postgres import sql
    from tenants.transactions import transaction

    with using(cast.pleiku):
        async with transaction():
            await sql("UPDATE member SET card_number = '0990000000' || no, phone = '090' || no")
    await cast.meeting(date(clock.today().year, clock.today().month, 1))
    await signed_in(client, "member", cast, at_neighbour=False)

    page = await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}", params={"view": view})

    assert page.status_code == 200
    assert "0990000000" not in page.text
    assert "0901" not in page.text
    if view in ("members", "nonsense"):
        assert "<b>H&#39;Cúc</b>" in page.text
        assert "miễn sinh hoạt" in page.text
    assert "tuổi cao, sức yếu" not in page.text
    if view == "attendance":
        assert page.text.count("chưa báo cáo") >= 12
        assert "90 %" in page.text


async def test_the_neighbours_office_finds_nothing_of_ours(client: httpx.AsyncClient, cast: Cast) -> None:
    found = await imported(cast.pleiku, upload("chi-bo-151"))
    await signed_in(client, "office", cast, at_neighbour=True)

    for slug in (cast.pleiku.slug, cast.neighbour.slug):
        for path in (f"cells/{cast.cell}", f"members/imports/{found}"):
            assert (await client.get(f"/{slug}/{path}")).status_code == 404
        for verb in ("confirmation", "drop"):
            assert (await client.post(f"/{slug}/members/imports/{found}/{verb}")).status_code == 404
    for path in (
        "cells",
        "members",
        "members/imports/new",
        "members/imports/template.xlsx",
        "members/export.xlsx",
    ):
        assert (await client.get(f"/{cast.pleiku.slug}/{path}")).status_code == 404
    assert (await send(client, cast.pleiku, LIST.read_bytes())).status_code == 404
