"""PostgreSQL: reached by both roles, new enough, set up as it should be, and its walls stand."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from infra.addresses import host_and_port
from infra.log import describe
from infra.settings import Settings
from workers.doctor.findings import Found, fail, ok, warn

OLDEST, ADVISED = 160_000, 180_000
LOCKS = 1024
CONNECT_SECONDS = 5.0
SKEW_SECONDS, BAD_SKEW_SECONDS = 2.0, 30.0
# One worker with its default of threads, and one dispatcher.
WORKER_THREADS, DISPATCHER_CONNECTIONS = 4, 2


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may be refused, of its own, for one check."""
    held = await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS,
        statement_cache_size=0,
        server_settings={"application_name": "nennep-doctor"},
    )
    try:
        yield held
    finally:
        await held.close(timeout=CONNECT_SECONDS)


async def reached(given: Settings) -> AsyncIterator[Found]:
    """Both ways in, and the version."""
    urls = {"NENNEP_DATABASE_URL": given.database_url, "NENNEP_OWNER_DATABASE_URL": given.owner_database_url}
    for variable, url in urls.items():
        if url is None:
            yield ok(
                f"{variable} is not set: fine for web; migrations and workers that found committees need it"
            )
            continue
        try:
            async with asking(url) as held:
                yield _version(
                    await held.fetchval("SHOW server_version_num"), f"{host_and_port(url)} ({variable})"
                )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
            wrong = isinstance(error, asyncpg.PostgresError)
            yield fail(
                f"no way into {host_and_port(url)} ({variable}): {describe(error)}",
                "check the user, the password and the database's name"
                if wrong
                else "start it, or correct the address",
            )


def _version(number: str, where: str) -> Found:
    told = f"PostgreSQL {int(number) // 10_000}.{int(number) % 10_000} at {where}"
    if int(number) < OLDEST:
        return fail(told, "16 is the oldest that is served: upgrade it")
    if int(number) < ADVISED:
        return warn(told, "18 is advised")
    return ok(told)


async def clock(given: Settings) -> AsyncIterator[Found]:
    """This machine's clock beside PostgreSQL's, which decides about due dates and sessions."""
    async with asking(given.database_url) as held:
        before = datetime.now(UTC)
        there = await held.fetchval("SELECT clock_timestamp()")
        here = before + (datetime.now(UTC) - before) / 2
    yield skew("PostgreSQL", (here - there).total_seconds())


def skew(whose: str, seconds: float) -> Found:
    """How far a server's clock and ours are apart; positive: ours is ahead."""
    told = f"clock: {abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} {whose}'s"
    if abs(seconds) > BAD_SKEW_SECONDS:
        return fail(told, "run a time service (chrony, systemd-timesyncd) on both machines")
    if abs(seconds) > SKEW_SECONDS:
        return warn(told, "run a time service (chrony, systemd-timesyncd) on both machines")
    return ok(told)


_SETUP = """SELECT current_setting('max_locks_per_transaction')::int AS locks,
    current_setting('recovery_init_sync_method', true) AS syncing,
    current_setting('log_error_verbosity') AS verbosity,
    current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes') AS safe,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS connections,
    (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used"""


async def setup(given: Settings) -> AsyncIterator[Found]:
    """Settings of the server that matter with many committees, and whether what is acknowledged survives a crash."""
    async with asking(given.database_url) as held:
        row = await held.fetchrow(_SETUP)
    assert row is not None
    if "off" in row["safe"]:
        yield fail(
            "PostgreSQL may lose what it has acknowledged",
            "set fsync, full_page_writes and synchronous_commit to on",
        )
    if row["locks"] < LOCKS:
        yield warn(
            f"max_locks_per_transaction is {row['locks']}",
            f"set it to {LOCKS}: one transaction may touch tables of many committees",
        )
    if row["syncing"] != "syncfs":
        yield warn(
            f"recovery_init_sync_method is {row['syncing']}",
            "set it to syncfs: 10,000 schemas come back after a crash in 3 s instead of 61 to 70",
        )
    if row["verbosity"] != "terse":
        yield warn(
            f"log_error_verbosity is {row['verbosity']}: rows that a constraint refuses stand in PostgreSQL's log",
            "set it to terse: they are people's data",
        )
    yield _connections(given, row["connections"], row["used"])


def _connections(given: Settings, most: int, used: int) -> Found:
    worker = WORKER_THREADS + (os.cpu_count() or 1) + 1
    least = given.database_pool + worker + DISPATCHER_CONNECTIONS
    told = (
        f"connections: {used} of {most} in use; one web process takes {given.database_pool}, one worker here "
        f"{worker}, a dispatcher {DISPATCHER_CONNECTIONS}"
    )
    if least > most or used > 0.8 * most:
        return warn(told, "raise max_connections, lower NENNEP_DATABASE_POOL, or put PgBouncer between")
    return ok(told)
