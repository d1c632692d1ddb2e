"""The reckoning afterwards: what was promised, what was made, what is written down, what is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import Any

import httpx

from infra.postgres import sql
from server.rollups.verify import verify
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.kill.evening import Evening
from tests.kill.house import House
from tests.kill.room import Room
from tests.workers.processes import until
from tests.workers.rows import all_done, figures, make_due, rows_of


async def settle_the_books(evening: Evening) -> float:
    """Wait until the outbox is empty; seconds it took. What a queue forgot is sent again after half a minute, which
    is not waited for."""
    ref, began = evening.room.ref, time.perf_counter()
    while not await all_done(ref):
        if time.perf_counter() - began > 3:
            await make_due(ref)
            await asyncio.sleep(0.5)
        assert time.perf_counter() - began < 30, await rows_of(ref)
        await asyncio.sleep(0.05)
    return time.perf_counter() - began


async def compare(evening: Evening) -> str:
    """Ledger, phones, marks, roll and figures against each other; the facts in words."""
    room, promised = evening.room, evening.ledger.ids()
    with using(room.ref):
        async with transaction(read_only=True):
            rows = await sql("SELECT id::text, device::text, seq FROM mark WHERE meeting = $1", room.meeting)
            state = (await sql("SELECT state FROM meeting WHERE id = $1", room.meeting))[0]["state"]
    there = Counter(row["id"] for row in rows)
    devices = {phone.device for phone in evening.phones}
    taps = Counter((row["device"], row["seq"]) for row in rows if row["device"] in devices)
    made = {i for phone in evening.phones for i in phone.made}
    lost, dup = len(promised - set(there)), sum(n - 1 for n in (*there.values(), *taps.values()))
    assert (lost, dup) == (0, 0)
    assert made == promised
    assert len(taps) == len(made)
    assert [phone.refused for phone in evening.phones] == [[]] * len(evening.phones)
    assert state == "held"
    assert await elsewhere(room) == 0
    await compare_screens(evening)
    assert await verify(room.ref) == (1, [])
    assert (await figures(room.ref.id))["rolls_closed"] == 1  # type: ignore[index]
    assert not [row for row in await rows_of(room.ref) if row["dead_at"]]
    unheard = sum(phone.answers_lost for phone in evening.phones)
    return (
        f"{len(made)} marks, {unheard} answers lost on the way, lost={lost} dup={dup}, "
        f"whole again after {max(evening.recoveries):.1f} s, longest silence {evening.ledger.longest_silence():.1f} s"
    )


async def elsewhere(room: Room) -> int:
    """Marks at the neighbour's."""
    with using(room.neighbour):
        async with transaction(read_only=True):
            return int((await sql("SELECT count(*)::int AS n FROM mark"))[0]["n"])


async def compare_screens(evening: Evening) -> None:
    """Every phone, after one look, shows what the database has."""
    with using(evening.room.ref):
        async with transaction(read_only=True):
            rows = await sql(
                "SELECT no, state, heads FROM roll_entry WHERE meeting = $1", evening.room.meeting
            )
    kept = {row["no"]: (row["state"], [str(head) for head in row["heads"]]) for row in rows}
    for phone in evening.phones:
        await phone.look()
        assert {no: (e["state"], e["heads"]) for no, e in phone.entries.items()} == kept


async def assert_all_slots_are_free(evening: Evening) -> None:
    """Each web process still serves more at once than its pool has connections, and no transaction is left open."""
    phone = evening.secretary
    for port in evening.house.ports.values():
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=15, trust_env=False
        ) as client:
            ready = await asyncio.gather(
                *(client.get(phone.changes, headers=phone.headers) for _ in range(30))
            )
        assert {answer.status_code for answer in ready} == {200}

    async def none_open() -> bool:
        async with platform_transaction(read_only=True):
            rows: list[Any] = await sql(
                """SELECT pid FROM pg_stat_activity WHERE usename = session_user AND pid <> pg_backend_pid()
                AND xact_start < now() - interval '1 second'"""
            )
        return not rows

    await until(none_open, seconds=10, what="a transaction is left open")


def faults(house: House) -> list[str]:
    """What the web processes call errors of their own: a server that is away is none."""
    lines = [line for log in house.web_logs() for line in log.read_text("utf-8").splitlines()]
    return [line for line in lines if json.loads(line)["level"] in ("error", "critical")]
