"""Every job there is, by the name under which the outbox knows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from server.accounts import sessions
from server.assignments import nudging, pushing, reminders, usual
from server.backups import drilling
from server.backups.runs import plan_backups
from server.committees import founding
from server.exports import exporting, restoring
from server.fleet import health
from server.minutes import assembling, erasing, steps
from server.minutes.keeping import StoreAway
from server.paper.child import ChildDied, PageFailed
from server.province import chased
from server.rollups.actions import complete_rollups, recompute_dirty, recompute_rollup, recompute_rollups
from server.rollups.checks import check_rollups
from server.rollups.closing import close_months
from server.rulebook import local
from tenants.current import CommitteeRef, using
from tenants.outbox import Hopeless
from tenants.registry import find_by_schema
from tenants.transactions import platform_transaction
from workers import outbox, runs, schemas
from workers.run_kinds import KINDS

# People wait for what is interactive; bulk may take its time; paper takes a core for seconds, so it is handed out a
# little at a time and has threads of its own. A deployment can give each its own workers.
INTERACTIVE, BULK, PAPER = "interactive", "bulk", "paper"
QUEUES = (INTERACTIVE, BULK, PAPER)
# A page that fails three times will not do better the tenth time, and a person waits to be told.
PAPER_ATTEMPTS, PAPER_SECONDS = 3, 180.0


# A turn through the items of runs, and the longest of them.
RUN_SECONDS = runs.TURN_SECONDS + 2 * max([60.0, *(kind.seconds for kind in KINDS.values())])


Arguments = dict[str, str | int]


class CommitteeMoves(Exception):
    """A committee's data is being carried to another one: what is to be done in it waits."""


class KilledWorker(Exception):
    """A job was begun as often as it may be and never ended, not even badly."""


@dataclass(frozen=True)
class Job:
    """A function that may run more than once, and how; after ``seconds`` it is ended, and sent again.

    ``given_up`` is called with a reason (why_given_up) and the same arguments before the job becomes a dead letter, so
    that what it was about can tell the truth.
    """

    run: Callable[..., Awaitable[object]]
    queue: str
    inside: Literal["committee", "platform"]
    seconds: float = 20.0
    attempts: int = outbox.ATTEMPTS
    given_up: Callable[..., Awaitable[object]] | None = None


async def found_committee(committee: str) -> None:
    """Build the schema of a committee (its id as text) that the registry has, and give it its first figures."""
    await founding.build(UUID(committee))


def _paper(run: Callable[..., Awaitable[object]], given_up: Callable[..., Awaitable[object]]) -> Job:
    return Job(run, PAPER, "committee", PAPER_SECONDS, PAPER_ATTEMPTS, given_up)


# In the order in which a committee's are handed out: a document that is begun is ended before the next is begun.
PAPER_JOBS: dict[str, Job] = {
    "assemble_minutes": _paper(assembling.assemble_minutes, assembling.assembly_given_up),
    "read_page": _paper(steps.read_page, steps.page_given_up),
    "clean_page": _paper(steps.clean_page, steps.page_given_up),
}
JOBS: dict[str, Job] = PAPER_JOBS | {
    "found_committee": Job(found_committee, INTERACTIVE, "platform"),
    "recompute_dirty": Job(recompute_dirty, INTERACTIVE, "committee", 120.0),
    # Left by hand, by the clock, and by the web of an older version while a newer one is being rolled out.
    "recompute_rollup": Job(recompute_rollup, INTERACTIVE, "committee"),
    "recompute_rollups": Job(recompute_rollups, INTERACTIVE, "committee"),
    "complete_rollups": Job(complete_rollups, BULK, "committee", 600.0),
    "close_months": Job(close_months, BULK, "platform", 1800.0),
    "check_rollups": Job(check_rollups, BULK, "committee", 600.0),
    "forget_old_sessions": Job(sessions.forget_old, BULK, "platform"),
    "purge_outbox": Job(outbox.purge, BULK, "platform"),
    # All committees in one go, on connections of the owner: a minute and more where there are thousands.
    "check_schemas": Job(schemas.check_schemas, BULK, "platform", 3600.0),
    "sweep_minutes": Job(erasing.sweep_minutes, BULK, "committee", 600.0),
    "erase_binned_minutes": Job(erasing.erase_binned_minutes, BULK, "committee", 600.0),
    "make_usual_work": Job(usual.make_usual_work, BULK, "committee", 600.0),
    "plan_reminders": Job(reminders.plan_reminders, BULK, "committee", 60.0),
    "push_reminders": Job(pushing.push_reminders, BULK, "committee", 600.0),
    "push_nudge": Job(nudging.push_nudge, BULK, "committee", 120.0),
    "push_report_reminder": Job(chased.push_report_reminder, BULK, "committee", 120.0),
    restoring.SWEEP: Job(restoring.sweep, BULK, "platform", 600.0),
    "tidy_exports": Job(exporting.tidy, BULK, "platform", 600.0),
    "plan_restore_drills": Job(drilling.plan_drills, BULK, "platform"),
    "plan_backups": Job(plan_backups, BULK, "platform"),
    "measure_committees": Job(health.measure_committees, BULK, "platform"),
    "work_runs": Job(runs.work_runs, BULK, "platform", RUN_SECONDS),
    "work_urgent_runs": Job(runs.work_urgent_runs, INTERACTIVE, "platform", RUN_SECONDS),
}


def queue_of(job: str) -> str:
    """The queue of a job; of one that is not known (any more) too, so that a worker can say so."""
    return JOBS[job].queue if job in JOBS else BULK


async def perform(name: str, schema_name: str | None, arguments: Arguments) -> None:
    """Run one job where it belongs. Raises Hopeless for what can never work, and whatever the job raises."""
    job = JOBS.get(name)
    if job is None:
        raise Hopeless("there is no such job")
    if (job.inside == "committee") != (schema_name is not None):
        raise Hopeless(f"this job belongs inside a {job.inside}")
    await _where_it_belongs(schema_name, job.run, arguments)


async def give_up(name: str, schema_name: str | None, arguments: Arguments, error: BaseException) -> None:
    """Tell what a job was about that it will not be done. Raises what the telling raises: then it is told again."""
    job = JOBS.get(name)
    if job is not None and job.given_up is not None:
        await _where_it_belongs(schema_name, job.given_up, arguments | {"reason": why_given_up(error)})


def why_given_up(error: BaseException) -> str:
    """A code of server.minutes.rules.REASONS for what a job failed with at last."""
    if isinstance(error, ChildDied | PageFailed):
        return error.code
    if isinstance(error, StoreAway):
        return "store_away"
    if isinstance(error, KilledWorker):
        return "crashed"
    return "too_slow" if isinstance(error, TimeoutError) else "failed"


def somebody_elses(error: BaseException) -> bool:
    """Whether a job failed through no fault of its own: it is tried for days, and no attempt is counted."""
    return isinstance(error, StoreAway | CommitteeMoves)


async def _where_it_belongs(
    schema_name: str | None, run: Callable[..., Awaitable[object]], arguments: Arguments
) -> None:
    if schema_name is None:
        await run(**arguments)
        return
    # A suspended committee's doors are closed to people; its figures still follow its data.
    with using(await _committee(schema_name)) as ref:
        if ref.state == "moving":
            raise CommitteeMoves(ref.schema_name)
        await local.load(ref)
        await run(**arguments)


async def _committee(schema_name: str) -> CommitteeRef:
    async with platform_transaction(read_only=True):
        ref = await find_by_schema(schema_name)
    if ref is None or ref.state == "erased":
        raise Hopeless("this committee is gone")
    return ref
