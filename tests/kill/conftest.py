"""The processes that are killed: started once, and started again after each kill."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from infra.embedded import Embedded, Servers
from tests.kill.house import House
from tests.workers.rows import end_left_over


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    database: Servers, embedded: Embedded, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Two of web, a worker and a dispatcher, on the servers of the suite."""
    await end_left_over()
    made = House(embedded, tmp_path_factory.mktemp("house"))
    try:
        await made.start("web-1", "web-2", "worker", "dispatcher")
        yield made
    finally:
        made.stop()
