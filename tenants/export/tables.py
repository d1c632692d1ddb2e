"""The tables of a tenant's schema as PostgreSQL's catalogue has them, and how their rows come out and go in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from tenants.export.faults import WrongFile

Sink = Callable[[bytes], Awaitable[None]]

# One way to write every value, whatever the database's own settings are.
PLAIN = """SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL IntervalStyle = 'iso_8601';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';
SET LOCAL statement_timeout = '30min'; SET LOCAL idle_in_transaction_session_timeout = '30min'"""
_SECONDS = 1800

_TABLES = """SELECT c.relname AS name, quote_ident(c.relname) AS quoted,
    (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
    (SELECT array_agg(quote_ident(a.attname) || CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END
            ORDER BY k.n)
        FROM pg_catalog.pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, n), pg_catalog.pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.attnum) AS key
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname COLLATE "C" """
_LINKS = """SELECT k.conname AS name, c.relname AS source, f.relname AS target,
    pg_get_constraintdef(k.oid) AS definition
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_class f ON f.oid = k.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND k.contype = 'f' AND k.conparentid = 0 ORDER BY c.relname, k.conname"""
_SEQUENCES = """SELECT c.relname || '.' || a.attname AS name, s.name AS sequence,
    pg_sequence_last_value(s.name::regclass) AS last
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,
    LATERAL (SELECT pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) AS name) s
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND s.name IS NOT NULL ORDER BY 1"""


@dataclass(frozen=True)
class Table:
    """One table; ``key``: what orders its rows, as SQL."""

    name: str
    columns: tuple[str, ...]
    quoted: str
    key: str


@dataclass(frozen=True)
class Link:
    """A foreign key inside the schema."""

    name: str
    source: str
    target: str
    definition: str


async def links_of(held: asyncpg.Connection, schema: str) -> list[Link]:
    """The foreign keys of a schema."""
    return [Link(**row) for row in await held.fetch(_LINKS, schema)]


async def tables_of(held: asyncpg.Connection, schema: str) -> list[Table]:
    """The tables of a schema, each after those that it refers to; of a circle, by name."""
    rows = await held.fetch(_TABLES, schema)
    # A table without a key is ordered by all that its rows say.
    found = {
        row["name"]: Table(
            row["name"], tuple(row["columns"]), row["quoted"],
            ", ".join(row["key"] or [f'{row["quoted"]}::text COLLATE "C"']),
        )
        for row in rows
    }  # fmt: skip
    needs: dict[str, set[str]] = {name: set() for name in found}
    for link in await links_of(held, schema):
        if link.source != link.target:
            needs[link.source].add(link.target)
    return [found[name] for name in _in_order(needs)]


def _in_order(needs: dict[str, set[str]]) -> list[str]:
    left, order = dict(needs), []
    while left:
        free = sorted(name for name, of in left.items() if not of & left.keys())
        for name in free or sorted(left)[:1]:
            order.append(name)
            del left[name]
    return order


def circular(links: Sequence[Link], order: Sequence[str]) -> list[Link]:
    """The foreign keys that point to a table which comes later in the order."""
    place = {name: number for number, name in enumerate(order)}
    return [link for link in links if place[link.source] < place[link.target]]


async def copy_out(held: asyncpg.Connection, schema: str, table: Table, sink: Sink) -> None:
    """A table as CSV with a head, in the order of its key. Needs a transaction that began with PLAIN."""
    columns = ", ".join(_quoted(name) for name in table.columns)
    await copy_query(
        held, f"SELECT {columns} FROM {_quoted(schema)}.{table.quoted} ORDER BY {table.key}", sink
    )


async def copy_query(held: asyncpg.Connection, query: str, sink: Sink, *arguments: object) -> None:
    """The rows of a query as CSV with a head."""
    await held.copy_from_query(query, *arguments, output=sink, format="csv", header=True, timeout=_SECONDS)


async def copy_in(
    held: asyncpg.Connection, table: str, columns: Sequence[str], pieces: object, *, schema: str | None
) -> int:
    """Put CSV with a head into a table, identity columns as they are; how many rows. Raises WrongFile."""
    try:
        status = await held.copy_to_table(
            table, source=pieces, columns=list(columns), schema_name=schema, format="csv", header=True,
            timeout=_SECONDS,
        )  # fmt: skip
    except (
        asyncpg.DataError,
        asyncpg.IntegrityConstraintViolationError,
        asyncpg.UndefinedColumnError,
    ) as error:
        raise WrongFile("unfit", f"{table}: {error}") from None
    return int(status.rsplit(" ", 1)[-1])


async def sequences_of(held: asyncpg.Connection, schema: str) -> dict[str, int]:
    """The last number that each identity column of a schema has given; one that never gave any is left out."""
    rows = await held.fetch(_SEQUENCES, schema)
    return {row["name"]: row["last"] for row in rows if row["last"] is not None}


async def set_sequences(held: asyncpg.Connection, schema: str, last: dict[str, int]) -> None:
    """Let every identity column go on after the last number that it gave. Raises WrongFile."""
    known = {row["name"]: row["sequence"] for row in await held.fetch(_SEQUENCES, schema)}
    for name, value in last.items():
        if name not in known:
            raise WrongFile("columns", name)
        await held.execute("SELECT setval($1::text::regclass, $2)", known[name], value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
