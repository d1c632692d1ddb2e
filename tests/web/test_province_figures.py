"""A viewer of the province reads its figures: base, time and how they are computed; what is small stays unknown."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from infra.embedded import Servers
from infra.postgres import sql
from tenants.transactions import platform_transaction
from tests.province.fleet import LAST_MONTH, THIS_MONTH, Fleet, sign_in

MONTH = f"{THIS_MONTH.month}/{THIS_MONTH.year}"


def text(part: str) -> str:
    """What is read of a piece of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def row(page: httpx.Response, title: str) -> str:
    """One row of the page's table, by its committee."""
    found = [part for part in re.findall(r"<tr.*?</tr>", page.text, re.DOTALL) if f">{title}<" in part]
    assert len(found) == 1, title
    return text(found[0])


def order(page: httpx.Response) -> list[str]:
    """The committees in the order of the table."""
    return [
        text(one) for one in re.findall(r'<th role="rowheader" scope="row"><a [^>]*>(.*?)</a>', page.text)
    ]


@pytest.fixture
async def fleet(database: Servers) -> Fleet:
    return await Fleet.assemble("Ia Grai", "Ân Hảo", "An Bình", "Đak Pơ")


async def test_every_figure_has_its_base_its_time_and_how_it_is_computed(
    client: httpx.AsyncClient, fleet: Fleet
) -> None:
    await fleet.told_by_all()
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}")

    told = row(page, "Đảng ủy xã Ia Grai")
    assert (
        "60 8/10 = 80,0 % 42/50 = 84,0 % 36/48 = 75,0 % 9/10 = 90,0 % 1/10 = 10,0 % 19:30, 03/11/2026" in told
    )
    whole = text(page.text)
    assert "Cấp ủy có số liệu 4/4 = 100,0 %" in whole
    assert "Dự sinh hoạt 168/200 = 84,0 %" in whole
    assert "Tính lúc 19:30, 03/11/2026." in whole
    assert "Lượt có mặt và đến muộn, trên lượt phải dự" in whole
    assert f"Toàn tỉnh, tháng {MONTH}" in whole


async def test_who_has_not_reported_is_not_zero(client: httpx.AsyncClient, fleet: Fleet) -> None:
    await fleet.told("Ia Grai", cells_met=0, cells_not_reported=9)
    await fleet.told("Đak Pơ", quality_good=None, assignments_due=None)
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}?show=meetings")
    work = await client.get(f"/provinces/{fleet.slug}?show=work")

    assert row(page, "Đảng ủy xã An Bình").endswith("… chưa báo cáo")
    assert "0/10 = 0,0 %" in row(page, "Đảng ủy xã Ia Grai")
    assert "chưa có số liệu" in row(work, "Đảng ủy xã Đak Pơ")
    assert "Tổng chỉ gồm 2 cấp ủy đã báo cáo" in text(page.text)
    assert "8/20 = 40,0 %" in row(page, "Tổng các nơi đã báo cáo")


async def test_a_small_number_is_hidden_and_can_not_be_subtracted(
    client: httpx.AsyncClient, fleet: Fleet
) -> None:
    await fleet.told_by_all()
    await fleet.told("Ia Grai", members_official=57, members_probationary=3)
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}?show=members")

    rows = [row(page, f"Đảng ủy xã {name}") for name in fleet.committees]
    assert "60 dưới 5" in rows[0]
    assert not any("ẩn" in told for told in rows)
    assert "240 ẩn" in row(page, "Tổng các nơi đã báo cáo")
    assert "3/60" not in page.text


async def test_work_is_told_in_tens_where_it_would_tell_who_is_exempt(
    client: httpx.AsyncClient, fleet: Fleet
) -> None:
    await fleet.told_by_all()
    await fleet.told(
        "Ia Grai", exempt_age_health=2, exempt_away_work=0, members_assignable=58, members_assigned=50
    )
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}?show=work")

    told = row(page, "Đảng ủy xã Ia Grai")
    assert "khoảng 90 %" in told
    assert "50/58" not in page.text
    assert sum("36/48 = 75,0 %" in row(page, f"Đảng ủy xã {name}") for name in fleet.committees) == 3


async def test_a_change_is_said_against_the_month_before(client: httpx.AsyncClient, fleet: Fleet) -> None:
    await fleet.told_by_all(LAST_MONTH, cells_met=6, cells_not_reported=3)
    await fleet.told_by_all()
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}/figures/{fleet.path('Ia Grai')}")

    [met] = [
        part for part in re.findall(r"<tr.*?</tr>", page.text, re.DOTALL) if "<summary>Chi bộ đã họp<" in part
    ]
    assert text(met).endswith("8/10 = 80,0 % +20,0 điểm 32/40 = 80,0 %")
    assert "6/10 = 60,0 %" in text(page.text)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["An Bình", "Ân Hảo", "Đak Pơ", "Ia Grai"]),
        ("met", ["Ia Grai", "Đak Pơ", "Ân Hảo", "An Bình"]),
        ("-met", ["Ân Hảo", "Đak Pơ", "Ia Grai", "An Bình"]),
        ("silent", ["An Bình", "Ân Hảo", "Đak Pơ", "Ia Grai"]),
        ("nonsense", ["An Bình", "Ân Hảo", "Đak Pơ", "Ia Grai"]),
    ],
)
async def test_committees_are_sorted_as_asked(
    client: httpx.AsyncClient, fleet: Fleet, sort: str, expected: list[str]
) -> None:
    for name, met in (("Ân Hảo", 9), ("Đak Pơ", 7), ("Ia Grai", 2)):
        await fleet.told(name, cells_met=met, cells_not_reported=9 - met)
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}?sort={sort}")

    assert order(page) == [f"Đảng ủy xã {name}" for name in expected]


@pytest.mark.parametrize("words", ["an hao", "ÂN  HẢO", "hao"])
async def test_committees_are_found_without_accents_and_the_total_stays_the_provinces(
    client: httpx.AsyncClient, fleet: Fleet, words: str
) -> None:
    await fleet.told_by_all()
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}", params={"q": words})

    assert order(page) == ["Đảng ủy xã Ân Hảo"]
    assert "240" in row(page, "Tổng các nơi đã báo cáo")
    nothing = await client.get(f"/provinces/{fleet.slug}", params={"q": "<không có>"})
    assert "Không có cấp ủy nào có “<không có>”" in text(nothing.text)
    assert "<không có>" not in nothing.text


async def test_a_committee_counts_where_and_is_called_as_it_was_on_the_months_last_day(
    client: httpx.AsyncClient, fleet: Fleet
) -> None:
    await fleet.told_by_all(LAST_MONTH, THIS_MONTH)
    old, gone = fleet.committees["Ia Grai"].id, fleet.committees["Đak Pơ"].id
    async with platform_transaction():
        await sql("UPDATE platform.committee SET name = 'Ia Grai Mới' WHERE id = $1", old)
        await sql("DELETE FROM platform.committee_name WHERE committee = $1", old)
        await sql(
            """INSERT INTO platform.committee_name (committee, kind, name, from_on, to_on) VALUES
            ($1, 'commune_committee', 'Ia Grai', '1930-02-03', $2::date - 1),
            ($1, 'commune_committee', 'Ia Grai Mới', $2, NULL)""",
            old, THIS_MONTH,
        )  # fmt: skip
        await sql(
            "UPDATE platform.committee_belonging SET to_on = $2::date - 1 WHERE committee = $1",
            gone,
            THIS_MONTH,
        )
    await sign_in(client, fleet)

    now = await client.get(f"/provinces/{fleet.slug}")
    before = await client.get(f"/provinces/{fleet.slug}?month={LAST_MONTH:%Y-%m}")
    one = await client.get(f"/provinces/{fleet.slug}/figures/{fleet.path('Ia Grai')}")
    past = await client.get(f"/provinces/{fleet.slug}/figures/{fleet.path('Đak Pơ')}")

    assert order(now) == ["Đảng ủy xã An Bình", "Đảng ủy xã Ân Hảo", "Đảng ủy xã Ia Grai Mới"]
    assert order(before) == [f"Đảng ủy xã {name}" for name in ("An Bình", "Ân Hảo", "Đak Pơ", "Ia Grai")]
    assert "khi đó là Đảng ủy xã Ia Grai" in text(one.text)
    assert past.status_code == 200


async def test_what_is_being_counted_anew_says_so(client: httpx.AsyncClient, fleet: Fleet) -> None:
    await fleet.told_by_all()
    async with platform_transaction():
        await sql(
            "INSERT INTO platform.rollup_dirty (schema_name, month) VALUES ($1, $2)",
            fleet.committees["Ia Grai"].schema_name, THIS_MONTH,
        )  # fmt: skip
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}")

    assert row(page, "Đảng ủy xã Ia Grai").endswith("có thay đổi, đang tính lại")
    assert "đang tính lại" not in row(page, "Đảng ủy xã Đak Pơ")


@pytest.mark.parametrize("role", ["province_viewer", "province_auditor", "province_administrator"])
async def test_readers_of_the_province_read_and_only_its_administrator_adds(
    client: httpx.AsyncClient, fleet: Fleet, role: str
) -> None:
    await sign_in(client, fleet, role)

    page = await client.get(f"/provinces/{fleet.slug}")

    assert page.status_code == 200
    assert ("Thêm cấp ủy" in page.text) == (role == "province_administrator")


async def test_another_provinces_pages_are_not_there(client: httpx.AsyncClient, fleet: Fleet) -> None:
    other = await Fleet.assemble("Xã Khác")
    await other.told_by_all()
    await sign_in(client, fleet)

    for path in ("", "/map", "/comparison", f"/figures/{other.path('Xã Khác')}"):
        assert (await client.get(f"/provinces/{other.slug}{path}")).status_code == 404
    assert (await client.get(f"/provinces/{fleet.slug}/figures/{other.path('Xã Khác')}")).status_code == 404
    assert (await client.get(f"/provinces/{fleet.slug}/comparison?c={other.path('Xã Khác')}")).text.count(
        "Xã Khác"
    ) == 0
    assert (await client.get("/country/")).status_code == 404
