"""The same figures as a map, beside each other over months, and of the whole country."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx
import pytest

from infra.embedded import Servers
from infra.postgres import sql
from server import clock
from tenants.transactions import platform_transaction
from tests.province.fleet import LAST_MONTH, THIS_MONTH, Fleet, sign_in
from tests.web.test_province_figures import row, text
from web.assets import asset, files
from web.province.classes import scale


@pytest.fixture
async def mapped(database: Servers) -> Fleet:
    """Two new committees of the province that has a map; the first leads a commune."""
    names = [f"Quy Nhơn {uuid4().hex[:6]}" for _ in range(2)]
    fleet = await Fleet.assemble(*names, slug="gia-lai")
    await fleet.told(names[0], cells_met=9, cells_not_met=0)
    async with platform_transaction():
        await sql("UPDATE platform.committee SET unit_code = '' WHERE unit_code = '21583'")
        await sql(
            "UPDATE platform.committee SET unit_code = '21583' WHERE id = $1", fleet.committees[names[0]].id
        )
    return fleet


async def test_a_map_is_drawn_from_a_table_that_says_all_of_it(
    client: httpx.AsyncClient, mapped: Fleet
) -> None:
    first, second = mapped.committees
    await sign_in(client, mapped)

    page = await client.get(f"/provinces/{mapped.slug}/map?indicator=met")

    [topo] = re.findall(r'data-topo="/static/([^"]+)"', page.text)
    found = files()[topo]
    assert b"21583" in found.bodies[""]
    assert len(found.bodies["br"]) < len(found.bodies[""]) / 3
    [unit] = re.findall(r'<tr role="row" data-unit="21583".*?>', page.text)
    assert 'data-mark="90"' in unit
    assert "9/10 = 90,0 %" in row(page, f"Đảng ủy xã {first}")
    assert "chưa báo cáo" in row(page, f"Đảng ủy xã {second}")
    assert "MIT" in page.text
    assert not re.search(r"\sstyle=", page.text)


async def test_a_province_without_a_map_has_the_table(client: httpx.AsyncClient, database: Servers) -> None:
    fleet = await Fleet.assemble("Ia Grai", "Đak Pơ")
    await fleet.told("Ia Grai", members_probationary=2)
    await fleet.told("Đak Pơ")
    await sign_in(client, fleet)

    page = await client.get(f"/provinces/{fleet.slug}/map?indicator=probationary")

    assert "Chưa có bản đồ của tỉnh này" in page.text
    assert "map.js" not in page.text
    assert 'data-class="kept"' in page.text
    assert "dưới 5" in row(page, "Đảng ủy xã Ia Grai")
    assert "10/60" in row(page, "Đảng ủy xã Đak Pơ")


@pytest.mark.parametrize(
    ("values", "share", "limits", "words"),
    [
        ([], True, [], ["mọi nơi có số liệu"]),
        ([0.5, 0.5], True, [], ["mọi nơi có số liệu"]),
        ([0.1, 0.3, 0.5, 0.7, 0.9], True, [30, 50, 70, 90],
         ["dưới 30 %", "30 % đến dưới 50 %", "50 % đến dưới 70 %", "70 % đến dưới 90 %", "từ 90 % trở lên"]),
        ([0.8, 1.0, 1.0], True, [100], ["dưới 100 %", "đủ 100 %"]),
        ([1, 1000, 2000], False, [1000, 2000], ["dưới 1.000", "1.000 đến dưới 2.000", "từ 2.000 trở lên"]),
    ],
)  # fmt: skip
def test_classes(values: list[float], share: bool, limits: list[int], words: list[str]) -> None:
    made = scale(values, share=share)

    assert list(made.limits) == limits
    assert made.words() == words
    assert all(0 <= made.of(value) < len(words) for value in values)


async def test_committees_are_compared_with_each_other_and_the_province(
    client: httpx.AsyncClient, database: Servers
) -> None:
    fleet = await Fleet.assemble("Ia Grai", "Đak Pơ")
    await fleet.told_by_all(LAST_MONTH, cells_met=5, cells_not_reported=4)
    await fleet.told("Ia Grai")
    await sign_in(client, fleet)

    page = await client.get(
        f"/provinces/{fleet.slug}/comparison",
        params={"indicator": "met", "c": [fleet.path("Ia Grai"), fleet.path("Đak Pơ"), "nobody", ""]},
    )

    months = re.findall(r'<tr role="row"><th role="rowheader" scope="row">(.*?)</tr>', page.text, re.DOTALL)
    assert len(months) == 12
    before = f"{LAST_MONTH.month}/{LAST_MONTH.year} 5/10 = 50,0 % 5/10 = 50,0 % 10/20 = 50,0 %"
    assert text(months[-2]) == before
    assert text(months[-1]).startswith(
        f"{THIS_MONTH.month}/{THIS_MONTH.year} 8/10 = 80,0 % … chưa báo cáo 8/10 = 80,0 %"
    )
    assert 'data-height="0.5"' in months[-2]
    assert 'data-height=""' in months[0]
    assert f'src="{asset("chart.js")}"' in page.text
    longer = await client.get(f"/provinces/{fleet.slug}/comparison?months=24&indicator=nonsense")
    assert longer.text.count('<tr role="row"><th role="rowheader"') == 24


async def test_a_committee_has_two_years_of_figures_and_its_classification(
    client: httpx.AsyncClient, database: Servers
) -> None:
    fleet = await Fleet.assemble("Ia Grai", "Đak Pơ", "An Bình")
    await fleet.told_by_all(*(clock.month_after(THIS_MONTH, -n) for n in range(24)))
    year = THIS_MONTH.year - 1
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.rollup_year (committee, year, cells, cells_told, cells_excellent, cells_good,
                cells_completed, cells_failed, members, members_excellent, members_good, members_completed,
                members_failed, members_not_rated)
            SELECT id, $2, 10, 9, 2, 6, 1, 0, 60, 10, 40, 10 - CASE WHEN name = 'Ia Grai' THEN 2 ELSE 0 END,
                CASE WHEN name = 'Ia Grai' THEN 2 ELSE 0 END, 0 FROM platform.committee WHERE province = $1""",
            fleet.id, year,
        )  # fmt: skip
    await sign_in(client, fleet)

    pages = {
        name: await client.get(f"/provinces/{fleet.slug}/figures/{fleet.path(name)}?months=24&show=meetings")
        for name in fleet.committees
    }

    assert pages["Ia Grai"].text.count("42/50") >= 24
    told = {name: "40/60 = 66,7 %" in text(page.text) for name, page in pages.items()}
    # The one with two members who failed, and one more, so that it is not alone in what is missing.
    assert not told["Ia Grai"]
    assert sorted(told.values()) == [False, False, True]
    assert all("2/9 = 22,2 %" in text(page.text) for page in pages.values())


async def test_the_country_is_the_sum_of_what_provinces_are_shown(
    client: httpx.AsyncClient, database: Servers
) -> None:
    fleet = await Fleet.assemble("Ia Grai", "Đak Pơ")
    await fleet.told_by_all()
    async with platform_transaction(read_only=True):
        [named] = await sql("SELECT name FROM platform.province WHERE id = $1", fleet.id)
    await sign_in(client, fleet, "country_viewer")

    page = await client.get("/country/")
    found = await client.get("/country/", params={"q": named["name"].upper()})

    told = row(page, named["name"])
    assert told.startswith(f"{named['name']} 2/2 120 16/20 = 80,0 % 84/100 = 84,0 %")
    assert found.text.count('scope="row"') == 1
    assert "Đak Pơ" not in page.text
    assert (await client.get(f"/provinces/{fleet.slug}")).status_code == 404
