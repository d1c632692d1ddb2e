"""What PostgreSQL itself lets into a committee whose data is carried: nobody.

A request that came through the door before it was closed could still write behind the back of who copies. So the
application's right to take on the tenant's role is taken away meanwhile. That is the owner's work.
"""

from __future__ import annotations

from uuid import UUID

import asyncpg

from infra.postgres import Record, connect


class Open(Exception):
    """The committee is not moving: nobody may work behind its doors."""


async def shut(owner_url: str, committee: UUID, table: str, look: str) -> list[Record]:
    """Take the application's way into a committee that is ``moving``; then what ``look`` finds inside, once nobody
    writes into ``table`` any more. Safe to repeat; raises Open.
    """
    owner = await connect(owner_url)
    try:
        async with owner.transaction():
            name = await _moving(owner, committee)
            if name is None:
                raise Open(committee)
            await owner.execute(f'REVOKE "{name}" FROM nennep_app')
        async with owner.transaction():
            await owner.execute(
                f"SET LOCAL lock_timeout = '20s'; SET LOCAL search_path = \"{name}\", ext, pg_temp"
            )
            await owner.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            found: list[Record] = await owner.fetch(look)
        return found
    finally:
        await owner.close()


async def reopen(owner_url: str, committee: UUID, *, state: str, reason: str) -> bool:
    """Give it back, and the committee the state that it has from now on; False where it is not moving (any more)."""
    owner = await connect(owner_url)
    try:
        async with owner.transaction():
            name = await _moving(owner, committee)
            if name is None:
                return False
            await owner.execute(f'GRANT "{name}" TO nennep_app WITH INHERIT FALSE, SET TRUE')
            await owner.execute(
                "UPDATE platform.committee SET state = $2, state_reason = $3 WHERE id = $1",
                committee, state, reason,
            )  # fmt: skip
        return True
    finally:
        await owner.close()


async def _moving(owner: asyncpg.Connection, committee: UUID) -> str | None:
    name: str | None = await owner.fetchval(
        "SELECT schema_name FROM platform.committee WHERE id = $1 AND state = 'moving' FOR UPDATE", committee
    )
    return name
