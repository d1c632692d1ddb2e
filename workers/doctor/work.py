"""Whether the work behind the pages is done: migrations, clock, outbox, backups; whether this is a demonstration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

from infra.addresses import is_loopback
from infra.postgres import Behind
from infra.settings import Settings
from server import clock
from server.backups.standing import LATE, NEWEST, NONE_TRIED, TRIED
from server.schema import committee_line, platform_lines
from workers.doctor.database import asking
from workers.doctor.findings import Found, fail, ok, warn
from workers.outbox import WANTED_NOW
from workers.timetable import TIMETABLE

# A dispatcher ticks each twenty seconds.
TICK_LATE = timedelta(minutes=3)
LATE_SECONDS, VERY_LATE_SECONDS = 120, 3600

_FLEET = """SELECT (SELECT count(*)::int FROM platform.migration) AS platform, count(*)::int AS committees,
    count(*) FILTER (WHERE version < $1)::int AS behind, count(*) FILTER (WHERE migration_error <> '')::int AS stuck,
    (SELECT count(*)::int FROM platform.committee_health WHERE drift <> '') AS drifted
    FROM platform.committee WHERE state NOT IN ('founding', 'erased')"""
_OUTBOX = f"""SELECT count(*) FILTER (WHERE dead_at IS NOT NULL)::int AS dead,
    count(*) FILTER (WHERE {WANTED_NOW})::int AS wanted,
    coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE {WANTED_NOW})), 0)::float AS age
    FROM platform.outbox WHERE done_at IS NULL"""
_BACKUPS = f"""SELECT count(*)::int AS known, count(*) FILTER (WHERE since < now() - $1::interval)::int AS late,
    count(taken_at)::int AS ever, ({TRIED}) AS tried FROM ({NEWEST}) AS newest"""


async def migrations(given: Settings) -> AsyncIterator[Found]:
    """Whether the database has this program's tables, in the platform and in every committee."""
    needed = sum(len(line) for _, line in platform_lines())
    async with asking(given.database_url) as held:
        try:
            row = await held.fetchrow(_FLEET, len(committee_line()))
        except Behind:
            yield fail("the database does not have this version's tables", "nennep migrate")
            return
    if row["platform"] < needed:
        yield fail(f"{needed - row['platform']} platform migrations are missing", "nennep migrate")
    if row["stuck"]:
        yield fail(
            f"{row['stuck']} committees are stuck in a migration",
            "nennep migrate says why; mend that, run it again",
        )
    if row["behind"]:
        yield fail(
            f"{row['behind']} of {row['committees']} committees wait for a migration", "nennep migrate"
        )
    if row["drifted"]:
        yield warn(
            f"{row['drifted']} committees' tables differ from what their migrations made",
            "nennep migrate --drift names the differences",
        )
    if row["platform"] >= needed and not row["behind"] and not row["stuck"]:
        yield ok(f"migrations: the platform and {row['committees']} committees have this version's tables")


async def timetable(given: Settings) -> AsyncIterator[Found]:
    """Whether a dispatcher has filled every slot that has come."""
    now = clock.now()
    async with asking(given.database_url) as held:
        filled = {
            (r["job"], r["slot"]) for r in await held.fetch("SELECT job, slot FROM platform.timetable_slot")
        }
    missed = [
        entry.job
        for entry in TIMETABLE
        if (last := entry.last(now))[1] < now - TICK_LATE and (entry.job, last[0]) not in filled
    ]
    if missed:
        yield fail(
            f"nobody has started what was due by the clock: {', '.join(sorted(set(missed)))}",
            "start nennep dispatcher",
        )
    else:
        yield ok("the clock: everything that was due has been started")


async def jobs(given: Settings) -> AsyncIterator[Found]:
    """How old the oldest job is that waits, and whether any were given up."""
    async with asking(given.database_url) as held:
        row = await held.fetchrow(_OUTBOX)
    told = f"jobs: {row['wanted']} wait, the oldest for {row['age'] / 60:.0f} min"
    if row["age"] > LATE_SECONDS:
        level = fail if row["age"] > VERY_LATE_SECONDS else warn
        yield level(told, "see whether dispatcher, queue and workers run, and add workers if they are busy")
    else:
        yield ok(told)
    if row["dead"]:
        yield warn(
            f"{row['dead']} jobs were given up",
            "nennep jobs list says why; nennep jobs release tries them again",
        )


async def backups(given: Settings) -> AsyncIterator[Found]:
    """How many committees have a backup of the last night, and when one was restored to see that it can be."""
    if given.backup_url is None:
        yield warn("backups of committees are off", "set NENNEP_BACKUP_URL (docs/backup.md)")
        return
    async with asking(given.database_url) as held:
        row = await held.fetchrow(_BACKUPS, LATE)
    hours = LATE.total_seconds() / 3600
    if row["late"]:
        level = warn if row["late"] < row["known"] else fail
        yield level(
            f"backups: {row['late']} of {row['known']} committees have none of the last {hours:.0f} hours",
            "nennep backup make --all; see the runs of the last night",
        )
    else:
        yield ok(f"backups: no committee is without one for longer than {hours:.0f} hours")
    # Where no committee is active nothing is tried by night, and where nothing ever was there is no moment.
    if row["ever"] and row["tried"] is not None and clock.now() - row["tried"] > NONE_TRIED:
        yield warn(
            f"no backup or export was restored and found equal since {row['tried']:%Y-%m-%d}",
            "see the drills of the nights (docs/backup.md)",
        )


async def demonstration(given: Settings) -> AsyncIterator[Found]:
    """Invented people with log-ins that were printed have no business where others can reach them."""
    async with asking(given.database_url) as held:
        made = await held.fetchval(
            "SELECT EXISTS (SELECT FROM platform.setting WHERE name = 'demo' AND (value ->> 'built')::boolean)"
        )
    if made and not is_loopback(urlsplit(given.public_url).hostname):
        yield warn(
            "the demonstration stands in this database, and its log-ins were printed",
            "begin with an empty database before real people come",
        )
