"""A database of its own for tests that change the shape of committees."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from infra.postgres import connect
from server.schema import committee_line
from tenants import lifecycle, registry
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction

LINE = committee_line()


def swap_database(url: str, name: str) -> str:
    return url.rsplit("/", 1)[0] + "/" + name


@dataclass
class Town:
    """A fresh database with the platform, and what its owner sees."""

    app_url: str
    owner_url: str
    owner: asyncpg.Connection
    super_url: str

    async def committees(self, count: int, name: str = "Hội Phú") -> list[CommitteeRef]:
        """Founded committees, in the order of their paths."""
        async with platform_transaction():
            province = await registry.add_province(f"Gia Lai {uuid4().hex}")
            refs = [
                await registry.add_committee(province, kind="ward_committee", name=f"{name} {n}")
                for n in range(count)
            ]
        owner = await connect(self.owner_url)
        for ref in refs:
            await lifecycle.found_with(owner, ref.id, LINE)
        await owner.close()
        return refs

    async def error(self, ref: CommitteeRef) -> str:
        """Why the last migration of a committee was not done, as the province's people read it."""
        return str(
            await self.owner.fetchval("SELECT migration_error FROM platform.committee WHERE id = $1", ref.id)
        )

    async def versions(self) -> list[int]:
        """The versions of all founded committees, by path."""
        rows = await self.owner.fetch(
            "SELECT version FROM platform.committee WHERE state <> 'founding' ORDER BY slug"
        )
        return [row["version"] for row in rows]

    async def ledger(self, ref: CommitteeRef) -> list[int]:
        rows = await self.owner.fetch(
            "SELECT version FROM platform.committee_migration WHERE committee = $1 ORDER BY version", ref.id
        )
        return [row["version"] for row in rows]

    async def tables(self, ref: CommitteeRef) -> set[str]:
        rows = await self.owner.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = $1", ref.schema_name
        )
        return {row["tablename"] for row in rows}
