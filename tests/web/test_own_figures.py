"""What a committee reads of its own figures, open, closed and corrected; the points of its meetings; the proof."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from infra.postgres import sql
from server import clock
from server.rollups.actions import recompute_dirty
from server.rollups.checks import check_rollups
from server.rollups.closing import close_month, closes_on
from tenants.current import set_current
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.rollups.papers import a_closed_roll, stored
from tests.web.walking import signed_in

MONTH = clock.month_of(clock.today())


def text(page: httpx.Response) -> str:
    """What a page says, with single blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.fixture
async def meeting(cast: Cast) -> UUID:
    """A meeting of today with a closed roll, computed."""
    return (await a_closed_roll(cast))[0]


async def test_the_office_reads_the_figures_that_the_province_has(
    client: httpx.AsyncClient, cast: Cast, meeting: UUID
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)

    page = await client.get(f"/{cast.pleiku.slug}/figures")

    shown = text(page)
    assert page.status_code == 200
    assert "Chi bộ đã họp 1/1 = 100,0 %" in shown
    assert "Dự sinh hoạt 1/5 = 20,0 %" in shown
    assert "Biên bản đã nhận 0/1 = 0,0 %" in shown
    assert "Chất lượng sinh hoạt tốt chưa có số liệu" in shown
    assert f"chốt số liệu sau ngày {closes_on(MONTH):%d/%m/%Y}" in shown
    assert "Đính chính số" not in shown


async def test_a_month_without_figures_has_not_been_reported(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)

    page = await client.get(f"/{cast.pleiku.slug}/figures?month={clock.month_after(MONTH, -1):%Y-%m}")

    assert "chưa báo cáo" in text(page)
    assert "Tính lúc" not in text(page)


async def test_a_correction_is_told_with_its_number_cause_and_change(
    client: httpx.AsyncClient, cast: Cast, meeting: UUID
) -> None:
    await close_month(cast.province, MONTH)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    page = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/quality", data={"points": "95"})
    assert page.status_code == 303
    set_current(cast.pleiku)
    await recompute_dirty()
    await signed_in(client, "office", cast, at_neighbour=False)

    shown = text(await client.get(f"/{cast.pleiku.slug}/figures"))

    assert "Đã chốt số liệu lúc" in shown
    assert "Đính chính số 1" in shown
    assert "Chấm điểm kỳ họp Kỳ họp chất lượng tốt: 0 → 1" in shown
    assert f"tháng {MONTH.month}/{MONTH.year} đã tính đã chốt 1" in shown


@pytest.mark.parametrize("role", ["secretary", "member"])
async def test_figures_of_the_whole_committee_are_for_its_office(
    client: httpx.AsyncClient, cast: Cast, role: str
) -> None:
    await signed_in(client, role, cast, at_neighbour=False)

    assert (await client.get(f"/{cast.pleiku.slug}/figures")).status_code == 404


@pytest.mark.parametrize(
    ("points", "band"), [("90", "Tốt"), ("89", "Khá"), ("69", "Trung bình"), ("0", "Kém")]
)
async def test_points_are_told_on_the_meetings_page_and_have_their_band(
    client: httpx.AsyncClient, cast: Cast, meeting: UUID, points: str, band: str
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    address = f"/{cast.pleiku.slug}/meetings/{meeting}"

    await client.post(f"{address}/quality", data={"points": points})

    page = await client.get(address)
    assert f"{points}/100 điểm · {band}" in text(page)
    assert f'name="points" type="text" value="{points}"' in page.text
    set_current(cast.pleiku)
    await recompute_dirty()
    row = await stored(cast.pleiku, MONTH)
    assert row is not None
    assert [row[f"quality_{name}"] for name in ("good", "fair", "average", "weak")] == [
        int(band == words) for words in ("Tốt", "Khá", "Trung bình", "Kém")
    ]


@pytest.mark.parametrize("points", ["101", "-1", "8,5", "tốt", "²"])
async def test_what_is_no_number_of_points_stands_in_the_form_again(
    client: httpx.AsyncClient, cast: Cast, meeting: UUID, points: str
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)

    page = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/quality", data={"points": points})

    assert page.status_code == 422
    assert "số từ 0 đến 100" in text(page)
    assert f'value="{points}"' in page.text


async def test_points_are_for_meetings_that_were_held_and_for_who_leads_the_cell(
    client: httpx.AsyncClient, cast: Cast, meeting: UUID
) -> None:
    planned = await cast.meeting(clock.today() + timedelta(days=1))
    await signed_in(client, "secretary", cast, at_neighbour=False)
    early = await client.post(f"/{cast.pleiku.slug}/meetings/{planned}/quality", data={"points": "90"})
    await signed_in(client, "recorder", cast, at_neighbour=False)
    other = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/quality", data={"points": "90"})
    page = await client.get(f"/{cast.pleiku.slug}/meetings/{meeting}")

    assert early.status_code == other.status_code == 422
    assert "chưa khóa điểm danh nên chưa chấm" in text(early)
    assert "Chỉ bí thư, phó bí thư" in text(other)
    assert "Chấm điểm kỳ họp" not in text(page)


async def test_the_province_reads_the_proof_of_its_figures(
    client: httpx.AsyncClient, cast: Cast, meeting: UUID
) -> None:
    await check_rollups()
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    async with platform_transaction(read_only=True):
        province = (await sql("SELECT slug FROM platform.province WHERE id = $1", cast.province))[0]["slug"]

    good = text(await client.get(f"/provinces/{province}/checks"))
    async with platform_transaction():
        await sql("UPDATE platform.rollup SET present = 4 WHERE committee = $1", cast.pleiku.id)
    set_current(cast.pleiku)
    await check_rollups()
    bad = text(await client.get(f"/provinces/{province}/checks"))

    assert "Cấp ủy đã đối chiếu 1/2" in good
    assert "Mọi số đã so đều khớp" in good
    assert "Thị ủy Ayun Pa chưa đối chiếu" in good
    assert "1 cấp ủy có số liệu khác với sổ gốc" in bad
    assert f"Thành ủy Pleiku tháng {MONTH.month}/{MONTH.year} : Lượt có mặt" in bad
