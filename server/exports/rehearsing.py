"""Whether an export can be put back: restored into a schema that nobody sees, compared, undone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from infra import objects
from infra.postgres import Record, sql
from infra.settings import settings
from server.exports import exporting
from server.exports.file_faults import refusal
from server.exports.parts import PARTS
from server.minutes.keeping import StoreAway
from server.schema import committee_line
from server.words import Refused, say
from tenants import runs
from tenants.export.faults import WrongFile
from tenants.export.folders import temporary
from tenants.export.manifest import Manifest
from tenants.export.restoring import Target, put_back
from tenants.export.verifying import verify
from tenants.outbox import Hopeless
from tenants.runs import Item
from tenants.transactions import platform_transaction

# A committee whose restore was not tried for so long is tried by the clock, so many a night and province.
UNTRIED = timedelta(days=60)
A_NIGHT = 20
# One that was founded only now has its first days for itself.
YOUNGEST = timedelta(days=7)


def owner_url() -> str:
    """The address of the database's owner, who alone builds and drops schemas. Raises Hopeless where none is set."""
    url = settings().owner_database_url
    if url is None:
        raise Hopeless("this worker has no NENNEP_OWNER_DATABASE_URL, so it cannot build or drop schemas")
    return url


@asynccontextmanager
async def fetched(row: Record) -> AsyncIterator[tuple[Path, Manifest]]:
    """An export's file out of the store, read whole and compared with what is known of it. Raises WrongFile,
    StoreAway, Refused(file=…) where the store has it no more.
    """
    with temporary() as folder:
        file = Path(folder, "export.zip")
        try:
            await objects.get_file(exporting.key_of(row["id"]), file)
        except objects.Missing:
            raise Refused(file=say("Tệp xuất này không còn trong kho.")) from None
        except objects.ObjectErrors as error:
            raise StoreAway from error
        manifest, sha256 = await asyncio.to_thread(verify, file)
        if sha256 != row["sha256"] or manifest.committee.id != row["committee"]:
            raise WrongFile("broken", "manifest.json")
        yield file, manifest


async def rehearse(export: UUID) -> dict[str, object]:
    """Restore an export into a schema of its own, compare every table, undo it all; what was found is kept with it.

    Raises Refused(file=…) where it can't be put back as it was, StoreAway, Hopeless.
    """
    async with platform_transaction(read_only=True):
        row = await exporting.export_row(export)
        ref = await exporting.ref_by_id(row["committee"])
    target = Target(
        uuid4(), ref.province_id, f"thu-{secrets.token_hex(8)}", "c_" + secrets.token_hex(7)[:13], ref.kind,
        f"Phục hồi thử {secrets.token_hex(8)}",
    )  # fmt: skip
    try:
        async with fetched(row) as (file, manifest):
            await put_back(owner_url(), file, target, committee_line(), parts=PARTS, keep=False)
    except WrongFile as fault:
        await _keep(export, str(fault))
        raise refusal(fault) from fault
    await _keep(export, "")
    return {"export": str(export), "rows": manifest.rows}


async def _keep(export: UUID, fault: str) -> None:
    async with platform_transaction():
        await sql(
            "UPDATE platform.export SET tested_at = now(), test_fault = $2 WHERE id = $1", export, fault
        )


async def drill(committee: UUID, export: UUID, *, by_name: str) -> dict[str, object]:
    """Export a committee without its pages only to try that; the file goes at once. Raises as ``rehearse``."""
    async with platform_transaction(read_only=True):
        ref = await exporting.ref_by_id(committee)
    if ref.state not in exporting.WHOLE:
        return {}
    await exporting.make(export, ref, reason="drill", with_pages=False, by_name=by_name)
    found = await rehearse(export)
    await exporting.remove(export)
    return found


async def plan_drills() -> None:
    """Begin a run for each province that has committees whose restore was not tried for UNTRIED: the oldest first."""
    async with platform_transaction():
        rows = await sql(
            """SELECT id, province, slug FROM (
                SELECT c.id, c.province, c.slug, row_number() OVER (
                    PARTITION BY c.province ORDER BY t.last NULLS FIRST) AS turn
                FROM platform.committee c LEFT JOIN LATERAL (SELECT max(e.tested_at) AS last FROM platform.export e
                    WHERE e.committee = c.id AND e.test_fault = '') t ON true
                WHERE c.state = 'active' AND c.created_at < now() - $3::interval
                    AND (t.last IS NULL OR t.last < now() - $1::interval)
                    AND NOT EXISTS (SELECT 1 FROM platform.run r WHERE r.province = c.province
                        AND r.kind = 'restore_drill' AND r.state IN ('open', 'paused'))) due
            WHERE turn <= $2 ORDER BY province, turn""",
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
