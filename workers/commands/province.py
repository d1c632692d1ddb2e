"""``nennep province``."""

from __future__ import annotations

from uuid import UUID

import click

from infra.postgres import Record, one, sql
from server.accounts.reader import Grant, Reader
from server.province import actions
from tenants import registry, slugs
from tenants.transactions import platform_transaction
from workers.commands import migrate as migrations
from workers.commands.ground import Failed, database, progress, run, say


@click.group()
def command() -> None:
    """Create and list provinces; migrate, suspend and resume their committees."""


@command.command(epilog='Example: nennep province create "Gia Lai"')
@click.argument("name")
@click.option("--slug", help="Its path (default: made from the name).")
def create(name: str, slug: str | None) -> None:
    """Write a province down and print its path."""
    fault = slugs.why_not(slug or slugs.slug_of(name))
    if fault:
        raise Failed(f"{slug or slugs.slug_of(name)!r}: {fault}")
    click.echo(run(_create(name, slug or slugs.slug_of(name))))


async def _create(name: str, slug: str) -> str:
    async with database():
        try:
            async with platform_transaction():
                await registry.add_province(name, slug=slug)
        except registry.Taken:
            raise Failed(f"There is a province {name!r} or a path {slug!r} already.") from None
    return slug


@command.command(epilog="Example: nennep province migrate gia-lai")
@click.argument("slug")
@click.option(
    "--parallel", type=click.IntRange(1, 32), default=4, show_default=True, help="At the same time."
)
def migrate(slug: str, parallel: int) -> None:
    """Bring all committees of a province to this version; run it again to go on after a failure."""
    run(_migrate(slug, parallel))


@command.command(epilog='Example: nennep province suspend gia-lai --reason "Bảo trì đêm 30/11"')
@click.argument("slug")
@click.option("--reason", required=True, help="What the people of its committees will read.")
def suspend(slug: str, reason: str) -> None:
    """Close the doors of all active committees of a province; their data stays."""
    run(_move(slug, "active", reason))


@command.command(epilog="Example: nennep province resume gia-lai")
@click.argument("slug")
def resume(slug: str) -> None:
    """Open the doors of all suspended committees of a province again."""
    run(_move(slug, "suspended", None))


async def _migrate(slug: str, parallel: int) -> None:
    async with database(), platform_transaction(read_only=True):
        place = await find(slug)
    await migrations.committees(pace={"parallel": parallel}, province=place)


async def _move(slug: str, before: str, reason: str | None) -> None:
    async with database():
        async with platform_transaction(read_only=True):
            place = await find(slug)
            refs = [ref for ref in await registry.committees(place) if ref.state == before]
        show = progress("closed" if reason else "opened")
        for number, ref in enumerate(refs, start=1):
            if reason:
                await actions.suspend(slug, ref.slug, reason=reason, by=operator(place))
            else:
                await actions.resume(slug, ref.slug, by=operator(place))
            show(number, len(refs))
    say(f"{len(refs)} committees {'suspended' if reason else 'resumed'}")


@command.command("list", epilog="Example: nennep province list")
def list_() -> None:
    """Print each province's path, number of committees and name, with tabs between them."""
    for row in run(_list()):
        click.echo(f"{row['slug']}\t{row['committees']}\t{row['name']}")


async def _list() -> list[Record]:
    async with database(), platform_transaction(read_only=True):
        return await sql(
            """SELECT p.slug, p.name, count(c.id) AS committees FROM platform.province p
            LEFT JOIN platform.committee c ON c.province = p.id GROUP BY p.id ORDER BY p.slug"""
        )


async def find(slug: str) -> UUID:
    """The province at a path. Raises Failed. Needs a platform transaction."""
    row = await one("SELECT id FROM platform.province WHERE slug = $1", slug)
    if row is None:
        raise Failed(f"There is no province at {slug!r}. See: nennep province list")
    found: UUID = row["id"]
    return found


def operator(province: UUID) -> Reader:
    """The person at the terminal, as the province's record names them: whoever may run this may do anything anyway."""
    return Reader(UUID(int=0), "nennep", (Grant("province_administrator", province=province),))
