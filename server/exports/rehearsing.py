"""Whether an export can be put back: restored into a schema that nobody sees, compared, undone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from tenants.current import CommitteeRef
from tenants.export.faults import WrongFile
from tenants.export.folders import temporary
from tenants.export.manifest import Manifest
from tenants.export.restoring import Target, put_back
from tenants.export.verifying import verify
from tenants.outbox import Hopeless
from tenants.transactions import platform_transaction


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
    try:
        async with fetched(row) as (file, manifest):
            await put_back(owner_url(), file, scratch(ref), committee_line(), parts=PARTS, keep=False)
    except WrongFile as fault:
        await _keep(export, str(fault))
        raise refusal(fault) from fault
    await _keep(export, "")
    return {"export": str(export), "rows": manifest.rows}


def scratch(ref: CommitteeRef) -> Target:
    """A committee that nobody sees, to restore into."""
    return Target(
        uuid4(), ref.province_id, f"thu-{secrets.token_hex(8)}", "c_" + secrets.token_hex(7)[:13], ref.kind,
        f"Phục hồi thử {secrets.token_hex(8)}",
    )  # fmt: skip


async def _keep(export: UUID, fault: str) -> None:
    async with platform_transaction():
        await sql(
            "UPDATE platform.export SET tested_at = now(), test_fault = $2 WHERE id = $1", export, fault
        )
