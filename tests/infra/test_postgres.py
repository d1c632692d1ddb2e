"""Whatever happens inside a transaction, its connection comes back clean and nothing half-done stays."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from piccolo.engine.exceptions import TransactionError

from infra.embedded import Servers
from infra.postgres import (
    DB,
    CommitFailed,
    NoPool,
    OutsideTransaction,
    Transaction,
    close_pool,
    connect,
    connection,
    lookup,
    one,
    open_pool,
    rows_affected,
    sql,
)  # fmt: skip
from tenants.tables import Province
from tenants.transactions import platform_transaction
from tests.pooler.bouncer import EVERYTHING
from tests.tenants.pools import assert_all_home, pool_of

TABLES = """CREATE SCHEMA probe; GRANT USAGE ON SCHEMA probe TO nennep_app;
CREATE TABLE probe.parent (id int PRIMARY KEY);
CREATE TABLE probe.child (parent int REFERENCES probe.parent (id) DEFERRABLE INITIALLY DEFERRED);
GRANT SELECT, INSERT ON probe.parent, probe.child TO nennep_app"""


@pytest_asyncio.fixture(loop_scope="session")
async def two(database: Servers) -> AsyncIterator[None]:
    """A pool of two and a table whose foreign key is checked at COMMIT."""
    owner = await connect(database.owner_url)
    await owner.execute(TABLES)
    async with pool_of(2):
        yield
    await owner.execute("DROP SCHEMA probe CASCADE")
    await owner.close()


async def an_orphan() -> None:
    async with platform_transaction():
        await sql("INSERT INTO probe.child VALUES (1)")


async def a_failure_in_python() -> None:
    async with platform_transaction():
        await sql("INSERT INTO probe.parent VALUES (1)")
        raise ValueError("a bug")


async def a_failure_in_sql() -> None:
    async with platform_transaction():
        await sql("INSERT INTO probe.parent VALUES (1)")
        await sql("SELECT 1 / 0")


async def a_swallowed_error() -> None:
    async with platform_transaction():
        await sql("INSERT INTO probe.parent VALUES (1)")
        with suppress(asyncpg.PostgresError):
            await sql("SELECT 1 / 0")


async def a_cancelled_statement() -> None:
    task = asyncio.create_task(a_sleeper())
    await asyncio.sleep(random.uniform(0, 0.02))
    task.cancel()
    await task


async def a_sleeper() -> None:
    async with platform_transaction():
        await sql("INSERT INTO probe.parent VALUES (1)")
        await sql("SELECT pg_sleep(10)")


async def a_time_limit() -> None:
    async with asyncio.timeout(random.uniform(0, 0.02)):
        await a_sleeper()


async def a_killed_socket() -> None:
    async with platform_transaction():
        await sql("INSERT INTO probe.parent VALUES (1)")
        await sql("SELECT pg_terminate_backend(pg_backend_pid())")


async def a_socket_killed_while_idle() -> None:
    async with platform_transaction():
        row = await one("SELECT pg_backend_pid() AS pid")
        assert row is not None
        await lookup("SELECT pg_terminate_backend($1, 2000)", row["pid"])
        await sql("SELECT 1")


FAILURES: list[
    tuple[Callable[[], Awaitable[None]], type[BaseException] | tuple[type[BaseException], ...]]
] = [
    (an_orphan, asyncpg.ForeignKeyViolationError),
    (a_failure_in_python, ValueError),
    (a_failure_in_sql, asyncpg.DivisionByZeroError),
    (a_swallowed_error, CommitFailed),
    (a_cancelled_statement, asyncio.CancelledError),
    (a_time_limit, TimeoutError),
    (a_killed_socket, (asyncpg.PostgresError, asyncpg.InterfaceError)),
    (a_socket_killed_while_idle, (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)),
]


@pytest.mark.parametrize(("failure", "error"), FAILURES, ids=lambda f: getattr(f, "__name__", ""))
async def test_fifty_times_in_a_row_a_failure_is_told_and_leaves_nothing(
    two: None, failure: Callable[[], Awaitable[None]], error: Any
) -> None:
    for _ in range(10 if failure is a_socket_killed_while_idle else 50):
        with pytest.raises(error):
            await failure()
        assert DB.current_transaction.get() is None

    await assert_all_home()
    async with platform_transaction(read_only=True):
        assert await sql("SELECT FROM probe.parent UNION ALL SELECT FROM probe.child") == []


async def test_all_failures_at_once_leave_nothing_either(two: None) -> None:
    # Not the killing of a backend by its number: among so many it might be another's by then.
    chosen = [f for f, _ in FAILURES if f is not a_socket_killed_while_idle] * 8
    random.shuffle(chosen)

    ends = await asyncio.gather(*(asyncio.create_task(f()) for f in chosen), return_exceptions=True)  # type: ignore[arg-type]

    assert all(isinstance(end, BaseException) for end in ends)
    await assert_all_home()
    async with platform_transaction(read_only=True):
        assert await sql("SELECT FROM probe.parent UNION ALL SELECT FROM probe.child") == []


async def test_who_is_cancelled_twice_while_rolling_back_still_gives_the_connection_back(two: None) -> None:
    for _ in range(30):
        task = asyncio.create_task(a_sleeper())
        await asyncio.sleep(random.uniform(0.002, 0.01))
        task.cancel()
        await asyncio.sleep(random.uniform(0, 0.002))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    await assert_all_home()


async def test_a_failed_commit_is_not_taken_for_one(two: None) -> None:
    with pytest.raises(CommitFailed):
        await a_swallowed_error()
    async with platform_transaction():
        await sql("INSERT INTO probe.parent VALUES (2)")

    async with platform_transaction(read_only=True):
        assert [row["id"] for row in await sql("SELECT id FROM probe.parent")] == [2]


async def test_a_role_that_may_not_be_taken_opens_nothing(two: None) -> None:
    for _ in range(5):
        with pytest.raises(asyncpg.PostgresError):
            async with Transaction("BEGIN", 'SET LOCAL ROLE "nennep_owner"'):
                raise AssertionError("never entered")

    await assert_all_home()


async def test_closing_the_pool_waits_for_the_transactions_that_still_run(database: Servers) -> None:
    begun = asyncio.Event()

    async def slow() -> int:
        async with platform_transaction():
            begun.set()
            await sql("SELECT pg_sleep(0.1)")
        return 1

    async with pool_of(2):
        task = asyncio.create_task(slow())
        await begun.wait()
        async with asyncio.timeout(5):
            await close_pool()
        assert await task == 1
        with pytest.raises(NoPool):
            await slow()
        await open_pool(database.app_url, size=1)


@pytest.mark.skipif(EVERYTHING, reason="behind PgBouncer a server's life is server_lifetime's to end")
async def test_a_connection_is_replaced_after_so_many_statements_and_gives_its_memory_back(
    database: Servers,
) -> None:
    seen = set()
    await close_pool()
    try:
        await open_pool(database.app_url, size=1, queries=9)
        for _ in range(12):
            async with platform_transaction():
                row = await one("SELECT pg_backend_pid() AS pid")
            seen.add(row["pid"])
        async with platform_transaction():
            alive = await sql("SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1)", list(seen))
    finally:
        await close_pool()
        await open_pool(database.app_url, size=10)

    # BEGIN, the statement, COMMIT: three transactions a connection.
    assert 4 <= len(seen) <= 6
    assert len(alive) <= 2


async def test_outside_a_transaction_nothing_runs(database: Servers) -> None:
    for attempt in (
        lambda: sql("SELECT 1"),
        lambda: one("SELECT 1"),
        lambda: Province.select(Province.slug),
        lambda: Province.raw("SELECT 1"),
        Province.count,
        lambda: Province(id=uuid4(), slug="x", name="x").save(),
        Province.create_table,
        lambda: Province.select().batch(),
    ):
        with pytest.raises(OutsideTransaction):
            await attempt()  # type: ignore[operator]
    with pytest.raises(OutsideTransaction):
        connection()


async def test_piccolo_runs_inside_the_transaction_and_with_its_rights(database: Servers) -> None:
    province = uuid4()
    with pytest.raises(ValueError, match="undo"):  # noqa: PT012  everything inside belongs to the transaction undone
        async with platform_transaction():
            await Province(id=province, slug=province.hex, name=province.hex).save()
            assert await Province.exists().where(Province.id == province)
            raise ValueError("undo")

    async with platform_transaction(read_only=True):
        assert not await Province.exists().where(Province.id == province)
        with pytest.raises(OutsideTransaction):
            await Province.select().batch()


async def test_a_transaction_inside_a_transaction_is_refused(two: None) -> None:
    prepared = platform_transaction()

    async with platform_transaction():
        with pytest.raises(TransactionError):
            platform_transaction()
        with pytest.raises(TransactionError):
            async with prepared:
                raise AssertionError("never entered")
        await sql("INSERT INTO probe.parent VALUES (3)")

    await assert_all_home()
    async with platform_transaction(read_only=True):
        assert len(await sql("SELECT FROM probe.parent")) == 1


async def test_a_task_that_outlives_the_transaction_reaches_nothing(two: None) -> None:
    async def straggler() -> None:
        await asyncio.sleep(0.05)
        await sql("SELECT 1")

    async with platform_transaction():
        task = asyncio.create_task(straggler())
    with pytest.raises(asyncpg.InterfaceError):
        await task

    await assert_all_home()


async def test_reading_transactions_can_not_write(two: None) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with platform_transaction(read_only=True):
            await sql("INSERT INTO probe.parent VALUES (1)")

    await assert_all_home()


async def test_a_statement_that_never_ends_is_ended_by_the_database(two: None) -> None:
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT current_setting('statement_timeout') AS statement,
            current_setting('idle_in_transaction_session_timeout') AS idle"""
        )

    assert tuple(row or ()) == ("20s", "30s")
    assert tuple(await lookup("SELECT current_setting('statement_timeout')") or ()) == ("0",)


def test_the_number_of_rows_is_read_from_a_status() -> None:
    assert [rows_affected(s) for s in ("UPDATE 3", "INSERT 0 1", "DELETE 0")] == [3, 1, 0]
