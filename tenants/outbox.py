"""Work left for later, in the same transaction as the business that asks for it.

The truth about work to do is a row in PostgreSQL, never a message: a broker may forget, a row that committed does not.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import uuid4

from infra.postgres import sql
from infra.traces import traceparent
from tenants.current import current

# A job that was given up begins anew: from now on, with all its attempts.
RELEASED = "dead_at = NULL, attempts = 0, due_at = now(), sent_at = NULL"


class Hopeless(Exception):
    """Trying again can't help: the row becomes a dead letter at once."""


# trace: which request or job asked for it (W3C traceparent), where traces are on.
_INSERT = """INSERT INTO platform.outbox (id, schema_name, job, arguments, due_at, trace)
VALUES ($1, $2, $3, $4, coalesce($5, now()), $6)"""


async def later(job: str, *, not_before: datetime | None = None, **arguments: str | int) -> None:
    """Have ``job`` run inside the current committee once this transaction has committed (at least once)."""
    await sql(_INSERT, uuid4(), current().schema_name, job, json.dumps(arguments), not_before, traceparent())


async def later_on_platform(job: str, *, not_before: datetime | None = None, **arguments: str | int) -> None:
    """The same for work that belongs to no committee; only from a platform transaction."""
    await sql(_INSERT, uuid4(), None, job, json.dumps(arguments), not_before, traceparent())
