"""The office reminds a cell: one tap, at most once an hour, seen on the page of those who lead it for a week."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

from infra import push
from infra.postgres import Record, one, sql
from server import clock
from server.accounts.push import browsers_of_leaders
from server.accounts.reader import Reader
from server.assignments.pushing import FIRST_WAIT, MOST_ATTEMPTS, address_of, heard_once, message
from server.assignments.reminding import reminding
from server.events import record_event
from server.meetings.queries import NotFound
from server.words import Refused, say
from tenants.current import current
from tenants.outbox import later
from tenants.transactions import transaction

ACTION = "cell_reminded"
EACH, SHOWN_DAYS = timedelta(hours=1), 7


async def nudge(cell: UUID, *, by: Reader) -> None:
    """Remind those who lead a cell of its overdue work; within an hour of the last time nothing more happens.

    Raises NotFound, and Refused where nothing is overdue.
    """
    if not by.whole_committee:
        raise NotFound(cell)
    async with transaction():
        # Its lock keeps a second thumb, or a colleague, waiting until the first has written down that it was done.
        if not await sql("SELECT 1 FROM cell WHERE id = $1 FOR NO KEY UPDATE", cell):
            raise NotFound(cell)
        last = (await last_nudges([cell])).get(cell)
        if last is not None and last["at"] > clock.now() - EACH:
            return
        overdue = await _overdue(cell)
        if not overdue:
            raise Refused(cell=say("Chi bộ này không có việc nào quá hạn."))
        await record_event(by, ACTION, str(cell), str(overdue))
        at = (await reminding()).not_quiet(clock.now())
        await later("push_nudge", not_before=at, cell=str(cell), overdue=overdue, attempt=1)


async def last_nudges(cells: Collection[UUID]) -> dict[UUID, Record]:
    """{cell: at, by_name, overdue (text) of the last time}, for cells that were ever reminded. Needs a transaction."""
    rows = await sql(
        """SELECT c.cell, e.at, e.by_name, e.detail AS overdue FROM unnest($1::uuid[]) AS c (cell)
        JOIN LATERAL (SELECT at, by_name, detail FROM event WHERE subject = c.cell::text AND action = $2
            ORDER BY id DESC LIMIT 1) e ON true""",
        list(cells), ACTION,
    )  # fmt: skip
    return {row["cell"]: row for row in rows}


async def nudges_shown(cells: Collection[UUID]) -> list[Record]:
    """What those who lead these cells are shown: cell, cell_name, at, by_name, overdue (now), newest first; of the last
    week, while something is overdue. Needs a transaction.
    """
    found = await last_nudges(cells)
    recent = [cell for cell, row in found.items() if row["at"] > clock.now() - timedelta(days=SHOWN_DAYS)]
    return await sql(
        """SELECT c.id AS cell, c.name AS cell_name, e.at, e.by_name, w.overdue
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS e (cell, at, by_name)
        JOIN cell c ON c.id = e.cell
        JOIN LATERAL (SELECT count(*)::int AS overdue FROM assignment a
            WHERE a.cell = c.id AND a.state = 'open' AND a.due_on < $4) w ON w.overdue > 0
        ORDER BY e.at DESC""",
        recent, [found[cell]["at"] for cell in recent], [found[cell]["by_name"] for cell in recent], clock.today(),
    )  # fmt: skip


async def _overdue(cell: UUID) -> int:
    row = await one(
        "SELECT count(*)::int AS n FROM assignment WHERE cell = $1 AND state = 'open' AND due_on < $2",
        cell, clock.today(),
    )  # fmt: skip
    assert row is not None
    return int(row["n"])


async def push_nudge(cell: str, overdue: int, attempt: int) -> None:
    """Tell the secretary and the deputy of a cell where a browser can tell them; where none could be reached, a few
    times more at growing distances. It stands on their page all the same.
    """
    if push.public_key() is None or current().state != "active":
        return
    browsers = await browsers_of_leaders(current().id, UUID(cell))
    url = f"/{current().slug}/assignments?cell={cell}&due=overdue"
    told = message(
        say("Văn phòng nhắc việc"), say("Chi bộ có {n} việc quá hạn", n=overdue), url,
        tag=f"nudge {current().slug} {cell}", until=_in_a_day(clock.today()),
    )  # fmt: skip
    outcomes = await push.send_all([(address_of(browser), told) for browser in browsers])
    await heard_once([(browser["id"], outcome) for browser, outcome in zip(browsers, outcomes, strict=True)])
    if "later" in outcomes and "ok" not in outcomes and attempt < MOST_ATTEMPTS:
        async with transaction():
            at = (await reminding()).not_quiet(clock.now() + FIRST_WAIT * 4 ** (attempt - 1))
            await later("push_nudge", not_before=at, cell=cell, overdue=overdue, attempt=attempt + 1)


def _in_a_day(day: date) -> datetime:
    return clock.local(day + timedelta(days=2), time(0))
