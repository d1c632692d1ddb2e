"""Every job there is, by the name under which the outbox knows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from infra.postgres import one
from infra.settings import settings
from server import clock
from server.accounts import sessions
from server.rollups.actions import recompute_rollup, recompute_rollups
from server.schema import committee_line
from tenants import lifecycle
from tenants.current import CommitteeRef, using
from tenants.registry import COLUMNS, find_by_schema, ref_of
from tenants.transactions import platform_transaction
from workers import outbox

# People wait for what is interactive; bulk may take its time. A deployment can give each its own workers.
INTERACTIVE, BULK = "interactive", "bulk"
QUEUES = (INTERACTIVE, BULK)


class Hopeless(Exception):
    """Trying again can't help: the row becomes a dead letter at once."""


@dataclass(frozen=True)
class Job:
    """A function that may run more than once, and how; after ``seconds`` it is ended, and sent again."""

    run: Callable[..., Awaitable[object]]
    queue: str
    inside: Literal["committee", "platform"]
    seconds: float = 20.0


async def found_committee(committee: str) -> None:
    """Build the schema of a committee (its id as text) that the registry has, and give it its first figures."""
    owner_url = settings().owner_database_url
    if owner_url is None:
        raise Hopeless("this worker has no NENNEP_OWNER_DATABASE_URL, so it cannot found committees")
    try:
        await lifecycle.found(owner_url, UUID(committee), committee_line())
    except lifecycle.NotFound:
        raise Hopeless(f"the registry has no committee {committee}") from None
    async with platform_transaction(read_only=True):
        row = await one(f"SELECT {COLUMNS} FROM platform.committee WHERE id = $1", UUID(committee))
    assert row is not None
    with using(ref_of(row)):
        await recompute_rollup(clock.month_of(clock.today()).isoformat())


JOBS: dict[str, Job] = {
    "found_committee": Job(found_committee, INTERACTIVE, "platform"),
    "recompute_rollup": Job(recompute_rollup, INTERACTIVE, "committee"),
    "recompute_rollups": Job(recompute_rollups, INTERACTIVE, "committee"),
    "forget_old_sessions": Job(sessions.forget_old, BULK, "platform"),
    "purge_outbox": Job(outbox.purge, BULK, "platform"),
}


def queue_of(job: str) -> str:
    """The queue of a job; of one that is not known (any more) too, so that a worker can say so."""
    return JOBS[job].queue if job in JOBS else BULK


async def perform(name: str, schema_name: str | None, arguments: dict[str, str | int]) -> None:
    """Run one job where it belongs. Raises Hopeless for what can never work, and whatever the job raises."""
    job = JOBS.get(name)
    if job is None:
        raise Hopeless("there is no such job")
    if (job.inside == "committee") != (schema_name is not None):
        raise Hopeless(f"this job belongs inside a {job.inside}")
    if schema_name is None:
        await job.run(**arguments)
        return
    # A suspended committee's doors are closed to people; its figures still follow its data.
    with using(await _committee(schema_name)):
        await job.run(**arguments)


async def _committee(schema_name: str) -> CommitteeRef:
    async with platform_transaction(read_only=True):
        ref = await find_by_schema(schema_name)
    if ref is None:
        raise Hopeless("this committee is gone")
    return ref
