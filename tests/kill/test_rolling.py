"""A new version comes: each web process is told to end and started again, while the roll is taken. Nobody notices."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx
import pytest

from infra.embedded import Servers
from infra.embedded.process import free_ports
from infra.postgres import connect, sql
from infra.queue import make_broker
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.kill.balancer import Balancer
from tests.kill.house import Ours, Web
from tests.kill.phone import Ledger, Phone
from tests.kill.room import Room, a_room
from tests.minutes.sending import PHOTO, hashed
from tests.workers.processes import process, until
from tests.workers.rows import ask, end_left_over, rows_of
from workers.dispatcher import Dispatcher
from workers.jobs import QUEUES

LINGER_SECONDS = 2
# A phone with a weak signal: so long an upload spans both restarts.
UPLOAD_SECONDS, PIECES = 9.0, 60


async def test_a_rolling_restart_under_load_fails_no_request(
    database: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ports = free_ports(2)
    webs = {port: start(database, tmp_path, port) for port in ports}
    try:
        await asyncio.gather(*(web.ready() for web in webs.values()))
        room = await a_room(database.owner_url)
        ledger = Ledger(tmp_path / "acknowledged")
        async with Balancer(ports).running() as balancer, phones_of(room, balancer.port, ledger) as phones:
            end, cut = asyncio.Event(), list[str]()
            phones[0].opening = True
            marking = [asyncio.create_task(phone.mark_until(end)) for phone in phones[:1]]
            await until(lambda: is_open(phones[0]), what="the roll was never opened")
            marking += [asyncio.create_task(phone.mark_until(end)) for phone in phones[1:]]
            listening = asyncio.create_task(listen(phones[0], balancer.port, cut))
            uploading = asyncio.create_task(upload(phones[0], room, balancer.port))
            await asyncio.sleep(1)
            for port in ports:
                await replace(webs, port, database, tmp_path)
            uploaded = await uploading
            end.set()
            await asyncio.gather(*marking)
            await until(lambda: all_sent(phones), seconds=30, what="a phone still holds marks")
            listening.cancel()
            answers = sum((phone.answers for phone in phones), Counter[int]())

            assert set(answers) == {200}
            assert uploaded == 200
            assert cut == []
            assert phones[0].heard > 0
            assert all(balancer.given.values())
            await compare(room, phones, ledger)
            with capsys.disabled():
                print(f"\n  rolling restart: {answers[200]} requests, 0 failed, an upload over both", end=" ")
    finally:
        for web in webs.values():
            web.stop()


async def is_open(phone: Phone) -> bool:
    return phone.state == "open"


async def all_sent(phones: list[Phone]) -> bool:
    return not any(phone.queue for phone in phones)


def start(servers: Servers, folder: Path, port: int) -> Web:
    return Web(servers, folder, port, NENNEP_LINGER_SECONDS=str(LINGER_SECONDS))


@asynccontextmanager
async def phones_of(room: Room, port: int, ledger: Ledger) -> AsyncIterator[list[Phone]]:
    dice = Random(7)
    markers = [room.secretary, room.deputy, *room.leaders]
    made = [Phone(room, marker, (port, port), ledger, dice, timeout=15) for marker in markers]
    try:
        yield made
    finally:
        await asyncio.gather(*(phone.stop() for phone in made))


async def replace(webs: dict[int, Web], port: int, servers: Servers, folder: Path) -> None:
    """SIGTERM, what is seen of it from outside, the end, and a new one on the same port."""
    web = webs[port]
    os.kill(web.pid, signal.SIGTERM)
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as client:
        ready, page = await asyncio.gather(client.get("/health/ready"), client.get("/login"))
    assert (ready.status_code, ready.json()) == (503, {"state": "draining"})
    assert (page.status_code, page.headers["connection"]) == (200, "close")

    async def ended() -> bool:
        return not web.alive

    await until(ended, seconds=60, what=f"{web.log} does not end")
    web.stop()
    webs[port] = start(servers, folder, port)
    await webs[port].ready()


async def listen(phone: Phone, port: int, cut: list[str]) -> None:
    """Follow the roll live; a stream may end, but not in the middle of a sentence."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        while True:
            events = phone.changes.replace("/changes", "/events")
            try:
                async with client.stream("GET", events, headers=phone.headers) as stream:
                    async for line in stream.aiter_lines():
                        phone.heard += line.startswith("data: ")
            except httpx.HTTPError as error:
                cut.append(repr(error))
            await asyncio.sleep(0.05)


async def upload(phone: Phone, room: Room, port: int) -> int:
    """Send a page of minutes piece by piece for seconds; the answer's status."""
    data, file, base = PHOTO.read_bytes(), uuid4(), f"/{room.ref.slug}/minutes/{uuid4()}"
    origin = f"http://127.0.0.1:{port}"
    headers = phone.headers | {"Origin": origin, "X-Requested-With": "nennep"}

    async def pieces() -> AsyncIterator[bytes]:
        size = -(-len(data) // PIECES)
        for at in range(0, len(data), size):
            yield data[at : at + size]
            await asyncio.sleep(UPLOAD_SECONDS / PIECES)

    async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=60, trust_env=False) as client:
        arranged = await client.put(base, json={"meeting": str(room.meeting), "files": [str(file)]})
        assert arranged.status_code == 200, arranged.text
        told = {"Content-Type": "application/octet-stream", "X-Name": "1.jpg", "X-Sha256": hashed(data)}
        answer = await client.put(f"{base}/files/{file}", content=pieces(), headers=told)
    return answer.status_code


async def compare(room: Room, phones: list[Phone], ledger: Ledger) -> None:
    """What was promised is there, once."""
    with using(room.ref):
        async with transaction(read_only=True):
            there = Counter(str(row["id"]) for row in await sql("SELECT id FROM mark"))
    assert ledger.ids() == {mark for phone in phones for mark in phone.made} == set(there)
    assert set(there.values()) == {1}


async def test_a_job_that_has_no_time_to_end_is_handed_back(
    database: Servers, cast: Cast, tmp_path: Path
) -> None:
    await end_left_over()
    owner = await connect(database.owner_url)
    worker = Ours(database, tmp_path, "worker")
    broker = make_broker(database.queue_url, QUEUES)
    try:
        await worker.ready()
        async with owner.transaction():
            await owner.execute("LOCK TABLE platform.rollup IN ACCESS EXCLUSIVE MODE")
            await ask(cast.pleiku)
            await Dispatcher(broker).round()
            await until(lambda: begun(cast), seconds=20, what="nobody began the job")
            os.kill(worker.pid, signal.SIGTERM)
            await until(lambda: over(worker), seconds=60, what="the worker waits for its job")
            (row,) = await rows_of(cast.pleiku)
        assert row["done_at"] is None
        assert row["due_at"] <= datetime.now(UTC)
        assert worker.stop() == 0
    finally:
        worker.stop()
        broker.close()
        await owner.close()
        await end_left_over()


async def begun(cast: Cast) -> bool:
    return any(row["attempts"] == 1 for row in await rows_of(cast.pleiku))


async def over(one: Ours) -> bool:
    return not one.alive


@pytest.mark.parametrize("command", ["worker", "dispatcher"])
async def test_told_to_end_they_end_in_order(database: Servers, tmp_path: Path, command: str) -> None:
    async with process(database, tmp_path, command) as one:
        assert one.stop() == 0
