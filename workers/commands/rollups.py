"""``nennep rollups``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

import click

from server import clock
from server.rollups.actions import months, recompute_dirty, recompute_rollup
from server.rollups.recounting import to_recount
from server.rollups.verify import Difference
from server.rollups.verify import verify as compare
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction
from workers import outbox
from workers.commands.ground import Failed, database, progress, run, say

PARALLEL = 4
# Seconds that figures, all together, may lag behind their source before that counts as a difference.
PATIENCE = 15.0


@click.group()
def command() -> None:
    """Verify and recompute the province's figures."""


@command.command(epilog="Example: nennep rollups verify --committee pleiku")
@click.option("--committee", "slug", metavar="SLUG", help="Only this committee.")
def verify(slug: str | None) -> None:
    """Count every figure again from what was said and who belonged, and print each that differs; then exit with 1.

    One line a difference: committee, month, figure, stored, counted, with tabs between them.
    """
    committees, months, differences, waiting = run(_verify(slug))
    for d in differences:
        stored = "none" if d.stored is None else d.stored
        click.echo(f"{d.committee}\t{d.month:%Y-%m}\t{d.figure}\t{stored}\t{d.counted}")
    say(f"{committees} committees with {months} months compared: {len(differences)} differences")
    if differences and waiting:
        say(f"{waiting} jobs wait longer than they should: is a worker running?")
    if differences:
        raise SystemExit(1)


async def _verify(slug: str | None) -> tuple[int, int, list[Difference], int]:
    async with database(size=PARALLEL):
        refs = await _choose(slug)
        show, found = progress("compared"), []
        until = time.monotonic() + PATIENCE
        for number, ref in enumerate(refs, start=1):
            found.append(await compare(ref, patience=max(0.0, until - time.monotonic())))
            if len(refs) > 1:
                show(number, len(refs))
        waiting = await outbox.waiting(refs[0].schema_name if slug else None)
    return len(refs), sum(n for n, _ in found), [d for _, wrong in found for d in wrong], waiting


@command.command(epilog="Example: nennep rollups recompute --committee pleiku --month 2026-11")
@click.option("--committee", "slug", metavar="SLUG", help="Only this committee.")
@click.option(
    "--month",
    type=click.DateTime(["%Y-%m"]),
    help="Only this month (default: all that have meetings, work or figures).",
)
def recompute(slug: str | None, month: datetime | None) -> None:
    """Replace the stored figures by what the committees' own tables say now.

    Without options all of all committees: what was ended in the middle goes on where it was.
    """
    begun = time.monotonic()
    if slug is None and month is None:
        committees, months = run(_recount())
    else:
        committees, months = run(_recompute(slug, month.date() if month else None))
    spent = time.monotonic() - begun
    say(f"{committees} committees with {months} months recomputed in {spent:.0f} s")


async def _recount() -> tuple[int, int]:
    async with database(size=PARALLEL + 1):
        refs, again = await to_recount()
        if again:
            say(f"{len(refs)} committees were left by an earlier run; it goes on")
        return len(refs), await _over(refs, recompute_dirty)


async def _recompute(slug: str | None, month: date | None) -> tuple[int, int]:
    async def one() -> int:
        wanted = [month] if month else {*await months(), clock.month_of(clock.today())}
        for each in sorted(wanted):
            await recompute_rollup(each.isoformat())
        return len(wanted)

    async with database(size=PARALLEL + 1):
        refs = await _choose(slug)
        return len(refs), await _over(refs, one)


async def _over(refs: Sequence[CommitteeRef], one: Callable[[], Awaitable[int]]) -> int:
    """Do something in every committee, some at once; the sum of what it answers."""
    queue, show, done = list(reversed(refs)), progress("recomputed"), 0

    async def work() -> None:
        nonlocal done
        while queue:
            with using(queue.pop()):
                more = await one()
            done += more
            if len(refs) > 1:
                show(len(refs) - len(queue), len(refs))

    await asyncio.gather(*(work() for _ in range(PARALLEL)))
    return done


async def _choose(slug: str | None) -> list[CommitteeRef]:
    async with platform_transaction(read_only=True):
        refs = [
            ref
            for ref in await registry.committees()
            if ref.state not in ("founding", "erased") and slug in (None, ref.slug)
        ]
    if slug is not None and not refs:
        raise Failed(f"There is no founded committee at {slug!r}. See: nennep committee list")
    return refs
