"""The load: a process of its own that asks as fast as it is answered. Its order comes on standard input, as JSON."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import brotli
import msgspec
import uvloop

from tests.bench import wire


class Entry(msgspec.Struct):
    no: int
    heads: list[str]


class Answer(msgspec.Struct):
    version: int
    entries: list[Entry]
    refused: list[Any] = []


_ANSWER = msgspec.json.Decoder(Answer)
_STATES = ("present", "present", "present", "late", "absent_excused", "absent_unexcused")


class Roll:
    """One committee's open roll as its secretary's phone knows it."""

    def __init__(self, slug: str, meeting: str, token: str) -> None:
        self.path, self.token = f"/{slug}/meetings/{meeting}", token
        self.head = wire.post_head(f"{self.path}/marks", token)
        self.device, self.seq, self.version = new_id(), 0, 0
        self.heads: dict[int, list[str]] = {}

    def take(self, body: bytes) -> None:
        answer = _ANSWER.decode(body)
        if answer.refused:
            raise RuntimeError(f"refused: {body!r}")
        self.version = max(self.version, answer.version)
        for entry in answer.entries:
            self.heads[entry.no] = entry.heads

    def mark(self, no: int) -> bytes:
        self.seq += 1
        state = random.choice(_STATES)
        reason = ',"reason":"ốm"' if state == "absent_excused" else ""
        seen = ",".join(f'"{head}"' for head in self.heads.get(no, ()))
        now = datetime.now(UTC).isoformat()
        body = (
            f'{{"device":"{self.device}","since":{self.version},"sent_at":"{now}","open":false,"marks":[{{"id":"{new_id()}",'
            f'"no":{no},"state":"{state}","seq":{self.seq},"at":"{now}","seen":[{seen}]{reason}}}]}}'
        )
        return wire.post(self.head, body.encode())


def new_id() -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


async def _marks(
    rolls: list[Roll], order: dict[str, Any], port: int, until: float, spent: list[tuple[float, float]]
) -> None:
    line = await wire.Line.open(port)
    low, high = order["numbers"]
    while (begun := time.perf_counter()) < until:
        roll = random.choice(rolls)
        status, head, body = await line.ask(roll.mark(random.randint(low, high)))
        ended = time.perf_counter()
        spent.append((ended, ended - begun))
        if status != 200:
            raise RuntimeError(f"{head!r} {body!r}")
        roll.take(brotli.decompress(body) if b"encoding: br" in head else body)
    line.close()


async def _pages(
    rolls: list[Roll], order: dict[str, Any], port: int, until: float, spent: list[tuple[float, float]]
) -> None:
    line = await wire.Line.open(port)
    while (begun := time.perf_counter()) < until:
        roll = random.choice(rolls)
        status, head, body = await line.ask(wire.get(f"{roll.path}/roll-call", roll.token))
        ended = time.perf_counter()
        spent.append((ended, ended - begun))
        if status != 200 or b"encoding: br" not in head:
            raise RuntimeError(f"{head!r} {body!r}")
    line.close()


async def _learn(rolls: list[Roll], port: int) -> None:
    line = await wire.Line.open(port)
    for roll in rolls:
        status, _, body = await line.ask(
            wire.get(f"{roll.path}/changes?since=0", roll.token, encoding="identity")
        )
        if status != 200:
            raise RuntimeError(f"{roll.path}: {status} {body!r}")
        roll.take(body)
    line.close()


async def main() -> None:
    order = json.loads(sys.stdin.read())
    rolls = [Roll(*named) for named in order["rolls"]]
    port = order["port"]
    if order["what"] == "marks":
        await _learn(rolls, port)
    run = _marks if order["what"] == "marks" else _pages
    spent: list[tuple[float, float]] = []
    begun = time.perf_counter()
    until = begun + order["warm"] + order["seconds"]
    await asyncio.gather(*(run(rolls, order, port, until, spent) for _ in range(order["connections"])))
    warmed = sorted(took for ended, took in spent if ended > begun + order["warm"])
    count, took = len(warmed), time.perf_counter() - begun - order["warm"]
    print(
        json.dumps(
            {"rate": count / took, "p50": warmed[count // 2] * 1000, "p99": warmed[count * 99 // 100] * 1000}
        )
    )


if __name__ == "__main__":
    uvloop.run(main())
