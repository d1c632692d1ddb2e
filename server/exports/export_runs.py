"""The items of runs that export."""

from __future__ import annotations

from uuid import UUID

from server.exports import exporting
from server.exports.rehearsing import rehearse
from server.words import Refused, say
from tenants.runs import Work
from tenants.transactions import platform_transaction


async def export(work: Work) -> dict[str, object]:
    """One item of a run of kind export: make the file, or rehearse its restore. Raises Refused, StoreAway, Hopeless."""
    assert work.committee is not None
    made = UUID(work.run_arguments["export"])
    if work.step == exporting.TRY:
        return await rehearse(made)
    async with platform_transaction(read_only=True):
        ref = await exporting.ref_by_id(work.committee)
    if ref.state not in exporting.WHOLE:
        raise Refused(export=say("Cấp ủy này không có dữ liệu để xuất."))
    row = await exporting.make(
        made, ref, reason="person", with_pages=work.run_arguments["with_pages"], by_name=work.by_name
    )
    return {"export": str(made), "rows": row["rows"], "pages": row["pages"], "bytes": row["bytes"]}
