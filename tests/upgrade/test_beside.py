"""This release goes on serving while the next one's migration runs through the fleet, and afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio

import web.health
from infra.embedded import Servers
from infra.embedded.process import free_ports
from tenants.migrations.runner import migrate_committees, migrate_platform
from tests.kill.books import elsewhere
from tests.kill.house import Web
from tests.kill.room import a_room
from tests.tenants.conftest import other_database, town  # noqa: F401  fixtures
from tests.tenants.town import Town
from tests.upgrade.next_release import LINE, NEXT, NEXT_PLATFORM, people, read_pages
from tests.web.walking import ORIGIN
from web.app import create_app

COMMITTEES = 12


@pytest_asyncio.fixture(loop_scope="session")
async def served(town: Town, servers: Servers, tmp_path: Path) -> AsyncIterator[Web]:  # noqa: F811
    """A web process of this release in a town of its own."""
    there = replace(servers, app_url=town.app_url, owner_url=town.owner_url, database_url=town.super_url)
    process = Web(there, tmp_path, free_ports(1)[0])
    yield process
    process.stop()


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def undone(town: Town) -> AsyncIterator[None]:  # noqa: F811
    """The town is this module's: the next test finds the platform of this release."""
    yield
    await town.owner.execute(
        """ALTER TABLE platform.account DROP COLUMN colour; TRUNCATE platform.account CASCADE;
        DELETE FROM platform.migration WHERE name = '0098_next'"""
    )


async def test_pages_and_marks_go_on_while_the_next_migration_goes_through_the_waves(
    town: Town,  # noqa: F811
    served: Web,
    tmp_path: Path,
) -> None:
    await town.committees(COMMITTEES)
    room, port, over = await a_room(town.owner_url), int(served.url.rpartition(":")[2]), asyncio.Event()
    await served.ready()
    async with people(room, (port, port), tmp_path) as phones:
        reading = asyncio.create_task(read_pages(phones[0], room, port, over))
        await asyncio.sleep(0.3)
        assert await migrate_platform(town.owner_url, [NEXT_PLATFORM]) == 1
        report = await migrate_committees(town.owner_url, [*LINE, NEXT], pause=0.2)
        await asyncio.sleep(0.3)
        over.set()
        pages = await reading

    # On a machine that is busy beyond measure the room may be stuck: then it is passed over, and taken by the next run.
    again = await migrate_committees(town.owner_url, [*LINE, NEXT])
    assert (report.failed, again.failed, again.stuck) == ({}, {}, {})
    assert report.migrated >= COMMITTEES + 1
    assert await town.versions() == [NEXT.version] * (COMMITTEES + 2)
    assert set(pages) == {200}, pages
    answers = sum((phone.answers for phone in phones), Counter[int]())
    assert set(answers) == {200}, answers
    assert [phone.refused for phone in phones] == [[]] * len(phones)
    made = {i for phone in phones for i in phone.made}
    rows = await town.owner.fetch(f'SELECT id::text FROM "{room.ref.schema_name}".mark')
    assert {row["id"] for row in rows} == made
    assert await elsewhere(room) == 0
    assert (pages[200], len(made)) > (8, 8)


async def test_a_step_of_the_platform_gives_way_and_tries_again(town: Town) -> None:  # noqa: F811
    reader = await asyncpg.connect(town.super_url)
    held = reader.transaction()
    await held.start()
    await reader.execute("SELECT FROM platform.account")

    run = asyncio.create_task(migrate_platform(town.owner_url, [NEXT_PLATFORM]))
    await asyncio.sleep(1)
    assert not run.done()
    await held.rollback()
    await reader.close()

    assert await run == 1


async def test_the_next_release_is_not_ready_before_its_tables_are_and_this_one_stays_so(
    town: Town,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await town.committees(2)
    old, new = web.health.platform_lines(), (("tenants", web.health.platform_lines()[0][1]), NEXT_PLATFORM)

    async def ready(lines: object, committee: object) -> int:
        monkeypatch.setattr(web.health, "platform_lines", lambda: lines)
        monkeypatch.setattr(web.health, "committee_line", lambda: committee)
        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return (await client.get("/health/ready")).status_code

    seen = [(await ready(old, LINE), await ready(new, [*LINE, NEXT]))]
    await migrate_platform(town.owner_url, [NEXT_PLATFORM])
    seen.append((await ready(old, LINE), await ready(new, [*LINE, NEXT])))
    await migrate_committees(town.owner_url, [*LINE, NEXT])
    seen.append((await ready(old, LINE), await ready(new, [*LINE, NEXT])))

    assert seen == [(200, 503), (200, 503), (200, 200)]
