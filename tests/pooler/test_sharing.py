"""Many connections on few servers: truly shared, and nothing of one committee, statement or stranger stays on them."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from infra.embedded import Servers
from infra.postgres import Away, connection, lookup, one, sql
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.pooler.conftest import CLIENTS, POOL_SIZE
from tests.tenants.pools import assert_all_home, pool_of
from tests.tenants.test_founding_beside import (
    by_a_step,
    by_the_door,
    test_the_committee_that_was_founded_just_now_lets_everybody_in,
)  # fmt: skip
from tests.tenants.test_interleaving import a_house, three_hundred_requests

# Two of theirs, run here once more: the fixture `database` of this folder puts PgBouncer between.
__all__ = ("by_a_step", "by_the_door", "test_the_committee_that_was_founded_just_now_lets_everybody_in")


async def backend() -> tuple[int, int]:
    """Which server runs this transaction, and which connection of ours asked."""
    row = await one("SELECT pg_backend_pid() AS pid, pg_sleep(0.01)")
    assert row is not None
    return row["pid"], id(connection()._con)


async def test_twelve_connections_are_served_by_two(database: Servers) -> None:
    async def work() -> set[tuple[int, int]]:
        seen = set()
        for _ in range(6):
            async with platform_transaction(read_only=True):
                seen.add(await backend())
        return seen

    async with pool_of(CLIENTS):
        pairs = set().union(*await asyncio.gather(*(work() for _ in range(CLIENTS))))

    assert len({pid for pid, _ in pairs}) == POOL_SIZE
    assert len({ours for _, ours in pairs}) == CLIENTS
    # And the same connection of ours meets another server from one transaction to the next.
    assert len(pairs) > CLIENTS


async def test_requests_of_six_committees_on_twelve_connections_and_two_servers_never_meet(
    database: Servers,
) -> None:
    house = await a_house(database.owner_url)
    async with pool_of(CLIENTS):
        await three_hundred_requests(house)
        await assert_all_home()


_LEFT = """SELECT session_user AS own, current_user AS role, current_setting('search_path') AS path,
current_setting('statement_timeout') AS patience, (SELECT count(*) FROM pg_prepared_statements) AS prepared,
(SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()) AS temporary,
(SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks, pg_sleep(0.01)"""


async def test_nothing_of_a_committee_stays_on_a_server(database: Servers, cast: Cast) -> None:
    with using(cast.pleiku):
        async with transaction():
            await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "here")
            await sql("UPDATE cell SET name = name")

    rows = await asyncio.gather(*(lookup(_LEFT) for _ in range(CLIENTS)))

    assert {tuple(row or ())[:-1] for row in rows} == {
        ("nennep_app", "nennep_app", '"$user", public', "0", 0, 0, 0)
    }


async def test_who_is_cut_off_within_a_statement_leaves_no_server_held(
    database: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncpg.Connection._get_statement

    async def cut(self: asyncpg.Connection, *given: Any, **more: Any) -> None:
        await real(self, *given, **more)
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "_get_statement", cut)
        ends = await asyncio.gather(*(lookup("SELECT 1") for _ in range(CLIENTS)), return_exceptions=True)
    assert {type(end) for end in ends} == {asyncio.CancelledError}

    # Others, who have connections of their own, get both servers at once.
    strangers = [
        await asyncpg.connect(database.app_url, statement_cache_size=0, timeout=2) for _ in range(POOL_SIZE)
    ]
    for stranger in strangers:
        await stranger.execute("BEGIN", timeout=2)
    for stranger in strangers:
        await stranger.close()


async def ended_under_way(above: asyncpg.Connection) -> None:
    async with platform_transaction():
        row = await one("SELECT pg_backend_pid() AS pid")
        assert row is not None
        await above.execute("SELECT pg_terminate_backend($1, 2000)", row["pid"])
        await sql("SELECT 1")


async def test_a_server_that_is_ended_under_way_is_told_and_the_next_transaction_works(
    database: Servers,
) -> None:
    above = await asyncpg.connect(database.database_url)
    for _ in range(5):
        with pytest.raises(Away):
            await ended_under_way(above)
        async with platform_transaction(read_only=True):
            assert await one("SELECT 1") is not None
    await above.close()
    await assert_all_home()
