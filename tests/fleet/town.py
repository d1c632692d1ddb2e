"""Many committees in the registry with facts of their own and no schemas: what a fleet's page is asked of."""

from __future__ import annotations

from uuid import UUID, uuid4

from infra.postgres import one, sql
from server import clock
from server.schema import committee_line
from tenants import registry
from tenants.transactions import platform_transaction


async def many(number: int) -> UUID:
    """A province with so many committees, all in order: active, measured, exported, tested, computed; its id."""
    async with platform_transaction():
        province = await registry.add_province(f"Tỉnh giả {uuid4().hex[:10]}")
        await sql(
            """INSERT INTO platform.committee (id, province, slug, schema_name, kind, name, state, version, created_at)
            SELECT gen_random_uuid(), $1, 'xa-' || left($1::uuid::text, 8) || to_char(n, 'FM-0000000'),
                'c_' || left(md5($1::uuid::text || n), 13), 'commune_committee',
                'Đắk ' || n, 'active', $3, now() - interval '1 year'
            FROM generate_series(1, $2::int) AS n""",
            province, number, committee_line()[-1].version,
        )  # fmt: skip
        await sql(
            """INSERT INTO platform.committee_health (committee, measured_at, database_bytes, object_bytes, objects,
                members, accounts, active_at)
            SELECT id, now(), 5000000, 20000000, 40, 500, 20, now() FROM platform.committee WHERE province = $1""",
            province,
        )
        await sql(
            """INSERT INTO platform.export (id, committee, reason, with_pages, version, by_name, made_at, tested_at)
            SELECT gen_random_uuid(), id, 'drill', false, 9, 'Nền Nếp', now(), now()
            FROM platform.committee WHERE province = $1""",
            province,
        )
        await sql(
            """INSERT INTO platform.rollup (committee, month, computed_at, cells, members_official,
                members_probationary, meetings_held, meetings_not_held, meetings_planned, cells_met, cells_not_met,
                cells_not_reported, rolls_closed, expected, present, late, absent_excused, absent_unexcused, exempt,
                exempt_attending)
            SELECT c.id, m.month, now(), 20, 480, 20, 18, 0, 2, 18, 0, 2, 18, 400, 380, 5, 10, 5, 20, 0
            FROM platform.committee c, unnest($2::date[]) AS m(month) WHERE c.province = $1""",
            province, [clock.month_after(clock.month_of(clock.today()), -n) for n in range(12)],
        )  # fmt: skip
    return province


async def change(province: UUID, no: int, statement: str) -> str:
    """Run a statement about one of them, $1; its path."""
    async with platform_transaction():
        row = await one(
            "SELECT id, slug FROM platform.committee WHERE province = $1 AND name = $2", province, f"Đắk {no}"
        )
        assert row is not None
        await sql(statement, row["id"])
    slug: str = row["slug"]
    return slug
