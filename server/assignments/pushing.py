"""Reminders on their way to phones: a few at a time, none in the quiet hours, none while a transaction is open.

Whoever works on a reminder holds it for a while. After a kill somebody else sends it again once that time is over; the
phone then shows one notification all the same, for both carry the same tag and, on their way, the same topic.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from infra import push
from infra.postgres import Record, one, sql
from infra.push import Address, Message, Outcome
from server import clock
from server.accounts.push import browsers_of_members, heard
from server.assignments.reminders import COUNTS, counted
from server.assignments.reminding import Reminding, reminding
from server.words import say
from tenants.current import current
from tenants.outbox import later
from tenants.transactions import transaction

# Taken at a time; held for so long, which is longer than sending so many to a service that does not answer takes.
FEW, HELD = 40, timedelta(minutes=3)
# How often one is tried, and how long after the first failure again; each further wait is four times as long.
MOST_ATTEMPTS, FIRST_WAIT = 5, timedelta(minutes=2)

_WAITS = """on_day = $1 AND member = ANY ($2) AND pushed_at IS NULL AND told_at IS NULL AND push_attempts < $3
    AND EXISTS (SELECT 1 FROM assignment a WHERE a.id = ANY (reminder.assignments) AND a.state = 'open')"""
_CLAIM = f"""WITH claimed AS (UPDATE reminder SET pushing_until = now() + $4, push_attempts = push_attempts + 1
WHERE on_day = $1 AND member IN (SELECT member FROM reminder
    WHERE {_WAITS} AND (pushing_until IS NULL OR pushing_until <= now())
    ORDER BY push_attempts, member LIMIT $5 FOR UPDATE SKIP LOCKED)
RETURNING member, assignments, push_attempts)
SELECT c.member, c.push_attempts, {COUNTS} FROM claimed c JOIN assignment a ON a.id = ANY (c.assignments)
WHERE a.state = 'open' GROUP BY c.member, c.push_attempts"""


async def push_reminders(day: str) -> int:
    """Tell everybody whom a browser can tell of the reminders of a day, and leave behind what has to be tried again;
    how many were told. Of a day that is over nobody is told any more.
    """
    on = date.fromisoformat(day)
    if on != clock.today() or push.public_key() is None or current().state != "active":
        return 0
    async with transaction(read_only=True):
        quiet = await reminding()
    browsers = await browsers_of_members(current().id)
    told = 0
    while quiet.not_quiet(clock.now()) <= clock.now() and (claimed := await _claim(on, browsers)):
        reached = await _push(claimed, browsers, on)
        told += len(reached)
        if not reached:
            break  # a service that is away is left in peace for a while
    await _leave_rest(
        on, await browsers_of_members(current().id), quiet
    )  # without those that have died meanwhile
    return told


async def _claim(on: date, members: Collection[UUID]) -> list[Record]:
    async with transaction():
        return await sql(_CLAIM, on, list(members), MOST_ATTEMPTS, HELD, FEW)


async def _push(claimed: Sequence[Record], browsers: Mapping[UUID, list[Record]], on: date) -> list[UUID]:
    """Send what was claimed; the members who were told in one browser at least."""
    sent = [(row, browser) for row in claimed for browser in browsers[row["member"]]]
    outcomes = await push.send_all([(address_of(browser), _message(row, on)) for row, browser in sent])
    reached = {row["member"] for (row, _), outcome in zip(sent, outcomes, strict=True) if outcome == "ok"}
    missed = {
        row["member"]: FIRST_WAIT * 4 ** (row["push_attempts"] - 1)
        for row in claimed
        if row["member"] not in reached
    }
    async with transaction():
        await sql(
            "UPDATE reminder SET pushed_at = now(), pushing_until = NULL WHERE on_day = $1 AND member = ANY ($2)",
            on, list(reached),
        )  # fmt: skip
        await sql(
            """UPDATE reminder r SET pushing_until = now() + w.wait
            FROM unnest($2::uuid[], $3::interval[]) AS w (member, wait) WHERE r.on_day = $1 AND r.member = w.member""",
            on, list(missed), list(missed.values()),
        )  # fmt: skip
    await heard_once([(browser["id"], outcome) for (_, browser), outcome in zip(sent, outcomes, strict=True)])
    return list(reached)


async def heard_once(outcomes: Sequence[tuple[UUID, Outcome]]) -> None:
    """Write down what became of messages; of several to one browser, the last."""
    await heard(list(dict(outcomes).items()))


async def _leave_rest(on: date, members: Collection[UUID], quiet: Reminding) -> None:
    """Come again when the first of those that wait may be tried; nothing where none waits."""
    async with transaction():
        row = await one(
            f"SELECT count(*) AS n, min(coalesce(pushing_until, now())) AS at FROM reminder WHERE {_WAITS}",
            on, list(members), MOST_ATTEMPTS,
        )  # fmt: skip
        if row is None or not row["n"]:
            return
        # Later than now even where some were not begun: this run has ended because nobody was reached.
        at = quiet.not_quiet(max(row["at"], clock.now() + FIRST_WAIT))
        if at.astimezone(clock.VIETNAM).date() == on:
            await later("push_reminders", not_before=at, day=on.isoformat())


def address_of(browser: Mapping[str, str]) -> Address:
    """Where a subscription's row leads."""
    return Address(browser["endpoint"], browser["p256dh"], browser["auth"])


def _message(row: Record, on: date) -> Message:
    """Counts only: a phone shows it to whoever looks at it."""
    url = f"/{current().slug}/work"
    return message(say("Nhắc việc"), counted(row), url, tag=f"reminder {current().slug}", until=_end_of(on))


def message(title: str, body: str, url: str, *, tag: str, until: datetime) -> Message:
    """A notification in Vietnamese that replaces one of the same tag; undelivered, it is dropped at ``until``."""
    told = {"title": title, "body": body, "url": url, "tag": tag}
    topic = urlsafe_b64encode(sha256(tag.encode()).digest())[:32].decode()
    left = max(60, int((until - clock.now()).total_seconds()))
    return Message(json.dumps(told, ensure_ascii=False).encode(), topic, left)


def _end_of(day: date) -> datetime:
    return clock.local(day + timedelta(days=1), time(0))
