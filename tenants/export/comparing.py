"""Whether a schema holds what a file says: counts, and the hash of each table's rows in the order of their keys."""

from __future__ import annotations

import asyncpg

from tenants.export.manifest import Manifest
from tenants.export.pieces import Counted, Renamed
from tenants.export.tables import Table, copy_out, sequences_of, tables_of


async def differences(held: asyncpg.Connection, schema: str, manifest: Manifest) -> list[str]:
    """What is not as the manifest says, one line each; empty: equal. Needs a transaction that began with PLAIN, and the
    right to read the schema. Says nothing of rows, only of tables and counts.
    """
    tables = {table.name: table for table in await tables_of(held, schema)}
    told = {rows.name: rows for rows in manifest.tables}
    found = [f"{name}: there is no such table" for name in sorted(told.keys() - tables.keys())]
    for name, table in tables.items():
        if name not in told:
            found.append(f"{name}: a table that the file does not have")
            continue
        if set(table.columns) != set(told[name].columns):
            found.append(f"{name}: other columns")
            continue
        counted = await _counted(held, schema, table, told[name].columns, manifest.committee.schema_name)
        if counted.rows != told[name].rows:
            found.append(f"{name}: {counted.rows} rows instead of {told[name].rows}")
        elif counted.sha256 != told[name].sha256:
            found.append(f"{name}: other contents")
    last = await sequences_of(held, schema)
    found += [
        f"{name}: gives numbers that were given"
        for name, value in manifest.sequences.items()
        if last.get(name, 0) < value
    ]
    return found


async def _counted(
    held: asyncpg.Connection, schema: str, table: Table, columns: list[str], told_schema: str
) -> Counted:
    counted, renamed = Counted(), Renamed(schema, told_schema)

    async def sink(piece: bytes) -> None:
        counted.feed(renamed.feed(piece))

    await copy_out(held, schema, Table(table.name, tuple(columns), table.quoted, table.key), sink)
    counted.feed(renamed.end())
    return counted
