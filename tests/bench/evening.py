"""``python -m tests.bench.evening``: every cell of a province takes its roll in one evening, played faster than life.

Thousands of phones with gaps of signal, answers lost, batches sent twice and clocks that are wrong, against a ledger of
what was acknowledged; then the books are settled: lost, doubled, standings, figures. The evening of a province is 3,000
cells of 25 within half an hour; it is played three times as fast unless you say otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from infra.postgres import close_pool, open_pool, sql
from server import clock
from server.schema import platform_lines
from tenants.current import using
from tenants.migrations.runner import migrate_platform
from tenants.transactions import platform_transaction, transaction
from tests.bench.evening_town import Hall, build
from tests.bench.ground import ROOT, Ground, ground
from tests.bench.report import Figure, heading, tell

HALF_HOUR, TARGET_MS = 1800, 250
# How long the figures may take after the last roll was closed before the bench stops waiting.
PATIENCE = 300


def main() -> None:
    """Build, play, settle."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.evening", description=__doc__)
    parser.add_argument("--committees", type=int, default=60)
    parser.add_argument("--cells", type=int, default=50, help="in each committee")
    parser.add_argument("--members", type=int, default=25, help="in each cell")
    parser.add_argument("--faster", type=float, default=3.0, help="than half an hour")
    parser.add_argument("--seed", type=int, default=1930)
    parser.add_argument("--quick", action="store_true", help="6 committees of 10 cells within a minute")
    given = parser.parse_args()
    committees, cells, seconds = given.committees, given.cells, HALF_HOUR / given.faster
    if given.quick:
        committees, cells, seconds = 6, 10, 60.0
    marks = committees * cells * given.members
    heading(
        f"An evening: {committees * cells} cells of {given.members} within {seconds:.0f} s,"
        f" {marks / seconds:.0f} marks a second"
    )
    with ground() as made:
        halls = asyncio.run(_build(made, committees, cells, given.members))
        port = made.serve("web", "workers.commands", "web")
        for name in ("worker", "dispatcher"):
            made.start(name, "workers.commands", name)
        ledger = made.folder / "ledger"
        played = _play(port, halls, given.members, seconds, given.seed, ledger)
        promised = {line.split()[1] for line in ledger.read_text("ascii").splitlines()}
        _report(played)
        tell(*asyncio.run(_settle(made, halls, played, promised)))
        tell(*(Figure(f"memory: {name}", size, "MB") for name, size in made.resident().items()))


async def _build(made: Ground, committees: int, cells: int, members: int) -> list[Hall]:
    await migrate_platform(made.servers.owner_url, platform_lines())
    await open_pool(made.servers.app_url, size=6)
    try:
        return await build(
            made.servers.owner_url,
            committees=committees,
            cells=cells,
            members=members,
            told=lambda _done, _of: None,
        )
    finally:
        await close_pool()


def _play(
    port: int, halls: Sequence[Hall], members: int, seconds: float, seed: int, ledger: Path
) -> dict[str, Any]:
    order = {
        "port": port, "seconds": seconds, "seed": seed, "ledger": str(ledger),
        "halls": [
            {
                "number": h.number, "slug": h.ref.slug, "meeting": str(h.meeting), "token": h.token, "first": h.first,
                "members": members,
            }
            for h in halls
        ],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.evening_phones"],
        input=json.dumps(order), stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError("the phones gave up")
    played: dict[str, Any] = json.loads(done.stdout)
    return played


def _report(played: dict[str, Any]) -> None:
    single = sorted(took for marks, took in played["took"] if marks == 1)
    every = sorted(took for _, took in played["took"])
    count = played["count"]
    tell(
        Figure(
            "marks made", count["marks made"], "", note=f"{count['marks made'] / played['seconds']:.0f} /s"
        ),
        Figure("one mark in a request, p50", _at(single, 0.5), "ms", note=f"{len(single):,} requests"),
        Figure("one mark in a request, p99", _at(single, 0.99), "ms", most=TARGET_MS),
        Figure(
            "any request with marks, p99", _at(every, 0.99), "ms", note=f"slowest {every[-1] * 1000:.0f} ms"
        ),
        *(Figure(f"  {what}", n, "") for what, n in sorted(count.items()) if what != "marks made"),
    )


def _at(took: Sequence[float], share: float) -> float:
    return took[int(len(took) * share)] * 1000


async def _settle(
    made: Ground, halls: Sequence[Hall], played: dict[str, Any], promised: set[str]
) -> list[Figure]:
    """What was acknowledged is there once, what stands is what was tapped last, and the province's figures say so."""
    await open_pool(made.servers.app_url, size=4)
    try:
        kept, wrong, told = Counter[str](), 0, Counter[str]()
        for ref, here in groupby(halls, key=lambda h: h.ref):
            with using(ref):
                async with transaction(read_only=True):
                    kept.update(str(row["id"]) for row in await sql("SELECT id FROM mark"))
                    rows = await sql("SELECT no, state FROM roll_entry")
            stands = {row["no"]: row["state"] for row in rows}
            for hall in here:
                tapped = played["final"][str(hall.number)]
                wrong += sum(1 for no, state in tapped.items() if stands.get(int(no)) != state)
                told.update(tapped.values())
        waited = await _figures_follow(len(halls))
        async with platform_transaction(read_only=True):
            sums = (
                await sql(
                    "SELECT sum(present) AS present, sum(late) AS late, sum(absent_excused) AS absent_excused,"
                    " sum(absent_unexcused) AS absent_unexcused FROM platform.rollup WHERE month = $1",
                    clock.month_of(clock.today()),
                )
            )[0]
    finally:
        await close_pool()
    apart = sum(abs((sums[state] or 0) - told[state]) for state in dict(sums))
    return [
        Figure("acknowledged marks", len(promised), ""),
        Figure("lost", len(promised - kept.keys()), "", most=0),
        Figure("doubled", sum(n - 1 for n in kept.values()), "", most=0),
        Figure("standings that are not what was tapped last", wrong, "", most=0),
        Figure("people counted otherwise in the province's figures", apart, "", most=0),
        Figure("the figures were whole after the last closing", waited, "s"),
    ]


async def _figures_follow(rolls: int) -> float:
    begun = time.perf_counter()
    while time.perf_counter() - begun < PATIENCE:
        async with platform_transaction(read_only=True):
            row = (await sql("SELECT sum(rolls_closed) AS closed FROM platform.rollup"))[0]
        if (row["closed"] or 0) >= rolls:
            break
        await asyncio.sleep(0.5)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
