"""What the run of an erasure does, step by step: each may be killed anywhere and is then done again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from infra import objects
from infra.postgres import Record, connection, one, sql
from server import clock
from server.accounts.reader import Reader
from server.backups import keeping
from server.exports import exporting
from server.exports.erasing import CLOSED, EXPORT, OBJECTS, SCHEMA, SEAL, check_no_cells_on_their_way
from server.exports.parts import FORGET, LONELY
from server.exports.rehearsing import fetched, owner_url, rehearse
from server.minutes.keeping import StoreAway
from server.province.actions import Province, record_event
from server.words import Refused, say
from tenants import slugs
from tenants.current import CommitteeRef
from tenants.export import erasing
from tenants.export.comparing import differences
from tenants.export.manifest import Manifest
from tenants.export.tables import PLAIN
from tenants.owner import as_owner
from tenants.runs import Work
from tenants.transactions import as_committee, platform_transaction

# An export that people asked for will do, if it was tried and is no older; else the run makes one.
YOUNG = timedelta(days=1)
# What is written while the last file is made makes a newer one necessary; so often.
_TRIES = 3
_WITHDRAWN = say("Đề nghị xóa hẳn đã được rút lại nên không xóa gì.")


async def perform(work: Work) -> dict[str, object]:
    """One item of a run of kind erase. Raises Refused where it must not go on, StoreAway, Hopeless."""
    assert work.committee is not None
    async with platform_transaction(read_only=True):
        ref = await exporting.ref_by_id(work.committee)
        erasure = await one(
            """SELECT id, reason, export, asked_name, confirmed_name, withdrawn_at FROM platform.erasure
            WHERE id = $1 AND confirmed_at IS NOT NULL""",
            UUID(work.run_arguments["erasure"]),
        )
    if erasure is None or erasure["withdrawn_at"] is not None:
        raise Refused(erasure=_WITHDRAWN)
    if work.step == EXPORT:
        return await _export(work, ref, erasure)
    if work.step == SEAL:
        return await _seal(work, ref, erasure)
    if ref.state != "erased":
        raise Refused(erasure=say("Cấp ủy chưa được đóng hẳn nên không xóa gì."))
    if work.step == OBJECTS:
        await _remove_objects(ref)
    elif work.step == SCHEMA:
        await erasing.drop(owner_url(), ref)
    else:
        await _forget(work, ref)
    return {}


async def _export(work: Work, ref: CommitteeRef, erasure: Record) -> dict[str, object]:
    if ref.state == "erased":
        return {}
    _check_closed(ref)
    async with platform_transaction():
        row = await one(
            """SELECT id FROM platform.export WHERE committee = $1 AND with_pages AND removed_at IS NULL
                AND tested_at IS NOT NULL AND test_fault = '' AND made_at > now() - $2::interval
            ORDER BY made_at DESC LIMIT 1""",
            ref.id, YOUNG,
        )  # fmt: skip
        if row is not None:
            await _use(erasure, row["id"])
            return {"export": str(row["id"])}
    return {"export": str(await _new_export(work, ref, erasure))}


async def _new_export(work: Work, ref: CommitteeRef, erasure: Record) -> UUID:
    export = uuid4()
    await exporting.make(export, ref, reason="erasure", with_pages=True, by_name=work.by_name)
    await rehearse(export)
    async with platform_transaction():
        await _use(erasure, export)
    return export


async def _use(erasure: Record, export: UUID) -> None:
    await sql("UPDATE platform.erasure SET export = $2 WHERE id = $1", erasure["id"], export)


async def _seal(work: Work, ref: CommitteeRef, erasure: Record) -> dict[str, object]:
    """Close the doors for good, if and only if what stands there now is what the tried file holds."""
    if ref.state == "erased":
        return {}
    export = erasure["export"]
    for _ in range(_TRIES):
        async with platform_transaction(read_only=True):
            row = await exporting.export_row(export)
        async with fetched(row) as (_file, manifest):
            sealed = await _seal_if_equal(ref, erasure, row, manifest)
        if sealed:
            return {"export": str(export)}
        export = await _new_export(work, ref, erasure)
    raise Refused(erasure=say("Dữ liệu của cấp ủy vẫn đang thay đổi nên chưa xóa gì. Xin thử lại sau."))


async def _seal_if_equal(ref: CommitteeRef, erasure: Record, export: Record, manifest: Manifest) -> bool:
    count, size = await _weigh(ref)
    if (count, size) != (manifest.pages, manifest.pages_bytes):
        return False
    async with platform_transaction():
        await connection().execute(PLAIN)
        await sql("SELECT 1 FROM platform.committee WHERE id = $1 FOR UPDATE", ref.id)
        _check_closed(await exporting.ref_by_id(ref.id))
        await check_no_cells_on_their_way(ref)
        # Whoever takes it back holds the same row: from here on it is too late, until here it counts.
        if (
            await one("SELECT 1 FROM platform.erasure WHERE id = $1 AND withdrawn_at IS NULL", erasure["id"])
            is None
        ):
            raise Refused(erasure=_WITHDRAWN)
        async with as_committee(ref):
            if await differences(connection(), ref.schema_name, manifest):
                return False
        await sql(
            """INSERT INTO platform.tombstone (committee, province, slug, kind, name, reason, asked_name,
                confirmed_name, rows, objects, bytes, export_sha256)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT DO NOTHING""",
            ref.id, ref.province_id, ref.slug, ref.kind, ref.name, erasure["reason"], erasure["asked_name"],
            erasure["confirmed_name"], manifest.rows, count, size, export["sha256"],
        )  # fmt: skip
        # Path and name are free for others from now on; its history and the stone keep what it was called.
        # The version of its rules never goes back: processes keep what they have read of one.
        await sql(
            """UPDATE platform.committee SET state = 'erased', state_reason = '', slug = $2, name = $3,
                rules_version = rules_version + 1 WHERE id = $1""",
            ref.id, erased_slug(ref), f"{ref.name} (đã xóa {clock.today():%d/%m/%Y}, {ref.id.hex[:6]})",
        )  # fmt: skip
    return True


def erased_slug(ref: CommitteeRef) -> str:
    """The path of an erased committee on the province's pages; at its own there is nothing any more."""
    return f"{ref.slug[: slugs.LONGEST - 14].strip('-')}-da-xoa-{ref.id.hex[:6]}"


async def _weigh(ref: CommitteeRef) -> tuple[int, int]:
    try:
        return await objects.weigh(f"{ref.schema_name}/")
    except objects.ObjectErrors as error:
        raise StoreAway from error


async def _remove_objects(ref: CommitteeRef) -> None:
    try:
        await erasing.remove_objects(ref.schema_name)
    except objects.ObjectErrors as error:
        raise StoreAway from error
    # The last file alone stays, until its last day: whoever was erased is not kept elsewhere for longer.
    await keeping.remove_all(ref)


_GIVEN = "WITH given AS (SELECT $1::uuid AS committee, $2::text AS schema_name, $3::uuid[] AS accounts) "


async def _forget(work: Work, ref: CommitteeRef) -> None:
    # A job that was under way while the objects went may have stored another; no job can begin any more.
    await _remove_objects(ref)
    async with as_owner(owner_url()) as owner:
        lonely = [row["account"] for row in await owner.fetch(LONELY, ref.id)]
        for _, statement in FORGET:
            await owner.execute(_GIVEN + statement, ref.id, ref.schema_name, lonely)
        await owner.execute("UPDATE platform.tombstone SET erased_at = now() WHERE committee = $1", ref.id)
    async with platform_transaction():
        stone = await one(
            "SELECT slug, province, export_sha256 FROM platform.tombstone WHERE committee = $1", ref.id
        )
        assert stone is not None
        by = Reader(work.account or UUID(int=0), work.by_name)
        known = await one(
            """SELECT 1 FROM platform.province_event e JOIN platform.run r ON r.id = $2
            WHERE e.committee = $1 AND e.action = 'committee_erased' AND e.at >= r.created_at""",
            ref.id, work.run,
        )  # fmt: skip
        if known is None:
            await record_event(
                Province(stone["province"], "", ""), by, "committee_erased", stone["slug"], stone["export_sha256"],
                committee=ref.id,
            )  # fmt: skip


def _check_closed(ref: CommitteeRef) -> None:
    if ref.state not in CLOSED:
        raise Refused(erasure=say("Cấp ủy đã được mở lại trong lúc chờ nên không xóa gì."))
