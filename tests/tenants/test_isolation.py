"""A committee reaches its own tables and nothing else, whatever SQL is written."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server.cells.tables import Cell
from tenants.current import CommitteeRef, NoTenant, set_current
from tenants.outbox import later, later_on_platform
from tenants.transactions import as_committee, platform_transaction, transaction
from tests.cast import Cast
from tests.tenants.pools import assert_all_home

DENIED = asyncpg.InsufficientPrivilegeError
HIDDEN = ("province", "committee", "committee_migration", "migration", "account", "account_grant", "session",
          "invitation", "login_failure", "province_event", "rollup", "outbox")  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(database: Servers) -> Cast:
    """Two committees that this whole file looks at, and never changes."""
    return await Cast.assemble(database.owner_url)


@pytest.fixture(autouse=True)
def _in_pleiku(pair: Cast) -> None:
    set_current(pair.pleiku)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM {other}.member",
        "SELECT name FROM {other}.cell",
        "INSERT INTO {other}.event (by_name, action, subject) VALUES ('a', 'b', 'c')",
        "UPDATE {other}.member SET name = 'x'",
        "DELETE FROM {other}.meeting",
        "TRUNCATE {other}.mark",
        "CREATE TABLE {other}.mine (id int)",
        "DROP SCHEMA {other} CASCADE",
        "ALTER TABLE {other}.member ADD COLUMN x int",
        "GRANT USAGE ON SCHEMA {other} TO {own}",
    ],
)
async def test_the_neighbour_is_shut_even_to_raw_qualified_sql(pair: Cast, statement: str) -> None:
    with pytest.raises(DENIED):
        async with transaction():
            await sql(statement.format(other=pair.neighbour.schema_name, own=pair.pleiku.schema_name))


async def test_the_neighbours_rows_are_not_found_by_their_ids(pair: Cast) -> None:
    async with transaction(read_only=True):
        assert await sql("SELECT name FROM cell WHERE id = $1", pair.neighbour_cell) == []
        assert await Cell.exists().where(Cell.id == pair.neighbour_cell) is False
        assert await Cell.exists().where(Cell.id == pair.cell) is True


@pytest.mark.parametrize("table", HIDDEN)
async def test_a_committee_reads_nothing_of_the_platform(table: str) -> None:
    with pytest.raises(DENIED):
        async with transaction(read_only=True):
            await sql(f"SELECT 1 FROM platform.{table}")


@pytest.mark.parametrize("table", [t for t in HIDDEN if t != "outbox"])
async def test_a_committee_writes_nothing_on_the_platform(table: str) -> None:
    with pytest.raises(DENIED):
        async with transaction():
            await sql(f"INSERT INTO platform.{table} DEFAULT VALUES")
    with pytest.raises(DENIED):
        async with transaction():
            await sql(f"DELETE FROM platform.{table}")


async def test_a_committee_leaves_work_for_itself_only(pair: Cast) -> None:
    for schema in (pair.neighbour.schema_name, None):
        with pytest.raises(DENIED):
            async with transaction():
                await sql(
                    "INSERT INTO platform.outbox (id, schema_name, job, arguments) VALUES ($1, $2, 'x', '{}')",
                    uuid4(), schema,
                )  # fmt: skip
    with pytest.raises(DENIED):
        async with transaction():
            await later_on_platform("x")
    for verb in ("UPDATE platform.outbox SET done_at = now()", "DELETE FROM platform.outbox"):
        with pytest.raises(DENIED):
            async with transaction():
                await sql(verb)

    word = uuid4().hex
    async with transaction():
        await later("x", word=word)

    async with platform_transaction(read_only=True):
        left = await sql("SELECT schema_name FROM platform.outbox WHERE arguments->>'word' = $1", word)
    assert [row["schema_name"] for row in left] == [pair.pleiku.schema_name]


async def test_without_a_committee_there_is_no_transaction() -> None:
    set_current(None)

    with pytest.raises(NoTenant):
        transaction()
    with pytest.raises(NoTenant):
        async with platform_transaction():
            await later("x")


async def test_the_platform_resolves_no_table_of_a_committee_and_may_not_name_one(pair: Cast) -> None:
    for statement, error in (
        ("SELECT name FROM member", asyncpg.UndefinedTableError),
        ("SELECT id FROM outbox", asyncpg.UndefinedTableError),
        (f"SELECT name FROM {pair.pleiku.schema_name}.member", DENIED),
        ("SELECT 1 FROM ext.nothing", asyncpg.UndefinedTableError),
    ):
        with pytest.raises(error):
            async with platform_transaction(read_only=True):
                await sql(statement)
    with pytest.raises(asyncpg.UndefinedTableError):
        async with platform_transaction(read_only=True):
            await Cell.select(Cell.name)


async def test_the_applications_own_role_has_no_rights_before_it_steps_in(
    pair: Cast, database: Servers
) -> None:
    plain = await asyncpg.connect(database.app_url)
    try:
        for statement in (
            f"SELECT name FROM {pair.pleiku.schema_name}.member",
            "CREATE TABLE public.mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE TEMP TABLE member (id int)",
            "SET ROLE nennep_owner",
            "DELETE FROM platform.committee",
            "DELETE FROM platform.account",
            "UPDATE platform.province_event SET detail = ''",
            "UPDATE platform.committee_migration SET version = 0",
        ):
            with pytest.raises(DENIED):
                await plain.execute(statement)
    finally:
        await plain.close()


async def test_role_and_path_are_exactly_the_committees(pair: Cast) -> None:
    name = pair.pleiku.schema_name

    async with transaction(read_only=True):
        inside = await one(
            "SELECT current_user AS role, current_schemas(true)::text[] AS path, current_setting('search_path') AS set"
        )
    async with platform_transaction(read_only=True):
        outside = await one("SELECT current_user AS role, current_setting('search_path') AS set")
        async with as_committee(pair.neighbour):
            stepped = await one("SELECT current_user AS role, current_schema() AS path")
        back = await one("SELECT current_user AS role, current_setting('search_path') AS set")

    assert inside is not None
    assert (inside["role"], inside["set"]) == (name, f"{name}, ext, pg_temp")
    assert inside["path"] == ["pg_catalog", name, "ext"]
    assert outside == back
    assert tuple(back or ()) == ("nennep_app", "pg_catalog, pg_temp")
    assert tuple(stepped or ()) == (pair.neighbour.schema_name,) * 2


async def test_an_error_inside_a_committee_does_not_leave_the_platform_there(pair: Cast) -> None:
    async with platform_transaction(read_only=True):
        with pytest.raises(ValueError, match="refused"):
            async with as_committee(pair.pleiku):
                raise ValueError("refused")
        row = await one("SELECT current_user AS role")
    assert row is not None
    assert row["role"] == "nennep_app"

    with pytest.raises(asyncpg.DivisionByZeroError):
        async with platform_transaction(read_only=True), as_committee(pair.pleiku):
            await sql("SELECT 1 / 0")
    await assert_all_home()


@pytest.mark.parametrize(
    "name", ["public", "platform", "c_short", "c_aaaaaaaaaaaaa\n", 'c_aaaaaaaaaaa"; ', "C_AAAAAAAAAAAAA"]
)
def test_a_reference_takes_no_name_that_could_be_something_else(name: str) -> None:
    with pytest.raises(ValueError, match="not a tenant"):
        CommitteeRef(uuid4(), uuid4(), "x", name, "city_committee", "X", "active")


async def test_a_committee_makes_no_tables_of_its_own() -> None:
    for statement in (
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE member (id int)",
        "CREATE TABLE public.mine (id int)",
    ):
        with pytest.raises(DENIED):
            async with transaction():
                await sql(statement)


@pytest.mark.parametrize("table", ["mark", "event"])
async def test_what_is_append_only_can_be_neither_changed_nor_removed(table: str) -> None:
    async with transaction(read_only=True):
        await sql(f"SELECT 1 FROM {table}")
    for statement in (
        f"UPDATE {table} SET by_name = 'x'",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table}",
    ):
        with pytest.raises(DENIED):
            async with transaction():
                await sql(statement)


async def test_the_shape_of_a_committees_schema_keeps_it_movable(pair: Cast, database: Servers) -> None:
    owner = await connect(database.owner_url)
    try:
        schema = pair.pleiku.schema_name
        crossing = await owner.fetch(
            """SELECT conname FROM pg_constraint WHERE contype = 'f'
            AND connamespace = $1::regnamespace AND confrelid <> 0
            AND (SELECT relnamespace FROM pg_class WHERE oid = confrelid) <> connamespace""",
            schema,
        )
        into = await owner.fetch(
            """SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace <> $1::regnamespace
            AND (SELECT relnamespace FROM pg_class WHERE oid = confrelid) = $1::regnamespace""",
            schema,
        )
        types = await owner.fetch(
            "SELECT typname FROM pg_type WHERE typnamespace = $1::regnamespace AND typtype = 'e'", schema
        )
        code = await owner.fetch("SELECT proname FROM pg_proc WHERE pronamespace = $1::regnamespace", schema)
        tables = await owner.fetchval(
            "SELECT count(*) FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'", schema
        )
        foreign_owner = await owner.fetch(
            """SELECT relname FROM pg_class
            WHERE relnamespace = $1::regnamespace AND relowner <> 'nennep_owner'::regrole""",
            schema,
        )
    finally:
        await owner.close()

    assert (crossing, into, types, code, foreign_owner) == ([], [], [], [], [])
    assert 0 < tables <= 30
