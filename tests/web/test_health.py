"""A deployment's probes: whether the process lives, and whether everything it needs answers."""

from __future__ import annotations

import httpx
import pytest
import pytest_asyncio

from infra.postgres import sql
from infra.settings import settings
from server.schema import committee_line
from tenants.transactions import platform_transaction
from tests.cast import Cast


@pytest.fixture
def pointing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> object:
    """Change one setting of this process for a test."""
    from infra import objects, queue

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        for cached in (settings, objects.client, queue._client):
            cached.cache_clear()

    yield change
    monkeypatch.undo()
    for cached in (settings, objects.client, queue._client):
        cached.cache_clear()


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def nobody_waits(cast: Cast) -> None:
    """Other tests leave committees of an older version behind; here they are of this one."""
    async with platform_transaction():
        await sql(
            "UPDATE platform.committee SET version = $1 WHERE state <> 'founding'",
            committee_line()[-1].version,
        )


async def test_all_is_well(client: httpx.AsyncClient) -> None:
    live, ready = await client.get("/health/live"), await client.get("/health/ready")

    assert live.json() == {"state": "alive"}
    assert ready.status_code == 200
    assert ready.json() == {"state": "ready", "database": "ok", "queue": "ok", "objects": "ok"}


@pytest.mark.parametrize(
    ("setting", "value", "part"),
    [
        ("NENNEP_OBJECTS_BUCKET", "no-such-bucket", "objects"),
        ("NENNEP_QUEUE_URL", "redis://127.0.0.1:1", "queue"),
    ],
)
async def test_what_is_away_is_named(
    client: httpx.AsyncClient, pointing_elsewhere, setting: str, value: str, part: str
) -> None:
    pointing_elsewhere(setting, value)

    ready = await client.get("/health/ready")

    assert ready.status_code == 503
    assert {name for name, state in ready.json().items() if state not in ("ok", "not ready")} == {part}
    assert (await client.get("/health/live")).status_code == 200


async def test_a_committee_that_waits_for_a_migration_is_not_ready(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    newest = committee_line()[-1].version
    async with platform_transaction():
        await sql("UPDATE platform.committee SET version = $2 WHERE id = $1", cast.pleiku.id, newest - 1)

    ready = await client.get("/health/ready")

    async with platform_transaction():
        await sql("UPDATE platform.committee SET version = $2 WHERE id = $1", cast.pleiku.id, newest)
    assert ready.status_code == 503
    assert "nennep migrate" in ready.json()["database"]
