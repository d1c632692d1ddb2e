"""Some cells of a committee become a new one, with their past; the committee keeps the others and goes on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from server import clock
from server.accounts.reader import Reader
from server.bulletins.publishing import hand_on
from server.committees import founding, moving_cells
from server.committees.moving_cells import CLOSE, END, MOVE
from server.province.actions import committee_of, province_of, record_event
from server.words import Refused, say
from tenants import registry, runs
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction

KIND = "split_committee"


@dataclass(frozen=True)
class NewCommittee:
    """The committee that a split makes, as typed: see founding.found_committee."""

    kind: str
    name: str
    administrator: str
    slug: str = ""
    unit_code: str = ""


async def split(
    province_slug: str, slug: str, new: NewCommittee, *, cells: Collection[UUID], day: date | None, by: Reader
) -> tuple[UUID, str]:
    """Begin to make a new committee of some cells of one: the run, and the token of its administrator's invitation.

    Raises NotFound; Refused(kind=…, name=…, slug=…, unit_code=…, administrator=…, cells=…, day=…, committee=…).
    """
    founding.check_new(new.kind, new.name, new.slug, new.administrator)
    first = moving_cells.check_day(day, today=clock.today())
    async with platform_transaction():
        province = await province_of(province_slug, by)
        await moving_cells.lock([await committee_of(province, slug)])
        source = await committee_of(province, slug)
        if source.state not in ("active", "suspended"):
            raise Refused(committee=say("Chỉ tách được cấp ủy đang hoạt động hoặc đang tạm ngừng."))
        there = await moving_cells.cells_of(source)
        chosen = [row for row in there if row["id"] in cells]
        if not chosen:
            raise Refused(cells=say("Xin chọn ít nhất một chi bộ sang cấp ủy mới."))
        if len(chosen) == len(there):
            raise Refused(
                cells=say(
                    "Xin để lại ít nhất một chi bộ; nếu tất cả cùng đi thì đó là đổi tên hoặc sáp nhập."
                )
            )
        moving_cells.check_came_before(chosen, first)
        ref, token = await founding.write_down(
            province, kind=new.kind, name=new.name, slug=new.slug, unit_code=new.unit_code,
            administrator=new.administrator, by=by,
        )  # fmt: skip
        await registry.belong_first(ref.id, first)
        await hand_on(source.id, ref.id)
        await registry.begin_moving(source.id, f"Đang tách {len(chosen)} chi bộ thành {ref.title}.")
        items = [Item(source.title, step=CLOSE, committee=source.id), *moving_cells.items_of(chosen, source),
                 Item(ref.title, step=END, committee=source.id)]  # fmt: skip
        run = await runs.start(
            KIND, items, province=province.id, committee=source.id, by_account=by.account_id, by_name=by.name,
            arguments=moving_cells.arguments_of(source, ref, first),
        )  # fmt: skip
        detail = f"{ref.title}, {len(chosen)} chi bộ, {first:%d/%m/%Y}"
        await record_event(province, by, "committee_split", source.slug, detail, committee=source.id)
    return run, token


async def perform(work: Work) -> dict[str, Any]:
    """One item of a split: found the new committee and close the doors, carry a cell, or open the doors again."""
    if work.step == MOVE:
        return await moving_cells.move(work)
    told = work.run_arguments
    if work.step == CLOSE:
        await founding.build(UUID(told["target"]))
        await moving_cells.shut(work)
        return {}
    async with platform_transaction():
        await moving_cells.write_succession(work, "split")
    await moving_cells.open_again(work, state=told["was"], reason=told["was_reason"])
    return {}
