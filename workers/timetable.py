"""Everything that happens by the clock (of Vietnam), and the tick that leaves it in the outbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from infra.postgres import connection, rows_affected, sql
from server import clock
from tenants.outbox import later_on_platform
from tenants.transactions import platform_transaction

Slot = tuple[str, datetime]


def nightly(at: time) -> Callable[[datetime], Slot]:
    """The last slot that has come by a moment, of those at ``at`` each night: its name and when it began."""

    def last(moment: datetime) -> Slot:
        day = moment.astimezone(clock.VIETNAM).date()
        if clock.local(day, at) > moment:
            day -= timedelta(days=1)
        return day.isoformat(), clock.local(day, at)

    return last


def monthly(at: time) -> Callable[[datetime], Slot]:
    """The same for the first day of each month."""

    def last(moment: datetime) -> Slot:
        month = clock.month_of(moment.astimezone(clock.VIETNAM).date())
        if clock.local(month, at) > moment:
            month = clock.month_after(month, -1)
        return f"{month:%Y-%m}", clock.local(month, at)

    return last


def nothing(_: date) -> dict[str, str]:
    """No arguments."""
    return {}


def this_day(day: date) -> dict[str, str]:
    """The day of the slot itself."""
    return {"day": day.isoformat()}


def this_month(day: date) -> dict[str, str]:
    """The month of the day of the slot."""
    return {"month": clock.month_of(day).isoformat()}


@dataclass(frozen=True)
class Entry:
    """One line of the timetable: what, when, where, with which arguments for the local day of the slot."""

    job: str
    last: Callable[[datetime], Slot]
    inside: Literal["every active committee", "platform"] = "platform"
    arguments: Callable[[date], dict[str, str]] = nothing


TIMETABLE = (
    # A new month begins with every cell "no report yet" in the province's figures, not with no figures at all.
    Entry("recompute_rollup", monthly(time(0, 5)), "every active committee", this_month),
    # Before the figures of the night and before anybody is reminded.
    Entry("make_usual_work", nightly(time(0, 20)), "every active committee", this_day),
    Entry("recompute_rollup", nightly(time(1, 0)), "every active committee", this_month),
    # Figures that a new version counts for the first time: as soon as its dispatcher starts, and every night again.
    Entry("complete_rollups", nightly(time(1, 15)), "every active committee"),
    # Months close behind the figures of the night, and are proved behind that.
    Entry("close_months", nightly(time(4, 0))),
    Entry("check_rollups", nightly(time(4, 30)), "every active committee"),
    Entry("forget_old_sessions", nightly(time(2, 0))),
    Entry("purge_outbox", nightly(time(2, 30))),
    Entry("check_schemas", nightly(time(2, 45))),
    Entry("tidy_exports", nightly(time(2, 50))),
    # Behind everything that cleans up.
    Entry("measure_committees", nightly(time(5, 0))),
    Entry("plan_restore_drills", nightly(time(22, 0))),
    # When the evening's meetings are over.
    Entry("plan_backups", nightly(time(23, 0))),
    Entry("erase_binned_minutes", nightly(time(3, 0)), "every active committee"),
    Entry("sweep_minutes", nightly(time(3, 30)), "every active committee"),
    Entry("plan_reminders", nightly(time(6, 0)), "every active committee", this_day),
)


async def tick(moment: datetime, timetable: tuple[Entry, ...] = TIMETABLE) -> int:
    """Put what is due by ``moment`` into the outbox, each slot once however many tick; how many slots were filled.

    After days without a tick only the last slot of an entry is filled: the jobs care for all that is old.
    """
    return sum([await _fill(entry, *entry.last(moment)) for entry in timetable])


async def _fill(entry: Entry, slot: str, began: datetime) -> bool:
    async with platform_transaction():
        status = await connection().execute(
            "INSERT INTO platform.timetable_slot (job, slot) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            entry.job,
            slot,
        )
        if rows_affected(status) == 0:
            return False
        arguments = entry.arguments(began.astimezone(clock.VIETNAM).date())
        if entry.inside == "platform":
            await later_on_platform(entry.job, not_before=None, **arguments)
        else:
            await sql(
                """INSERT INTO platform.outbox (id, schema_name, job, arguments)
                SELECT gen_random_uuid(), schema_name, $1, $2 FROM platform.committee WHERE state = 'active'""",
                entry.job, json.dumps(arguments),
            )  # fmt: skip
    return True
