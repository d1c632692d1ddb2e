"""A browser in front of the application, without a network between."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from infra import objects
from infra.embedded import Servers
from tests.cast import Cast
from tests.web.sending import Phone, account_of
from tests.web.walking import ORIGIN, signed_in
from web.app import create_app


@pytest_asyncio.fixture(loop_scope="session")
async def client(database: Servers) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a page of ours, with nobody logged in."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app()),
        base_url=ORIGIN,
        headers={"Origin": ORIGIN},  # type: ignore[arg-type]
    ) as client:
        yield client


@pytest.fixture
def own_store(servers: Servers) -> None:
    """The object store of this test: what another test has opened is not taken for it."""
    objects.client.cache_clear()


@pytest.fixture
async def phone(client: httpx.AsyncClient, cast: Cast, own_store: None) -> Phone:
    """The secretary's phone, with a meeting to send minutes of."""
    await signed_in(client, "secretary", cast, at_neighbour=False)
    return Phone(client, cast, await cast.meeting(), await account_of(client))
