"""A committee gets another name or kind; what is dated before says the old one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from infra.postgres import sql
from server import clock
from server.committees import naming
from server.meetings.queries import NotFound
from server.words import Refused
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast, person
from tests.province.full_cell import administrator, province_slug

LONG_AGO = date(2024, 5, 1)


async def title_on(cast: Cast, day: date) -> str:
    async with platform_transaction(read_only=True):
        return await registry.title_on(cast.pleiku.id, day)


async def events(cast: Cast) -> list[tuple[str, str]]:
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT action, detail FROM platform.province_event WHERE province = $1 ORDER BY id",
            cast.province,
        )
    return [(row["action"], row["detail"]) for row in rows]


async def test_a_new_name_counts_from_its_day_and_the_old_one_before_it(cast: Cast) -> None:
    by, province = administrator(cast), await province_slug(cast)
    day = clock.today() - timedelta(days=10)
    await naming.rename(province, cast.pleiku.slug, name="  Phố   Núi ", day=day, by=by)

    assert await title_on(cast, LONG_AGO) == "Thành ủy Pleiku"
    assert await title_on(cast, day - timedelta(days=1)) == "Thành ủy Pleiku"
    assert await title_on(cast, day) == await title_on(cast, clock.today()) == "Thành ủy Phố Núi"
    async with platform_transaction(read_only=True):
        ref = await registry.find(cast.pleiku.slug)
    assert ref is not None
    assert ref.name == "Phố Núi"
    assert await events(cast) == [("committee_renamed", "Pleiku → Phố Núi")]

    await naming.rename(province, cast.pleiku.slug, name="Phố Núi", day=day, by=by)
    assert len(await events(cast)) == 1, "the name that it has changes nothing"


async def test_a_name_corrected_on_its_own_day_leaves_no_trace_of_the_slip(cast: Cast) -> None:
    by, province = administrator(cast), await province_slug(cast)
    for name in ("Phố Núii", "Phố Núi"):
        await naming.rename(province, cast.pleiku.slug, name=name, day=clock.today(), by=by)

    async with platform_transaction(read_only=True):
        names = await naming.names_of(cast.pleiku.id)
    assert [(row["name"], row["to_on"]) for row in names] == [
        ("Phố Núi", None), ("Pleiku", clock.today() - timedelta(days=1))
    ]  # fmt: skip


async def test_another_kind_is_kept_by_day_like_a_name(cast: Cast) -> None:
    by, province = administrator(cast), await province_slug(cast)
    await naming.change_kind(
        province, cast.pleiku.slug, kind="ward_committee", unit_code="", day=clock.today(), by=by
    )

    assert await title_on(cast, LONG_AGO) == "Thành ủy Pleiku"
    assert await title_on(cast, clock.today()) == "Đảng ủy phường Pleiku"


async def test_what_can_not_be_is_refused_at_its_field(cast: Cast) -> None:
    by, province, today = administrator(cast), await province_slug(cast), clock.today()

    async def field(name: str, day: date | None) -> list[str]:
        with pytest.raises(Refused) as refusal:
            await naming.rename(province, cast.pleiku.slug, name=name, day=day, by=by)
        return list(refusal.value.reasons)

    assert await field("", today) == ["name"]
    assert await field("Phố Núi", None) == ["day"]
    assert await field("Phố Núi", today + timedelta(days=1)) == ["day"]
    await naming.rename(province, cast.pleiku.slug, name="Phố Núi", day=today, by=by)
    assert await field("Phố Biển", today - timedelta(days=1)) == ["day"]

    async def code(kind: str, unit_code: str) -> list[str]:
        with pytest.raises(Refused) as refusal:
            await naming.change_kind(
                province, cast.pleiku.slug, kind=kind, unit_code=unit_code, day=today, by=by
            )
        return list(refusal.value.reasons)

    assert await code("soviet", "") == ["kind"]
    # 23764 is a commune; no ward leads it.
    assert await code("ward_committee", "23764") == ["unit_code"]
    assert await code("commune_committee", "99999") == ["unit_code"]


async def test_a_name_that_the_province_has_is_refused(cast: Cast) -> None:
    by, province = administrator(cast), await province_slug(cast)
    async with platform_transaction():
        await sql(
            "UPDATE platform.committee SET kind = $2 WHERE id = $1", cast.neighbour.id, cast.pleiku.kind
        )
    with pytest.raises(Refused) as refusal:
        await naming.rename(province, cast.pleiku.slug, name="Ayun Pa", day=clock.today(), by=by)
    assert list(refusal.value.reasons) == ["name"]


async def test_nobody_else_renames(cast: Cast) -> None:
    with pytest.raises(NotFound):
        await naming.rename(
            await province_slug(cast), cast.pleiku.slug, name="Phố Núi", day=clock.today(),
            by=person("Văn phòng", "office"),
        )  # fmt: skip
