"""Some cells of a committee become a new one; the others stay, and the committee opens again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.embedded import Servers
from infra.postgres import sql
from server import clock
from server.committees import merging, moving_cells, splitting
from server.committees.splitting import NewCommittee
from server.members.actions import confirm, read_in
from server.words import Refused
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.fleet.running import go_through, items_of
from tests.members.office import AN, OFFICE, sheet_of
from tests.province.full_cell import administrator, everything, fill, province_slug, second_cell

NEW = NewCommittee("ward_committee", "Hoa Lư", "Nguyễn Thị Hương")


async def split(cast: Cast, cells: Collection[UUID], new: NewCommittee = NEW, **more: Any) -> UUID:
    told: dict[str, Any] = {"day": clock.today(), "by": administrator(cast)} | more
    run, token = await splitting.split(await province_slug(cast), cast.pleiku.slug, new, cells=cells, **told)
    assert token
    return run


async def committee(cast: Cast, name: str) -> CommitteeRef:
    async with platform_transaction(read_only=True):
        found = [ref for ref in await registry.committees(cast.province) if ref.name == name]
    return found[0]


async def test_the_chosen_cell_is_in_the_new_committee_and_the_other_stays(
    cast: Cast, database: Servers
) -> None:
    await fill(cast)
    stays = await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    run = await split(cast, [cast.cell])
    assert (await committee(cast, "Pleiku")).state == "moving"
    row = await go_through(run)
    assert row["state"] == "done", [dict(item) for item in await items_of(run)]

    new = await committee(cast, "Hoa Lư")
    assert (new.state, (await committee(cast, "Pleiku")).state) == ("active", "active")
    there = await everything(database, new)
    assert [cell["name"] for cell in there["cell"]] == ["Chi bộ Tổ dân phố 5"]
    assert len(there["member"]) == len(there["mark"]) == 6
    with using(cast.pleiku):
        async with transaction():
            rows = await sql("SELECT id, went_to FROM cell ORDER BY went_to")
    assert [(r["id"], r["went_to"]) for r in rows] == [(stays, ""), (cast.cell, "Đảng ủy phường Hoa Lư")]
    async with platform_transaction(read_only=True):
        belongs = await sql("SELECT from_on FROM platform.committee_belonging WHERE committee = $1", new.id)
        went = await moving_cells.successors(cast.pleiku.id)
    assert [r["from_on"] for r in belongs] == [clock.today()]
    assert [(r["kind"], r["cells"]) for r in went] == [("split", 1)]


async def test_of_who_is_in_another_cell_now_only_the_name_goes_along(cast: Cast, database: Servers) -> None:
    """Somebody was in the cell that leaves until last year and is in one that stays."""
    stays = await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    with using(cast.pleiku):
        async with transaction():
            await sql(
                """INSERT INTO membership (id, member, cell, from_on, to_on, ended_by)
                SELECT gen_random_uuid(), member, $2, '2015-01-01', '2019-12-31', 'moved' FROM membership
                WHERE cell = $1""",
                stays, cast.cell,
            )  # fmt: skip
    await go_through(await split(cast, [cast.cell]))

    there = await everything(database, await committee(cast, "Hoa Lư"))
    named = next(m for m in there["member"] if m["name"] == "Siu Bình")
    assert (named["phone"], named["card_number"], named["born"]) == (None, None, None)
    assert [m["to_on"] for m in there["membership"] if m["member"] == named["id"]] == ["2019-12-31"]
    with using(cast.pleiku):
        async with transaction():
            rows = await sql("SELECT to_on FROM membership WHERE cell = $1", stays)
    assert [r["to_on"] for r in rows] == [None]


async def test_who_follows_later_is_the_same_person_with_the_same_number(
    cast: Cast, database: Servers
) -> None:
    other = await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    await second_cell(cast.pleiku, "Chi bộ ở lại")
    with using(cast.pleiku):
        async with transaction():
            await sql(
                """INSERT INTO membership (id, member, cell, from_on, to_on, ended_by)
                SELECT gen_random_uuid(), member, $2, '2015-01-01', '2019-12-31', 'moved' FROM membership
                WHERE cell = $1""",
                other, cast.cell,
            )  # fmt: skip
    await go_through(await split(cast, [cast.cell]))
    new = await committee(cast, "Hoa Lư")
    before = {m["id"]: m["no"] for m in (await everything(database, new))["member"]}
    run = await merging.merge(
        await province_slug(cast), cast.pleiku.slug, into=new.slug, day=clock.today(), agreed=True,
        by=administrator(cast),
    )  # fmt: skip
    assert (await go_through(run))["state"] == "done"

    after = {m["id"]: m for m in (await everything(database, new))["member"]}
    assert {id_: after[id_]["no"] for id_ in before} == before
    assert len(after) == len(before) + 1
    assert all(m["phone"] == "09" for m in after.values() if m["name"] == "Siu Bình")


async def test_a_cell_does_not_come_back_to_where_its_past_lies(cast: Cast) -> None:
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    await go_through(await split(cast, [cast.cell]))
    new = await committee(cast, "Hoa Lư")
    with pytest.raises(Refused) as refusal:
        await merging.merge(
            await province_slug(cast), new.slug, into=cast.pleiku.slug, day=clock.today(), agreed=True,
            by=administrator(cast),
        )  # fmt: skip
    assert list(refusal.value.reasons) == ["committee"]


async def test_what_can_not_be_split_is_refused_at_its_field(cast: Cast) -> None:
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    for field, cells, new, more in (
        ("cells", [], NEW, {}),
        ("name", [cast.cell], NewCommittee("ward_committee", "", "Nguyễn Thị Hương"), {}),
        ("administrator", [cast.cell], NewCommittee("ward_committee", "Hoa Lư", ""), {}),
        ("day", [cast.cell], NEW, {"day": clock.today() + timedelta(days=1)}),
    ):
        with pytest.raises(Refused) as refusal:
            await split(cast, cells, new, **more)
        assert list(refusal.value.reasons) == [field]
    async with platform_transaction(read_only=True):
        rows = await moving_cells.cells_of(cast.pleiku)
    with pytest.raises(Refused) as refusal:
        await split(cast, [row["id"] for row in rows])
    assert list(refusal.value.reasons) == ["cells"]
    assert (await committee(cast, "Pleiku")).state == "active"


async def test_an_old_list_puts_nobody_into_a_cell_that_went(cast: Cast, database: Servers) -> None:
    """The office uploads what it had before: its people would be counted nowhere."""
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    await go_through(await split(cast, [cast.cell]))
    row = (*AN[:5], "Chi bộ Tổ dân phố 5", "")
    with using(cast.pleiku):
        with pytest.raises(Refused):
            await confirm(await read_in(sheet_of(row), by=OFFICE), by=OFFICE)
        async with transaction():
            there = await sql("SELECT 1 FROM membership WHERE cell = $1 AND to_on IS NULL", cast.cell)
    assert there == []
