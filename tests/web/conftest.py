"""A browser in front of the application, without a network between."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from infra.embedded import Servers
from tests.web.walking import ORIGIN
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
