"""PgBouncer full, killed or without a server behind it: told as "try again", and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
import httpx
import pytest
import pytest_asyncio

from infra.embedded import Embedded, Servers
from infra.postgres import Away, Wrong, connect, sql
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.pooler.bouncer import Bouncer, launched, through
from tests.pooler.conftest import CLIENTS, POOL_SIZE, pool_behind
from tests.tenants.pools import assert_all_home
from tests.web.walking import ORIGIN, signed_in
from tests.workers.processes import until
from web.app import create_app


@pytest.fixture
def brief(
    embedded: Embedded, database: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bouncer]:
    """One with a short queue and few places."""
    given = {"default_pool_size": str(POOL_SIZE), "query_wait_timeout": "2", "max_client_conn": "40"}
    with launched(embedded, tmp_path_factory.mktemp("brief"), **given) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(brief: Bouncer) -> AsyncIterator[str]:
    """Its address; this process's pool is behind it meanwhile."""
    async with pool_behind(brief):
        yield brief.url()


@asynccontextmanager
async def every_server_taken(url: str) -> AsyncIterator[None]:
    """Somebody else has all servers of PgBouncer, in transactions that do not end."""
    greedy = [await asyncpg.connect(url, statement_cache_size=0) for _ in range(POOL_SIZE)]
    for one_of_them in greedy:
        await one_of_them.execute("BEGIN")
    try:
        yield
    finally:
        for one_of_them in greedy:
            await one_of_them.execute("ROLLBACK")
            await one_of_them.close()


async def test_where_the_queue_is_full_people_are_told_to_try_again(
    impatient: str, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    transport = httpx.ASGITransport(app=create_app())
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        await signed_in(client, "secretary", cast, at_neighbour=False)
        place = f"/{cast.pleiku.slug}/"
        with caplog.at_level(logging.INFO):
            async with every_server_taken(impatient):
                page, script = await asyncio.gather(
                    client.get(place), client.get(place, headers={"X-Requested-With": "nennep"})
                )
        after = await client.get(place)

    assert (page.status_code, script.status_code, after.status_code) == (503, 503, 200)
    assert "Xin thử lại sau ít phút" in page.text
    assert "Xin thử lại sau ít phút" in script.json()["message"]
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


async def test_every_word_of_pgbouncer_is_one_of_a_database_that_is_away(impatient: str) -> None:
    # In the queue: the answer to a statement.
    async with every_server_taken(impatient):
        with pytest.raises(Away):
            async with platform_transaction():
                raise AssertionError("never entered")

    # At the door: the answer to a connection.
    held = []
    with pytest.raises(Away, match="max_client_conn"):  # noqa: PT012  one of many is the one too many
        while len(held) < 50:
            held.append(await asyncpg.connect(impatient, statement_cache_size=0))
    for connection in held:
        await connection.close()
    await assert_all_home()


@pytest.mark.parametrize(
    ("right", "wrong"), [("app:", "app:x"), ("nennep_app:", "nobody:"), ("/nennep", "/hen")]
)
async def test_a_mistake_in_the_address_is_told_as_one_and_not_waited_for(
    bouncer: Bouncer, right: str, wrong: str
) -> None:
    before, found, after = bouncer.url().rpartition(right)
    assert found

    with pytest.raises(Wrong):
        await connect(before + wrong + after)


async def refusal(url: str) -> BaseException | None:
    """What comes of a statement by this way; None for its answer."""
    try:
        line = await asyncpg.connect(url, statement_cache_size=0)
    except (asyncpg.PostgresError, OSError) as error:
        return error
    try:
        await line.execute("SELECT 1")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        return error
    finally:
        await line.close()
    return None


@pytest.fixture
def for_one_use(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bouncer]:
    """One that takes a new server for each transaction."""
    folder = tmp_path_factory.mktemp("shut")
    with launched(embedded, folder, query_wait_timeout="1", server_lifetime="0") as made:
        yield made


async def test_where_postgresql_takes_nobody_more_it_is_away_with_pgbouncer_and_without(
    database: Servers, for_one_use: Bouncer
) -> None:
    above = await asyncpg.connect(database.database_url)
    assert await refusal(for_one_use.url()) is None
    try:
        await above.execute("ALTER ROLE nennep_app CONNECTION LIMIT 0")
        behind = [await refusal(for_one_use.url()) for _ in range(2)]
        direct = await refusal(through(for_one_use.url(), for_one_use.database.port))
    finally:
        await above.execute("ALTER ROLE nennep_app CONNECTION LIMIT -1")
        await above.close()

    assert all(isinstance(error, Away) for error in (*behind, direct))
    # In its queue first, then refused at once: whoever comes next does not wait for nothing.
    assert "query_wait_timeout" in str(behind[0])
    assert "server_login_retry" in str(behind[1])


async def test_nothing_acknowledged_is_lost_when_pgbouncer_is_killed(
    database: Servers, bouncer: Bouncer, cast: Cast
) -> None:
    numbers, acknowledged, unsure = count(), set[int](), set[int]()
    ended = asyncio.Event()

    async def write() -> None:
        while not ended.is_set():
            number = next(numbers)
            try:
                with using(cast.pleiku):
                    async with transaction():
                        await sql(
                            "INSERT INTO event (by_name, action, subject) VALUES ('x', 'ledger', $1)",
                            str(number),
                        )
                acknowledged.add(number)
            except Away:
                unsure.add(number)
                await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(write())
        for _ in range(3):
            await more_of(acknowledged)
            await asyncio.to_thread(bouncer.kill)
            await more_of(unsure)
            await asyncio.to_thread(bouncer.again)
        await more_of(acknowledged)
        ended.set()

    with using(cast.pleiku):
        async with transaction(read_only=True):
            kept = [
                int(row["subject"]) for row in await sql("SELECT subject FROM event WHERE action = 'ledger'")
            ]
    assert len(kept) == len(set(kept))
    assert acknowledged <= set(kept) <= acknowledged | unsure
    await assert_all_home()


async def more_of(numbers: set[int]) -> None:
    """Wait until there are some more."""
    wanted = len(numbers) + CLIENTS

    async def there() -> bool:
        return len(numbers) >= wanted

    await until(there, seconds=20)
