"""The only doors to data: a transaction inside the current committee, or one on the platform.

Role and search path are local to the transaction, so nothing of a tenant stays on the pooled connection, behind
PgBouncer in transaction mode too. Inside a committee PostgreSQL itself refuses every other schema; on the platform
the search path resolves nothing, so a tenant's table can't be reached by a forgotten name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from infra.postgres import FORGET_MEMBERSHIPS, Transaction, connection
from tenants.current import CommitteeRef, current

_LIMITS = """SET LOCAL statement_timeout = '20s'; SET LOCAL idle_in_transaction_session_timeout = '30s';
SET LOCAL jit = off"""
_PLATFORM = "SET LOCAL ROLE NONE; SET LOCAL search_path = pg_catalog, pg_temp"


def _begin(*, read_only: bool, snapshot: bool) -> str:
    isolation = " ISOLATION LEVEL REPEATABLE READ" if snapshot else ""
    return f"BEGIN{isolation}{' READ ONLY' if read_only else ''}; {_LIMITS}"


def _enter(ref: CommitteeRef) -> str:
    # schema_name has been matched against a strict pattern when the reference was built.
    return f'SET LOCAL search_path = "{ref.schema_name}", ext, pg_temp; SET LOCAL ROLE "{ref.schema_name}"'


def transaction(*, read_only: bool = False, snapshot: bool = False) -> Transaction:
    """A transaction inside the current committee. Raises NoTenant where none is set.

    ``snapshot`` makes all statements see one moment (REPEATABLE READ).
    """
    return Transaction(_begin(read_only=read_only, snapshot=snapshot), _enter(current()))


def platform_transaction(*, read_only: bool = False, snapshot: bool = False) -> Transaction:
    """A transaction on the platform: registry, accounts, outbox, figures. No tenant's table can be reached in it."""
    return Transaction(_begin(read_only=read_only, snapshot=snapshot), _PLATFORM)


@asynccontextmanager
async def as_committee(ref: CommitteeRef) -> AsyncIterator[None]:
    """Step from a platform transaction into a committee and back: for work that must commit in both at once.

    Steps back after an error too, where the transaction can still go on.
    """
    await _step(connection(), _enter(ref))
    try:
        yield
    except Exception:
        # After an error of PostgreSQL nothing runs before ROLLBACK, which takes role and path back by itself.
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection().execute(_PLATFORM)
        raise
    await connection().execute(_PLATFORM)


async def _step(held: asyncpg.Connection, enter: str) -> None:
    # The savepoint lets the transaction go on where a stale list of roles refused a tenant that was founded just now.
    try:
        await held.execute(f"SAVEPOINT step; {enter}; RELEASE step")
    except asyncpg.InsufficientPrivilegeError:
        await held.execute(f"ROLLBACK TO step; {FORGET_MEMBERSHIPS}; {enter}; RELEASE step")
