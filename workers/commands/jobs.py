"""``nennep jobs``."""

from __future__ import annotations

from uuid import UUID

import click

from infra.postgres import Record
from workers import outbox
from workers.commands.ground import Failed, database, run, say


@click.group()
def command() -> None:
    """Look at jobs that were given up, and release them."""


@command.command("list", epilog="Example: nennep jobs list")
def list_() -> None:
    """Print each job given up: id, when, committee, job, arguments, attempts, error, with tabs between them."""
    rows, waiting = run(_list())
    for row in rows:
        where = row["committee"] or "platform"
        click.echo(
            f"{row['id']}\t{row['dead_at']:%Y-%m-%dT%H:%M:%SZ}\t{where}\t{row['job']}\t{row['arguments']}\t"
            f"{row['attempts']}\t{row['error']}"
        )
    say(f"{len(rows)} jobs given up, {waiting} waiting")


async def _list() -> tuple[list[Record], int]:
    async with database():
        return await outbox.dead_letters(), await outbox.waiting()


@command.command(epilog="Example: nennep jobs release --all")
@click.argument("ids", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="All that were given up.")
def release(ids: tuple[UUID, ...], everything: bool) -> None:
    """Have jobs that were given up tried again, from the first attempt."""
    if bool(ids) == everything:
        raise click.UsageError("Name the jobs, or say --all.")
    released = run(_release(None if everything else list(ids)))
    say(f"{released} jobs released")
    if released < len(ids):
        raise Failed("The others are not among those given up. See: nennep jobs list")


async def _release(ids: list[UUID] | None) -> int:
    async with database():
        return await outbox.release(ids)
