"""A committee out of a file: an erased one lives again under its own id, any other becomes a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from infra import objects
from infra.postgres import one, sql
from server import clock
from server.accounts.reader import Reader
from server.exports import exporting
from server.exports.giving_back import Invited, give_back, people_in
from server.exports.parts import PARTS
from server.exports.rehearsing import fetched, owner_url
from server.meetings.queries import NotFound
from server.minutes.keeping import StoreAway
from server.province.actions import Province, committee_of, province_of, record_event
from server.schema import committee_line
from server.words import Refused, say
from tenants import runs, slugs
from tenants.current import CommitteeRef
from tenants.export import erasing
from tenants.export.manifest import Manifest
from tenants.export.restoring import Target, put_back, put_objects, schema_for
from tenants.export.verifying import verify
from tenants.outbox import later_on_platform
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction

SWEEP = "sweep_restore"
Pages = Callable[[Path, str], Awaitable[object]]


@dataclass(frozen=True)
class Restored:
    """What a file became. ``known``: how many have their roles again with the accounts that they have here."""

    ref: CommitteeRef
    manifest: Manifest
    known: int
    invited: list[Invited]


async def restore(
    path: Path, province: Province, *, slug: str = "", name: str = "", pages: Pages = put_objects, by: Reader
) -> Restored:
    """Restore a file into a province, whole and compared, or not at all. ``slug`` and ``name`` where its own are taken;
    ``pages(path, schema)`` stores its pages below the committee's name.

    Raises WrongFile, Refused(slug=…, name=…), StoreAway, Hopeless.
    """
    manifest, sha256 = await asyncio.to_thread(verify, path)
    people = await asyncio.to_thread(people_in, path)
    async with platform_transaction(read_only=True):
        target = await _target(manifest, sha256, province, slug=slug, name=name)
    await _put(path, target, pages)
    async with platform_transaction():
        await sql(
            "UPDATE platform.committee_name SET kind = $2, name = $3 WHERE committee = $1 AND to_on IS NULL",
            target.id, target.kind, target.name,
        )  # fmt: skip
        if target.id != manifest.committee.id:
            # Beside the one it was taken from: the province's older figures have that one's past already.
            await sql(
                "UPDATE platform.committee_belonging SET from_on = $2 WHERE committee = $1",
                target.id,
                clock.today(),
            )
        # It may be erased again one day, by two who ask and confirm anew.
        await sql(
            "UPDATE platform.erasure SET withdrawn_at = now() WHERE committee = $1 AND withdrawn_at IS NULL",
            target.id,
        )
        known, invited = await give_back(people, target.id, by=by)
        await record_event(province, by, "committee_restored", target.slug, sha256)
        ref = await exporting.ref_by_id(target.id)
    return Restored(ref, manifest, known, invited)


async def store_pages(path: Path, schema_name: str, pages: Pages) -> None:
    """Store pages for which there is no row yet: what no row names is nobody's, a row without its page would be a loss.

    Raises StoreAway, and what ``pages`` raises.
    """
    async with platform_transaction():
        # Killed between the two, or given up for good, nothing else would know of the pages.
        await later_on_platform(SWEEP, not_before=clock.now() + timedelta(days=1), schema=schema_name)
    try:
        await pages(path, schema_name)
    except objects.ObjectErrors as error:
        raise StoreAway from error


async def _put(path: Path, target: Target, pages: Pages) -> None:
    await store_pages(path, target.schema_name, pages)
    try:
        await put_back(owner_url(), path, target, committee_line(), parts=PARTS)
    except (asyncpg.UniqueViolationError, LookupError):
        raise Refused(slug=say("Địa chỉ ngắn hoặc tên này vừa có cấp ủy khác dùng.")) from None


async def sweep(schema: str) -> None:
    """Remove the pages of a restore that never ended, unless it was begun again since. Raises StoreAway."""
    async with platform_transaction(read_only=True):
        used = await one(
            """SELECT 1 FROM platform.committee WHERE schema_name = $1 AND state <> 'erased'
            UNION ALL SELECT 1 FROM platform.outbox
                WHERE job = $2 AND arguments ->> 'schema' = $1 AND due_at > now()""",
            schema, SWEEP,
        )  # fmt: skip
    if used is None:
        try:
            await erasing.remove_objects(schema)
        except objects.ObjectErrors as error:
            raise StoreAway from error


async def _target(manifest: Manifest, sha256: str, province: Province, *, slug: str, name: str) -> Target:
    told = manifest.committee
    row = await one("SELECT id, province, schema_name, state FROM platform.committee WHERE id = $1", told.id)
    revived = row is not None and row["state"] == "erased" and row["province"] == province.id
    name, kind = name or told.name, told.kind
    taken = await one(
        "SELECT slug FROM platform.committee WHERE province = $1 AND kind = $2 AND name = $3",
        province.id,
        kind,
        name,
    )
    if taken is not None:
        raise Refused(
            name=say("Tỉnh đã có cấp ủy này, ở đường dẫn /{slug}/. Xin chọn tên khác.", slug=taken["slug"])
        )
    chosen = await _slug(slug, told.slug, name, kind, province)
    free_unit = told.unit_code and await one(
        """SELECT 1 FROM platform.committee
        WHERE unit_code = $1 AND kind = $2 AND state NOT IN ('archived', 'erased')""",
        told.unit_code, kind,
    ) is None  # fmt: skip
    return Target(
        told.id if row is None or revived else uuid4(), province.id, chosen,
        row["schema_name"] if row is not None and revived else await free_schema(sha256, province.id, chosen),
        kind, name, told.unit_code if free_unit else "", revived,
    )  # fmt: skip


async def _slug(given: str, told: str, name: str, kind: str, province: Province) -> str:
    if given and slugs.why_not(given) is not None:
        raise Refused(
            slug=say("Địa chỉ ngắn chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối, dài nhất 60 ký tự.")
        )
    taken = {row["slug"] for row in await sql("SELECT slug FROM platform.committee")}
    if given in taken:
        raise Refused(slug=say("Địa chỉ ngắn này đã có cấp ủy khác dùng, xin chọn địa chỉ khác."))
    if not given and told not in taken and slugs.why_not(told) is None:
        return told
    return given or slugs.choose(name, kind=kind, province_slug=province.slug, taken=taken.__contains__)


async def free_schema(*told: object) -> str:
    """A schema's name that is free, and the same however often a restore is begun. Needs a platform transaction."""
    for number in range(100):
        name = schema_for(*told, number)
        if await one("SELECT 1 FROM platform.committee WHERE schema_name = $1", name) is None:
            return name
    raise RuntimeError("a hundred names are taken")


async def ask_to_revive(province_slug: str, slug: str, *, by: Reader) -> UUID:
    """Begin to restore an erased committee from its last file, while that is kept; the run. Raises NotFound,
    Refused(file=…).
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        if ref.state != "erased":
            raise NotFound(slug)
        await sql("SELECT 1 FROM platform.committee WHERE id = $1 FOR NO KEY UPDATE", ref.id)
        if (begun := await exporting.under_way(ref.id, "restore", "erase")) is not None:
            return begun
        export = next((row for row in await exporting.exports_of(ref.id) if row["removed_at"] is None), None)
        if export is None:
            raise Refused(file=say("Tệp xuất cuối cùng đã hết hạn giữ nên không phục hồi được nữa."))
        run = await runs.start(
            "restore", [Item(str(say("Phục hồi từ tệp xuất cuối cùng")), committee=ref.id)], province=province.id,
            by_account=by.account_id, by_name=by.name, committee=ref.id,
            arguments={"export": str(export["id"])}, priority=4,
        )  # fmt: skip
        await record_event(province, by, "restore_asked", ref.slug)
    return run


async def perform(work: Work) -> dict[str, object]:
    """The item of a run of kind restore. Raises Refused, StoreAway, Hopeless, WrongFile."""
    assert work.committee is not None
    async with platform_transaction(read_only=True):
        row = await exporting.export_row(UUID(work.run_arguments["export"]))
        ref = await exporting.ref_by_id(work.committee)
        place = await one("SELECT id, slug, name FROM platform.province WHERE id = $1", ref.province_id)
    assert place is not None
    if ref.state != "erased":
        return {}
    by = Reader(work.account or UUID(int=0), work.by_name)
    async with fetched(row) as (file, _):
        restored = await restore(file, Province(*place.values()), by=by)
    return {"rows": restored.manifest.rows, "roles": restored.known, "without": len(restored.invited)}
