"""What the demonstration has built here, so that a build that was killed can be cleared away, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from infra import objects
from infra.postgres import connect, one, sql
from tenants.transactions import platform_transaction

DEMO, LOAD, COUNTRY = "demo", "load", "country"


async def is_built(what: str = DEMO) -> bool:
    """Whether the demonstration stands here, complete. Needs an open pool."""
    async with platform_transaction(read_only=True):
        row = await one(
            "SELECT (value ->> 'built')::boolean AS built FROM platform.setting WHERE name = $1", what
        )
    return bool(row and row["built"])


async def mark_built(what: str = DEMO) -> None:
    """Say that the demonstration is complete: its log-ins have been kept somewhere. Needs an open pool."""
    async with platform_transaction():
        await sql(
            """UPDATE platform.setting SET value = value || '{"built": true}', set_at = now() WHERE name = $1""",
            what,
        )


async def begin(what: str, provinces: Sequence[UUID], **more: object) -> None:
    """Remember which provinces a build makes, and ``more`` that it needs to go on. Needs the platform transaction that
    writes them down.
    """
    value = json.dumps({"built": False, "provinces": [str(p) for p in provinces]} | more)
    await sql(
        """INSERT INTO platform.setting (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = now()""",
        what, value,
    )  # fmt: skip


async def wipe(owner_url: str, what: str = DEMO) -> int:
    """Clear away what a build made: provinces, committees (schema, role, objects), accounts; how many committees.

    Touches only what ``begin`` wrote down, so a real province of the same name stays. Can be repeated after a kill.
    """
    owner = await connect(owner_url)
    try:
        provinces = await _provinces(owner, what)
        rows = await owner.fetch(
            "SELECT id, schema_name FROM platform.committee WHERE province = ANY($1)", provinces
        )
        for row in rows:
            # First what lies outside: an object whose committee is forgotten would be found by nobody.
            await objects.remove(await objects.list_keys(f"{row['schema_name']}/"))
            await _wipe_committee(owner, row["id"], row["schema_name"])
        async with owner.transaction():
            await _forget(owner, provinces, what)
        return len(rows)
    finally:
        await owner.close()


async def _wipe_committee(owner: asyncpg.Connection, committee: UUID, schema_name: str) -> None:
    async with owner.transaction():
        # Not active any more from the moment its schema is gone: nobody is let in until the registry forgets it.
        await owner.execute("UPDATE platform.committee SET state = 'founding' WHERE id = $1", committee)
        await owner.execute(
            f'DROP SCHEMA IF EXISTS "{schema_name}" CASCADE; DROP ROLE IF EXISTS "{schema_name}"'
        )
        await owner.execute("DELETE FROM platform.outbox WHERE schema_name = $1", schema_name)


_OF_THESE = """SELECT g.account FROM platform.account_grant g LEFT JOIN platform.committee c ON c.id = g.committee
    WHERE g.province = ANY($1) OR c.province = ANY($1)
        OR (g.role = 'country_viewer' AND g.granted_by = 'nennep demo')"""


_OF_ACCOUNTS = (
    "DELETE FROM platform.session WHERE account = ANY($1)",
    "DELETE FROM platform.second_factor WHERE account = ANY($1)",
    "DELETE FROM platform.recovery_code WHERE account = ANY($1)",
    "DELETE FROM platform.push_subscription WHERE account = ANY($1)",
)


async def forget_accounts(owner_url: str, what: str) -> None:
    """Take away the accounts of a build whose passwords nobody has been told: it was killed before."""
    owner = await connect(owner_url)
    try:
        async with owner.transaction():
            await _forget_accounts(owner, await _provinces(owner, what))
    finally:
        await owner.close()


async def _provinces(owner: asyncpg.Connection, what: str) -> list[UUID]:
    known = await owner.fetchval("SELECT value ->> 'provinces' FROM platform.setting WHERE name = $1", what)
    return [UUID(text) for text in json.loads(known or "[]")]


async def _forget_accounts(owner: asyncpg.Connection, provinces: list[UUID]) -> None:
    accounts = [row["account"] for row in await owner.fetch(_OF_THESE, provinces)]
    committees = "(SELECT id FROM platform.committee WHERE province = ANY($1))"
    await owner.execute(
        f"DELETE FROM platform.invitation WHERE province = ANY($1) OR committee IN {committees}", provinces
    )
    await owner.execute(
        f"""DELETE FROM platform.account_grant WHERE province = ANY($1) OR committee IN {committees}
            OR (role = 'country_viewer' AND granted_by = 'nennep demo')""",
        provinces,
    )
    lonely = [
        row["id"]
        for row in await owner.fetch(
            """SELECT id FROM platform.account a WHERE id = ANY($1)
            AND NOT EXISTS (SELECT 1 FROM platform.account_grant g WHERE g.account = a.id)""",
            accounts,
        )
    ]
    for query in _OF_ACCOUNTS:
        await owner.execute(query, lonely)
    await owner.execute("DELETE FROM platform.account WHERE id = ANY($1)", lonely)


async def _forget(owner: asyncpg.Connection, provinces: list[UUID], what: str) -> None:
    await _forget_accounts(owner, provinces)
    await owner.execute("DELETE FROM platform.province_event WHERE province = ANY($1)", provinces)
    await owner.execute("DELETE FROM platform.committee WHERE province = ANY($1)", provinces)
    await owner.execute("DELETE FROM platform.province WHERE id = ANY($1)", provinces)
    await owner.execute("DELETE FROM platform.setting WHERE name = $1", what)
