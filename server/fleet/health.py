"""What a committee weighs and when it was last used: measured at night, and whenever somebody asks. Counts only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from infra import objects
from infra.postgres import one, sql
from server import clock
from server.accounts.reader import Reader
from server.members.queries import how_many
from server.minutes.keeping import StoreAway
from server.province.actions import committee_of, province_of, record_event
from tenants import registry, runs
from tenants.current import CommitteeRef, using
from tenants.registry import COLUMNS, ref_of
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction, transaction

KIND = "measure"
# A committee has a schema to measure in these states.
FOUNDED = ("active", "suspended", "moving", "archived")
# Nightly runs that are over are forgotten after so many days: nobody asked for them.
KEEP_DAYS = 7


async def measure(work: Work) -> None:
    """Measure the committee of an item; one that is gone meanwhile is left out."""
    async with platform_transaction(read_only=True):
        row = await one(f"SELECT {COLUMNS} FROM platform.committee WHERE id = $1", work.committee)
    if row is not None and row["state"] in FOUNDED:
        await measure_committee(ref_of(row))


async def measure_committee(ref: CommitteeRef) -> None:
    """Write down what a committee weighs in the database and the object store, its members and accounts, and when
    somebody last wrote something. Raises StoreAway.
    """
    members, active_at = await _used(ref)
    try:
        number, size = await objects.weigh(f"{ref.schema_name}/")
    except objects.ObjectErrors as error:
        raise StoreAway from error
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.committee_health (committee, measured_at, database_bytes, object_bytes, objects,
                members, accounts, active_at)
            SELECT $1, now(), (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
                    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2 AND c.relkind = 'r'),
                $3, $4, $5, (SELECT count(DISTINCT account)::int FROM platform.account_grant
                    WHERE committee = $1 AND revoked_at IS NULL AND role <> 'support'), $6
            ON CONFLICT (committee) DO UPDATE SET measured_at = now(), database_bytes = excluded.database_bytes,
                object_bytes = excluded.object_bytes, objects = excluded.objects, members = excluded.members,
                accounts = excluded.accounts, active_at = excluded.active_at""",
            ref.id, ref.schema_name, size, number, members, active_at,
        )  # fmt: skip


async def _used(ref: CommitteeRef) -> tuple[int, datetime | None]:
    with using(ref):
        async with transaction(read_only=True):
            row = await one(
                """SELECT greatest((SELECT max(at) FROM event), (SELECT max(received_at) FROM mark)) AS active_at"""
            )
            members = await how_many(on=clock.today())
    assert row is not None
    return members, row["active_at"]


async def measure_committees() -> None:
    """Begin to measure every committee, province by province, and forget the nightly runs of last week."""
    async with platform_transaction():
        await sql(
            f"""DELETE FROM platform.run WHERE priority = 9 AND state IN ('done', 'stopped')
            AND ended_at < now() - interval '{KEEP_DAYS} days'"""
        )
        for row in await sql("SELECT id FROM platform.province"):
            await _begin(row["id"], await _to_measure(row["id"]), priority=9)


async def ask(province_slug: str, slugs: Sequence[str] = (), *, by: Reader) -> None:
    """Have committees of a province (all where none is named) measured now; where that is under way nothing changes.

    Raises NotFound.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        wanted = {(await committee_of(province, slug)).id for slug in slugs}
        refs = [ref for ref in await _to_measure(province.id) if not slugs or ref.id in wanted]
        await _begin(province.id, refs, by=by, priority=4 if slugs else 5)
        await record_event(province, by, "measuring_asked", " ".join(slugs))


async def _to_measure(province: UUID) -> list[CommitteeRef]:
    return [ref for ref in await registry.committees(province) if ref.state in FOUNDED]


async def _begin(
    province: UUID, refs: Sequence[CommitteeRef], *, by: Reader | None = None, priority: int
) -> None:
    one_of = refs[0].id if len(refs) == 1 else None
    under_way = await one(
        """SELECT 1 FROM platform.run WHERE kind = $1 AND province = $2 AND state = 'open'
        AND (committee IS NULL OR committee = $3)""",
        KIND, province, one_of,
    )  # fmt: skip
    if under_way is None and refs:
        await runs.start(
            KIND, [Item(ref.slug, committee=ref.id) for ref in refs], province=province, committee=one_of,
            by_account=by.account_id if by else None, by_name=by.name if by else "Nền Nếp", priority=priority,
            stop_after=len(refs),
        )  # fmt: skip
