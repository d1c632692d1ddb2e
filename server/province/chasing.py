"""Who has not reported a month, and reminding the offices of those committees: once a day each, written down."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from infra.postgres import Record, sql
from server import clock
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.province.actions import province_of, record_event
from server.province.figures import Line, Month, months
from server.words import Refused, say
from tenants.transactions import platform_transaction

JOB = "push_report_reminder"
# The indicator that says which cells of a committee have not reported.
SILENT = "not_reported"


@dataclass(frozen=True)
class Silent:
    """A committee that has not reported all of a month. ``cells`` of ``base`` are silent; both None: it has no figures
    of that month at all. ``last``: at, by_name, silent, seen_at of its last reminder for this month.
    """

    line: Line
    cells: int | None
    base: int | None
    last: Record | None

    @property
    def may_remind(self) -> bool:
        """Whether it can be reminded now: its doors are open, and nobody has reminded it today."""
        return self.line.state == "active" and (self.last is None or bool(self.last["at"] < _this_morning()))


def _this_morning() -> datetime:
    return clock.local(clock.today(), time.min)


async def silent(province: UUID, month: date) -> tuple[Month, list[Silent]]:
    """The month, and the committees that still owe something of it, those without any figures first, then those with
    the most silent cells. Needs a platform transaction.
    """
    told = (await months(province, [month], {SILENT}))[month]
    owing = [(line, line.figure(SILENT)) for line in told.lines if line.figure(SILENT).part != 0]
    last = await last_reminders([line.id for line, _ in owing], month)
    found = [Silent(line, figure.part, figure.base, last.get(line.id)) for line, figure in owing]
    return told, sorted(found, key=lambda one: (one.cells is not None, -(one.cells or 0)))


async def last_reminders(committees: Collection[UUID], month: date) -> dict[UUID, Record]:
    """{committee: at, by_name, silent, seen_at of its last reminder for a month}. Needs a platform transaction."""
    rows = await sql(
        """SELECT DISTINCT ON (committee) committee, at, by_name, silent, seen_at FROM platform.report_reminder
        WHERE committee = ANY ($1) AND month = $2 ORDER BY committee, at DESC""",
        list(committees), month,
    )  # fmt: skip
    return {row["committee"]: row for row in rows}


async def remind(province_slug: str, month: date, slug: str | None, *, by: Reader) -> int:
    """Remind the office of a committee that a month's report is due, or of all that owe one (``slug`` None): how many.
    Who was reminded today already is left in peace.

    Raises NotFound, Refused(month=…) for a month to come, Refused(committee=…) where there is nothing to remind of.
    """
    if month > clock.month_of(clock.today()):
        raise Refused(month=say("Tháng này chưa đến."))
    async with platform_transaction():
        province = await province_of(province_slug, by)
        # Two thumbs at once remind once.
        await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"report reminders {province.id}")
        told, owing = await silent(province.id, month)
        if slug is not None:
            _check(told, owing, slug)
        chosen = [one for one in owing if one.may_remind and slug in (None, one.line.slug)]
        if chosen:
            await _write_down(chosen, month, by)
            of = f"{month:%Y-%m}"
            if slug is None:
                await record_event(province, by, "reports_reminded", of, str(len(chosen)))
            else:
                await record_event(province, by, "report_reminded", slug, of, committee=chosen[0].line.id)
    return len(chosen)


def _check(told: Month, owing: list[Silent], slug: str) -> None:
    if told.line(slug) is None:
        raise NotFound(slug)
    one = next((one for one in owing if one.line.slug == slug), None)
    if one is None:
        raise Refused(committee=say("Cấp ủy này đã báo cáo đủ tháng này."))
    if one.line.state != "active":
        raise Refused(committee=say("Cấp ủy này đang không hoạt động nên không nhắc được."))


async def _write_down(chosen: list[Silent], month: date, by: Reader) -> None:
    await sql(
        """INSERT INTO platform.report_reminder (id, committee, month, silent, by_name)
        SELECT gen_random_uuid(), c.id, $3, c.silent, $4 FROM unnest($1::uuid[], $2::int[]) AS c (id, silent)""",
        [one.line.id for one in chosen], [one.cells or 0 for one in chosen], month, by.name,
    )  # fmt: skip
    await sql(
        """INSERT INTO platform.outbox (id, schema_name, job, arguments)
        SELECT gen_random_uuid(), schema_name, $2, $3 FROM platform.committee WHERE id = ANY ($1)""",
        [one.line.id for one in chosen], JOB, json.dumps({"month": month.isoformat(), "attempt": 1}),
    )  # fmt: skip
