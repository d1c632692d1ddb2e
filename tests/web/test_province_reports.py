"""The monthly report and the list of who is silent, in the browser of a province and of a committee's office."""

from __future__ import annotations

import html
import io
import re

import httpx
import pytest
from openpyxl import load_workbook

from infra.postgres import sql
from server.rollups.actions import recompute_rollup
from server.rollups.closing import close_month
from tenants.transactions import platform_transaction
from tests.bulletins.desk import slug_of
from tests.cast import Cast
from tests.province.counted import LAST_MONTH, count
from tests.web.walking import signed_in

MONTH = f"{LAST_MONTH:%Y-%m}"


@pytest.fixture
async def viewer(client: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    """The browser of somebody who reads the province's figures; its paths begin at the province."""
    await signed_in(client, "province_viewer", cast, at_neighbour=False)
    client.base_url = httpx.URL(f"http://nennep.test/provinces/{await slug_of(cast.province)}/")
    return client


def said(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def test_a_closed_month_is_read_taken_and_the_taking_is_written_down(
    viewer: httpx.AsyncClient, cast: Cast
) -> None:
    await count(cast.pleiku)
    await count(cast.neighbour)
    await close_month(cast.province, LAST_MONTH)

    months, shown = await viewer.get("reports"), await viewer.get(f"reports/{MONTH}")
    pdf, again = [await viewer.get(f"reports/{MONTH}/report.pdf") for _ in range(2)]
    sheet = await viewer.get(f"reports/{MONTH}/report.xlsx")

    assert "đã chốt" in months.text
    assert "260/300 = 86,7 %" in said(shown)
    assert "Số liệu đã chốt lúc" in shown.text
    assert pdf.content == again.content
    assert pdf.content.startswith(b"%PDF-")
    assert re.fullmatch(
        rf'attachment; filename="bao-cao-[a-z0-9-]+-{MONTH}\.pdf"', pdf.headers["content-disposition"]
    )
    assert load_workbook(io.BytesIO(sheet.content)).sheetnames == ["Toàn tỉnh", "Từng cấp ủy", "Đính chính"]
    async with platform_transaction(read_only=True):
        events = await sql(
            "SELECT action, subject FROM platform.province_event WHERE province = $1 ORDER BY id",
            cast.province,
        )
    assert [tuple(e) for e in events] == [
        ("report_taken", f"{MONTH}.{kind}") for kind in ("pdf", "pdf", "xlsx")
    ]


@pytest.mark.parametrize("part", ["", "1", "2", "3", "9", "x"])
async def test_each_part_of_a_report_opens(viewer: httpx.AsyncClient, cast: Cast, part: str) -> None:
    await count(cast.pleiku)

    shown = await viewer.get(f"reports/{MONTH}", params={"part": part})

    assert shown.status_code == 200
    assert "Tháng chưa chốt" in shown.text
    assert "chưa báo cáo" in shown.text


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "1", "0001-01", "2199-12", "x", "2026-10-01"])
async def test_what_is_no_month_is_no_page(viewer: httpx.AsyncClient, month: str) -> None:
    for path in (f"reports/{month}", f"reports/{month}/report.pdf", f"reports/{month}/report.xlsx"):
        assert (await viewer.get(path)).status_code == 404


async def test_the_sheet_of_the_figures_page_has_what_the_page_shows(
    viewer: httpx.AsyncClient, cast: Cast
) -> None:
    await count(cast.pleiku)
    await count(cast.neighbour)

    answer = await viewer.get("figures.xlsx", params={"month": MONTH, "show": "work", "q": "ayun"})
    book = load_workbook(io.BytesIO(answer.content))

    assert book.sheetnames == ["Toàn tỉnh", "Từng cấp ủy"]
    assert [row[0].value for row in book["Từng cấp ủy"]][1:] == ["Thị ủy Ayun Pa"]
    assert "Việc đến hạn đã xong" in [row[0].value for row in book["Toàn tỉnh"]]
    assert "Dự sinh hoạt" not in [row[0].value for row in book["Toàn tỉnh"]]


async def test_a_viewer_sees_who_is_silent_and_reminds_nobody(viewer: httpx.AsyncClient, cast: Cast) -> None:
    await count(cast.pleiku)

    shown = await viewer.get("silent", params={"month": MONTH})
    tried = await viewer.post(f"silent/{cast.pleiku.slug}/reminding", data={"month": MONTH})

    assert "1/4 = 25,0 %" in said(shown)
    assert "chưa có số liệu nào" in shown.text
    assert "/reminding" not in shown.text
    assert tried.status_code == 404


async def test_one_tap_reminds_and_the_office_is_led_to_its_silent_cells(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await recompute_rollup(LAST_MONTH.isoformat())
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    silent = f"/provinces/{await slug_of(cast.province)}/silent"
    tapped = await client.post(f"{silent}/{cast.pleiku.slug}/reminding", data={"month": MONTH})
    before = said(await client.get(tapped.headers["location"]))
    await signed_in(client, "office", cast, at_neighbour=False)
    home = await client.get(f"/{cast.pleiku.slug}")
    cells = await client.get(f"/{cast.pleiku.slug}/silent?month={MONTH}")
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    after = said(await client.get(f"{silent}?month={MONTH}"))

    assert tapped.headers["location"] == f"{silent}?month={MONTH}#c-{cast.pleiku.slug}"
    assert "bởi Trần Thị Láng, khi còn 1 chi bộ" in before
    assert "văn phòng chưa xem" in before
    assert f"Tỉnh nhắc báo cáo tháng {LAST_MONTH.month}/{LAST_MONTH.year}: 1 chi bộ chưa báo cáo" in home.text
    assert "Chi bộ Tổ dân phố 5" in cells.text
    assert "Trần Thị Láng nhắc lúc" in cells.text
    assert "văn phòng đã xem" in after


async def test_one_button_reminds_all_that_are_silent(client: httpx.AsyncClient, cast: Cast) -> None:
    await count(cast.pleiku)
    await count(cast.neighbour)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    silent = f"/provinces/{await slug_of(cast.province)}/silent"

    before = await client.get(f"{silent}?month={MONTH}")
    await client.post(f"{silent}/reminding", data={"month": MONTH})
    after = await client.get(f"{silent}?month={MONTH}")

    assert "Nhắc tất cả (2 cấp ủy)" in before.text
    assert "Nhắc tất cả" not in after.text
    assert said(after).count("đã nhắc lúc") == 2


async def test_a_secretary_sees_nothing_of_what_the_province_asks_the_office(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    for path in ("silent", "bulletins"):
        assert (await client.get(f"/{cast.pleiku.slug}/{path}")).status_code == 404
