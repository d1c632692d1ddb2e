"""The database's owner at work: what builds, loads or drops schemas, in one transaction on a connection of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from infra.postgres import connect


@asynccontextmanager
async def as_owner(owner_url: str, *, keep: bool = True) -> AsyncIterator[asyncpg.Connection]:
    """A connection inside a transaction that commits at the end of the block; with ``keep`` false it is undone."""
    owner = await connect(owner_url)
    try:
        transaction = owner.transaction()
        await transaction.start()
        try:
            yield owner
        except BaseException:
            await transaction.rollback()
            raise
        await (transaction.commit() if keep else transaction.rollback())
    finally:
        await owner.close()
