"""``nennep committee export``, ``verify``, ``restore`` and ``erase``: a committee as a file, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from infra.backup_place import Away
from infra.postgres import sql
from server.exports import erasing, exporting, restoring
from server.exports.parts import PARTS
from server.minutes.keeping import StoreAway
from server.province.actions import Province
from tenants import registry
from tenants.current import KINDS, CommitteeRef
from tenants.export.faults import WrongFile
from tenants.export.verifying import verify as verify_file
from tenants.export.writing import Made, write_export
from tenants.outbox import Hopeless
from tenants.transactions import platform_transaction
from workers.commands import province
from workers.commands.ground import Failed, chosen, database, owner_url, progress, run, say


@contextmanager
def told() -> Iterator[None]:
    """What is wrong with a file, or with what is around it, in one line."""
    try:
        yield
    except (WrongFile, Hopeless) as fault:
        raise Failed(str(fault)) from None
    except StoreAway as fault:
        if isinstance(fault.__cause__, Away):
            raise Failed(
                f"The place of backups: {fault.__cause__}. Run the command again when it is back."
            ) from None
        raise Failed(
            f"The object store at {chosen().objects_url} does not answer. Run the command again."
        ) from None


@click.command(epilog="Example: nennep committee export pleiku --to pleiku.zip")
@click.argument("slug")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write (default: SLUG.zip). It must not be there yet.",
)
@click.option("--no-pages", is_flag=True, help="Only the tables: no photographs, no evidence.")
def export(slug: str, to: Path | None, no_pages: bool) -> None:
    """Write everything of a committee into one file, and print the SHA-256 that proves it."""
    file = to or Path(f"{slug}.zip")
    if file.exists():
        raise Failed(f"{file} is there already.")
    with told():
        made = run(_export(slug, file, with_pages=not no_pages))
    say(f"{made.manifest.rows} rows and {made.manifest.pages} pages in {file} ({made.bytes} bytes)")
    click.echo(made.sha256)


async def _export(slug: str, file: Path, *, with_pages: bool) -> Made:
    # Under another name until it is whole: a file that is there is a file that is good.
    draft, show = file.with_name(f"{file.name}.part"), progress("pages")

    async def told_of(done: int, of: int) -> None:
        show(done, of)

    async with database():
        ref, place = await find(slug)
        if ref.state not in exporting.WHOLE:
            raise Failed(f"{slug} is {ref.state}: there is nothing to export.")
        made = await write_export(ref, draft, parts=PARTS, with_pages=with_pages, told=told_of)
        async with platform_transaction():
            await exporting.note_fetched(place, ref, file.name, made.sha256, by=province.operator(place.id))
    await asyncio.to_thread(draft.rename, file)
    return made


@click.command(epilog="Example: nennep committee verify pleiku.zip")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Read an export from its first to its last byte and print what it holds. Needs no database and no network.

    One line: path, version, when it was made, rows, pages, SHA-256 of the manifest, name, with tabs between them.
    """
    with told():
        manifest, sha256 = verify_file(file)
    about = manifest.committee
    facts = about.slug, manifest.version, manifest.made_at, manifest.rows, manifest.pages, sha256
    click.echo("\t".join([*map(str, facts), f"{KINDS[about.kind]} {about.name}"]))


@click.command(epilog="Example: nennep committee restore pleiku.zip --province gia-lai")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--province", "province_slug", required=True, metavar="SLUG", help="Path of its province here.")
@click.option("--slug", default="", help="Its path here (default: its own, if that is free).")
@click.option("--name", default="", help="Its name here, where the province has one of its own name.")
def restore(file: Path, province_slug: str, slug: str, name: str) -> None:
    """Make a committee out of an export, equal to it or not at all, and print its path.

    Then one line for everybody who has no account here: name, role, cell, a link that works once, with tabs between.
    """
    with told():
        restored = run(_restore(file, province_slug, slug, name))
    tell_restored(restored, restored.manifest.pages)


def tell_restored(restored: restoring.Restored, pages: int) -> None:
    """What a restore came to, its path, and a line for everybody who is to be invited."""
    say(
        f"{restored.manifest.rows} rows and {pages} pages restored and compared; "
        f"{restored.known} roles given back, {len(restored.invited)} people to be invited"
    )
    click.echo(restored.ref.slug)
    for one in restored.invited:
        link = f"{chosen().public_url}/invitations/{one.token}"
        click.echo(f"{one.name}\t{one.role}\t{one.cell_name}\t{link}")


async def _restore(file: Path, province_slug: str, slug: str, name: str) -> restoring.Restored:
    await owner_url()
    async with database():
        place = await province_at(province_slug)
        return await restoring.restore(file, place, slug=slug, name=name, by=province.operator(place.id))


@click.command(epilog='Example: nennep committee erase pleiku --reason "Kết thúc hoạt động, Nghị quyết 12"')
@click.argument("slug")
@click.option("--reason", default="", help="Ask for the erasure; the reason is kept for ever.")
@click.option("--confirm", is_flag=True, help="Confirm what an administrator of the province has asked for.")
def erase(slug: str, reason: str, confirm: bool) -> None:
    """Ask for a closed committee to be erased, or confirm that: two persons, of whom one is in the province's pages.

    A worker then makes the last export, tries it, and erases; the run is printed.
    """
    if bool(reason) == confirm:
        raise click.UsageError("Give either --reason or --confirm.")
    with told():
        begun = run(_erase(slug, reason))
    if begun:
        click.echo(begun)
    else:
        say(f"asked; an administrator of the province confirms it on the page of {slug}")


async def _erase(slug: str, reason: str) -> str:
    async with database():
        _, place = await find(slug)
        by = province.operator(place.id)
        if reason:
            await erasing.ask(place.slug, slug, reason=reason, typed=slug, by=by)
            return ""
        return str(await erasing.confirm(place.slug, slug, typed=slug, by=by))


async def find(slug: str) -> tuple[CommitteeRef, Province]:
    """A committee and its province. Raises Failed."""
    async with platform_transaction(read_only=True):
        ref = await registry.find(slug)
        if ref is None:
            raise Failed(f"There is no committee at {slug!r}. See: nennep committee list")
        rows = await sql("SELECT id, slug, name FROM platform.province WHERE id = $1", ref.province_id)
    return ref, Province(*rows[0].values())


async def province_at(slug: str) -> Province:
    """A province by its path. Raises Failed."""
    async with platform_transaction(read_only=True):
        place = await province.find(slug)
        rows = await sql("SELECT id, slug, name FROM platform.province WHERE id = $1", place)
    return Province(*rows[0].values())
