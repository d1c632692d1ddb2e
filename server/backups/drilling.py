"""Whether what is kept can be put back: by night backups are restored into a schema that nobody sees, and compared."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

from infra.postgres import Record, one, sql
from server.backups import reading
from server.backups.making import COLUMNS
from server.backups.standing import UNTRIED, YOUNGEST
from server.exports import exporting
from server.exports.file_faults import refusal
from server.exports.parts import PARTS
from server.exports.rehearsing import owner_url, rehearse, scratch
from server.schema import committee_line
from tenants import runs
from tenants.current import CommitteeRef
from tenants.export.faults import WrongFile
from tenants.export.restoring import put_back
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction

# So many at most of those that are due are tried in a night and province.
A_NIGHT = 20


async def plan_drills() -> None:
    """Begin a run for each province: of the committees whose restore was not tried for UNTRIED, and of one in any case,
    so that no night passes without a proof. Who waits longest first, chance among those that wait as long; a committee
    whose restores fail stays due, but leaves the one proof of a night to the others.
    """
    async with platform_transaction():
        rows = await sql(
            """SELECT id, province, slug FROM (
                SELECT c.id, c.province, c.slug, t.last,
                    row_number() OVER (PARTITION BY c.province ORDER BY t.last NULLS FIRST, random()) AS turn,
                    row_number() OVER (PARTITION BY c.province ORDER BY t.tried NULLS FIRST, random()) AS any_turn
                FROM platform.committee c LEFT JOIN LATERAL (
                    SELECT max(at) FILTER (WHERE fault = '') AS last, max(at) AS tried FROM (
                        SELECT e.tested_at AS at, e.test_fault AS fault FROM platform.export e WHERE e.committee = c.id
                        UNION ALL SELECT b.rehearsed_at, b.rehearsal_fault FROM platform.backup b
                            WHERE b.committee = c.id) AS drills) t ON true
                WHERE c.state = 'active' AND c.created_at < now() - $3::interval
                    AND NOT EXISTS (SELECT 1 FROM platform.run r WHERE r.province = c.province
                        AND r.kind = 'restore_drill' AND r.state IN ('open', 'paused'))) due
            WHERE any_turn = 1 OR turn <= $2 AND (last IS NULL OR last < now() - $1::interval)
            ORDER BY province, turn""",
            UNTRIED, A_NIGHT, YOUNGEST,
        )  # fmt: skip
        for province in dict.fromkeys(row["province"] for row in rows):
            items = [
                Item(row["slug"], {"export": str(uuid4())}, committee=row["id"])
                for row in rows
                if row["province"] == province
            ]
            await runs.start(
                "restore_drill", items, province=province, by_account=None, by_name="Nền Nếp", priority=9,
                stop_after=A_NIGHT,
            )  # fmt: skip


async def perform(work: Work) -> dict[str, object]:
    """One item of a run of kind restore_drill: a committee's newest backup is tried; of one that has none, an export
    that is made for it without pages and goes at once. Raises Refused, StoreAway, Hopeless.
    """
    assert work.committee is not None
    async with platform_transaction(read_only=True):
        ref = await exporting.ref_by_id(work.committee)
        backup = await newest(ref)
    if ref.state not in exporting.WHOLE:
        return {}
    if backup is not None:
        return await rehearse_backup(ref, backup)
    export = UUID(work.arguments["export"])
    await exporting.make(export, ref, reason="drill", with_pages=False, by_name=work.by_name)
    found = await rehearse(export)
    await exporting.remove(export)
    return found


async def newest(ref: CommitteeRef) -> Record | None:
    """The newest backup of a committee, if there is one. Needs a platform transaction."""
    return await one(
        f"""SELECT {COLUMNS} FROM platform.backup WHERE committee = $1 AND ended_at IS NOT NULL AND removed_at IS NULL
        ORDER BY taken_at DESC LIMIT 1""",
        ref.id,
    )


async def rehearse_backup(ref: CommitteeRef, backup: Record) -> dict[str, object]:
    """Restore a backup into a schema of its own, compare every table, read and compare every page, undo it all. What
    was found and how long it took is kept with the backup. Raises Refused(file=…), StoreAway, Hopeless.
    """
    begun = time.perf_counter()
    try:
        async with reading.fetched(backup["location"]) as found:
            await put_back(owner_url(), found.file, scratch(ref), committee_line(), parts=PARTS, keep=False)
            await reading.each_page(found.about, found.location, reading.look_only)
    except WrongFile as fault:
        await _keep(backup["id"], time.perf_counter() - begun, str(fault))
        raise refusal(fault) from fault
    seconds = time.perf_counter() - begun
    await _keep(backup["id"], seconds, "")
    return {"backup": str(backup["id"]), "rows": found.manifest.rows, "seconds": round(seconds, 1)}


async def _keep(backup: UUID, seconds: float, fault: str) -> None:
    async with platform_transaction():
        await sql(
            """UPDATE platform.backup SET rehearsed_at = now(), rehearsal_seconds = $2, rehearsal_fault = $3
            WHERE id = $1""",
            backup, seconds, fault,
        )  # fmt: skip
