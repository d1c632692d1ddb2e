"""The roll live: what one phone taps the other shows, from this process or another, with the queue or without."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
import uvicorn

from infra.embedded import Embedded, Servers
from infra.embedded.process import free_ports
from infra.postgres import sql
from server import clock
from server.accounts.secrets import token_hash
from server.roll_call.actions import NewMark, open_roll, record
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.kill.house import Web
from tests.web.walking import signed_in
from tests.workers.processes import until
from web import hints
from web.app import create_app
from web.roll_call import live

SOON = 2.0


class Uvicorn(uvicorn.Server):
    """The real server in this event loop; signals stay the test run's."""

    def capture_signals(self) -> Any:
        return nullcontext()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(database: Servers) -> AsyncIterator[str]:
    """A web process whose inside the tests can reach; on the pool that is open already."""
    config = uvicorn.Config(
        create_app(), lifespan="off", http="httptools", log_config=None, timeout_graceful_shutdown=1
    )
    server = Uvicorn(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await hints.start(database.queue_url)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving
        await hints.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there(database: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Another web process of the same deployment."""
    web = Web(database, tmp_path_factory.mktemp("live"), free_ports(1)[0])
    try:
        await web.ready()
        yield web.url
    finally:
        web.stop()


class Phone:
    """A logged-in browser with the roll's page open."""

    def __init__(self, client: httpx.AsyncClient, token: str, meeting: UUID, slug: str) -> None:
        self.token, self._client = token, client
        self._base, self._device, self._seq = f"/{slug}/meetings/{meeting}", str(uuid4()), 0

    @classmethod
    async def at(cls, url: str, cast: Cast, meeting: UUID, *, neighbour: bool = False) -> Phone:
        client = httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=20, trust_env=False)
        await signed_in(client, "secretary", cast, at_neighbour=neighbour)
        token = client.cookies["nennep-plain-http"]
        client.cookies.clear()
        client.headers["Cookie"] = f"nennep-plain-http={token}"
        return cls(client, token, meeting, cast.pleiku.slug)

    async def tap(self, no: int, state: str = "present") -> None:
        self._seq += 1
        mark = {"id": str(uuid4()), "no": no, "state": state, "seq": self._seq, "at": clock.now().isoformat()}
        answer = await self._client.post(
            f"{self._base}/marks",
            json={"device": self._device, "marks": [mark]},
            headers={"X-Requested-With": "nennep"},
        )
        assert answer.json()["acked"] == [mark["id"]]

    async def look(self) -> httpx.Response:
        return await self._client.get(f"{self._base}/changes", headers={"X-Requested-With": "nennep"})

    async def listen(self, since: int = 0) -> Stream:
        """As EventSource does: with a cookie and no header of ours."""
        asked = self._client.build_request("GET", f"{self._base}/events?since={since}")
        return Stream(await self._client.send(asked, stream=True))

    async def aclose(self) -> None:
        await self._client.aclose()


class Stream:
    """What comes down one line."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, seconds: float) -> tuple[dict[str, Any], float]:
        """The next ``changes`` and how long it was waited for."""
        began = time.perf_counter()
        async with asyncio.timeout(seconds):
            async for line in self._lines:
                if line.startswith("data: "):
                    return json.loads(line[6:]), time.perf_counter() - began
        raise EOFError("the stream has ended")

    async def ends(self, seconds: float) -> None:
        with pytest.raises(EOFError):
            await self.next(seconds)

    async def hang_up(self) -> None:
        await self.answer.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def meeting(cast: Cast) -> UUID:
    """One whose roll is open."""
    made = await cast.meeting()
    await open_roll(made, by=cast.hoa)
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def deputy(here: str, cast: Cast, meeting: UUID) -> AsyncIterator[Phone]:
    """Who watches."""
    phone = await Phone.at(here, cast, meeting)
    yield phone
    await phone.aclose()


async def shown(stream: Stream, no: int, seconds: float) -> str:
    """The state of one person in the next changes."""
    changes, _ = await stream.next(seconds)
    return next(entry["state"] for entry in changes["entries"] if entry["no"] == no)


@pytest.mark.parametrize("process", ["here", "there"])
async def test_a_tap_on_one_phone_is_on_the_other_within_two_seconds(
    cast: Cast, meeting: UUID, deputy: Phone, here: str, there: str, process: str
) -> None:
    no = cast.numbers["Nguyễn Văn An"]
    secretary = await Phone.at({"here": here, "there": there}[process], cast, meeting)
    stream = await deputy.listen()
    first, _ = await stream.next(5)

    await secretary.tap(no)
    changes, waited = await stream.next(10)

    assert stream.answer.headers["content-type"].startswith("text/event-stream")
    assert len(first["entries"]) == 6
    assert [(e["no"], e["state"]) for e in changes["entries"]] == [(no, "present")]
    assert changes["version"] == first["version"] + 1
    assert changes["summary"]["present"] == 1
    assert waited < SOON
    await stream.hang_up()
    await secretary.aclose()


async def test_who_has_seen_everything_hears_only_what_is_new(
    cast: Cast, meeting: UUID, deputy: Phone
) -> None:
    version = (await deputy.look()).json()["version"]
    stream = await deputy.listen(version)

    await deputy.tap(cast.numbers["Ksor Giang"], "late")

    assert await shown(stream, cast.numbers["Ksor Giang"], 5) == "late"
    await stream.hang_up()


async def test_a_mark_between_the_first_look_and_the_listening_is_not_late(
    cast: Cast, meeting: UUID, deputy: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    no, look, looks = cast.numbers["Nguyễn Văn An"], live.changes_since, 0

    async def look_and_mark(*arguments: Any) -> bytes:
        nonlocal looks
        looks += 1
        body = await look(*arguments)
        if looks == 1:
            await record(
                meeting,
                [NewMark(uuid4(), no, "present", 1, clock.now())],
                device=uuid4(),
                since=0,
                by=cast.hoa,
            )
            hints.tell(meeting)
        return body

    monkeypatch.setattr(live, "changes_since", look_and_mark)
    stream = await deputy.listen()

    assert await shown(stream, no, 5) == "not_called"
    assert await shown(stream, no, 5) == "present"
    await stream.hang_up()


async def test_a_neighbour_hears_nothing(here: str, cast: Cast, meeting: UUID) -> None:
    phone = await Phone.at(here, cast, meeting, neighbour=True)
    stranger = await Phone.at(here, cast, uuid4())

    for stream in (await phone.listen(), await stranger.listen()):
        assert stream.answer.status_code == 404
        assert "text/event-stream" not in stream.answer.headers["content-type"]
        await stream.hang_up()
    await phone.aclose()
    await stranger.aclose()


async def test_whose_session_is_gone_hears_no_more_and_is_not_let_in_again(
    cast: Cast, meeting: UUID, deputy: Phone, here: str
) -> None:
    secretary = await Phone.at(here, cast, meeting)
    stream = await deputy.listen()
    await stream.next(5)
    async with platform_transaction():
        await sql("DELETE FROM platform.session WHERE token_hash = $1", token_hash(deputy.token))

    await secretary.tap(cast.numbers["Nguyễn Văn An"])
    await stream.ends(5)
    again = await deputy.listen()

    assert again.answer.status_code == 303
    assert again.answer.headers["location"].startswith("/login")
    assert (await deputy.look()).status_code == 401
    await again.hang_up()
    await secretary.aclose()


@contextmanager
def without_queue(embedded: Embedded) -> Iterator[None]:
    embedded.kill("queue")
    try:
        yield
    finally:
        embedded.restart("queue")


async def test_with_the_queue_down_changes_of_another_process_come_by_looking_now_and_then(
    cast: Cast, meeting: UUID, deputy: Phone, there: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.5)
    no = cast.numbers["Nguyễn Văn An"]
    secretary = await Phone.at(there, cast, meeting)
    stream = await deputy.listen()
    await stream.next(5)
    with without_queue(embedded):
        await secretary.tap(no)

        assert await shown(stream, no, 10) == "present"
    await stream.hang_up()
    await secretary.aclose()


async def test_a_phone_that_hangs_up_leaves_nothing_behind(cast: Cast, meeting: UUID, deputy: Phone) -> None:
    streams = [await deputy.listen() for _ in range(3)]
    for stream in streams:
        await stream.next(5)
    assert hints.topic(meeting) in hints.hub()._waiting

    for stream in streams:
        await stream.hang_up()

    async def gone() -> bool:
        return hints.topic(meeting) not in hints.hub()._waiting

    await until(gone, seconds=10, what="a stream goes on with nobody at its end")
