"""Figures of assigned work on pages: the office's overview, a cell's card, the office's home, the province's table."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import brotli
import httpx
import pytest

from infra.postgres import sql
from server import clock
from server.rollups.actions import recompute_rollup
from tenants.current import set_current
from tenants.transactions import platform_transaction, transaction
from tests.assignments.stretches import another_cell, assignment, overdue_work
from tests.cast import Cast
from tests.web.walking import signed_in

AN, BINH = "Nguyễn Văn An", "Trần Thị Bình"
TODAY = clock.today()
MONTH = clock.month_of(TODAY)
# QUALITY: as the service compresses.
CELLS, MOST_BYTES, QUALITY = 330, 30 * 1024, 4


def text(page: httpx.Response | str) -> str:
    """What a page says, with single blanks."""
    body = page if isinstance(page, str) else page.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def row_of(page: httpx.Response, words: str) -> str:
    """The row of a table that begins with these words."""
    rows = re.findall(r'<tr role="row".*?</tr>', page.text, re.DOTALL)
    return next(row for row in rows if text(row).startswith(words))


@pytest.fixture
async def office(client: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    """The office's browser."""
    await signed_in(client, "office", cast, at_neighbour=False)
    return client


def address(cast: Cast, **query: str) -> str:
    return str(httpx.URL(f"/{cast.pleiku.slug}/assignments/figures", params=query))


async def test_the_overview_tells_each_figure_with_its_base(office: httpx.AsyncClient, cast: Cast) -> None:
    # Due on the first of the month, so that the month of every day has them.
    for name, to_on, ended, result in (
        (AN, MONTH, "done", "on_time"), (AN, MONTH, "done", "late"), (BINH, MONTH, "not_done", ""),
        (BINH, MONTH, "cancelled", ""),
    ):  # fmt: skip
        await assignment(cast, name, (MONTH, MONTH, to_on, ended, result))

    page = await office.get(address(cast))

    shown = text(page)
    assert page.status_code == 200
    assert "Đảng viên được giao việc 2/5 = 40,0 %" in shown
    assert "Việc đến hạn đã xong 2/3 = 66,7 %" in shown
    assert "Việc đang làm trong tháng 4" in shown
    assert "Đúng hạn 1/3 = 33,3 % Chậm hạn 1/3 = 33,3 % Không hoàn thành 1/3 = 33,3 %" in shown
    assert "Ngoài ra 1 việc có hạn trong tháng đã hủy" in shown
    assert "Không có việc nào đang làm." in shown
    assert text(row_of(page, "Chi bộ Tổ dân phố 5")) == (
        "Chi bộ Tổ dân phố 5 2/5 = 40,0 % 2/3 = 66,7 % không có việc đang làm"
    )
    assert "/reminding" not in page.text


async def test_what_is_overdue_is_told_by_age_and_area_and_leads_to_the_list(
    office: httpx.AsyncClient, cast: Cast
) -> None:
    for days in (1, 10, 31, 45):
        await overdue_work(cast, days)
    await overdue_work(cast, -3, area="security")
    await overdue_work(cast, 20, area="security", state="reported")

    page = await office.get(address(cast))

    shown = text(page)
    assert "Việc quá hạn, trên số việc đang làm 4/6 = 66,7 %" in shown
    assert (
        "Quá hạn 1–7 ngày 1/4 = 25,0 % Quá hạn 8–30 ngày 1/4 = 25,0 % Quá hạn trên 30 ngày 2/4 = 50,0 %"
        in shown
    )
    assert "1 việc đã báo xong, chờ nhận kết quả" in shown
    assert text(row_of(page, "Kinh tế")) == "Kinh tế 4/4 = 100,0 % 2"
    assert text(row_of(page, "Quốc phòng, an ninh")) == "Quốc phòng, an ninh 0/2 = 0,0 % 0"
    mine = row_of(page, "Chi bộ Tổ dân phố 5")
    assert "4/6 2 việc trên 30 ngày Nhắc : Chi bộ Tổ dân phố 5" in text(mine)
    for link, found in (
        (re.findall(r'href="([^"]+cell=[^"]+)"', mine)[0], 4),
        (re.findall(r'href="([^"]+until=[^"]+)"', page.text)[0], 2),
        (re.findall(r'href="([^"]+area=economy[^"]*)"', page.text)[0], 4),
    ):
        listed = await office.get(html.unescape(link))
        assert listed.text.count('class="what"') == found, link


async def test_a_cell_is_reminded_from_its_row_and_the_row_says_so(
    office: httpx.AsyncClient, cast: Cast
) -> None:
    await overdue_work(cast, 3)
    page = await office.get(address(cast))
    form = re.findall(r'<form id="remind".*?</form>', page.text)[0]
    [action] = re.findall(r'formaction="([^"]+)"', row_of(page, "Chi bộ Tổ dân phố 5"))

    sent = await office.post(action, data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)))
    again = await office.get(sent.headers["location"])

    assert sent.status_code == 303
    assert sent.headers["location"] == f"{address(cast)}#c-{cast.cell}"
    assert "đã nhắc lúc" not in page.text
    assert "đã nhắc lúc" in row_of(again, "Chi bộ Tổ dân phố 5")


async def cells_in(page: httpx.Response) -> list[str]:
    """The cells in the order of the page."""
    return re.findall(r'id="c-[^"]+"><th[^>]*><a[^>]*>([^<]+)', page.text)


async def test_the_order_and_the_month_are_in_the_address(office: httpx.AsyncClient, cast: Cast) -> None:
    other, before = await another_cell(), clock.month_after(MONTH, -1)
    await assignment(cast, AN, (before, before, None, "", ""))
    await overdue_work(cast, 2, cell=other)
    await overdue_work(cast, 40, cell=other)

    orders = {
        sort: await cells_in(await office.get(address(cast, sort=sort)))
        for sort in ("", "coverage", "overdue")
    }
    old = await office.get(address(cast, month=f"{before:%Y-%m}", sort="overdue"))

    ours, theirs = "Chi bộ Tổ dân phố 5", "Chi bộ Thôn 1"
    # Nobody belongs to the other one, so that its coverage says nothing and comes last.
    assert orders == {"": [ours, theirs], "coverage": [ours, theirs], "overdue": [theirs, ours]}
    assert f"Tháng {before.month}/{before.year}" in old.text
    assert "0/1 = 0,0 %" in text(row_of(old, ours))
    assert f"month={MONTH:%Y-%m}&amp;sort=overdue" in old.text


@pytest.mark.parametrize(
    "query", [{"month": "2026-13"}, {"month": "%00"}, {"sort": "nonsense"}, {"month": "1900-01"}]
)
async def test_odd_questions_get_a_plain_answer(
    office: httpx.AsyncClient, cast: Cast, query: dict[str, str]
) -> None:
    assert (await office.get(address(cast, **query))).status_code == 200


@pytest.mark.parametrize("role", ["secretary", "deputy", "group_leader", "member"])
async def test_the_overview_is_the_offices(client: httpx.AsyncClient, cast: Cast, role: str) -> None:
    await signed_in(client, role, cast, at_neighbour=False)

    assert (await client.get(address(cast))).status_code == 404


async def test_three_hundred_cells_stay_small(office: httpx.AsyncClient, cast: Cast) -> None:
    async with transaction():
        await sql(
            """WITH made AS (INSERT INTO cell (id, name, sort_key)
                SELECT gen_random_uuid(), 'Chi bộ Tổ dân phố ' || n || ', phường ' || n % 23, lpad(n::text, 4, '0')
                FROM generate_series(1, $1::int) AS n RETURNING id)
            INSERT INTO assignment (id, task, cell, given_on, version, member, text, area, due_on, state, folded)
            SELECT gen_random_uuid(), gen_random_uuid(), made.id, $2, 1, (SELECT min(id::text)::uuid FROM member),
                'Thu quỹ', 'economy', $2, 'open', 'thu quy' FROM made, generate_series(1, 2)""",
            CELLS - 1, TODAY - timedelta(days=9),
        )  # fmt: skip

    page = await office.get(address(cast))

    assert page.text.count('id="c-') == CELLS
    assert page.text.count("formaction=") == CELLS - 1
    assert len(brotli.compress(page.content, quality=QUALITY)) <= MOST_BYTES


async def test_a_committee_without_cells_is_led_to_its_first_list(
    office: httpx.AsyncClient, cast: Cast
) -> None:
    async with transaction():
        await sql("DELETE FROM membership")
        await sql("DELETE FROM party_group")
        await sql("DELETE FROM cell")

    assert "members/imports/new" in (await office.get(address(cast))).text


@pytest.mark.parametrize("role", ["secretary", "member", "office"])
async def test_a_cells_page_shows_how_its_work_stands(
    client: httpx.AsyncClient, cast: Cast, role: str
) -> None:
    await overdue_work(cast, 3)
    await overdue_work(cast, -3)
    await signed_in(client, role, cast, at_neighbour=False)

    shown = text(await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}"))

    assert f"Việc tháng {TODAY.month}/{TODAY.year}" in shown
    assert "Đảng viên được giao việc 1/5 = 20,0 %" in shown
    assert "Việc quá hạn, trên số việc đang làm 1/2 = 50,0 %" in shown


async def test_the_offices_home_says_what_is_long_overdue(office: httpx.AsyncClient, cast: Cast) -> None:
    home = f"/{cast.pleiku.slug}"
    await overdue_work(cast, 30)
    quiet = text(await office.get(home))
    await overdue_work(cast, 31)
    await overdue_work(cast, 90)

    page = await office.get(home)

    assert "quá hạn trên 30 ngày" not in quiet
    assert "2 việc quá hạn trên 30 ngày trên 3 việc quá hạn" in text(page)
    [link] = re.findall(r'href="([^"]+until=[^"]+)"', page.text)
    assert (await office.get(html.unescape(link))).text.count('class="what"') == 2


async def province_row(client: httpx.AsyncClient, cast: Cast) -> tuple[str, str]:
    """What the province reads of our committee, and of all together."""
    async with platform_transaction(read_only=True):
        slug = (await sql("SELECT slug FROM platform.province WHERE id = $1", cast.province))[0]["slug"]
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    page = await client.get(f"/provinces/{slug}?show=work")
    assert page.status_code == 200
    set_current(cast.pleiku)
    return text(row_of(page, "Thành ủy Pleiku")), text(page)


async def test_the_province_reads_what_was_given_and_what_was_done(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await assignment(cast, AN, (MONTH, MONTH, None, "", ""))
    for result in ("late", "on_time", "on_time", "better"):
        await assignment(cast, AN, (MONTH, MONTH, MONTH, "done", result))
    await recompute_rollup(MONTH.isoformat())

    row, page = await province_row(client, cast)

    # One of five with work is one person; work done, done late and not done is of deadlines.
    assert "Thành ủy Pleiku dưới 5 5 4/5 = 80,0 % 1/5 = 20,0 % 0/5 = 0,0 %" in row
    assert "Đảng viên được giao việc ẩn" in page
    assert "Việc đến hạn đã xong 4/5 = 80,0 %" in page


async def test_small_bases_are_hidden_from_the_province_and_left_out_of_its_sums(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    for _ in range(4):
        await assignment(cast, AN, (MONTH, MONTH, MONTH, "done", "on_time"))
    async with transaction():
        await sql(
            "UPDATE membership SET to_on = '2020-01-01' WHERE member IN (SELECT id FROM member LIMIT 2)"
        )
    await recompute_rollup(MONTH.isoformat())

    row, page = await province_row(client, cast)

    assert "Thành ủy Pleiku dưới 5 4 dưới 5 dưới 5 dưới 5" in row
    assert "Việc đến hạn đã xong ẩn" in page
    assert "4/4" not in page


async def test_what_was_never_counted_is_said_in_words(client: httpx.AsyncClient, cast: Cast) -> None:
    await assignment(cast, AN, (MONTH, MONTH, None, "", ""))
    await recompute_rollup(MONTH.isoformat())
    async with platform_transaction():
        await sql(
            "UPDATE platform.rollup SET assignments_due = NULL, members_assignable = NULL WHERE committee = $1",
            cast.pleiku.id,
        )

    row, page = await province_row(client, cast)

    assert "Thành ủy Pleiku chưa có số liệu 1 chưa có số liệu chưa có số liệu" in row
    assert "None" not in page


async def test_no_deadline_is_no_rate(client: httpx.AsyncClient, cast: Cast) -> None:
    await recompute_rollup(MONTH.isoformat())

    row, _ = await province_row(client, cast)

    # Six members less five who could be given work is one who is exempt.
    assert "Thành ủy Pleiku ẩn 0 chưa có số liệu" in row
