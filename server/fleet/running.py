"""The verbs of a run that a person has: pause, go on, try again what failed, go on without it, end for good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from infra.postgres import Record
from server.accounts.reader import Reader
from server.fleet.kinds import HELD_TOGETHER
from server.meetings.queries import NotFound
from server.province.actions import Province, province_of, record_event
from server.words import Refused, say
from tenants import runs
from tenants.transactions import platform_transaction

# By the last word of the path: what is done, and how the province's record calls it.
ACTS: dict[str, tuple[Callable[[UUID], Awaitable[int]], str]] = {
    "pause": (runs.pause, "run_paused"),
    "resumption": (runs.resume, "run_resumed"),
    "retry": (runs.retry, "run_retried"),
    "omission": (runs.leave_out, "run_left_out"),
    "stop": (runs.stop, "run_stopped"),
}


async def run_in(province: Province, run: UUID) -> Record:
    """A run of this province. Raises NotFound, for another province's too. Needs a platform transaction."""
    row = await runs.run(run)
    if row is None or row["province"] != province.id:
        raise NotFound(run)
    return row


def may(row: Record) -> frozenset[str]:
    """Which of ACTS can be done with a run as it stands."""
    whole = row["kind"] in HELD_TOGETHER
    mending = {"retry", "omission"} if row["failed"] else set[str]()
    by_state = {
        "open": {"pause", "stop"} | (mending & {"retry"}),
        "paused": {"resumption", "stop"},
        "failed": {"stop"} | mending,
    }
    return frozenset(by_state.get(row["state"], set()) - ({"omission", "stop"} if whole else set()))


async def act(province_slug: str, run: UUID, what: str, *, by: Reader) -> None:
    """Do one of ACTS and write it into the province's record; doing it twice changes nothing.

    Raises NotFound, and Refused(act=…) where the run can't be left half-done.
    """
    if what not in ACTS:
        raise NotFound(what)
    do, word = ACTS[what]
    async with platform_transaction():
        province = await province_of(province_slug, by)
        row = await run_in(province, run)
        if what in ("omission", "stop") and row["kind"] in HELD_TOGETHER:
            raise Refused(
                act=say("Việc này không dừng giữa chừng được: xin thử lại các mục lỗi cho đến khi xong.")
            )
        if await do(run):
            await record_event(province, by, word, str(run), row["kind"], committee=row["committee"])
