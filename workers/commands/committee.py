"""``nennep committee``."""

from __future__ import annotations

import click

from infra.postgres import Record, sql
from server.committees import founding
from server.province import actions
from server.schema import committee_line
from tenants import registry
from tenants.current import KINDS, CommitteeRef
from tenants.outbox import later_on_platform
from tenants.transactions import platform_transaction
from workers.commands import committee_files, migrate, province
from workers.commands.ground import Failed, chosen, database, owner_url, run, say
from workers.jobs import found_committee


@click.group()
def command() -> None:
    """Create, list, migrate, suspend and resume committees; export, restore and erase them."""


for _more in (committee_files.export, committee_files.verify, committee_files.restore, committee_files.erase):
    command.add_command(_more)


@command.command(
    epilog='Example: nennep committee create --province gia-lai --kind city_committee Pleiku --admin "Nguyễn Văn An"'
)
@click.argument("name")
@click.option("--province", "province_slug", required=True, metavar="SLUG", help="Path of its province.")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True, help="What kind of committee.")
@click.option("--slug", default="", help="Its path (default: the first free one made from the name).")
@click.option("--admin", metavar="NAME", help="Invite a first administrator and print the link.")
def create(name: str, province_slug: str, kind: str, slug: str, admin: str | None) -> None:
    """Found a committee: print its path and, with --admin, an invitation link that works once."""
    for line in run(_create(name, province_slug, kind, slug, admin)):
        click.echo(line)


async def _create(name: str, province_slug: str, kind: str, slug: str, admin: str | None) -> list[str]:
    await owner_url()
    async with database():
        async with platform_transaction(read_only=True):
            by = province.operator(await province.find(province_slug))
        if admin is None:
            ref, token = await _register(name, province_slug, kind, slug), None
        else:
            ref, token = await founding.found_committee(
                province_slug, kind=kind, name=name, slug=slug, administrator=admin, by=by
            )
        # Here and now; the job that was left for a worker will find it done.
        await found_committee(str(ref.id))
    link = [f"{chosen().public_url}/invitations/{token}"] if token else []
    return [ref.slug, *link]


async def _register(name: str, province_slug: str, kind: str, slug: str) -> CommitteeRef:
    async with platform_transaction():
        place = await province.find(province_slug)
        try:
            ref = await registry.add_committee(
                place, kind=kind, name=" ".join(name.split()), slug=slug or None
            )
        except registry.Taken:
            raise Failed(f"The path {slug!r} is taken.") from None
        except ValueError as error:
            raise Failed(f"{slug!r}: {error}") from None
        by = province.operator(place)
        await actions.record_event(
            await actions.province_of(province_slug, by), by, "committee_founded", ref.slug
        )
        await later_on_platform("found_committee", committee=str(ref.id))
    return ref


@command.command("list", epilog="Example: nennep committee list --province gia-lai")
@click.option("--province", "province_slug", metavar="SLUG", help="Only those of this province.")
def list_(province_slug: str | None) -> None:
    """Print each committee's path, state, version, province and name, with tabs between them."""
    for row in run(_list(province_slug)):
        title = f"{KINDS[row['kind']]} {row['name']}"
        click.echo(f"{row['slug']}\t{row['state']}\t{row['version']}\t{row['province']}\t{title}")


async def _list(province_slug: str | None) -> list[Record]:
    async with database(), platform_transaction(read_only=True):
        if province_slug is not None:
            await province.find(province_slug)
        return await sql(
            """SELECT c.slug, c.state, c.version, p.slug AS province, c.kind, c.name FROM platform.committee c
            JOIN platform.province p ON p.id = c.province
            WHERE $1::text IS NULL OR p.slug = $1 ORDER BY p.slug, c.slug""",
            province_slug,
        )


@command.command("migrate", epilog="Example: nennep committee migrate --only pleiku")
@click.option("--only", metavar="SLUG", help="Only this committee.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    help="Committees at the same time.",
)
@click.option("--dry-run", is_flag=True, help="Print who is behind, change nothing.")
def migrate_(only: str | None, parallel: int, dry_run: bool) -> None:
    """Bring committees to this version: one alone first, then the others, until one fails. Run it again to go on."""
    run(_dry_run(only) if dry_run else _migrate(only, parallel))


async def _migrate(only: str | None, parallel: int) -> None:
    if only is not None:
        async with database():
            await _find(only)
    await migrate.committees(pace={"parallel": parallel}, only=only)


async def _dry_run(only: str | None) -> None:
    newest = committee_line()[-1].version
    async with database():
        if only is not None:
            await _find(only)
        async with platform_transaction(read_only=True):
            behind = await sql(
                """SELECT slug, version FROM platform.committee
                WHERE version < $1 AND state NOT IN ('founding', 'erased') AND ($2::text IS NULL OR slug = $2)
                ORDER BY slug""",
                newest, only,
            )  # fmt: skip
    for row in behind:
        click.echo(f"{row['slug']}\t{row['version']} -> {newest}")
    say(f"{len(behind)} committees would be migrated")


@command.command(epilog='Example: nennep committee suspend pleiku --reason "Sáp nhập ngày 01/07"')
@click.argument("slug")
@click.option("--reason", required=True, help="What its people will read.")
def suspend(slug: str, reason: str) -> None:
    """Close a committee's doors; its data stays."""
    run(_suspend(slug, reason))


async def _suspend(slug: str, reason: str) -> None:
    async with database():
        ref, province_slug = await _find(slug)
        if ref.state != "active":
            raise Failed(f"{slug} is {ref.state}, not active.")
        await actions.suspend(province_slug, slug, reason=reason, by=province.operator(ref.province_id))
    say(f"{slug} is suspended")


@command.command(epilog="Example: nennep committee resume pleiku")
@click.argument("slug")
def resume(slug: str) -> None:
    """Open a suspended committee's doors again."""
    run(_resume(slug))


async def _resume(slug: str) -> None:
    async with database():
        ref, province_slug = await _find(slug)
        if ref.state != "suspended":
            raise Failed(f"{slug} is {ref.state}, not suspended.")
        await actions.resume(province_slug, slug, by=province.operator(ref.province_id))
    say(f"{slug} is active")


async def _find(slug: str) -> tuple[CommitteeRef, str]:
    ref, place = await committee_files.find(slug)
    return ref, place.slug
