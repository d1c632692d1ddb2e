"""The tables that Python knows are the tables that PostgreSQL has: no column, no type, no null apart."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from piccolo import columns as piccolo
from piccolo.table import Table

from infra.embedded import Servers
from infra.postgres import connect
from tests.cast import found_two

ROOT = Path(__file__).parents[2]
# Tables that are only ever written and read by SQL of one place.
SQL_ONLY = {
    "event", "platform.backup", "platform.committee_belonging", "platform.committee_health",
    "platform.committee_migration", "platform.committee_name", "platform.committee_quota",
    "platform.committee_succession", "platform.erasure", "platform.export", "platform.login_failure",
    "platform.migration", "platform.province_event", "platform.recovery_code", "platform.report_reminder",
    "platform.rollup_dirty", "platform.run", "platform.run_item", "platform.second_factor", "platform.setting",
    "platform.timetable_slot", "platform.tombstone",
}  # fmt: skip
# Foreign keys that PostgreSQL holds to be there and Piccolo (null=True is its default) does not. May only shrink.
FAMILIES: list[tuple[type[piccolo.Column], str]] = [
    (piccolo.UUID, "uuid"), (piccolo.Timestamptz, "timestamptz"), (piccolo.Date, "date"), (piccolo.Boolean, "bool"),
    (piccolo.SmallInt, "int2"), (piccolo.BigInt, "int8"), (piccolo.Serial, "int4"), (piccolo.Integer, "int4"),
    (piccolo.JSONB, "jsonb"), (piccolo.Bytea, "bytea"), (piccolo.Numeric, "numeric"), (piccolo.Real, "float4"),
    (piccolo.Text, "text"),
]  # fmt: skip
Shape = dict[str, dict[str, tuple[str, bool]]]


def known() -> Shape:
    """table → column → (type, may be null), as the Piccolo classes say."""
    shape: Shape = {}
    for path in [*ROOT.glob("server/*/tables.py"), *ROOT.glob("tenants/tables.py")]:
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Table) and thing is not Table:
                meta = thing._meta
                name = f"{meta.schema}.{meta.tablename}" if meta.schema else meta.tablename
                shape[name] = {
                    column._meta.db_column_name: (family(column), column._meta.null)
                    for column in meta.columns
                }
    return shape


def family(column: Any) -> str:
    """The PostgreSQL type that a Piccolo column stands for."""
    if isinstance(column, piccolo.ForeignKey):
        return family(column._foreign_key_meta.resolved_references._meta.primary_key)
    if isinstance(column, piccolo.Array):
        return f"_{family(column.base_column)}"
    return next(name for kind, name in FAMILIES if isinstance(column, kind))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def real(database: Servers) -> Shape:
    """The same, as PostgreSQL says, for schema platform and for a committee's."""
    _, ref, _ = await found_two(database.owner_url)
    owner = await connect(database.owner_url)
    rows = await owner.fetch(
        """SELECT n.nspname, c.relname, a.attname, t.typname, NOT a.attnotnull AS nullable
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE n.nspname IN ('platform', $1) AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
        ref.schema_name,
    )
    await owner.close()
    shape: Shape = defaultdict(dict)
    for row in rows:
        table = f"platform.{row['relname']}" if row["nspname"] == "platform" else row["relname"]
        shape[table][row["attname"]] = (row["typname"], row["nullable"])
    return dict(shape)


def test_every_table_is_known_and_every_known_table_is_there(real: Shape) -> None:
    assert set(real) - SQL_ONLY == set(known())
    assert SQL_ONLY - set(real) == set(), "an exception is no longer needed: take it off the list"


@pytest.mark.parametrize("table", sorted(known()))
def test_every_column_is_known_by_its_name_type_and_null(real: Shape, table: str) -> None:
    assert real[table] == known()[table]


def test_tables_are_named_as_the_class_says() -> None:
    assert all(re.fullmatch(r"(platform\.)?[a-z][a-z_]*", name) for name in known())
