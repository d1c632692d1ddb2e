"""A deployment's probes: whether the process lives, and whether everything it needs answers."""

from __future__ import annotations

import httpx
import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import connect, sql
from infra.settings import settings
from server.schema import committee_line
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.web.walking import signed_in
from web import health


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

    assert ready.status_code == 200, "people go on without it"
    assert {name for name, state in ready.json().items() if state not in ("ok", "ready")} == {part}
    assert (await client.get("/health/live")).status_code == 200


async def set_version(version: int, *, of: int | None = None) -> int:
    """Say that so many of the committees that readiness asks about (all, where None) have a version; how many."""
    async with platform_transaction():
        rows = await sql(
            """UPDATE platform.committee SET version = $1 WHERE id IN (
                SELECT id FROM platform.committee WHERE state NOT IN ('founding', 'erased')
                ORDER BY id LIMIT $2) RETURNING id""",
            version, of,
        )  # fmt: skip
    return len(rows)


async def test_before_the_committees_are_migrated_nothing_new_is_ready(client: httpx.AsyncClient) -> None:
    newest = committee_line()[-1].version
    await set_version(newest - 1)

    ready = await client.get("/health/ready")

    await set_version(newest)
    assert ready.status_code == 503
    assert "nennep migrate" in ready.json()["database"]


async def test_the_older_program_stays_ready_while_committees_go_ahead_of_it(
    client: httpx.AsyncClient,
) -> None:
    newest = committee_line()[-1].version
    await set_version(newest + 2)

    ready = await client.get("/health/ready")

    await set_version(newest)
    assert ready.status_code == 200


async def test_one_that_is_stuck_does_not_close_the_others_but_many_do(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = committee_line()[-1].version
    count = await set_version(newest)
    # A little above one of them: the part of a number times the number may come out below one.
    monkeypatch.setattr(health, "MAY_BE_BEHIND", 1.5 / count)

    await set_version(newest - 1, of=1)
    one = await client.get("/health/ready")
    await set_version(newest - 1, of=2)
    two = await client.get("/health/ready")

    await set_version(newest)
    assert (one.status_code, two.status_code) == (200, 503), (one.json(), two.json())
    assert "2 committees" in two.json()["database"]


async def test_the_pages_of_one_that_is_stuck_say_so_and_others_open(
    client: httpx.AsyncClient, cast: Cast, database: Servers
) -> None:
    owner = await connect(database.owner_url)
    rename = f'ALTER TABLE "{cast.pleiku.schema_name}".cell RENAME COLUMN'
    await owner.execute(f"{rename} sort_key TO not_yet")
    try:
        await signed_in(client, "office", cast, at_neighbour=False)
        stuck = await client.get(f"/{cast.pleiku.slug}/cells")
        await signed_in(client, "office", cast, at_neighbour=True)
        beside = await client.get(f"/{cast.neighbour.slug}/cells")
    finally:
        await owner.execute(f"{rename} not_yet TO sort_key")
        await owner.close()

    assert stuck.status_code == 503
    assert "Cấp ủy đang được nâng cấp" in stuck.text
    assert beside.status_code == 200
