"""What the tests of exports do again and again: administrators, and runs until they end."""

from __future__ import annotations

from uuid import UUID, uuid4

from infra.postgres import Record, one
from server.accounts.actions import add_account, give_province
from server.accounts.reader import Grant, Reader
from server.province.actions import Province
from tenants.transactions import platform_transaction
from tests.cast import Cast
from workers import runs


async def administrator(cast: Cast, name: str) -> Reader:
    """An administrator of the cast's province."""
    async with platform_transaction():
        account = await add_account(name=name, login=f"qt{uuid4().hex[:10]}", password_hash="x")
        await give_province(account, cast.province, by_name="test")
    return Reader(account, name, (Grant("province_administrator", province=cast.province),))


async def province_of_cast(cast: Cast) -> Province:
    """The cast's province."""
    async with platform_transaction(read_only=True):
        row = await one("SELECT id, slug, name FROM platform.province WHERE id = $1", cast.province)
    assert row is not None
    return Province(*row.values())


async def played(run: UUID) -> Record:
    """A run after workers have done what can be done of it."""
    for _ in range(20):
        await runs.work_urgent_runs()
        await runs.work_runs()
        async with platform_transaction(read_only=True):
            row = await one(
                """SELECT r.state, r.done, r.failed, r.items,
                    (SELECT string_agg(i.error, ' | ') FROM platform.run_item i WHERE i.run = r.id) AS errors
                FROM platform.run r WHERE r.id = $1""",
                run,
            )
        assert row is not None
        if row["state"] != "open":
            break
    return row


async def state_of(committee: UUID) -> str:
    """The state of a committee in the registry."""
    async with platform_transaction(read_only=True):
        row = await one("SELECT state FROM platform.committee WHERE id = $1", committee)
    assert row is not None
    found: str = row["state"]
    return found
