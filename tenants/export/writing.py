"""A committee into a file: one snapshot of its tables and of what the platform knows of it, then its objects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra import objects
from infra.postgres import connection, one
from tenants.current import CommitteeRef
from tenants.export import manifest as about_file
from tenants.export.archive import Writer
from tenants.export.described import written
from tenants.export.manifest import Manifest, Province, Registered, Rows
from tenants.export.readme import readme
from tenants.export.tables import PLAIN, Table, copy_out, copy_query, sequences_of, tables_of
from tenants.transactions import as_committee, platform_transaction

Told = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True)
class Part:
    """Something that the platform knows of a committee: what ``query`` answers, with the committee's id as $1, told and
    not put back; without a query all rows of the platform's table ``name``, put back beside the committee's new id.

    ``after``: what the database's owner does once they are back; $1 the committee, $2 its province, $3 whether it was
    revived.
    """

    name: str
    query: str = ""
    after: str = ""

    @property
    def put_back(self) -> bool:
        """Whether a restore writes it."""
        return not self.query


@dataclass(frozen=True)
class Made:
    """What was exported; ``sha256`` is that of the manifest, which holds or proves all the others."""

    manifest: Manifest
    bytes: int
    sha256: str


async def nobody_asks(_done: int, _of: int) -> None:
    """Tell nobody how far it is."""


async def write_export(
    ref: CommitteeRef, path: Path, *, parts: Sequence[Part], with_pages: bool, told: Told = nobody_asks
) -> Made:
    """Write a committee into the file at ``path``. ``told(done, of)`` hears of objects as they go in.

    Raises what objects.ObjectErrors holds; a file that is begun then has to be thrown away.
    """
    archive = Writer(path)
    try:
        about, province, version, tables, platform, sequences = await _write_rows(ref, archive, parts)
        # Rows of the snapshot name objects that were stored before it: listed afterwards, none is left out.
        pages, page_bytes = await _write_pages(ref, archive, told) if with_pages else (0, 0)
        await archive.text(about_file.README, readme(ref.title, with_pages=with_pages).encode())
        sums = await archive.text(about_file.SUMS, bytes(archive.sums), listed=False)
        manifest = Manifest(
            about_file.FORMAT, about_file.FORMAT_VERSION, datetime.now(UTC).isoformat(timespec="seconds"), about,
            province, version, tables, platform, sequences, with_pages, pages, page_bytes, sums,
        )  # fmt: skip
        sha256 = await archive.text(about_file.MANIFEST, written(manifest), listed=False)
    finally:
        await asyncio.to_thread(archive.close)
    return Made(manifest, await asyncio.to_thread(lambda: path.stat().st_size), sha256)


async def _write_rows(
    ref: CommitteeRef, archive: Writer, parts: Sequence[Part]
) -> tuple[Registered, Province, int, list[Rows], list[Rows], dict[str, int]]:
    async with platform_transaction(read_only=True, snapshot=True):
        held = connection()
        await held.execute(PLAIN)
        row = await one(
            """SELECT c.id, c.slug, c.schema_name, c.kind, c.name, c.unit_code, c.version, p.id AS province_id,
                p.slug AS province_slug, p.name AS province_name
            FROM platform.committee c JOIN platform.province p ON p.id = c.province WHERE c.id = $1""",
            ref.id,
        )
        # One that was taken back to a backup meanwhile has other tables than those that were asked for.
        if row is None or row["schema_name"] != ref.schema_name:
            raise LookupError(ref.slug)
        about = Registered(*(row[n] for n in ("id", "slug", "schema_name", "kind", "name", "unit_code")))
        province = Province(row["province_id"], row["province_slug"], row["province_name"])
        platform = [await _write_part(archive, part, ref) for part in parts]
        async with as_committee(ref):
            tables = [
                await _write_table(archive, ref.schema_name, table)
                for table in await tables_of(held, ref.schema_name)
            ]
            sequences = await sequences_of(held, ref.schema_name)
    return about, province, row["version"], tables, platform, sequences


async def _write_part(archive: Writer, part: Part, ref: CommitteeRef) -> Rows:
    async with archive.entry(f"platform/{part.name}.csv") as entry:
        head = bytearray()

        async def sink(piece: bytes) -> None:
            if b"\n" not in head:
                head.extend(piece)
            await entry.write(piece)

        await copy_query(connection(), part.query or await _all_rows(part.name), sink, ref.id)
    columns = bytes(head).split(b"\n", 1)[0].decode().split(",")
    counted = entry.counted
    return Rows(part.name, columns, counted.rows, counted.bytes, counted.sha256)


async def _all_rows(name: str) -> str:
    table = next(table for table in await tables_of(connection(), "platform") if table.name == name)
    columns = ", ".join(column for column in table.columns if column != "committee")
    return f"SELECT {columns} FROM platform.{table.quoted} WHERE committee = $1 ORDER BY {table.key}"


async def _write_table(archive: Writer, schema: str, table: Table) -> Rows:
    async with archive.entry(f"tables/{table.name}.csv") as entry:
        await copy_out(connection(), schema, table, entry.write)
    counted = entry.counted
    return Rows(table.name, [*table.columns], counted.rows, counted.bytes, counted.sha256)


async def _write_pages(ref: CommitteeRef, archive: Writer, told: Told) -> tuple[int, int]:
    prefix = f"{ref.schema_name}/"
    keys = sorted(await objects.list_keys(prefix))
    count = size = 0
    for number, key in enumerate(keys, start=1):
        stream = objects.open_stream(key)
        try:
            first = await anext(stream, b"")
        except objects.Missing:
            # Erased since it was listed, with the row that named it.
            continue
        async with archive.entry(f"pages/{key.removeprefix(prefix)}", packed=False) as entry:
            await entry.write(first)
            async for piece in stream:
                await entry.write(piece)
        count, size = count + 1, size + entry.counted.bytes
        await told(number, len(keys))
    return count, size
