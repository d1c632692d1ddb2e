"""Real servers for every test: PostgreSQL, Valkey and an object store of the suite's own, on free ports."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from infra.embedded import Embedded, Servers
from infra.embedded.database import SETTINGS
from infra.postgres import close_pool, open_pool
from infra.settings import settings
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform
from tests.cast import Cast
from tests.pooler.bouncer import EVERYTHING, Pooled


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The three servers, for the whole run; with PgBouncer as the fourth where `make test-pgbouncer` says so."""
    with pytest.MonkeyPatch.context() as patch:
        # Thousands of committees' files: a checkpoint would wait half a minute for the disk. Only a power cut would
        # tell the difference, kills don't; that the product waits is proved in tests/infra on servers of its own.
        patch.setitem(SETTINGS, "fsync", "off")
        kind = Pooled if EVERYTHING else Embedded
        servers = kind.start(tmp_path_factory.mktemp("servers"), fast=True)
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def servers(embedded: Embedded) -> Servers:
    """Where the servers are; the settings of this process point at them."""
    os.environ.update(embedded.servers.environment())
    settings.cache_clear()
    return embedded.servers


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(servers: Servers) -> AsyncIterator[Servers]:
    """The platform's schema, and this process's pool of the application's role."""
    await migrate_platform(servers.owner_url, platform_lines())
    await open_pool(servers.app_url, size=10)
    yield servers
    await close_pool()


@pytest_asyncio.fixture(loop_scope="session")
async def cast(database: Servers) -> Cast:
    """A province with two committees of its own, and the people of the first: new for every test."""
    return await Cast.assemble(database.owner_url)
