"""A migration as the next release may have it, and people who use the present one meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import httpx

from server.schema import committee_line, platform_lines
from tenants.migrations import Migration
from tests.kill.phone import Ledger, Phone
from tests.kill.room import Room
from tests.workers.processes import until

LINE = committee_line()
NEXT = Migration(
    len(LINE) + 1,
    "0098_next",
    """ALTER TABLE meeting ADD COLUMN warmth smallint NOT NULL DEFAULT 0;
    ALTER TABLE mark ADD COLUMN place text;
    ALTER TABLE member ADD COLUMN nickname text;
    CREATE TABLE seating (meeting uuid REFERENCES meeting (id), no integer, PRIMARY KEY (meeting, no));
    CREATE INDEX mark_by_place ON mark (place) WHERE place IS NOT NULL;
    CREATE INDEX member_by_nickname ON member (nickname)""",
)
_, PLATFORM = platform_lines()
NEXT_PLATFORM = (
    "server",
    [
        *PLATFORM[1],
        Migration(len(PLATFORM[1]) + 1, "0098_next", "ALTER TABLE platform.account ADD COLUMN colour text"),
    ],
)


@asynccontextmanager
async def people(room: Room, ports: tuple[int, int], folder: Path) -> AsyncIterator[list[Phone]]:
    """Four who mark the roll without a pause until the block ends; then what they still hold is sent."""
    ledger, over = Ledger(folder / "ledger.txt"), asyncio.Event()
    markers = (room.secretary, room.deputy, *room.leaders[:2])
    phones = [
        Phone(room, who, ports if n % 2 == 0 else ports[::-1], ledger, Random(n), timeout=15)
        for n, who in enumerate(markers)
    ]
    phones[0].opening = True
    try:
        # The roll is opened by the first tap; who marks before that is told so.
        phones[0].tap(phones[0].marker.numbers[0], "present")
        await until(lambda: all_sent(phones), seconds=30, what="the roll is not opened")
        for phone in phones:
            await phone.look()
        marking = [asyncio.create_task(phone.mark_until(over)) for phone in phones]
        yield phones
        over.set()
        await asyncio.gather(*marking)
        await until(lambda: all_sent(phones), seconds=30, what="a phone keeps what it has")
    finally:
        for phone in phones:
            await phone.stop()


async def all_sent(phones: list[Phone]) -> bool:
    return not any(phone.queue for phone in phones)


async def read_pages(phone: Phone, room: Room, port: int, over: asyncio.Event) -> Counter[int]:
    """Open what a secretary opens, again and again; the statuses."""
    paths = [
        f"/{room.ref.slug}/",
        f"/{room.ref.slug}/meetings/{room.meeting}",
        phone.changes,
        "/health/ready",
    ]
    found = Counter[int]()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=15, trust_env=False) as client:
        while not over.is_set():
            for path in paths:
                found[(await client.get(path, headers=phone.headers)).status_code] += 1
    return found
