"""A committee merges into another: all its cells go there with their past, and it is put away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server import clock
from server.accounts.reader import Reader
from server.committees import moving_cells
from server.committees.moving_cells import CLOSE, END, MOVE
from server.province.actions import Province, committee_of, province_of, record_event
from server.words import Refused, say
from tenants import registry, runs
from tenants.current import CommitteeRef
from tenants.runs import Item, Work
from tenants.transactions import as_committee, platform_transaction

KIND = "merge_committees"


@dataclass(frozen=True)
class Merger:
    """What merging would do: the cells that go (id, name, to_on, members), and the names that both committees have."""

    source: CommitteeRef
    target: CommitteeRef
    cells: list[Record]
    same_names: list[str]

    @property
    def members(self) -> int:
        """Members of the cells that go, as of today."""
        return sum(row["members"] for row in self.cells)


async def others(province: Province, ref: CommitteeRef) -> list[CommitteeRef]:
    """The committees into which one of the province may merge. Needs a platform transaction."""
    return [
        other
        for other in await registry.committees(province.id)
        if other.id != ref.id and other.state == "active"
    ]


async def preview(province: Province, slug: str, into: str) -> Merger:
    """What merging one committee into another would do. Raises NotFound; Refused(into=…, committee=…). Needs a platform
    transaction.
    """
    source, target = await committee_of(province, slug), await registry.find(into)
    if source.state not in ("active", "suspended"):
        raise Refused(committee=say("Chỉ sáp nhập được cấp ủy đang hoạt động hoặc đang tạm ngừng."))
    if target is None or target.province_id != province.id or target.id == source.id:
        raise Refused(into=say("Xin chọn cấp ủy nhận trong danh sách."))
    if target.state != "active":
        raise Refused(into=say("Cấp ủy nhận phải đang hoạt động."))
    cells = await moving_cells.cells_of(source)
    async with as_committee(target):
        rows = await sql("SELECT name FROM cell WHERE name = ANY ($1)", [row["name"] for row in cells])
    await moving_cells.check_never_there(source, target, [row["id"] for row in cells])
    return Merger(source, target, cells, [row["name"] for row in rows])


async def merge(
    province_slug: str, slug: str, *, into: str, day: date | None, agreed: bool, by: Reader
) -> UUID:
    """Begin to merge a committee into another one; the run. From ``day`` on its cells are the other's.

    Its doors close at once. Raises NotFound; Refused(into=…, day=…, agreed=…, committee=…).
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        merger = await preview(province, slug, into)
        source, target = merger.source, merger.target
        first = moving_cells.check_day(day, today=clock.today())
        if not agreed:
            raise Refused(agreed=say("Xin đánh dấu rằng đồng chí đã xem và đồng ý."))
        await moving_cells.lock([source, target])
        # Once more: one of them may have been put away while we waited.
        merger = await preview(province, slug, into)
        source, target = merger.source, merger.target
        moving_cells.check_came_before(merger.cells, first)
        await registry.begin_moving(source.id, f"Đang sáp nhập vào {target.title}.")
        items = [Item(ref.title, step=n, committee=source.id) for ref, n in ((source, CLOSE), (target, END))]
        run = await runs.start(
            KIND, items, province=province.id, committee=source.id, by_account=by.account_id, by_name=by.name,
            arguments=moving_cells.arguments_of(source, target, first),
        )  # fmt: skip
        await record_event(
            province, by, "committee_merged", source.slug, f"{target.title}, {first:%d/%m/%Y}", committee=source.id
        )  # fmt: skip
    return run


async def perform(work: Work) -> dict[str, Any]:
    """One item of a merger: close the doors and list the cells, carry a cell, or put the committee away."""
    if work.step == MOVE:
        return await moving_cells.move(work)
    if work.step == CLOSE:
        cells = await moving_cells.shut(work)
        source, _ = await moving_cells.both(work)
        async with platform_transaction():
            await runs.add_items(work.run, moving_cells.items_of(cells, source))
        return {"cells": len(cells)}
    await _put_away(work)
    return {}


async def _put_away(work: Work) -> None:
    told = work.run_arguments
    async with platform_transaction():
        await moving_cells.write_succession(work, "merger")
        await registry.belong_until(UUID(told["source"]), date.fromisoformat(told["day"]) - timedelta(days=1))
    reason = f"Đã sáp nhập vào {told['target_title']}."
    await moving_cells.open_again(work, state="archived", reason=reason)
