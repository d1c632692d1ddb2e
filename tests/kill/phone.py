"""A phone with the product's queue, in Python: a mark leaves it only when the server has acknowledged its id."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from server import clock
from server.accounts.secrets import csrf_token
from tests.kill.room import PASSWORD, Marker, Room

STATES = ("present", "present", "present", "late", "absent_excused", "absent_unexcused")
BATCH = 200
# The real ones are 1 and 60 seconds: nobody waits for a minute here.
SHORTEST_WAIT, LONGEST_WAIT = 0.05, 0.4
NO_ANSWER = 0


class Ledger:
    """What the phones were promised: ids that an answer has acknowledged, on the disk of somebody else."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="ascii")
        self.path = file
        self.moments = [time.perf_counter()]

    def promised(self, ids: list[str]) -> None:
        """An answer has acknowledged these."""
        self._file.writelines(f"{i}\n" for i in ids)
        self._file.flush()
        self.moments += [time.perf_counter()] * len(ids)

    def __len__(self) -> int:
        return len(self.moments) - 1

    def ids(self) -> set[str]:
        """Every id that was ever acknowledged."""
        return set(self.path.read_text("ascii").split())

    def longest_silence(self) -> float:
        """Seconds that passed at most between two acknowledgements."""
        return max(b - a for a, b in zip(self.moments, self.moments[1:], strict=False))


class Phone:
    """One device of one person. ``ports``: the web process that it talks to, and the other one."""

    def __init__(
        self,
        room: Room,
        marker: Marker,
        ports: tuple[int, int],
        ledger: Ledger,
        dice: Random,
        *,
        timeout: float,
    ) -> None:
        self.marker, self.device = marker, str(uuid4())
        self.queue: list[dict[str, Any]] = []
        self.made: set[str] = set()
        self.refused: list[dict[str, Any]] = []
        self.answers: Counter[int] = Counter()
        self.messages: set[str] = set()
        self.entries: dict[int, dict[str, Any]] = {}
        self.version, self.state, self.opening = 0, "planned", False
        self.log_ins = self.answers_lost = self.heard = self._seq = self._failures = 0
        self._base = f"/{room.ref.slug}/meetings/{room.meeting}"
        self._ports, self._ledger, self._dice, self._timeout = ports, ledger, dice, timeout
        self._clients = [_client(port) for port in ports]
        self._cookie = ""
        self._wanted = asyncio.Event()
        self._sending = asyncio.create_task(self._send_all())

    @property
    def headers(self) -> dict[str, str]:
        """What says who asks."""
        return {"Cookie": self._cookie, "X-Account": str(self.marker.account)}

    @property
    def changes(self) -> str:
        """Where to ask what has changed since this phone heard last."""
        return f"{self._base}/changes?since={self.version}"

    def tap(self, no: int, state: str, *, reason: str = "", late_reason: str | None = None) -> None:
        """Mark one person as on this screen: every mark that it shows is ``seen``."""
        self._seq += 1
        shown = [*self.entries.get(no, {}).get("heads", []), *(m["id"] for m in self.queue if m["no"] == no)]
        mark = {
            "id": str(uuid4()), "no": no, "state": state, "reason": reason, "seq": self._seq,
            "at": clock.now().isoformat(), "seen": shown[-50:], "late_reason": late_reason,
        }  # fmt: skip
        self.made.add(mark["id"])
        self.queue.append(mark)
        self._wanted.set()

    async def mark_until(self, end: asyncio.Event, *, late_reason: str | None = None) -> None:
        """Tap somebody now and then until ``end``."""
        while not end.is_set():
            self.tap(
                self._dice.choice(self.marker.numbers), self._dice.choice(STATES), late_reason=late_reason
            )
            await asyncio.sleep(self._dice.uniform(0.03, 0.1))

    def settle(self) -> int:
        """One tap for each person who is marked differently; how many there were."""
        rivals = [entry for entry in self.entries.values() if entry["rivals"]]
        for entry in rivals:
            self.tap(entry["no"], entry["rivals"][0]["state"])
        return len(rivals)

    async def look(self) -> None:
        """Ask what has changed."""
        while (await self._ask("GET", self.changes))[0] != 200:
            await self._pause()

    async def watch(self) -> None:
        """Hold a stream of changes open, anew whenever it breaks."""
        while True:
            events = f"{self._base}/events?since={self.version}"
            with suppress(httpx.HTTPError):
                async with self._clients[0].stream("GET", events, headers=self.headers) as stream:
                    async for line in stream.aiter_lines():
                        if line.startswith("data: "):
                            self.heard += 1
                            self._merge(json.loads(line[6:]))
            await self._pause()

    async def close_roll(self) -> None:
        """Press the button until the roll is closed."""
        while self.state != "closed":
            status, _ = await self._ask("POST", f"{self._base}/closing", data={"rest_absent": "1"})
            assert status in (303, 503, NO_ANSWER), status
            await self.look()

    async def stop(self) -> None:
        """Put it away."""
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)
        for client in self._clients:
            await client.aclose()

    async def _send_all(self) -> None:
        while True:
            await self._wanted.wait()
            if not self.queue:
                self._wanted.clear()
            elif not await self._send():
                await self._pause()

    async def _send(self) -> bool:
        marks = self.queue[:BATCH]
        body = {
            "device": self.device, "since": self.version, "sent_at": clock.now().isoformat(), "marks": marks,
            "open": self.opening and self.state == "planned",
        }  # fmt: skip
        # Now and then page and service worker send the same at once, by two ways.
        ways = [0, 1] if self._dice.random() < 0.1 else [0]
        found = await asyncio.gather(
            *(self._ask("POST", f"{self._base}/marks", way, json=body) for way in ways)
        )
        settled = [self._settle(marks, *answer) for answer in found]
        return any(settled)

    def _settle(self, marks: list[dict[str, Any]], status: int, body: Any) -> bool:
        if status != 200:
            return False
        if self._dice.random() < 0.1:
            self.answers_lost += 1
            return False
        sent = {mark["id"] for mark in marks}
        acked = [i for i in body["acked"] if i in sent]
        refused = {one["id"]: one["reason"] for one in body["refused"] if one["id"] in sent}
        self._ledger.promised(acked)
        self.refused += [m | {"why": refused[m["id"]]} for m in self.queue if m["id"] in refused]
        self.queue = [m for m in self.queue if m["id"] not in refused and m["id"] not in acked]
        self._failures = 0
        return True

    async def _ask(self, method: str, path: str, way: int = 0, **content: Any) -> tuple[int, Any]:
        if not self._cookie and not await self._log_in():
            return NO_ANSWER, None
        try:
            async with asyncio.timeout(self._timeout):
                headers = self.headers
                if "data" in content:
                    # What a form of a page of this very session carries.
                    headers["X-CSRF"] = csrf_token(self._cookie.partition("=")[2])
                answer = await self._clients[way].request(method, path, headers=headers, **content)
            body = answer.json() if "json" in answer.headers.get("content-type", "") else None
        except (httpx.HTTPError, TimeoutError):
            self.answers[NO_ANSWER] += 1
            return NO_ANSWER, None
        self.answers[answer.status_code] += 1
        if answer.status_code == 401:
            self._cookie = ""
        if answer.status_code == 200:
            self._merge(body)
        elif answer.status_code > 400:
            self.messages.add(body["message"])
        return answer.status_code, body

    async def _log_in(self) -> bool:
        form = {"login": self.marker.login, "password": PASSWORD}
        try:
            answer = await self._clients[0].post("/login", data=form)
        except httpx.HTTPError:
            return False
        if answer.status_code != 303:
            return False
        self.log_ins += 1
        self._cookie = f"nennep-plain-http={answer.cookies['nennep-plain-http']}"
        self._clients[0].cookies.clear()
        return True

    def _merge(self, changes: dict[str, Any]) -> None:
        if changes["version"] < self.version:
            return
        self.version, self.state = changes["version"], changes["state"]
        self.entries |= {entry["no"]: entry for entry in changes["entries"]}

    async def _pause(self) -> None:
        self._failures += 1
        wait = min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** min(self._failures, 6))
        await asyncio.sleep(wait * (0.5 + self._dice.random()))


def _client(port: int) -> httpx.AsyncClient:
    origin = f"http://127.0.0.1:{port}"
    headers = {"Origin": origin, "X-Requested-With": "nennep", "Accept": "application/json"}
    return httpx.AsyncClient(base_url=origin, headers=headers, timeout=15, trust_env=False)
