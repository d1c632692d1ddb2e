"""Backups by the clock: a run a province and night, whose items each back one committee up and sweep what is over."""

from __future__ import annotations

from uuid import UUID, uuid4

from infra.postgres import sql
from infra.settings import settings
from server.backups import keeping, making
from server.exports import exporting
from tenants import runs
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction

KIND = "backup"


async def plan_backups() -> None:
    """Begin a run for each province, who waits longest first; none where a person paused one, or no place is set."""
    if settings().backup_url is None:
        return
    async with platform_transaction():
        for province in await sql("SELECT id FROM platform.province"):
            await _begin(province["id"])


async def _begin(province: UUID) -> None:
    under_way = await sql(
        "SELECT id, state FROM platform.run WHERE kind = $1 AND province = $2 AND state IN ('open', 'paused')",
        KIND, province,
    )  # fmt: skip
    if any(row["state"] == "paused" for row in under_way):
        return
    # What last night did not come to is the first of this one: one committee that waits for ever stops nobody.
    for row in under_way:
        await runs.stop(row["id"])
    rows = await sql(
        """SELECT c.id, c.slug FROM platform.committee c LEFT JOIN LATERAL (
            SELECT max(b.taken_at) AS last FROM platform.backup b WHERE b.committee = c.id) b ON true
        WHERE c.province = $1 AND c.state = ANY ($2) ORDER BY b.last NULLS FIRST, c.slug""",
        province, list(exporting.WHOLE),
    )  # fmt: skip
    if rows:
        items = [Item(row["slug"], {"backup": str(uuid4())}, committee=row["id"]) for row in rows]
        # What can't be done of one committee keeps no other from its backup.
        await runs.start(
            KIND, items, province=province, by_account=None, by_name="Nền Nếp", priority=9, stop_after=len(items)
        )  # fmt: skip


async def perform(work: Work) -> dict[str, object]:
    """One item of a run of kind backup. Raises StoreAway while the object store or the place of backups is away,
    Refused where the place is full or none is set.
    """
    assert work.committee is not None
    async with platform_transaction(read_only=True):
        ref = await exporting.ref_by_id(work.committee)
    if ref.state not in exporting.WHOLE:
        return {}
    row = await making.make(UUID(work.arguments["backup"]), ref)
    swept = await keeping.sweep(ref)
    return {"rows": row["rows"], "pages": row["pages"], "bytes": row["bytes"], "swept": swept}
