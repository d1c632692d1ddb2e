"""The birth of a tenant: its role, its schema, its tables, in one transaction of the database's owner."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from infra.postgres import connect
from tenants.migrations import Migration
from tenants.migrations.runner import text_of
from tenants.template import template_of
from tenants.walls import keys, room

# Nobody waits for tables that nobody knows yet, so a founding may wait for a machine that is busy with others.
_PATIENCE = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '300s'"


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
    template = await template_of(owner, line)
    async with owner.transaction():
        row = await owner.fetchrow(
            "SELECT schema_name, state FROM platform.committee WHERE id = $1 FOR UPDATE", committee
        )
        if row is None:
            raise NotFound(committee)
        if row["state"] != "founding":
            return False
        name = row["schema_name"]
        versions = [migration.version for migration in line]
        # The keys last: what they lock is what everybody else who is founded needs too.
        text = text_of(committee, name, template.sql, versions, limits=_PATIENCE)
        await owner.execute(f"{room(name)}; {text}; {keys(name)}")
        await owner.execute("UPDATE platform.committee SET state = 'active' WHERE id = $1", committee)
    return True
