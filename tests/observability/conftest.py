"""One deployment and one evening in it, looked at by all tests here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from infra import objects
from infra.embedded import Servers
from infra.settings import settings
from tests.cast import Cast
from tests.observability.collector import Collector
from tests.observability.deployment import Deployment
from tests.observability.evening import Evening, play
from tests.workers.rows import end_left_over


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    """Where traces go."""
    made = Collector()
    yield made
    made.stop()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def deployment(
    database: Servers, collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """Real processes, watched in every way."""
    objects.client.cache_clear()
    objects.ensure_bucket(objects.client(), settings().objects_bucket)
    await end_left_over()
    made = Deployment(database, tmp_path_factory.mktemp("watched"), collector.url)
    try:
        await made.start()
        yield made
    finally:
        made.stop()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def evening(deployment: Deployment, database: Servers) -> Evening:
    """What people did there."""
    return await play(await Cast.assemble(database.owner_url), deployment.url, database)
