"""A database of its own: the demonstration takes the paths ``pleiku`` and ``ayun-pa``, which other tests take too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import close_pool, connect, open_pool
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform

_NAME = "nennep_demo"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owner_url(database: Servers) -> AsyncIterator[str]:
    """The owner's address of an empty, migrated database, to which this process's pool is opened meanwhile."""
    server = await connect(database.database_url)
    await server.execute(f"CREATE DATABASE {_NAME} OWNER nennep_owner")
    await _extend(_in_demo(database.database_url))
    await close_pool()
    await migrate_platform(_in_demo(database.owner_url), platform_lines())
    await open_pool(_in_demo(database.app_url), size=10)
    yield _in_demo(database.owner_url)
    await close_pool()
    await open_pool(database.app_url, size=10)
    # The roles of its committees belong to the whole server.
    await _drop_roles(_in_demo(database.database_url), server)
    await server.close()


def _in_demo(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{_NAME}"))


async def _extend(url: str) -> None:
    inside = await connect(url)
    await inside.execute(
        """CREATE SCHEMA ext AUTHORIZATION nennep_owner; GRANT USAGE ON SCHEMA ext TO PUBLIC;
        CREATE EXTENSION pg_trgm SCHEMA ext"""
    )
    await inside.close()


async def _drop_roles(url: str, server: asyncpg.Connection) -> None:
    inside = await connect(url)
    roles = [row["schema_name"] for row in await inside.fetch("SELECT schema_name FROM platform.committee")]
    await inside.close()
    await server.execute(f"DROP DATABASE {_NAME} WITH (FORCE)")
    for role in roles:
        await server.execute(f'DROP ROLE "{role}"')
