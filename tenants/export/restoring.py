"""A file back into PostgreSQL and the object store: whole and equal to what was exported, or not at all."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import asyncpg

from infra import objects
from tenants.export.archive import Reader, opened
from tenants.export.comparing import differences
from tenants.export.faults import WrongFile
from tenants.export.folders import temporary
from tenants.export.manifest import Manifest, Rows
from tenants.export.pieces import Renamed
from tenants.export.tables import PLAIN, circular, copy_in, links_of, set_sequences, tables_of
from tenants.export.verifying import manifest_of
from tenants.export.writing import Part, Told, nobody_asks
from tenants.migrations import Migration
from tenants.migrations.runner import apply_text
from tenants.owner import as_owner
from tenants.registry import ABOVE_ALL_VERSIONS
from tenants.walls import keys, room


@dataclass(frozen=True)
class Target:
    """The committee that a file becomes. ``revived``: its erased row of the registry is here still and lives again."""

    id: UUID
    province: UUID
    slug: str
    schema_name: str
    kind: str
    name: str
    unit_code: str = ""
    revived: bool = False


Register = Callable[[asyncpg.Connection, Target], Awaitable[None]]


def schema_for(*told: object) -> str:
    """A schema's name that is the same however often a restore is begun: what a killed one stored is stored over."""
    hashed = sha256("\0".join(str(part) for part in told).encode()).digest()
    return "c_" + base64.b32encode(hashed).decode().lower()[:13]


async def put_back(
    owner_url: str,
    path: Path,
    target: Target,
    line: Sequence[Migration],
    *,
    parts: Sequence[Part],
    register: Register | None = None,
    state: str = "active",
    keep: bool = True,
) -> Manifest:
    """Build the committee's schema from a file that was verified, in one transaction of the database's owner: at the
    file's own version, compared with its manifest, then brought up to the end of ``line``.

    ``register`` writes the target into the registry in place of what is done else, ``state`` is what it ends in. With
    ``keep`` false everything is undone: a rehearsal. Raises WrongFile, asyncpg.UniqueViolationError where the path
    or the name was taken meanwhile, LookupError where there is no erased row to revive.
    """
    with opened(path) as archive:
        manifest, _ = manifest_of(archive)
        if manifest.version > line[-1].version:
            raise WrongFile("newer", f"version {manifest.version} of the tables, here {line[-1].version}")
        async with as_owner(owner_url, keep=keep) as owner:
            await (register or _register)(owner, target)
            await _build(owner, archive, manifest, target, line)
            await _put_parts(owner, archive, manifest, target, parts)
            await owner.execute("UPDATE platform.committee SET state = $2 WHERE id = $1", target.id, state)
            if keep:
                await owner.execute(keys(target.schema_name))
    return manifest


async def _build(
    owner: asyncpg.Connection, archive: Reader, manifest: Manifest, target: Target, line: Sequence[Migration]
) -> None:
    await owner.execute(room(target.schema_name))
    await owner.execute(apply_text(target.id, target.schema_name, line[: manifest.version]))
    await owner.execute(PLAIN)
    await _load(owner, archive, manifest, target.schema_name)
    if found := await differences(owner, target.schema_name, manifest):
        raise WrongFile("differs", "; ".join(found))
    if later := line[manifest.version :]:
        await owner.execute(apply_text(target.id, target.schema_name, later))
        await owner.execute(PLAIN)


async def _register(owner: asyncpg.Connection, target: Target) -> None:
    if target.revived:
        row = await owner.fetchrow(
            f"""UPDATE platform.committee SET state = 'founding', state_reason = '', version = 0, slug = $2, name = $3,
                unit_code = $4, versions_from = {ABOVE_ALL_VERSIONS} WHERE id = $1 AND state = 'erased' RETURNING id""",
            target.id, target.slug, target.name, target.unit_code,
        )  # fmt: skip
        if row is None:
            raise LookupError(target.slug)
        await owner.execute("DELETE FROM platform.committee_migration WHERE committee = $1", target.id)
        await owner.execute("DELETE FROM platform.tombstone WHERE committee = $1", target.id)
        return
    await owner.execute(
        """INSERT INTO platform.committee (id, province, slug, schema_name, kind, name, unit_code)
        VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        target.id, target.province, target.slug, target.schema_name, target.kind, target.name, target.unit_code,
    )  # fmt: skip


async def _load(owner: asyncpg.Connection, archive: Reader, manifest: Manifest, schema: str) -> None:
    tables = await tables_of(owner, schema)
    told = {rows.name: rows for rows in manifest.tables}
    if wrong := told.keys() ^ {table.name for table in tables}:
        raise WrongFile("columns", min(wrong))
    # Keys in a circle can't hold while the first of its tables is in and the last is not.
    late = circular(await links_of(owner, schema), [table.name for table in tables])
    for link in late:
        await owner.execute(f'ALTER TABLE "{schema}"."{link.source}" DROP CONSTRAINT "{link.name}"')
    for table in tables:
        rows = told[table.name]
        if set(rows.columns) != set(table.columns):
            raise WrongFile("columns", table.name)
        pieces = _renamed(archive, f"tables/{table.name}.csv", manifest.committee.schema_name, schema)
        put = await copy_in(owner, table.name, rows.columns, pieces, schema=schema)
        if put != rows.rows:
            raise WrongFile("lie", f"{table.name}: {put} rows, told {rows.rows}")
    for link in late:
        await owner.execute(
            f'ALTER TABLE "{schema}"."{link.source}" ADD CONSTRAINT "{link.name}" {link.definition}'
        )
    await set_sequences(owner, schema, manifest.sequences)
    await owner.execute(f"ANALYZE {', '.join(f'{table.quoted}' for table in tables)}")


async def _renamed(archive: Reader, name: str, old: str, new: str) -> AsyncIterator[bytes]:
    renamed = Renamed(old, new)
    async for piece in archive.stream(name):
        if passed := renamed.feed(piece):
            yield passed
    if rest := renamed.end():
        yield rest


_SHARED = """SELECT quote_ident(a.attname) FROM pg_catalog.pg_attribute a
WHERE a.attrelid = to_regclass('platform.' || $1) AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname = ANY ($2) AND a.attname <> 'committee' ORDER BY array_position($2, a.attname)"""


async def _put_parts(
    owner: asyncpg.Connection, archive: Reader, manifest: Manifest, target: Target, parts: Sequence[Part]
) -> None:
    told = {rows.name: rows for rows in manifest.platform}
    for part in parts:
        if part.put_back and part.name in told:
            if not target.revived:
                # What the registry wrote down by itself a moment ago.
                await owner.execute(f"DELETE FROM platform.{part.name} WHERE committee = $1", target.id)
            await _put_part(owner, archive, told[part.name], target)
            if part.after:
                await owner.execute(part.after, target.id, target.province, target.revived)


async def _put_part(owner: asyncpg.Connection, archive: Reader, rows: Rows, target: Target) -> None:
    """What is known of a committee already stays as it is; columns that are not there any more are left out."""
    table = rows.name
    columns = ", ".join(row[0] for row in await owner.fetch(_SHARED, table, [*rows.columns]))
    await owner.execute(
        f"""DROP TABLE IF EXISTS pg_temp.part; CREATE TEMP TABLE part ON COMMIT DROP AS
        SELECT {columns} FROM platform.{table} WHERE false"""
    )
    known = {row["attname"] for row in await owner.fetch(_TEMPORARY)}
    for name in rows.columns:
        if name not in known:
            await owner.execute(f'ALTER TABLE pg_temp.part ADD COLUMN "{name}" text')
    source = archive.stream(f"platform/{rows.name}.csv")
    await copy_in(owner, "part", rows.columns, source, schema="pg_temp")
    await owner.execute(
        f"""INSERT INTO platform.{table} (committee, {columns}) SELECT $1, {columns} FROM pg_temp.part
        ON CONFLICT DO NOTHING""",
        target.id,
    )


_TEMPORARY = """SELECT attname FROM pg_catalog.pg_attribute
WHERE attrelid = 'pg_temp.part'::regclass AND attnum > 0 AND NOT attisdropped"""


async def put_objects(path: Path, schema_name: str, told: Told = nobody_asks) -> int:
    """Store a file's pages below a committee's name; how many. Storing them again changes nothing.

    Raises WrongFile, and what objects.ObjectErrors holds.
    """
    with opened(path) as archive, temporary() as folder:
        page = Path(folder, "page")
        pages = sorted(name for name in archive.names if name.startswith("pages/"))
        for number, name in enumerate(pages, start=1):
            await asyncio.to_thread(archive.unpack, name, page)
            await objects.put_file(
                f"{schema_name}/{name.removeprefix('pages/')}", page, "application/octet-stream"
            )
            await told(number, len(pages))
    return len(pages)
