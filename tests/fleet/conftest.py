"""Kinds of runs of a test's own, and lanes in which nobody else's runs are open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import connect, sql
from tenants.transactions import platform_transaction
from workers import runs as worker
from workers.run_kinds import Kind, Perform

Kinds = Callable[..., None]


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Kinds:
    """Have no kinds but those that the test gives: kinds(name=function, …) with what else they have in common."""
    known: dict[str, Kind] = {}
    monkeypatch.setattr(worker, "KINDS", known)

    def give(more: dict[str, object] | None = None, **performs: Perform) -> None:
        known.update({name: Kind(perform, **(more or {})) for name, perform in performs.items()})  # type: ignore[arg-type]

    return give


@pytest_asyncio.fixture(loop_scope="session")
async def lanes(database: Servers) -> AsyncIterator[None]:
    """Nothing is open when a test begins, and nothing that it left is open for the next."""
    await _close()
    yield
    await _close()


@pytest_asyncio.fixture(loop_scope="session")
async def fleets(database: Servers) -> AsyncIterator[None]:
    """Committees that have no schema are gone after the test: no clock asks anything of them."""
    yield
    owner = await connect(database.owner_url)
    await owner.execute(
        """DELETE FROM platform.outbox WHERE schema_name IN (
            SELECT c.schema_name FROM platform.committee c JOIN platform.province p ON p.id = c.province
            WHERE p.name LIKE 'Tỉnh giả %');
        DELETE FROM platform.committee USING platform.province p WHERE p.id = province AND p.name LIKE 'Tỉnh giả %';
        DELETE FROM platform.province WHERE name LIKE 'Tỉnh giả %'"""
    )
    await owner.close()


async def _close() -> None:
    async with platform_transaction():
        await sql("UPDATE platform.run SET state = 'stopped' WHERE state IN ('open', 'paused')")
        await sql("UPDATE platform.run_item SET held_until = NULL WHERE held_until IS NOT NULL")
        await sql(
            "UPDATE platform.outbox SET done_at = now() WHERE done_at IS NULL AND job LIKE 'work_%runs'"
        )
