"""``python -m tests.bench.province``: what a province's and the country's pages of figures take and weigh.

Platform rows alone, written in bulk: a province of 170 committees and a country of 3,321 in 34 provinces, twelve months
each. Pages are asked of the application itself, without a network between: its time is the server's.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Iterable
from datetime import date
from statistics import median
from uuid import UUID, uuid4

import brotli
import httpx

from infra.postgres import close_pool, connect, open_pool
from server import clock
from server.accounts.actions import add_account, give_province
from server.accounts.sessions import start
from server.rollups.indicators import INDICATORS
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform
from tenants.transactions import platform_transaction
from tests.bench.ground import Ground, ground
from tests.bench.report import Figure, heading, tell
from web.app import create_app

PROVINCES, COMMITTEES, COUNTRY = 34, 170, 3321
MONTHS, TIMES = 12, 15
PROVINCE_MS, PROVINCE_KB, COUNTRY_MS = 150, 30, 400
# What brotli makes of a page on its way (web/app.py).
QUALITY = 4
_WORDS = (
    "An", "Ân", "Bình", "Chư", "Đak", "Đức", "Gia", "Hòa", "Ia", "Kông", "Lơ", "Mơ", "Nhơn", "Phú", "Quy", "Sơn", "Tây",
    "Yang",
)  # fmt: skip
_LETTERS = str.maketrans("0189", "abcd")
_COLUMNS = sorted({name for one in INDICATORS for name in one.columns} | {
    "meetings_not_held", "meetings_planned", "rolls_closed", "absent_excused", "absent_unexcused", "exempt",
    "assignments_moved", "assignments_undecided", "assignments_cancelled",
})  # fmt: skip


def main() -> None:
    """Fill, ask, tell."""
    argparse.ArgumentParser(prog="python -m tests.bench.province", description=__doc__).parse_args()
    begun = time.monotonic()
    with ground() as made:
        asyncio.run(_run(made))
    print(f"\n{time.monotonic() - begun:.0f} s in all")


async def _run(made: Ground) -> None:
    url = made.servers.owner_url
    await migrate_platform(url, platform_lines())
    await open_pool(made.servers.app_url, size=4)
    try:
        slugs = await country(url, random.Random(5))
        token = await viewer(url, slugs[0])
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app()),
            base_url="http://bench",
            cookies={"nennep-plain-http": token},
        ) as client:
            await _ask(client, f"/provinces/{slugs[0]}")
    finally:
        await close_pool()


async def _ask(client: httpx.AsyncClient, home: str) -> None:
    heading(f"A province of {COMMITTEES} committees, {MONTHS} months (p50 of {TIMES})")
    for name, path in (
        ("dashboard", ""), ("dashboard, members", "?show=members"),
        ("dashboard, work by rate", "?show=work&sort=work_done"),
        ("map", "/map"), ("comparison over 24 months", "/comparison?months=24"),
        ("one committee over 24 months", f"/figures/{_slug(0, 3)}?months=24"),
    ):  # fmt: skip
        await _timed(client, name, home + path, most=PROVINCE_MS)
    heading(f"The country, {COUNTRY:,} committees in {PROVINCES} provinces (p50 of {TIMES})")
    await _timed(client, "country", "/country", most=COUNTRY_MS)
    await _timed(client, "country, members", "/country?show=members", most=COUNTRY_MS)


async def _timed(client: httpx.AsyncClient, name: str, path: str, *, most: float) -> None:
    taken, busy = [], []
    for _ in range(TIMES + 2):
        begun, used = time.perf_counter(), time.process_time()
        answer = await client.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        busy.append((time.process_time() - used) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    # The first finds nothing prepared.
    later = sorted(taken[2:])
    note = f"first {taken[0]:.0f}, slowest {later[-1]:.0f}, of Python {median(busy[2:]):.0f} ms"
    size = len(brotli.compress(answer.content, quality=QUALITY)) / 1000
    tell(
        Figure(name, median(later), "ms", most=most, note=note),
        Figure("  HTML, compressed", size, "KB", most=PROVINCE_KB, note=f"{len(answer.content) / 1000:,.0f} KB plain"),
    )  # fmt: skip


def _slug(province: int, committee: int) -> str:
    return f"x-{province}-{committee}"


async def country(url: str, chance: random.Random) -> list[str]:
    """Provinces with committees and twelve months of figures, one committee in twenty silent; the provinces' paths."""
    first = clock.month_of(clock.today())
    months = [clock.month_after(first, -n) for n in range(MONTHS)]
    sizes = _sizes()
    owner = await connect(url)
    try:
        provinces = [(uuid4(), f"tinh-{n}", f"Tỉnh {_WORDS[n % len(_WORDS)]} {n}") for n in range(len(sizes))]
        await owner.copy_records_to_table(
            "province", schema_name="platform", columns=["id", "slug", "name"], records=provinces
        )
        committees = [
            (uuid4(), province, _slug(n, k), f"c_{n:06d}{k:07d}".translate(_LETTERS),
             "commune_committee", f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {k}", "active")
            for n, (province, _, _) in enumerate(provinces) for k in range(sizes[n])
        ]  # fmt: skip
        await owner.copy_records_to_table(
            "committee", schema_name="platform", records=committees,
            columns=["id", "province", "slug", "schema_name", "kind", "name", "state"],
        )  # fmt: skip
        told = [row[0] for row in committees if chance.random() > 0.05]
        await owner.copy_records_to_table(
            "rollup", schema_name="platform", columns=["committee", "month", *_COLUMNS],
            records=list(_rollups(told, months, chance)),
        )  # fmt: skip
        await owner.execute("ANALYZE")
    finally:
        await owner.close()
    return [slug for _, slug, _ in provinces]


def _sizes() -> list[int]:
    rest = (COUNTRY - COMMITTEES) // (PROVINCES - 1)
    sizes = [COMMITTEES] + [rest] * (PROVINCES - 1)
    sizes[-1] += COUNTRY - sum(sizes)
    return sizes


def _rollups(
    committees: Iterable[UUID], months: list[date], chance: random.Random
) -> Iterable[tuple[object, ...]]:
    for committee in committees:
        cells = chance.randint(4, 60)
        members = cells * chance.randint(5, 30)
        for month in months:
            made = figures(cells, members, chance)
            yield committee, month, *(made[name] for name in _COLUMNS)


def figures(cells: int, members: int, chance: random.Random) -> dict[str, int]:
    """A month of a committee that agrees with itself."""
    met = chance.randint(cells * 4 // 5, cells)
    unmet = chance.randint(0, cells - met)
    away, ill, probation = (
        chance.randint(0, members // 20),
        chance.randint(0, members // 12),
        chance.randint(0, 9),
    )
    expected = members - away - ill
    present = chance.randint(expected * 4 // 5, expected)
    due = chance.randint(0, expected)
    done = [chance.randint(0, due // 3) for _ in range(3)]
    held = met + chance.randint(0, 2)
    good = [chance.randint(0, held // 4) for _ in range(4)]
    made = {
        "cells": cells, "cells_met": met, "cells_not_met": unmet, "cells_not_reported": cells - met - unmet,
        "meetings_held": held, "members_official": members - probation, "members_probationary": probation,
        "expected": expected, "present": present, "late": chance.randint(0, expected - present),
        "exempt_attending": ill // 3,
        "exempt_age_health": ill, "exempt_away_work": away, "members_assignable": expected,
        "members_assigned": chance.randint(expected // 2, expected), "assignments_live": due + 5,
        "assignments_due": due,
        "assignments_better": done[0], "assignments_on_time": done[1], "assignments_late": done[2],
        "assignments_not_done": max(0, due - sum(done)) // 2, "meetings_with_minutes": chance.randint(0, held),
        "quality_good": good[0], "quality_fair": good[1], "quality_average": good[2], "quality_weak": good[3],
    }  # fmt: skip
    return dict.fromkeys(_COLUMNS, 0) | made


async def viewer(url: str, province: str) -> str:
    """The token of somebody who reads the province's figures and the country's."""
    owner = await connect(url)
    found = await owner.fetchval("SELECT id FROM platform.province WHERE slug = $1", province)
    async with platform_transaction():
        account = await add_account(name="Trần Thị Láng", login="bench.viewer", password_hash="x")
        await give_province(account, found, by_name="bench")
        token = await start(account, device="bench")
    await owner.execute(
        "INSERT INTO platform.account_grant (id, account, role) VALUES ($1, $2, 'country_viewer')",
        uuid4(),
        account,
    )
    await owner.close()
    return token


if __name__ == "__main__":
    main()
