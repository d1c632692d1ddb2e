"""``nennep backup restore``: a committee beside the one that was backed up, or in its place."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial

import click

from server.backups import reading
from server.backups.about import is_location
from server.backups.taking_back import take_back
from server.exports import restoring
from tenants import registry
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction
from workers.commands import province
from workers.commands.committee_files import find, province_at, tell_restored, told
from workers.commands.ground import Failed, database, owner_url, run, say


@click.command(epilog="Example: nennep backup restore pleiku --at 2026-11-21T23:30 --in-place")
@click.argument("what", metavar="SLUG|LOCATION")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="The newest backup that is not younger, in UTC (default: the newest).",
)
@click.option(
    "--in-place", is_flag=True, help="Take the suspended committee itself back; what it has now is put aside."
)
@click.option(
    "--province", "province_slug", metavar="SLUG", help="Restore it as a new committee of this province."
)
@click.option("--slug", default="", help="The new committee's path (default: its own, if that is free).")
@click.option(
    "--name", default="", help="The new committee's name, where the province has one of its own name."
)
def restore(
    what: str, at: datetime | None, in_place: bool, province_slug: str | None, slug: str, name: str
) -> None:
    """Put a backup of a committee back, equal to it or not at all, and print its path.

    In place too a location may be given: one of what was put aside before, where the moment was the wrong one.

    As a new committee: then one line for everybody who has no account here, as `nennep committee restore` prints it.
    In place: prints the path under which what was there until now stands, archived. Killed, it is simply run again.
    """
    if in_place == (province_slug is not None) or (in_place and (slug or name)):
        raise click.UsageError(
            "Give either --in-place or --province (with --slug and --name where they are taken)."
        )
    begun = time.monotonic()
    moment = at.replace(tzinfo=UTC) if at else None
    with told():
        if in_place:
            slug, location, aside = run(_in_place(what, moment))
            say(
                f"{slug} stands as in {location}, suspended; look at it, then: nennep committee resume {slug}"
            )
            click.echo(aside.slug)
        else:
            assert province_slug is not None
            pages, restored = run(_beside(what, moment, province_slug, slug, name))
            tell_restored(restored, pages)
    say(f"{time.monotonic() - begun:.1f} s")


async def _in_place(what: str, moment: datetime | None) -> tuple[str, str, CommitteeRef]:
    await owner_url()
    async with database():
        slug = await _slug_of(what) if is_location(what) else what
        ref, place = await find(slug)
        location = what if is_location(what) else await _location(ref.schema_name, slug, moment)
        return slug, location, await take_back(ref, location, place, by=province.operator(place.id))


async def _slug_of(location: str) -> str:
    about = await reading.about_of(location)
    async with platform_transaction(read_only=True):
        ref = await registry.find_by_id(about.committee.id)
    if ref is None:
        raise Failed(f"The committee of {location} is not here: restore it with --province.")
    return ref.slug


async def _beside(
    what: str, moment: datetime | None, province_slug: str, slug: str, name: str
) -> tuple[int, restoring.Restored]:
    await owner_url()
    async with database():
        place = await province_at(province_slug)
        location = what
        if not is_location(what):
            ref, _ = await find(what)
            location = await _location(ref.schema_name, what, moment)
        async with reading.fetched(location) as found:
            restored = await restoring.restore(
                found.file,
                place,
                slug=slug,
                name=name,
                pages=partial(reading.put_pages, found),
                by=province.operator(place.id),
            )
    return len(found.about.pages), restored


async def _location(schema_name: str, slug: str, moment: datetime | None) -> str:
    location = await reading.at(schema_name, moment)
    if location is None:
        raise Failed(
            f"There is no backup of {slug}{' of that time' if moment else ''}. See: nennep backup list {slug}"
        )
    return location
