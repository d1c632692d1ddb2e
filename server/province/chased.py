"""A committee that its province reminds of a month's report: what its office sees, and what its phones are told."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

from infra import push
from infra.postgres import Record, sql
from server import clock
from server.accounts.push import browsers_of_office
from server.assignments.pushing import FIRST_WAIT, MOST_ATTEMPTS, address_of, heard_once, message
from server.assignments.reminding import reminding
from server.province.chasing import JOB
from server.words import say
from tenants.current import CommitteeRef, current
from tenants.outbox import later
from tenants.transactions import as_committee, transaction

# A reminder stands on the office's page for so long, while cells are still silent.
SHOWN = timedelta(days=60)


async def silent_cells(month: date) -> list[Record]:
    """The cells of a month that have neither met nor said that they did not: id, name. Needs a transaction in the
    current committee.
    """
    last = clock.month_after(month) - timedelta(days=1)
    return await sql(
        """SELECT c.id, c.name FROM cell c
        WHERE greatest(c.from_on, c.joined_on) <= $2 AND (c.to_on IS NULL OR c.to_on >= $2)
        AND NOT EXISTS (SELECT 1 FROM meeting m WHERE m.cell = c.id AND m.held_on >= $1 AND m.held_on <= $2
            AND m.state IN ('held', 'not_held'))
        ORDER BY c.sort_key, c.name""",
        month, last,
    )  # fmt: skip


async def reminded_of(ref: CommitteeRef) -> list[tuple[Record, int]]:
    """The months that a committee was lately reminded of, newest first: (month, at, by_name), silent cells by now;
    without those of which nothing is owed any more. Needs a platform transaction.
    """
    rows = await sql(
        """SELECT DISTINCT ON (month) month, at, by_name FROM platform.report_reminder
        WHERE committee = $1 AND at > $2 ORDER BY month DESC, at DESC""",
        ref.id, clock.now() - SHOWN,
    )  # fmt: skip
    if not rows:
        return []
    async with as_committee(ref):
        found = [(row, len(await silent_cells(row["month"]))) for row in rows]
    return [(row, cells) for row, cells in found if cells]


async def note_seen(committee: UUID, month: date) -> None:
    """Somebody of the office has seen what a reminder is about. Needs a platform transaction."""
    await sql(
        """UPDATE platform.report_reminder SET seen_at = now()
        WHERE committee = $1 AND month = $2 AND seen_at IS NULL""",
        committee, month,
    )  # fmt: skip


async def push_report_reminder(month: str, attempt: int) -> None:
    """Tell the office of the current committee where a browser can tell it, never in its quiet hours; where none could
    be reached, a few times more at growing distances. It stands on its page all the same.
    """
    if push.public_key() is None or current().state != "active":
        return
    of = date.fromisoformat(month)
    async with transaction():
        cells, at = len(await silent_cells(of)), (await reminding()).not_quiet(clock.now())
        if cells and at > clock.now():
            await later(JOB, not_before=at, month=month, attempt=attempt)
            return
    if not cells:
        return
    browsers = await browsers_of_office(current().id)
    told = message(
        say("Tỉnh nhắc báo cáo"),
        say("{n} chi bộ chưa báo cáo tháng {month}", n=cells, month=f"{of.month}/{of.year}"),
        f"/{current().slug}/silent?month={of:%Y-%m}", tag=f"report {current().slug} {of:%Y-%m}",
        until=clock.local(clock.today() + timedelta(days=2), time.min),
    )  # fmt: skip
    outcomes = await push.send_all([(address_of(browser), told) for browser in browsers])
    await heard_once([(browser["id"], outcome) for browser, outcome in zip(browsers, outcomes, strict=True)])
    if "later" in outcomes and "ok" not in outcomes and attempt < MOST_ATTEMPTS:
        async with transaction():
            wait = FIRST_WAIT * 4 ** (attempt - 1)
            await later(JOB, not_before=clock.now() + wait, month=month, attempt=attempt + 1)
