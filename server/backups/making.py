"""A backup of one committee: the tables of one moment, every page that is not stored yet, and last what it is."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from uuid import UUID

from infra import objects
from infra.postgres import Record, one, sql
from server import clock
from server.backups import files
from server.backups.about import (
    ABOUT,
    FORMAT,
    FORMAT_VERSION,
    PAGES,
    ROWS,
    About,
    Page,
    id_of_page,
    known_page,
    new_location,
    pages_in,
)  # fmt: skip
from server.exports.parts import PARTS
from server.meetings.queries import NotFound
from server.minutes.keeping import StoreAway
from tenants.current import CommitteeRef
from tenants.export.described import written
from tenants.export.folders import temporary
from tenants.export.writing import Made, Told, nobody_asks, write_export
from tenants.outbox import Hopeless
from tenants.transactions import platform_transaction

COLUMNS = """id, committee, began_at, taken_at, ended_at, location, sha256, bytes, rows, pages, pages_bytes, encrypted,
    version, rehearsed_at, rehearsal_seconds, rehearsal_fault, removed_at"""


async def make(backup: UUID, ref: CommitteeRef, *, told: Told = nobody_asks) -> Record:
    """Back a committee up; its row of platform.backup. One that is made already stays as it is; one that was begun and
    killed is made anew, with the pages that it had stored. ``told(done, of)`` hears of pages.

    Raises StoreAway, Refused where no place is set or it is full, Hopeless where the committee was erased meanwhile.
    """
    row = await _begin(backup, ref)
    if row["ended_at"] is not None:
        return row
    taken_at = clock.now()
    location = new_location(ref.schema_name, taken_at)
    with temporary() as folder:
        rows = Path(folder, ROWS)
        made = await write_export(ref, rows, parts=PARTS, with_pages=False)
        # What a row of that moment names was stored before it: listed afterwards, none is left out.
        pages, fresh = await _store_pages(ref, Path(folder), told)
        await files.put(f"{location}/{ROWS}", rows)
        about = await asyncio.to_thread(_about, made, rows, pages, taken_at)
        text, file = written(about), Path(folder, ABOUT)
        await asyncio.to_thread(file.write_bytes, text)
        await files.put(f"{location}/{ABOUT}", file)
    try:
        return await _end(backup, location, about, made.bytes + len(text) + fresh, files.hash_of(text))
    except NotFound:
        await _take_away(ref, location)
        raise Hopeless("the committee was erased, or this backup was given up, while it was made") from None


async def _take_away(ref: CommitteeRef, location: str) -> None:
    """Of what was stored behind an erasure's back nothing stays: nobody would ever sweep it."""
    async with platform_transaction(read_only=True):
        erased = await one("SELECT 1 FROM platform.committee WHERE id = $1 AND state = 'erased'", ref.id)
    with files.reached():
        place = files.the_place()
        await place.remove(
            [one_of.name for one_of in await place.stored(ref.schema_name if erased else location)]
        )


async def _begin(backup: UUID, ref: CommitteeRef) -> Record:
    async with platform_transaction():
        # Whoever sweeps this committee's pages is through, or sees that they are wanted.
        await lock(ref.id)
        await sql(
            "INSERT INTO platform.backup (id, committee) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            backup, ref.id,
        )  # fmt: skip
        return await row_of(backup)


async def lock(committee: UUID) -> None:
    """Be the only one who begins or sweeps a committee's backups, until the transaction ends."""
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"nennep backup {committee}")


async def row_of(backup: UUID) -> Record:
    """A backup's row. Raises NotFound. Needs a platform transaction."""
    row = await one(f"SELECT {COLUMNS} FROM platform.backup WHERE id = $1", backup)
    if row is None:
        raise NotFound(backup)
    return row


def _about(made: Made, rows: Path, pages: list[Page], taken_at: datetime) -> About:
    manifest = made.manifest
    return About(
        FORMAT, FORMAT_VERSION, taken_at, manifest.committee, manifest.province, manifest.version, manifest.rows,
        made.bytes, files.hash_of_file(rows), made.sha256, files.key_id(), pages,
    )  # fmt: skip


async def _end(backup: UUID, location: str, about: About, size: int, sha256: str) -> Record:
    async with platform_transaction():
        await sql(
            """UPDATE platform.backup SET ended_at = now(), taken_at = $2, location = $3, sha256 = $4, bytes = $5,
                rows = $6, pages = $7, pages_bytes = $8, encrypted = $9, version = $10,
                -- Whose tables these are now: what was taken back to a backup meanwhile was put aside with them.
                committee = coalesce((SELECT id FROM platform.committee WHERE schema_name = split_part($3, '/', 1)),
                    committee) WHERE id = $1""",
            backup, about.taken_at, location, sha256, size, about.rows, len(about.pages), about.pages_bytes,
            bool(about.key), about.version,
        )  # fmt: skip
        return await row_of(backup)


async def _store_pages(ref: CommitteeRef, folder: Path, told: Told) -> tuple[list[Page], int]:
    """Every page of a committee, stored; and the bytes of those that were not there before."""
    with files.reached():
        found = await files.the_place().stored(f"{ref.schema_name}/{PAGES}")
    there = dict(filter(None, (known_page(one_of.name.rsplit("/", 1)[-1]) for one_of in found)))
    for harmed in await _harmed(ref):
        there.pop(harmed, None)
    try:
        entries = await objects.entries(f"{ref.schema_name}/")
        pages: list[Page] = []
        fresh = 0
        for start in range(0, len(entries), files.PAGES_AT_ONCE):
            some = enumerate(entries[start : start + files.PAGES_AT_ONCE])
            stored = await files.at_once(
                _store_page(ref, entry, there, folder / f"page-{n}") for n, entry in some
            )
            for page in filter(None, stored):
                pages.append(page)
                fresh += page.bytes if page.name.split("-")[0] not in there else 0
            await told(len(pages), len(entries))
    except objects.ObjectErrors as error:
        raise StoreAway(str(error)) from error
    return pages, fresh


async def _harmed(ref: CommitteeRef) -> set[str]:
    """Pages of which the last drill found that the place has other bytes: else every backup to come would name them."""
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT rehearsal_fault FROM platform.backup
            WHERE committee = $1 AND ended_at IS NOT NULL AND removed_at IS NULL ORDER BY taken_at DESC LIMIT 1""",
            ref.id,
        )
    return pages_in(row["rehearsal_fault"]) if row else set()


async def _store_page(
    ref: CommitteeRef, entry: objects.Entry, there: dict[str, str], path: Path
) -> Page | None:
    key = entry.key.removeprefix(f"{ref.schema_name}/")
    id_ = id_of_page(entry, key, files.key_id())
    if id_ in there:
        return Page(key, f"{id_}-{there[id_]}", entry.bytes, there[id_])
    try:
        await objects.get_file(entry.key, path)
    except objects.Missing:
        # Erased since it was listed, with the row that named it.
        return None
    sha256 = await asyncio.to_thread(files.hash_of_file, path)
    name = f"{id_}-{sha256}"
    await files.put(f"{ref.schema_name}/{PAGES}/{name}", path)
    return Page(key, name, entry.bytes, sha256)
