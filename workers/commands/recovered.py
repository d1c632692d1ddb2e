"""``nennep recovered``: what is done once after the whole database was recovered to an earlier moment."""

from __future__ import annotations

from datetime import datetime

import click

from server import clock, recovery
from server.minutes.erasing import unknown_since
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction
from workers.commands.ground import Failed, database, run, say


@click.command(epilog="Example: nennep recovered --to 2026-11-22T20:15:00+07:00")
@click.option("--to", "moment", required=True, metavar="MOMENT", help="ISO 8601 with its offset from UTC.")
def command(moment: str) -> None:
    """After a recovery to a moment, before the dispatcher is started: spare for sixty days what was stored since, and
    have phones take for news what is there now.

    Prints each committee that has such objects, and how many, with a tab between them: what people sent after the
    moment is in the store but in no row, and their phones no longer have it. It may be run again.
    """
    try:
        to = datetime.fromisoformat(moment)
    except ValueError:
        raise Failed(f"{moment}: not a moment. Such as 2026-11-22T20:15:00+07:00.") from None
    if to.tzinfo is None or to > clock.now():
        raise Failed(f"{moment}: needs its offset from UTC and must be in the past.")
    found = run(_recovered(to))
    for slug, objects in found:
        click.echo(f"{slug}\t{objects}")
    say(
        f"{len(found)} committees have objects of which no row knows; they are spared for {recovery.SPARED.days} days."
    )


async def _recovered(to: datetime) -> list[tuple[str, int]]:
    async with database():
        await recovery.note(to)
        found = []
        for ref in await _committees():
            with using(ref):
                if keys := await unknown_since(to - recovery.CLOCKS):
                    found.append((ref.slug, len(keys)))
        return found


async def _committees() -> list[CommitteeRef]:
    async with platform_transaction(read_only=True):
        return [ref for ref in await registry.committees() if ref.state not in ("founding", "erased")]
