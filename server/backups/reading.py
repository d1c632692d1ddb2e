"""A backup out of its place: found, read whole, compared with what it says of itself, page by page handed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from infra import objects
from infra.postgres import Record, one, sql
from server.backups import files
from server.backups.about import ABOUT, PAGES, ROWS, About, Page, is_location, read, taken_at_of
from server.backups.making import COLUMNS
from server.minutes.keeping import StoreAway
from tenants.export.faults import WrongFile
from tenants.export.folders import temporary
from tenants.export.manifest import Manifest
from tenants.export.verifying import verify as verify_rows
from tenants.export.writing import Told, nobody_asks
from tenants.transactions import platform_transaction

OnPage = Callable[[Page, Path], Awaitable[object]]


@dataclass(frozen=True)
class Fetched:
    """A backup whose tables were read whole and are what they were: its rows.zip lies at ``file`` for a while."""

    location: str
    about: About
    file: Path
    manifest: Manifest


async def backups_of(schema_name: str) -> list[Record]:
    """The backups that there are of the committee that has a schema, newest first. Needs a platform transaction."""
    return await sql(
        f"""SELECT {COLUMNS} FROM platform.backup
        WHERE starts_with(location, $1 || '/') AND ended_at IS NOT NULL AND removed_at IS NULL
        ORDER BY taken_at DESC""",
        schema_name,
    )  # fmt: skip


async def there(schema_name: str = "") -> list[str]:
    """The locations of all whole backups in the place (of one schema, where one is named), newest first, whatever the
    database knows of them. Raises StoreAway, Refused.
    """
    with files.reached():
        found = await files.the_place().stored(schema_name)
    ends = f"/{ABOUT}"
    locations = [one.name.removesuffix(ends) for one in found if one.name.endswith(ends)]
    return sorted(filter(is_location, locations), key=taken_at_of, reverse=True)


async def at(schema_name: str, moment: datetime | None) -> str | None:
    """The location of the newest backup of a schema, or of the newest that is not younger than ``moment``. Raises
    StoreAway, Refused.
    """
    found = await there(schema_name)
    return next((one for one in found if moment is None or taken_at_of(one) <= moment), None)


async def about_of(location: str) -> About:
    """What a backup says of itself, as far as the database knows of it too. Where a key is set, one that is not sealed
    is believed only if the database knows it: anybody who can write into the place can write a plain one.

    Raises WrongFile, StoreAway, Refused.
    """
    async with platform_transaction(read_only=True):
        row = await one("SELECT sha256 FROM platform.backup WHERE location = $1", location)
    about, sha256 = await told_by(location, sealed=row is None)
    if row is not None and row["sha256"] != sha256:
        raise WrongFile("broken", f"{location}/{ABOUT}")
    if about.committee.schema_name != location.split("/", maxsplit=1)[0]:
        raise WrongFile("lie", f"{location}/{ABOUT}")
    return about


async def told_by(location: str, *, sealed: bool = False) -> tuple[About, str]:
    """The same without the database, and its SHA-256; ``sealed``: where a key is set, it has to be. Raises as that."""
    if not is_location(location):
        raise WrongFile("missing", location)
    with temporary() as folder:
        file = Path(folder, ABOUT)
        sha256 = await files.get(f"{location}/{ABOUT}", file, sealed=sealed)
        return read(await asyncio.to_thread(file.read_bytes)), sha256


@asynccontextmanager
async def fetched(location: str) -> AsyncIterator[Fetched]:
    """The tables of a backup, read whole and compared. Raises WrongFile, StoreAway, Refused."""
    about = await about_of(location)
    with temporary() as folder:
        file = Path(folder, ROWS)
        if await files.get(f"{location}/{ROWS}", file) != about.rows_sha256:
            raise WrongFile("broken", f"{location}/{ROWS}")
        manifest, sha256 = await asyncio.to_thread(verify_rows, file)
        if sha256 != about.manifest_sha256 or manifest.committee != about.committee:
            raise WrongFile("lie", f"{location}/{ABOUT}")
        yield Fetched(location, about, file, manifest)


async def each_page(about: About, location: str, do: OnPage, *, told: Told = nobody_asks) -> None:
    """Fetch every page of a backup, compare it and hand it on. Raises WrongFile, StoreAway, and what ``do`` raises."""
    schema = location.split("/", maxsplit=1)[0]
    with temporary() as folder:

        async def one_page(number: int, page: Page) -> None:
            path, name = Path(folder, f"page-{number}"), f"{schema}/{PAGES}/{page.name}"
            if await files.get(name, path) != page.sha256:
                raise WrongFile("broken", name)
            await do(page, path)

        for start in range(0, len(about.pages), files.PAGES_AT_ONCE):
            some = about.pages[start : start + files.PAGES_AT_ONCE]
            await files.at_once(one_page(number, page) for number, page in enumerate(some))
            await told(start + len(some), len(about.pages))


async def verify(location: str, *, told: Told = nobody_asks) -> About:
    """Read a backup from its first to its last byte and compare every hash. Raises WrongFile, StoreAway, Refused."""
    async with fetched(location) as found:
        await each_page(found.about, location, look_only, told=told)
    return found.about


async def look_only(_page: Page, _path: Path) -> None:
    """Do nothing with a page but what was done: it was read and compared."""


async def put_pages(found: Fetched, _rows: Path, schema_name: str) -> None:
    """Store a backup's pages below a committee's name, as they were; what server.exports.restoring asks for. Storing
    them again changes nothing. Raises WrongFile, StoreAway.
    """

    async def store(page: Page, path: Path) -> None:
        try:
            await objects.put_file(f"{schema_name}/{page.key}", path, "application/octet-stream")
        except objects.ObjectErrors as error:
            raise StoreAway(str(error)) from error

    await each_page(found.about, found.location, store)
