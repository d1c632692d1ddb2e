"""``python -m tests.bench``: prints figures beside their targets, in one run, and never fails by a time."""

from __future__ import annotations

import argparse
import asyncio
import time
from statistics import median

from infra.postgres import close_pool, open_pool
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform
from tests.bench import assignments, backups, exports, floor, freshness, many, phone, reminders, town, uploads
from tests.bench.ground import Ground, ground
from tests.bench.report import Figure, heading, tell
from tests.bench.sides import Pace, ask, by_turns
from tests.bench.town import MEMBERS, House

# Ours and the floor's marks are for different people of the same rolls: neither has the other's history to fold.
OURS, FLOORS = (1, MEMBERS // 2), (MEMBERS // 2 + 1, MEMBERS)
FULL, QUICK = Pace(rounds=3, warm=8, seconds=5, times=20), Pace(rounds=2, warm=2, seconds=2, times=5)


def main() -> None:
    """Measure everything in one run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run: is the bench itself in order?")
    parser.add_argument("--committees", type=int, help="how many committees (200; quick: 20)")
    given = parser.parse_args()
    pace = QUICK if given.quick else FULL
    count = given.committees or (20 if given.quick else 200)
    begun = time.monotonic()
    print(
        f"{count} committees, each one cell of {MEMBERS} with open rolls; one web process; servers of the bench's own"
    )
    with ground() as made:
        houses = _in_pool(made, lambda: town_of(made, count))
        port = made.serve("web", "workers.commands", "web")
        _phone(port, houses, pace)
        _marks(made, port, houses, pace)
        _pages(made, port, houses, pace)
        assignments.figures(made, port, houses[0], pace.rounds, 4 * pace.times)
        _memory(made)
        uploads.figures(made, port, houses[0])
        heading(f"A closed roll in the province's figures, {freshness.OTHERS_A_SECOND} others dirty a second")
        tell(*_in_pool(made, lambda: freshness.figures(houses, 8 if given.quick else 40)))
        heading("Committees")
        tell(*_in_pool(made, lambda: many.rollups(houses, 3)))
        tell(*_in_pool(made, lambda: many.migrations(made.servers.owner_url, count, 3)))
        heading("Reminders of one morning, in one committee")
        tell(*_in_pool(made, lambda: reminders.figures(houses[0], pace.rounds)))
        heading("A whole committee as a file")
        months = 3 if given.quick else exports.MONTHS
        tell(*_in_pool(made, lambda: exports.figures(made.servers.owner_url, months=months)))
        heading("Its backup, sealed, into a folder")
        tell(*_in_pool(made, lambda: backups.figures(made.servers.owner_url, months=months)))
    print(f"\n{time.monotonic() - begun:.0f} s in all")


def _in_pool(made: Ground, work):
    async def run():
        await open_pool(made.servers.app_url, size=8)
        try:
            return await work()
        finally:
            await close_pool()

    return asyncio.run(run())


async def town_of(made: Ground, count: int) -> list[House]:
    """The committees; tells what founding one took."""
    await migrate_platform(made.servers.owner_url, platform_lines())
    houses, seconds = await town.build(made.servers.owner_url, count)
    heading("Founding")
    tell(Figure(f"a committee created (median of {count})", median(seconds) * 1000, "ms", most=250))
    return houses


def _phone(port: int, houses: list[House], pace: Pace) -> None:
    heading("One phone")
    tell(asyncio.run(phone.batches(port, houses[: pace.times])))
    tell(
        *asyncio.run(phone.bytes_of_page(port, houses[0])), asyncio.run(phone.bytes_of_mark(port, houses[0]))
    )


def _marks(made: Ground, port: int, houses: list[House], pace: Pace) -> None:
    heading(
        f"Marks, one a request, {pace.connections} connections; pgbench: the same SQL, {pace.connections} clients"
    )
    script = made.folder / "mark.sql"
    script.write_text(floor.script(len(houses), FLOORS), encoding="utf-8")
    ours, [(pgbench, ratio)] = by_turns(
        pace.rounds,
        lambda: ask("marks", port, houses, OURS, pace),
        lambda: floor.rate(
            made.servers.app_url, script, warm=pace.warm, seconds=pace.seconds, clients=pace.connections
        ),
    )
    tell(
        Figure("marks over HTTP", ours["rate"], "/s", note=_times(ours)),
        Figure("pgbench", pgbench, "/s"),
        Figure("ratio", ratio, "", least=0.35),
    )


def _pages(made: Ground, port: int, houses: list[House], pace: Pace) -> None:
    heading("The roll-call page of 151; beside it the same queries and a fixed page of the same size")
    fixed = made.folder / "page.html"
    fixed.write_bytes(asyncio.run(phone.page(port, houses[0])))
    kinds = ("bare", "route")
    others = {kind: made.serve(kind, "tests.bench.fixed", kind, str(fixed)) for kind in kinds}
    ours, [(bare, to_bare), (routed, to_routed)] = by_turns(
        pace.rounds,
        lambda: ask("pages", port, houses, OURS, pace),
        lambda: ask("pages", others["bare"], houses, OURS, pace)["rate"],
        lambda: ask("pages", others["route"], houses, OURS, pace)["rate"],
    )
    for kind in kinds:
        made.stop(kind)
    tell(
        Figure("pages over HTTP", ours["rate"], "/s", note=_times(ours)),
        Figure("fixed page, from a handler of the same application", routed, "/s"),
        Figure("ratio", to_routed, "", least=0.5),
        Figure("fixed page, from a bare ASGI application", bare, "/s"),
        Figure("ratio", to_bare, "", least=0.5),
    )


def _times(ours: dict[str, float]) -> str:
    return f"p50 {ours['p50']:.0f} ms, p99 {ours['p99']:.0f} ms"


def _memory(made: Ground) -> None:
    heading("Memory after that (shared pages of one server counted once)")
    for name in ("worker", "dispatcher"):
        made.start(name, "workers.commands", name)
    time.sleep(4)
    tell(*(Figure(name, size, "MB") for name, size in made.resident().items()))


if __name__ == "__main__":
    main()
