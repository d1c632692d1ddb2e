"""The previous release's own processes serve before, during and after the migration, beside the present ones."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

import httpx
import pytest

from infra.embedded.process import free_ports
from tests.commands.conftest import Nennep
from tests.kill.house import Web
from tests.kill.phone import Phone
from tests.kill.room import Room
from tests.upgrade.loading import Left
from tests.upgrade.next_release import people, read_pages
from tests.upgrade.previous import PreviousWeb, room_of, tree_of
from workers.jobs import JOBS

pytestmark = pytest.mark.skipif(
    os.environ.get("NENNEP_TEST_PREVIOUS") != "1",
    reason="runs with `make test-upgrade`: two releases take their time",
)


async def test_the_previous_release_serves_before_during_and_after_and_the_present_one_joins_it(
    left: Left, nennep: Nennep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.kill.phone.PASSWORD", left.login("secretary")["password"])
    with tree_of(left.told["commit"], tmp_path) as tree:
        if tree is None:
            pytest.skip(
                f"The history with commit {left.told['commit'][:7]} is not here: its code cannot be run."
            )
        old_port, new_port = free_ports(2)
        old = PreviousWeb(tree, left.servers, tmp_path, old_port)
        new = Web(left.servers, tmp_path, new_port)
        try:
            await asyncio.gather(old.ready(), new.ready())
            await serve_beside(left, nennep, tmp_path, old, new)
        finally:
            old.stop()
            new.stop()


async def serve_beside(left: Left, nennep: Nennep, folder: Path, old: Web, new: Web) -> None:
    room, over = await room_of(left), asyncio.Event()
    ports = (port_of(old), port_of(new))
    assert (await health(old), await health(new)) == (200, 503)

    async with people(room, (ports[0], ports[0]), folder) as first:
        reading = asyncio.create_task(read_pages(first[0], room, ports[0], over))
        done = await nennep("migrate", environment=left.place)
        over.set()
        pages = await reading
    assert done.code == 0, done.err
    assert (await health(old), await health(new)) == (200, 200)

    async with people(room, ports, folder) as second:
        await asyncio.sleep(1)

    assert set(pages) == {200}, (pages, old.log.read_text("utf-8")[-3000:])
    await everything_arrived(left, room, [*first, *second])
    assert await first_pages(old, left) == await first_pages(new, left)
    await figures_hold(left, nennep)


def port_of(web: Web) -> int:
    return int(web.url.rpartition(":")[2])


async def health(web: Web) -> int:
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as client:
        return (await client.get("/health/ready")).status_code


async def everything_arrived(left: Left, room: Room, phones: list[Phone]) -> None:
    answers = sum((phone.answers for phone in phones), Counter[int]())
    assert set(answers) == {200}, answers
    assert [phone.refused for phone in phones] == [[]] * len(phones)
    made = {i for phone in phones for i in phone.made}
    rows = await left.owner.fetch(
        f'SELECT id::text FROM "{room.ref.schema_name}".mark WHERE meeting = $1', room.meeting
    )
    assert {row["id"] for row in rows} == made
    assert len(made) > 8


async def first_pages(web: Web, left: Left) -> dict[str, int]:
    """Everybody logs in at one process and opens the page where the log-in begins; the statuses, all 200."""
    found = {}
    for one in left.told["logins"]:
        if one["committee"] is not None and "Pleiku" not in one["committee"]:
            continue
        async with httpx.AsyncClient(
            base_url=web.url, headers={"Origin": web.url}, trust_env=False
        ) as client:
            answer = await client.post("/login", data={"login": one["login"], "password": one["password"]})
            assert answer.status_code == 303, (one, answer.text)
            page = await client.get(one["url_path"], follow_redirects=True)
            found[one["login"]] = page.status_code
    assert set(found.values()) == {200}, found
    return found


async def figures_hold(left: Left, nennep: Nennep) -> None:
    """What the previous release put into the outbox is known to the present one, and the figures agree in the end."""
    jobs = await left.owner.fetch("SELECT DISTINCT job FROM platform.outbox WHERE done_at IS NULL")
    assert {row["job"] for row in jobs} <= set(JOBS)
    await nennep("rollups", "recompute", environment=left.place)
    proved = await nennep("rollups", "verify", environment=left.place)
    assert (proved.code, proved.out) == (0, ""), proved.err
