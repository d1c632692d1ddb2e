"""A committee is put away for good, and brought back where that was a mistake. Nothing of it is deleted."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from server import clock
from server.accounts.reader import Reader
from server.committees import founding, moving_cells
from server.province.actions import committee_of, province_of, record_event
from server.words import Refused, say
from tenants import registry
from tenants.transactions import platform_transaction


async def archive(province_slug: str, slug: str, *, reason: str, agreed: bool, by: Reader) -> None:
    """Close a committee for good: its past stays in the figures, from today on it is not counted.

    Raises NotFound; Refused(reason=…, agreed=…, committee=…). One that is archived stays as it is.
    """
    if not 3 <= len(reason.strip()) <= 200:
        raise Refused(reason=say("Xin ghi lý do lưu trữ; người của cấp ủy sẽ đọc được lý do này."))
    if not agreed:
        raise Refused(agreed=say("Xin đánh dấu rằng đồng chí đã xem và đồng ý."))
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        await moving_cells.lock([ref])
        if await registry.archive(ref.id, reason.strip()):
            await registry.belong_until(ref.id, clock.today() - timedelta(days=1))
            await record_event(province, by, "committee_archived", ref.slug, reason.strip(), committee=ref.id)


async def unarchive(province_slug: str, slug: str, *, by: Reader) -> None:
    """Open an archived committee again; it is counted from today on. Raises NotFound; Refused(committee=…) where it has
    merged into another, or another leads its unit now.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        if any(row["kind"] == "merger" for row in await moving_cells.successors(ref.id)):
            raise Refused(
                committee=say("Cấp ủy này đã sáp nhập, các chi bộ không còn ở đây, nên không đưa trở lại được.")
            )  # fmt: skip
        try:
            back = await registry.unarchive(ref.id)
        except asyncpg.UniqueViolationError:
            raise Refused(committee=founding.UNIT_TAKEN) from None
        if back:
            await registry.belong_again(ref.id, clock.today())
            await record_event(province, by, "committee_unarchived", ref.slug, committee=ref.id)
