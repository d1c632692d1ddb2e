"""What is always tried behind PgBouncer: twelve connections of this process on two servers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio

from infra.embedded import Embedded, Servers
from infra.postgres import close_pool, open_pool
from infra.settings import settings
from tests.pooler.bouncer import MISSING, Bouncer, launched, program

CLIENTS, POOL_SIZE = 12, 2


@pytest.fixture(scope="package")
def bouncer(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bouncer]:
    """A PgBouncer of these tests' own, before the suite's PostgreSQL; patient, for the machine may be busy."""
    if program() is None:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("pooler")
    with launched(embedded, folder, default_pool_size=str(POOL_SIZE), query_wait_timeout="60") as made:
        yield made


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def database(database: Servers, bouncer: Bouncer) -> AsyncIterator[Servers]:
    """The suite's database, with this process's pool and settings behind PgBouncer meanwhile."""
    async with pool_behind(bouncer):
        yield replace(database, app_url=bouncer.url())


@asynccontextmanager
async def pool_behind(bouncer: Bouncer) -> AsyncIterator[None]:
    """This process's pool and settings behind one PgBouncer, then where they were."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "NENNEP_DATABASE_URL", bouncer.url())
        patch.setitem(os.environ, "NENNEP_DATABASE_STATEMENTS", "0")
        await _reopen(CLIENTS)
        yield
    await _reopen(10)


async def _reopen(size: int) -> None:
    settings.cache_clear()
    await close_pool()
    await open_pool(settings().database_url, size=size)
