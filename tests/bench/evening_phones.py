"""The phones of an evening: a process of its own. Its order comes on standard input, its tally leaves, both as JSON.

Every phone keeps the product's promise: a mark leaves its queue only when an answer has acknowledged its id, and what
an answer has acknowledged is written into the ledger, a file, before anything else.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import brotli
import uvloop

from server.accounts.secrets import csrf_token
from tests.bench import wire

_STATES = ("present",) * 8 + ("late", "absent_excused", "absent_unexcused")
# What may go wrong in a village hall, and how often.
GAP, LOST_ANSWER, SENT_TWICE, SECOND_THOUGHT = 0.2, 0.05, 0.03, 0.04
# How far phones' clocks are off, in seconds, and how many of them.
CLOCKS = [(0.6, 120), (0.3, 6 * 3600), (0.1, 40 * 365 * 86400)]
# Marks begin during this share of the evening; each cell takes the rest of it.
STARTS = 0.85
LINES, PATIENCE, WAIT = 200, 15.0, 1.0


class Lines:
    """Connections kept open, one request under way on each."""

    def __init__(self, port: int) -> None:
        self._port, self._free = port, asyncio.LifoQueue[wire.Line | None]()
        for _ in range(LINES):
            self._free.put_nowait(None)

    async def ask(self, request: bytes) -> tuple[int, bytes, float] | None:
        """Status, body and seconds; None where there was no answer."""
        line = await self._free.get()
        begun = time.perf_counter()
        try:
            if line is None or line.closed:
                line = await wire.Line.open(self._port)
            async with asyncio.timeout(PATIENCE):
                status, head, body = await line.ask(request)
        except (OSError, TimeoutError):
            if line is not None:
                line.close()
            line = None
            return None
        finally:
            self._free.put_nowait(line)
        took = time.perf_counter() - begun
        return status, brotli.decompress(body) if b"encoding: br" in head else body, took


class Phone:
    """The phone of one cell's secretary."""

    def __init__(
        self, hall: dict[str, Any], lines: Lines, ledger: TextIO, tally: Tally, dice: random.Random
    ) -> None:
        self.hall, self.lines, self.ledger, self.tally, self.dice = hall, lines, ledger, tally, dice
        self.path = f"/{hall['slug']}/meetings/{hall['meeting']}"
        self.head = wire.post_head(f"{self.path}/marks", hall["token"])
        self.device, self.seq, self.version = self._id(), 0, 0
        share, last = dice.random(), CLOCKS[-1][1]
        for part, seconds in CLOCKS:
            if share < part:
                last = seconds
                break
            share -= part
        self.clock_error = timedelta(seconds=dice.uniform(-last, last))
        self.queue: list[dict[str, Any]] = []
        self.heads: dict[int, list[str]] = {}
        self.final: dict[int, str] = {}

    async def take_the_roll(self, begin: float, pause: float) -> None:
        """Everybody of the cell, one after the other; then what is left over is sent, and the roll is closed."""
        await asyncio.sleep(begin)
        numbers = list(range(self.hall["first"], self.hall["first"] + self.hall["members"]))
        gap = range(0)
        if self.dice.random() < GAP:
            at = self.dice.randrange(len(numbers))
            gap = range(at, at + self.dice.randint(3, 10))
        for place, no in enumerate(numbers):
            self._tap(no)
            if self.dice.random() < SECOND_THOUGHT:
                self._tap(no)
            if place in gap:
                self.tally.count["taps without signal"] += 1
            else:
                await self._send()
            await asyncio.sleep(self.dice.uniform(0, 2 * pause))
        while self.queue:
            if not await self._send():
                await asyncio.sleep(WAIT)
        await self._close()

    def _tap(self, no: int) -> None:
        self.seq += 1
        state = self.dice.choice(_STATES)
        at = datetime.now(UTC) + self.clock_error
        seen = [*self.heads.get(no, ()), *(m["id"] for m in self.queue if m["no"] == no)]
        reason = {"reason": "ốm"} if state == "absent_excused" else {}
        mark = {
            "id": self._id(),
            "no": no,
            "state": state,
            "seq": self.seq,
            "at": at.isoformat(),
            "seen": seen,
        }
        self.queue.append(mark | reason)
        self.final[no] = state
        self.tally.count["marks made"] += 1

    async def _send(self) -> bool:
        sent = list(self.queue)
        body = {
            "device": self.device, "since": self.version, "open": self.version == 0, "marks": sent,
            "sent_at": (datetime.now(UTC) + self.clock_error).isoformat(),
        }  # fmt: skip
        request = wire.post(self.head, json.dumps(body).encode())
        twice = self.dice.random() < SENT_TWICE
        answers = await asyncio.gather(*(self.lines.ask(request) for _ in range(1 + twice)))
        self.tally.count["requests sent twice"] += twice
        good = [answer for answer in answers if answer is not None and answer[0] == 200]
        for answer in answers:
            self.tally.count[f"answers {answer[0] if answer else 'none'}"] += 1
        self.tally.took += [(len(sent), answer[2]) for answer in good]
        if not good or self.dice.random() < LOST_ANSWER:
            self.tally.count["answers lost on the way"] += bool(good)
            return False
        for answer in good:
            self._take(json.loads(answer[1]), {m["id"] for m in sent})
        return True

    def _take(self, told: dict[str, Any], sent: set[str]) -> None:
        acked = [i for i in told["acked"] if i in sent]
        self.ledger.writelines(f"{self.hall['number']} {i}\n" for i in acked)
        if told["refused"]:
            raise RuntimeError(f"refused: {told['refused']}")
        self.queue = [m for m in self.queue if m["id"] not in set(acked)]
        self.version = max(self.version, told["version"])
        for entry in told["entries"]:
            self.heads[entry["no"]] = entry["heads"]

    async def _close(self) -> None:
        token = self.hall["token"]
        form = f"csrf={csrf_token(token)}".encode()
        request = (
            f"POST {self.path}/closing HTTP/1.1\r\nhost: bench\r\naccept: text/html\r\norigin: http://bench\r\n"
            f"cookie: nennep-plain-http={token}\r\ncontent-type: application/x-www-form-urlencoded\r\n{wire.PHONE}"
            f"content-length: {len(form)}\r\n\r\n"
        ).encode() + form
        while True:
            answer = await self.lines.ask(request)
            if answer is not None and answer[0] == 303:
                self.tally.count["rolls closed"] += 1
                return
            self.tally.count[f"closings answered {answer[0] if answer else 'none'}"] += 1
            await asyncio.sleep(WAIT)

    def _id(self) -> str:
        return str(UUID(int=self.dice.getrandbits(128), version=4))


class Tally:
    """What happened."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.took: list[tuple[int, float]] = []


async def play(order: dict[str, Any], ledger: TextIO) -> None:
    """Play the evening that was ordered."""
    dice, tally, lines = random.Random(order["seed"]), Tally(), Lines(order["port"])
    seconds, members = order["seconds"], order["halls"][0]["members"]
    pause = (1 - STARTS) * seconds / members
    begun = time.perf_counter()
    phones = [
        Phone(hall, lines, ledger, tally, random.Random(f"{order['seed']} {hall['number']}"))
        for hall in order["halls"]
    ]
    told = asyncio.create_task(_tell(tally, len(phones), begun))
    await asyncio.gather(*(phone.take_the_roll(dice.uniform(0, STARTS * seconds), pause) for phone in phones))
    told.cancel()
    took = time.perf_counter() - begun
    final = {phone.hall["number"]: phone.final for phone in phones}
    print(json.dumps({"seconds": took, "count": tally.count, "took": tally.took, "final": final}))


async def _tell(tally: Tally, phones: int, begun: float) -> None:
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(30)
            closed, made = tally.count["rolls closed"], tally.count["marks made"]
            print(
                f"  {time.perf_counter() - begun:.0f} s: {closed}/{phones} rolls closed, {made} marks",
                file=sys.stderr,
            )


def main() -> None:
    """Take the order, keep the ledger."""
    order = json.loads(sys.stdin.read())
    with Path(order["ledger"]).open("a", encoding="ascii") as ledger:
        uvloop.run(play(order, ledger))


if __name__ == "__main__":
    main()
