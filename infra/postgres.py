"""PostgreSQL through Piccolo: one pool, and a transaction that always gives its connection back.

Piccolo 1.38's own ``transaction()`` never releases the connection when COMMIT fails and leaves its context variable
set; ``Transaction`` here mends both and sets role and search path in the same round trip as BEGIN. Outside a
transaction the engine refuses to run anything: there is no query without a decided role.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, TypeAlias

import asyncpg
from piccolo.engine.exceptions import TransactionError
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from infra import metrics, traces
from infra.settings import settings

Record: TypeAlias = asyncpg.Record

# Seconds to wait for a free connection; then TimeoutError, which people are told as "try again in a while".
_PATIENCE = 10.0

# What is raised while the database goes away, is away, is full, or comes back. PgBouncer's own words (its queue or its
# list of clients is full, the server behind it is away) are connection errors too: docs/pgbouncer.md has them. The last
# is asyncpg's own word for a statement that meets the server's farewell on its way: it would be an internal error, and
# no subclass of the others.
Away = (
    asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, asyncpg.InterfaceError, OSError,
    asyncpg.InternalClientError,
)  # fmt: skip


# A mistake in the address or the password, which waiting does not mend.
Wrong = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError, ValueError)

# The same in PgBouncer's words.
_MISTAKES = re.compile("authentication failed|does not exist|no such (user|database)")

# The tables of this program's version are not there: before a migration, or in the middle of one.
Behind = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError)


# A backend keeps the list of roles that its own role may step into, and makes a new one after every GRANT of a role.
# PostgreSQL (18 too) overhears a GRANT that is committed while it makes that list: the new tenant is refused with
# "permission denied to set role" until somebody else is founded (tests/tenants/test_founding_beside.py makes it happen;
# the more roles, the longer the list takes and the likelier it is). Only one list is kept, so asking for another role's
# throws the stale one away. Said in the transaction itself, because behind PgBouncer the next one has another backend.
FORGET_MEMBERSHIPS = "SELECT pg_has_role('nennep_tenant', 'nennep_app', 'SET')"


class OutsideTransaction(RuntimeError):
    """A query was run with no transaction around it."""


class NoPool(ConnectionError):
    """This process has no pool (yet): to whoever asks the same as a database that is away."""


class CommitFailed(RuntimeError):
    """PostgreSQL answered COMMIT with ROLLBACK: an error inside the transaction had been swallowed."""


class Engine(PostgresEngine):
    """A Piccolo engine that connects when it is told to, never at import."""

    async def check_version(self) -> None:
        """Nothing: the pool's start is the first moment at which a database must be there."""

    async def prep_database(self) -> None:
        """Nothing: extensions are installed by the owner of the database, not by the application."""

    async def run_querystring(self, querystring: Any, in_pool: bool = True) -> Any:  # noqa: ARG002  Piccolo's signature
        """Run one Piccolo query in the present transaction. Raises OutsideTransaction without one."""
        query, arguments = querystring.compile_string(engine_type=self.engine_type)
        return await connection().fetch(query, *arguments)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:  # noqa: ARG002  Piccolo's signature
        """Refused: tables change by migrations only."""
        raise OutsideTransaction("DDL is run by migrations only")

    async def batch(self, *_: Any, **__: Any) -> Any:
        """Refused: Piccolo's batch opens a connection of its own, outside the tenant's transaction."""
        raise OutsideTransaction("page by key instead of batch()")


DB = Engine(config={})


def connection() -> asyncpg.Connection:
    """The connection of the present transaction. Raises OutsideTransaction without one."""
    transaction = DB.current_transaction.get()
    if transaction is None:
        raise OutsideTransaction("no transaction is open")
    held: asyncpg.Connection = transaction.connection
    return held


async def sql(query: str, *arguments: object) -> list[Record]:
    """Rows of one statement in the present transaction; parameters are $1, $2, …"""
    rows: list[Record] = await connection().fetch(query, *arguments)
    return rows


async def one(query: str, *arguments: object) -> Record | None:
    """The first row of one statement in the present transaction, or None."""
    return await connection().fetchrow(query, *arguments)


async def lookup(query: str, *arguments: object) -> Record | None:
    """The first row of one reading statement in no transaction, with the rights of the application's own role.

    For the one question that every request begins with; no tenant's table can be reached by it.
    """
    if DB.pool is None:
        raise NoPool("the pool is not open")
    pool = DB.pool
    with metrics.waiting_for_connection():
        held = await pool.acquire(timeout=_PATIENCE)
    settle = "SELECT"
    try:
        row = await held.fetchrow(query, *arguments)
        settle = ""
    finally:
        # Who is cut off between a statement's preparing and its running leaves PgBouncer waiting for the rest, with a
        # server that nobody else can have: any whole statement ends that.
        await asyncio.shield(_give_back(pool, held, settle))
    return row


class Transaction(PostgresTransaction):
    """``begin`` and ``enter`` (validated SQL text: limits; role and path), then COMMIT or ROLLBACK, then release."""

    __slots__ = ("begin_text", "enter", "pool")

    def __init__(self, begin: str, enter: str) -> None:
        super().__init__(DB, allow_nested=False)
        self.begin_text = begin
        self.enter = enter

    async def __aenter__(self) -> Transaction:
        if DB.current_transaction.get() is not None:
            raise TransactionError("a transaction is open already")
        if DB.pool is None:
            raise NoPool("the pool is not open")
        # Kept, because a process that shuts down closes the pool while transactions still end.
        self.pool = DB.pool
        with metrics.waiting_for_connection():
            self.connection = await self.pool.acquire(timeout=_PATIENCE)
        try:
            await self._enter()
        except BaseException:
            await asyncio.shield(self._leave(undo=True))
            raise
        self.context = DB.current_transaction.set(self)
        return self

    async def _enter(self) -> None:
        try:
            await self.connection.execute(f"{self.begin_text}; {self.enter}")
        except asyncpg.InsufficientPrivilegeError:
            await self.rollback()
            await self.connection.execute(f"{self.begin_text}; {FORGET_MEMBERSHIPS}; {self.enter}")

    async def begin(self) -> None:
        """Nothing: the transaction has begun with its way in."""

    async def commit(self) -> None:
        """Commit; raises CommitFailed where PostgreSQL rolled back instead."""
        if await self.connection.execute("COMMIT") != "COMMIT":
            raise CommitFailed("an error inside the transaction was swallowed")

    async def rollback(self) -> None:
        """Undo everything since BEGIN."""
        await self.connection.execute("ROLLBACK")

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        done = False
        try:
            if exception is None:
                await self.commit()
                done = True
        finally:
            DB.current_transaction.set(None)
            await asyncio.shield(self._leave(undo=not done))
        return False

    async def _leave(self, *, undo: bool) -> None:
        await _give_back(self.pool, self.connection, "ROLLBACK" if undo else "")


async def _give_back(pool: asyncpg.Pool, held: asyncpg.Connection, settle: str) -> None:
    # One act under one shield: a second cancellation must not release a connection that still rolls back.
    # Errors here are those of a connection that is lost: PostgreSQL has rolled back and the pool throws it away.
    if settle and not held.is_closed():
        with suppress(asyncpg.PostgresError, *Away):
            await held.execute(settle)
    with suppress(asyncpg.PostgresError, *Away):
        await pool.release(held)


async def open_pool(url: str, *, size: int, queries: int = 5_000) -> None:
    """Open this process's pool of at most ``size`` connections, each replaced after ``queries`` statements.

    A backend keeps the catalogue of every tenant that it has touched (docs/bench.md has the megabytes), and PostgreSQL
    knows no limit for that: only its end gives it back. With some six statements a request it meets ``queries`` / 6
    committees at most. Prepared statements are kept as the settings say: a PgBouncer may know nothing of them.
    """
    DB.config = {"dsn": url}
    opening = asyncpg.create_pool(
        url,
        min_size=min(2, size),
        max_size=size,
        max_queries=queries,
        statement_cache_size=settings().database_statements,
        command_timeout=30,
        reset=_reset,
        init=traces.watch,
        # And no other: PgBouncer refuses to begin with what it does not know.
        server_settings={"application_name": "nennep"},
    )
    DB.pool = await _told_plainly(opening)


async def _reset(held: asyncpg.Connection) -> None:
    # All we set is transaction-local, so asyncpg's RESET ALL on every release would be a round trip for nothing.
    if held.is_in_transaction():
        await held.execute("ROLLBACK")


def _count(which: Callable[[asyncpg.Pool], int]) -> Callable[[], float]:
    return lambda: which(DB.pool) if DB.pool is not None else 0


metrics.POOL.labels("idle").set_function(_count(lambda pool: pool.get_idle_size()))
metrics.POOL.labels("used").set_function(_count(lambda pool: pool.get_size() - pool.get_idle_size()))
metrics.POOL_LIMIT.set_function(_count(lambda pool: pool.get_max_size()))


async def close_pool() -> None:
    """Close the pool, waiting for what is in use."""
    if DB.pool is not None:
        pool, DB.pool = DB.pool, None
        await pool.close()


async def connect(url: str) -> asyncpg.Connection:
    """A connection of its own outside the pool, for the owner's work (migrations, founding)."""
    return await _told_plainly(
        asyncpg.connect(url, statement_cache_size=0, server_settings={"application_name": "nennep-owner"})
    )


async def _told_plainly(opening: Awaitable[Any]) -> Any:
    # PgBouncer calls a wrong password by the number of a connection that failed, which could be waited for.
    try:
        return await opening
    except asyncpg.ProtocolViolationError as error:
        if _MISTAKES.search(str(error)):
            raise asyncpg.InvalidAuthorizationSpecificationError(str(error)) from error
        raise


def rows_affected(status: str) -> int:
    """The number at the end of a command status such as ``UPDATE 3``."""
    return int(status.rsplit(" ", 1)[-1])


__all__: Sequence[str] = (
    "DB", "FORGET_MEMBERSHIPS", "Away", "Behind", "CommitFailed", "NoPool", "OutsideTransaction", "Record",
    "Transaction", "Wrong", "close_pool", "connect", "connection", "lookup", "one", "open_pool", "rows_affected", "sql",
)  # fmt: skip
