"""Processes may be started before what they need: they wait, say so once, and work as soon as it is there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from infra.embedded import Embedded, Servers
from infra.embedded.process import free_ports
from infra.postgres import connect
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform
from tests.commands.conftest import Nennep
from tests.kill.house import Ours, Web
from tests.workers.processes import until
from workers.commands.ground import let_in


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Servers of one's own, that may be taken away."""
    embedded = Embedded.start(tmp_path_factory.mktemp("own"), fast=True)
    yield embedded
    embedded.stop()


async def answer(web: Web, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=web.url, headers={"Origin": web.url}, trust_env=False) as client:
        if path == "/login":
            return await client.post(
                "/login", data={"login": "quan.tri", "password": "dong lua chin"}, timeout=20
            )
        return await client.get(path, timeout=20)


async def becomes(web: Web, state: str) -> None:
    async def there() -> bool:
        return (await answer(web, "/health/ready")).json()["state"] == state

    await until(there, seconds=60, what=f"never {state}: {web.log.read_text('utf-8')}")


async def test_started_before_their_servers_and_before_the_migration(own: Embedded, tmp_path: Path) -> None:
    servers = own.servers
    own.kill("database")
    own.kill("queue")
    own.kill("objects")
    web = Web(servers, tmp_path, free_ports(1)[0])
    others = [Ours(servers, tmp_path, name) for name in ("worker", "dispatcher")]
    try:
        await web.ready()
        alone, page = await answer(web, "/health/ready"), await answer(web, "/login")
        assert (alone.status_code, alone.json()["state"]) == (503, "not ready")
        assert "127.0.0.1" not in alone.text  # strangers may ask too
        assert "Connect" in alone.json()["database"]
        assert page.status_code == 503
        assert "Hệ thống đang khởi động lại" in page.text

        for name in ("database", "queue", "objects"):
            await asyncio.to_thread(own.restart, name)

        async def behind() -> bool:
            return "nennep migrate" in (await answer(web, "/health/ready")).json()["database"]

        await until(behind, seconds=60, what="readiness never asked for the migration")
        page = await answer(web, "/login")
        assert page.status_code == 503
        assert "Hệ thống đang được nâng cấp" in page.text

        await migrate_platform(servers.owner_url, platform_lines())
        await becomes(web, "ready")
        assert (await answer(web, "/login")).status_code == 422
        for one in others:
            await until(lambda one=one: _says(one, " ready"), seconds=60, what=one.log.read_text("utf-8"))
            assert one.alive
            assert (
                len(
                    re.findall("PostgreSQL at .* does not answer; waiting for it", one.log.read_text("utf-8"))
                )
                == 1
            )
    finally:
        for one in (web, *others):
            one.stop()


async def _says(one: Ours, words: str) -> bool:
    return words in one.log.read_text("utf-8")


async def test_without_queue_and_store_a_process_stays_ready(own: Embedded, tmp_path: Path) -> None:
    await migrate_platform(own.servers.owner_url, platform_lines())
    web = Web(own.servers, tmp_path, free_ports(1)[0])
    try:
        await web.ready()
        await becomes(web, "ready")
        own.kill("queue")
        own.kill("objects")
        ready = await answer(web, "/health/ready")
    finally:
        web.stop()
        for name in ("queue", "objects"):
            await asyncio.to_thread(own.restart, name)

    assert ready.status_code == 200
    assert ready.json()["queue"] != "ok"
    assert ready.json()["objects"] != "ok"


async def test_a_wrong_password_ends_each_at_once_with_a_sentence(nennep: Nennep, servers: Servers) -> None:
    database = {"NENNEP_DATABASE_URL": re.sub(r":[^:@]+@", ":geheim@", servers.app_url)}
    queue = {"NENNEP_QUEUE_URL": re.sub(r":[^:@]+@", ":geheim@", servers.queue_url)}

    for command, environment in (
        ("web", database), ("worker", database), ("dispatcher", database), ("worker", queue),
    ):  # fmt: skip
        ended = await nennep(command, environment=environment)
        assert ended.code == 1, command
        assert "No way into 127.0.0.1:" in ended.err
        assert "Check the address and the password" in ended.err
        assert "geheim" not in ended.err


async def test_a_database_that_is_full_is_waited_for(database: Servers) -> None:
    role = f"few_{uuid4().hex[:8]}"
    superuser = await asyncpg.connect(database.database_url)
    await superuser.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'geheim' CONNECTION LIMIT 1")
    await superuser.execute(f"GRANT CONNECT ON DATABASE nennep TO {role}")
    # The owner's address: a pooler before the application's would not know the role.
    url = re.sub(r"//[^@]+@", f"//{role}:geheim@", database.owner_url)
    held = await connect(url)
    try:
        await asyncio.to_thread(let_in, "NENNEP_DATABASE_URL", url)
    finally:
        await held.close()
        await superuser.execute(f"REVOKE CONNECT ON DATABASE nennep FROM {role}; DROP ROLE {role}")
        await superuser.close()
