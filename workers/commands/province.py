"""``nennep province``."""

from __future__ import annotations

from uuid import UUID

import click

from infra.postgres import Record, one, sql
from server.accounts.reader import Grant, Reader
from tenants import registry, slugs
from tenants.transactions import platform_transaction
from workers.commands.ground import Failed, database, run


@click.group()
def command() -> None:
    """Create and list provinces."""


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
