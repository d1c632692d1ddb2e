"""The birth of a tenant: its role, its schema, its tables, in one transaction of the database's owner."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from infra.postgres import connect
from tenants.migrations import Migration
from tenants.migrations.runner import apply_text


class NotFound(LookupError):
    """The registry knows no such committee."""


async def found(owner_url: str, committee: UUID, line: list[Migration]) -> bool:
    """Build the schema and role of a committee in state ``founding`` and make it active.

    False if it was built before: a repeated or concurrent call changes nothing. Raises NotFound.
    """
    owner = await connect(owner_url)
    try:
        return await found_with(owner, committee, line)
    finally:
        await owner.close()


async def found_with(owner: asyncpg.Connection, committee: UUID, line: list[Migration]) -> bool:
    """``found`` on a connection of the owner that the caller keeps, for founding many."""
    async with owner.transaction():
        row = await owner.fetchrow(
            "SELECT schema_name, state FROM platform.committee WHERE id = $1 FOR UPDATE", committee
        )
        if row is None:
            raise NotFound(committee)
        if row["state"] != "founding":
            return False
        name = row["schema_name"]
        await owner.execute(f"{_walls(name)}; {apply_text(committee, name, line)}")
        await owner.execute("UPDATE platform.committee SET state = 'active' WHERE id = $1", committee)
    return True


def _walls(name: str) -> str:
    # NOINHERIT membership: the application has a tenant's rights only while it has stepped into its role.
    return f"""CREATE ROLE "{name}" NOLOGIN;
    GRANT nennep_tenant TO "{name}" WITH INHERIT TRUE, SET FALSE;
    GRANT "{name}" TO nennep_app WITH INHERIT FALSE, SET TRUE;
    CREATE SCHEMA "{name}";
    GRANT USAGE ON SCHEMA "{name}" TO "{name}";
    ALTER DEFAULT PRIVILEGES IN SCHEMA "{name}" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{name}";
    ALTER DEFAULT PRIVILEGES IN SCHEMA "{name}" GRANT USAGE ON SEQUENCES TO "{name}" """
