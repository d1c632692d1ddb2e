"""Who is reminded of what: planned once a person and day, however much it is about, and shown on the person's page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import reduce
from typing import Any
from uuid import UUID

from infra.postgres import Record, connection, one, rows_affected
from server import clock
from server.assignments.reminding import reminding
from server.words import Say, say
from tenants.outbox import later
from tenants.transactions import transaction

# Of assignments a, on day $1.
COUNTS = """count(*) FILTER (WHERE a.due_on > $1)::int AS soon, count(*) FILTER (WHERE a.due_on = $1)::int AS today,
    count(*) FILTER (WHERE a.due_on < $1)::int AS overdue"""
# Of a day: due soon (in one of the numbers of days set), due on it, and overdue work of which its person has not been
# reminded for so many days; a day on which nothing ran delays that by a day, not by a week. Whoever belongs nowhere any
# more is not reminded. A day planned again adds nobody.
_PLAN = f"""INSERT INTO reminder (member, on_day, assignments, soon, today, overdue)
SELECT a.member, $1::date, array_agg(a.id ORDER BY a.due_on, a.no), {COUNTS}
FROM assignment a
WHERE a.state = 'open' AND a.due_on <= $1 + $4::int AND (a.due_on = $1 OR a.due_on - $1 = ANY ($2::int[])
    OR a.due_on <= $1 - $3::int AND NOT EXISTS (SELECT 1 FROM reminder r
        WHERE r.member = a.member AND r.on_day > $1 - $3::int AND r.on_day < $1 AND a.id = ANY (r.assignments)))
AND EXISTS (SELECT 1 FROM membership s WHERE s.member = a.member AND s.kind <> 'temporary_out' AND s.from_on <= $1
    AND (s.to_on IS NULL OR s.to_on >= $1))
GROUP BY a.member
ON CONFLICT (member, on_day) DO NOTHING"""


async def plan_reminders(day: str) -> int:
    """Plan the reminders of a day (2026-11-22) of the current committee and leave their pushing behind, in one
    transaction; how many are new. A day that is over is left alone: the next day's plan has what still matters.
    """
    on = date.fromisoformat(day)
    if on < clock.today():
        return 0
    async with transaction():
        set_up = await reminding()
        soon = list(set_up.days_before)
        status = await connection().execute(_PLAN, on, soon, set_up.overdue_every, max(soon, default=0))
        planned = rows_affected(status)
        if planned:
            await later("push_reminders", not_before=set_up.not_quiet(clock.now()), day=day)
    return planned


async def of_today(members: Collection[UUID]) -> Record | None:
    """What is still open of today's reminder of somebody who is these members: soon, today, overdue (counts); None
    where there is nothing. Needs a transaction.
    """
    if not members:
        return None
    return await one(
        f"""SELECT {COUNTS} FROM reminder r JOIN assignment a ON a.id = ANY (r.assignments) AND a.state = 'open'
        WHERE r.on_day = $1 AND r.member = ANY ($2) HAVING count(*) > 0""",
        clock.today(), list(members),
    )  # fmt: skip


def counted(row: Mapping[str, Any]) -> Say:
    """1 việc sắp đến hạn, 2 việc quá hạn: of a row with soon, today and overdue, at least one of them above zero."""
    parts = [
        (row["soon"], say("{n} việc sắp đến hạn", n=row["soon"])),
        (row["today"], say("{n} việc đến hạn hôm nay", n=row["today"])),
        (row["overdue"], say("{n} việc quá hạn", n=row["overdue"])),
    ]
    return reduce(
        lambda first, rest: say("{first}, {rest}", first=first, rest=rest), (words for n, words in parts if n)
    )
