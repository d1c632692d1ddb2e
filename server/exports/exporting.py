"""Exports of a committee: asked for by an administrator of the province, made and tried by a run, kept for a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from infra import objects
from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.events import record_event as record_inside
from server.exports.parts import PARTS
from server.meetings.queries import NotFound
from server.minutes.keeping import StoreAway
from server.province.actions import Province, committee_of, province_of, record_event
from server.words import Refused, say
from tenants import runs
from tenants.current import CommitteeRef
from tenants.export.folders import temporary
from tenants.export.writing import write_export
from tenants.registry import COLUMNS, ref_of
from tenants.runs import Item
from tenants.transactions import as_committee, platform_transaction

# A file with everybody's names is kept no longer than somebody needs to fetch it.
KEPT = timedelta(days=30)
# What is made by the clock as a rehearsal goes as soon as it has been tried; one that was not, after this time.
DRILL_KEPT = timedelta(days=1)
# In these states there is something to export.
WHOLE = ("active", "suspended", "moving", "archived")
MAKE, TRY = 1, 2
STEPS = {MAKE: say("Tạo tệp"), TRY: say("Phục hồi thử")}


async def ask(province_slug: str, slug: str, *, with_pages: bool, by: Reader) -> UUID:
    """Begin an export that is tried at once by a rehearsal of its restore; the run. While one is under way, that one.

    Raises NotFound, Refused(export=…).
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        if ref.state not in WHOLE:
            raise Refused(export=say("Cấp ủy này không có dữ liệu để xuất."))
        # Two who press at once get one export.
        await sql("SELECT 1 FROM platform.committee WHERE id = $1 FOR NO KEY UPDATE", ref.id)
        if (open_run := await under_way(ref.id, "export")) is not None:
            return open_run
        run = await runs.start(
            "export", [Item(str(words), step=step, committee=ref.id) for step, words in STEPS.items()],
            province=province.id, by_account=by.account_id, by_name=by.name, committee=ref.id,
            arguments={"export": str(uuid4()), "with_pages": with_pages}, priority=4,
        )  # fmt: skip
        await record_event(province, by, "export_asked", ref.slug)
    return run


async def under_way(committee: UUID, *kinds: str) -> UUID | None:
    """The run of one of these kinds that a committee is in, if any. Needs a platform transaction."""
    row = await one(
        """SELECT id FROM platform.run WHERE committee = $1 AND kind = ANY ($2) AND state IN ('open', 'paused')
        ORDER BY created_at DESC LIMIT 1""",
        committee, list(kinds),
    )  # fmt: skip
    return row["id"] if row else None


def key_of(export: UUID) -> str:
    """Where a file lies: not below the committee's own name, or erasing the committee would take it away."""
    return f"exports/{export}.zip"


async def make(export: UUID, ref: CommitteeRef, *, reason: str, with_pages: bool, by_name: str) -> Record:
    """Make an export and store it; its row. One that is made already stays as it is. Raises StoreAway."""
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.export (id, committee, reason, with_pages, version, by_name)
            SELECT $1, id, $3, $4, version, $5 FROM platform.committee WHERE id = $2 ON CONFLICT DO NOTHING""",
            export, ref.id, reason, with_pages, by_name,
        )  # fmt: skip
        row = await export_row(export)
    if row["made_at"] is not None:
        return row
    with temporary() as folder:
        file = Path(folder, "export.zip")
        try:
            made = await write_export(ref, file, parts=PARTS, with_pages=with_pages)
            await objects.put_large(key_of(export), file, "application/zip")
        except objects.ObjectErrors as error:
            raise StoreAway from error
    async with platform_transaction():
        await sql(
            """UPDATE platform.export SET object_key = $2, bytes = $3, rows = $4, pages = $5, version = $6,
                sha256 = $7, made_at = now() WHERE id = $1""",
            export, key_of(export), made.bytes, made.manifest.rows, made.manifest.pages, made.manifest.version,
            made.sha256,
        )  # fmt: skip
        return await export_row(export)


_EXPORT = """SELECT id, committee, reason, with_pages, object_key, bytes, rows, pages, version, sha256, asked_at,
    by_name, made_at, tested_at, test_fault, removed_at FROM platform.export"""


async def export_row(export: UUID) -> Record:
    """An export. Raises NotFound. Needs a platform transaction."""
    row = await one(f"{_EXPORT} WHERE id = $1", export)
    if row is None:
        raise NotFound(export)
    return row


async def exports_of(committee: UUID) -> list[Record]:
    """The exports of a committee that were made and that people asked for or an erasure made, newest first."""
    return await sql(
        f"""{_EXPORT} WHERE committee = $1 AND made_at IS NOT NULL AND reason <> 'drill'
        ORDER BY made_at DESC LIMIT 50""",
        committee,
    )


async def ref_by_id(committee: UUID) -> CommitteeRef:
    """A committee by its id. Raises NotFound. Needs a platform transaction."""
    row = await one(f"SELECT {COLUMNS} FROM platform.committee WHERE id = $1", committee)
    if row is None:
        raise NotFound(committee)
    return ref_of(row)


async def fetch(
    province_slug: str, slug: str, export: UUID, *, by: Reader
) -> tuple[Record, AsyncIterator[bytes]]:
    """An export's row and its bytes. Written into the province's record, and into the committee's own: its people see
    that all of their data was taken. Raises NotFound, StoreAway.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        row = await export_row(export)
        if row["committee"] != ref.id or not row["object_key"] or row["removed_at"] is not None:
            raise NotFound(export)
        await note_fetched(province, ref, str(export), row["sha256"], by=by)
    return row, await _begun(objects.open_stream(row["object_key"]), export)


async def note_fetched(
    province: Province, ref: CommitteeRef, subject: str, sha256: str, *, by: Reader
) -> None:
    """Write down, for the province and the committee, that somebody took everything. Needs a platform transaction."""
    await record_event(province, by, "export_fetched", ref.slug, sha256)
    if ref.state in WHOLE:
        async with as_committee(ref):
            await record_inside(by, "export_fetched", subject, sha256)


async def _begun(stream: AsyncIterator[bytes], export: UUID) -> AsyncIterator[bytes]:
    # The store is asked before the answer begins: what is not there is told as such, not as half a file.
    try:
        first = await anext(stream, b"")
    except objects.Missing:
        raise NotFound(export) from None

    async def sent() -> AsyncIterator[bytes]:
        yield first
        async for piece in stream:
            yield piece

    return sent()


async def tidy() -> None:
    """Remove the files of exports whose last day has come. Raises StoreAway."""
    async with platform_transaction(read_only=True):
        rows = await sql(
            f"""{_EXPORT} WHERE removed_at IS NULL AND
                coalesce(made_at, asked_at) < now() - CASE WHEN reason = 'drill' THEN $2::interval ELSE $1::interval END
            ORDER BY made_at LIMIT 1000""",
            KEPT, DRILL_KEPT,
        )  # fmt: skip
    for row in rows:
        await remove(row["id"])


async def remove(export: UUID) -> None:
    """Remove the file of an export; what is known of it stays. Raises StoreAway."""
    try:
        await objects.remove([key_of(export)])
    except objects.ObjectErrors as error:
        raise StoreAway from error
    async with platform_transaction():
        await sql(
            "UPDATE platform.export SET removed_at = now(), object_key = '' WHERE id = $1 AND removed_at IS NULL",
            export,
        )
