"""``nennep backup``: what the clock does by night, by hand; and what it can't do, putting a committee back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import click

from infra.postgres import Record
from server import clock
from server.backups import keeping, making, reading
from server.backups.about import About, is_location
from server.backups.standing import Standing, standing
from server.exports import exporting
from server.words import Refused
from tenants import registry
from tenants.current import CommitteeRef
from tenants.export.faults import WrongFile
from tenants.transactions import platform_transaction
from workers.commands.backup_restore import restore
from workers.commands.committee_files import find, told
from workers.commands.ground import Failed, database, progress, run, say

# As many as a dump of everything may go through at once beside people at work.
PARALLEL = 2
_ALL = click.option("--all", "everyone", is_flag=True, help="Every committee.")


@click.group()
def command() -> None:
    """Make, list, verify, restore and judge committees' backups (NENNEP_BACKUP_URL says where they lie)."""


command.add_command(restore)


@command.command(epilog="Example: nennep backup make pleiku")
@click.argument("slugs", nargs=-1)
@_ALL
def make(slugs: tuple[str, ...], everyone: bool) -> None:
    """Back committees up now, and sweep what is older than it is kept. Killed, it is simply run again.

    One line each: path, location, rows, pages, bytes that were added to the place, with tabs between them.
    """
    _check_one_way(slugs, everyone)
    with told():
        failed = run(_over(slugs, everyone, "backed up", _make))
    _end(failed)


async def _make(ref: CommitteeRef) -> str:
    if ref.state not in exporting.WHOLE:
        raise Failed(f"{ref.slug} is {ref.state}: there is nothing to back up.")
    row = await making.make(uuid4(), ref)
    await keeping.sweep(ref)
    return _line(ref.slug, row["location"], row["rows"], row["pages"], row["bytes"])


@command.command("list", epilog="Example: nennep backup list pleiku")
@click.argument("slug", required=False)
@click.option(
    "--there", is_flag=True, help="Ask the place itself, not the database: also what a lost database knew."
)
def list_(slug: str | None, there: bool) -> None:
    """Print the backups there are, newest first.

    One line each: path, moment, location, rows, pages, their bytes, sealed or plain, last tried, with tabs between.
    """
    with told():
        lines, unread = run(_list_there(slug)) if there else (run(_list(slug)), {})
    for line in lines:
        click.echo(line)
    for location, why in unread.items():
        say(f"{location}: {why}")


async def _list(slug: str | None) -> list[str]:
    async with database():
        refs = [(await find(slug))[0]] if slug else await _all()
        async with platform_transaction(read_only=True):
            found = [(ref, row) for ref in refs for row in await reading.backups_of(ref.schema_name)]
    return [_row(ref.slug, row) for ref, row in found]


def _row(slug: str, row: Record) -> str:
    tried = f"{row['rehearsed_at']:%Y-%m-%dT%H:%MZ}" if row["rehearsed_at"] else "never tried"
    facts = row["rows"], row["pages"], row["pages_bytes"], "sealed" if row["encrypted"] else "plain"
    return _line(
        slug, _moment(row["taken_at"]), row["location"], *facts, "FAILED" if row["rehearsal_fault"] else tried
    )


async def _list_there(slug: str | None) -> tuple[list[str], dict[str, str]]:
    """And what is wrong with those that can't be read: one of an older key hides none of the others."""
    lines, unread = [], {}
    async with database():
        for location in await reading.there():
            try:
                about = await reading.about_of(location)
            except WrongFile as fault:
                unread[location] = str(fault)
            else:
                lines += [_found(location, about)] if slug in (None, about.committee.slug) else []
    return lines, unread


def _found(location: str, about: About) -> str:
    facts = about.rows, len(about.pages), about.pages_bytes, "sealed" if about.key else "plain"
    return _line(about.committee.slug, _moment(about.taken_at), location, *facts)


@command.command(epilog="Example: nennep backup verify pleiku")
@click.argument("what", nargs=-1, metavar="[SLUG|LOCATION]...")
@_ALL
def verify(what: tuple[str, ...], everyone: bool) -> None:
    """Read backups from the first to the last byte and compare every hash: the newest of a committee, or one by its
    location. Nothing is restored; `nennep backup status` says when that was last tried.

    One line each: path, location, rows, pages, with tabs between them.
    """
    _check_one_way(what, everyone)
    locations = [one for one in what if is_location(one)]
    with told():
        failed = run(_verify(locations, [one for one in what if one not in locations], everyone))
    _end(failed)


async def _verify(locations: Sequence[str], slugs: Sequence[str], everyone: bool) -> dict[str, str]:
    for location in locations:
        async with database():
            click.echo(_verified(location, await reading.verify(location)))
    return await _over(slugs, everyone, "verified", _verify_newest) if slugs or everyone else {}


async def _verify_newest(ref: CommitteeRef) -> str:
    location = await reading.at(ref.schema_name, None)
    if location is None:
        raise Failed(f"{ref.slug} has no backup.")
    return _verified(location, await reading.verify(location))


def _verified(location: str, about: About) -> str:
    return _line(about.committee.slug, location, about.rows, len(about.pages))


@command.command(epilog="Example: nennep backup status")
def status() -> None:
    """Say how much would be lost now (RPO) and how long a restore takes (RTO), by what was measured.

    One line a committee: path, hours since its newest backup, days since its restore was last tried, the seconds that
    took, what the last try found, with tabs between them; those in trouble come first.
    """
    found = run(_standing())
    for one in found:
        tried = _days(clock.now() - one.rehearsed_at) if one.rehearsed_at else "never"
        took = "-" if one.seconds is None else f"{one.seconds:.1f}"
        click.echo(_line(one.slug, _hours(one.age), tried, took, one.fault or "-"))
    for line in summary(found):
        say(line)


async def _standing() -> list[Standing]:
    async with database():
        return await standing()


def summary(found: Sequence[Standing]) -> list[str]:
    """RPO and RTO in two lines, and what is wrong in more."""
    ages = sorted(one.age for one in found if one.age is not None)
    took = sorted(one.seconds for one in found if one.seconds is not None)
    lines = []
    if ages:
        half = _hours(ages[len(ages) // 2])
        lines.append(f"RPO: {half} h in the middle, {_hours(ages[-1])} h at worst, of {len(ages)} committees")
    if took:
        middle = took[len(took) // 2]
        lines.append(
            f"RTO: {middle:.1f} s in the middle, {took[-1]:.1f} s at worst, of {len(took)} restores tried"
        )
    if without := sum(one.age is None for one in found):
        lines.append(f"{without} committees have no backup")
    if faults := sum(bool(one.fault) for one in found):
        lines.append(
            f"{faults} committees whose last restore was NOT equal: make another backup and look at once"
        )
    return lines


async def _over(
    slugs: Sequence[str], everyone: bool, what: str, one: Callable[[CommitteeRef], Awaitable[str]]
) -> dict[str, str]:
    """Do something for committees, some at once, and print its lines; what went wrong, by path."""
    failed: dict[str, str] = {}
    async with database(size=PARALLEL * 2):
        refs = list(reversed(await _all() if everyone else [(await find(slug))[0] for slug in slugs]))
        show, of = progress(what), len(refs)

        async def work() -> None:
            while refs:
                ref = refs.pop()
                try:
                    with told():
                        click.echo(await one(ref))
                except (Failed, Refused) as fault:
                    failed[ref.slug] = _words(fault)
                if of > 1:
                    show(of - len(refs), of)

        await asyncio.gather(*(work() for _ in range(PARALLEL)))
    return failed


def _words(fault: Failed | Refused) -> str:
    return fault.message if isinstance(fault, Failed) else " ".join(map(str, fault.reasons.values()))


def _end(failed: dict[str, str]) -> None:
    for slug, why in failed.items():
        say(f"{slug}: {why}")
    if failed:
        raise Failed(f"{len(failed)} not done. Run the command again for: {' '.join(failed)}")


async def _all() -> list[CommitteeRef]:
    async with platform_transaction(read_only=True):
        return [ref for ref in await registry.committees() if ref.state in exporting.WHOLE]


def _check_one_way(named: Sequence[str], everyone: bool) -> None:
    if bool(named) == everyone:
        raise click.UsageError("Name committees, or give --all.")


def _line(*facts: object) -> str:
    return "\t".join(map(str, facts))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _hours(age: timedelta | None) -> str:
    return "none" if age is None else f"{age / timedelta(hours=1):.1f}"


def _days(age: timedelta) -> str:
    return f"{age / timedelta(days=1):.1f}"
