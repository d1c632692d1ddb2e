"""Fixtures of the tests of the walls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest_asyncio

from infra.embedded import Servers
from infra.embedded.database import EXTENSIONS
from infra.postgres import connect
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform
from tests.tenants.pools import pool_of
from tests.tenants.town import Town, swap_database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def other_database(servers: Servers) -> AsyncIterator[Town]:
    """A database beside the suite's own, with the platform in it; this process's pool is in it meanwhile."""
    name = f"town_{uuid4().hex[:8]}"
    above = await asyncpg.connect(servers.database_url)
    await above.execute(f"CREATE DATABASE {name} OWNER nennep_owner")
    super_url = swap_database(servers.database_url, name)
    inside = await asyncpg.connect(super_url)
    await inside.execute(EXTENSIONS.replace("DATABASE nennep", f"DATABASE {name}"))
    await inside.close()
    app_url, owner_url = swap_database(servers.app_url, name), swap_database(servers.owner_url, name)
    await migrate_platform(owner_url, platform_lines())
    owner = await connect(owner_url)
    async with pool_of(2, app_url):
        yield Town(app_url, owner_url, owner, super_url)
    await owner.close()
    await above.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await above.close()


@pytest_asyncio.fixture(loop_scope="session")
async def town(other_database: Town) -> Town:
    """That database with no committee in its registry and no step but our own."""
    await other_database.owner.execute(
        """DELETE FROM platform.committee; DELETE FROM platform.province;
        DELETE FROM platform.migration WHERE line = 'extra'; DROP TABLE IF EXISTS platform.a"""
    )
    return other_database
