"""The port for machines: found, answered truly, and never in the way of the process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from infra import listening
from infra.embedded.process import free_ports
from infra.listening import Listening


async def well() -> tuple[bool, dict[str, str]]:
    return True, {"database": "ok"}


async def unwell() -> tuple[bool, dict[str, str]]:
    return False, {"database": "OSError"}


async def broken() -> tuple[bool, dict[str, str]]:
    raise RuntimeError("a check with a fault of its own")


async def stuck() -> bool:
    return False


async def ask(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.fixture
async def first() -> AsyncIterator[Listening]:
    made = Listening(well)
    await made.start("127.0.0.1", free_ports(1)[0])
    yield made
    await made.stop()


async def test_whoever_comes_second_takes_the_next_port(first: Listening) -> None:
    second = Listening(unwell, stuck)
    await second.start("127.0.0.1", first.port)

    assert second.port > first.port
    head, body = (await ask(second.port, b"GET /ready HTTP/1.1\r\n\r\n")).split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(body) == {"state": "not ready", "database": "OSError"}
    assert (await ask(second.port, b"GET /live HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503 ")
    await second.stop()


async def test_a_process_goes_on_where_no_port_is_free(
    first: Listening, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listening, "PORTS_TRIED", 1)
    second = Listening(well)
    await second.start("127.0.0.1", first.port)

    assert second.port == 0
    assert "no port is free for metrics" in caplog.text
    await second.stop()


async def test_nothing_listens_where_no_port_is_set() -> None:
    off = Listening(well)
    await off.start("127.0.0.1", 0)

    assert off.port == 0
    await off.stop()


@pytest.mark.parametrize(
    "sent", [b"\r\n\r\n", b"GET\r\n\r\n", b"\xff" * 20_000, b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 20_000]
)
async def test_what_is_no_request_is_hung_up_on_and_the_next_is_answered(
    first: Listening, sent: bytes
) -> None:
    with contextlib.suppress(ConnectionError):
        assert await ask(first.port, sent) == b""

    assert b'"ready"' in await ask(first.port, b"GET /ready?x=1 HTTP/1.1\r\n\r\n")


async def test_who_says_nothing_is_hung_up_on(first: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "ASK_SECONDS", 0.05)

    assert await ask(first.port, b"GET /metr") == b""


async def test_a_check_that_breaks_is_said_and_nobody_is_kept_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faulty = Listening(broken)
    await faulty.start("127.0.0.1", free_ports(1)[0])

    assert await ask(faulty.port, b"GET /ready HTTP/1.1\r\n\r\n") == b""
    assert "a probe was not answered" in caplog.text
    assert b'"alive"' in await ask(faulty.port, b"GET /live HTTP/1.1\r\n\r\n")
    await faulty.stop()
