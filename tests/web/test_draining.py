"""SIGTERM at a web process: what is told to whom, in which order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from infra import standing
from tests.workers.processes import until
from web import draining
from web.draining import drained_by_sigterm

ENDING = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the server around us and the streams hear, in order; this process goes on."""
    heard: list[str] = []
    handlers = {one: signal.getsignal(one) for one in ENDING}
    monkeypatch.setattr(draining, "STREAMS_LAST_SECONDS", 0.1)
    standing.begin_anew()
    standing.when_closing(lambda: heard.append("streams"))
    for one in ENDING:
        signal.signal(one, lambda number, _: heard.append(signal.Signals(number).name))
    try:
        yield heard
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
        standing.begin_anew()


def test_lines_are_told_to_be_the_last_before_streams_end(told: list[str]) -> None:
    asyncio.run(ended_by(signal.SIGTERM, linger=0, end="streams", told=told))

    assert told == ["SIGTERM", "streams"]


def test_while_it_lingers_nothing_ends(told: list[str]) -> None:
    async def lingering() -> None:
        drained_by_sigterm(60)
        await send(signal.SIGTERM)
        await asyncio.sleep(0.3)

    asyncio.run(lingering())

    assert (told, standing.not_ready()) == ([], standing.DRAINING)


def test_a_second_word_ends_the_lingering(told: list[str]) -> None:
    asyncio.run(ended_by(signal.SIGTERM, signal.SIGTERM, linger=60, end="streams", told=told))

    assert told == ["SIGTERM", "streams"]


def test_a_third_word_cuts_all_lines(told: list[str]) -> None:
    asyncio.run(ended_by(*[signal.SIGTERM] * 3, linger=60, end="SIGINT", told=told))

    assert told == ["SIGTERM", "streams", "SIGINT"]


def test_ctrl_c_does_not_linger(told: list[str]) -> None:
    asyncio.run(ended_by(signal.SIGINT, linger=60, end="streams", told=told))

    assert told == ["SIGTERM", "streams"]


async def ended_by(*words: signal.Signals, linger: int, end: str, told: list[str]) -> None:
    """In a loop of its own, which takes what still waits with it."""

    async def heard() -> bool:
        return end in told

    drained_by_sigterm(linger)
    for word in words:
        await send(word)
    await until(heard, what=f"{end} never came")


async def send(word: signal.Signals) -> None:
    os.kill(os.getpid(), word)
    await asyncio.sleep(0.02)
