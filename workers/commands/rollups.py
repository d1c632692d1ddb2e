"""``nennep rollups``."""

from __future__ import annotations

import asyncio
import time
from datetime import date, datetime

import click

from server import clock
from server.rollups.actions import months, recompute_rollup
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
    """Replace the stored figures by what the committees' own tables say now."""
    committees, months = run(_recompute(slug, month.date() if month else None))
    say(f"{committees} committees with {months} months recomputed")


async def _recompute(slug: str | None, month: date | None) -> tuple[int, int]:
    async with database(size=PARALLEL + 1):
        refs = await _choose(slug)
        queue, show, done = list(reversed(refs)), progress("recomputed"), 0

        async def work() -> None:
            nonlocal done
            while queue:
                with using(queue.pop()):
                    wanted = [month] if month else {*await months(), clock.month_of(clock.today())}
                    for one in sorted(wanted):
                        await recompute_rollup(one.isoformat())
                done += len(wanted)
                if len(refs) > 1:
                    show(len(refs) - len(queue), len(refs))

        await asyncio.gather(*(work() for _ in range(PARALLEL)))
    return len(refs), done


async def _choose(slug: str | None) -> list[CommitteeRef]:
    async with platform_transaction(read_only=True):
        refs = [
            ref for ref in await registry.committees() if ref.state != "founding" and slug in (None, ref.slug)
        ]
    if slug is not None and not refs:
        raise Failed(f"There is no founded committee at {slug!r}. See: nennep committee list")
    return refs
