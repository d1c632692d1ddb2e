"""Commands run as an operator runs them, and what the previous release left."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from infra.embedded import Servers
from tests.commands.conftest import nennep, quick  # noqa: F401  fixtures
from tests.upgrade.loading import RELEASES, Left, copy_of, kept


@pytest.fixture(scope="package", params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    """Each release whose database is kept."""
    return str(request.param)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def loaded(release: str, database: Servers) -> AsyncIterator[str]:
    """The name of its database, as it left it; tests take copies."""
    async with kept(release, database) as name:
        yield name


@pytest_asyncio.fixture(loop_scope="session")
async def left(loaded: str, release: str, database: Servers) -> AsyncIterator[Left]:
    """A copy of it."""
    async with copy_of(loaded, release, database) as filled:
        yield filled
