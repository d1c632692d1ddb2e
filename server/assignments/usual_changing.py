"""The verbs of usual work: write it down, change it, end it, another way for one period. One transaction each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from infra.postgres import Record, connection, sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import periods, saying
from server.assignments.periods import Occurrence
from server.assignments.rules import Part, may_manage
from server.assignments.saying import Ground, NewChange
from server.assignments.usual import SHOWN_AHEAD, find, give_begun, rule_of
from server.events import record_event
from server.meetings.queries import NotFound
from server.roll_call.queries import expected
from server.words import Refused, Say, say
from tenants.transactions import transaction

# A first day further ahead, or a due date further from its period, is a slip of the finger.
_FARTHEST = timedelta(days=400)
_DAYS, _LAST_MONTH_OF = range(1, 32), {"quarter": 3, "year": 12}


@dataclass(frozen=True)
class Wanted:
    """Usual work as somebody wants it: ``members`` by number; ``every`` "" is a template, which needs only words."""

    text: str
    area: str
    check_by: str = ""
    every: str = ""
    due_day: int | None = None
    due_month: int | None = None
    members: tuple[int, ...] = ()
    from_on: date | None = None


async def add(work: UUID, *, cell: UUID, wanted: Wanted, by: Reader) -> UUID:
    """Write usual work down; ``work`` is the id that the form carries, so sending it twice writes it once.

    Work of the present period is given at once. Raises NotFound for a cell that ``by`` may not see and Refused at the
    field at fault (text, area, check_by, every, due_day, due_month, members, from_on, usual_work).
    """
    async with transaction():
        if not await sql("SELECT 1 FROM cell WHERE id = $1", cell) or not by.may_see_cell(cell):
            raise NotFound(cell)
        today = clock.today()
        members = await _check(wanted, cell, today, by, at_least=today)
        status = await connection().execute(
            """INSERT INTO usual_work (id, cell, text, area, check_by, every, due_day, due_month, members, from_on,
                created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING""",
            work, cell, *_written(wanted, members), wanted.from_on or today, by.name,
        )  # fmt: skip
        row = await find(work, by)
        if status != "INSERT 0 0":
            await record_event(by, "usual_work_added", str(work))
            await give_begun(row, today)
    return work


async def change(work: UUID, *, wanted: Wanted, by: Reader) -> None:
    """Replace the words, the rule and the people of usual work. What has been given stays as it was given.

    What was still to be made by the old rule is made first; a new one counts from today, without the exceptions of the
    old one. Raises as ``add`` does.
    """
    async with transaction():
        row = await _locked(work, by)
        today = clock.today()
        members = await _check(wanted, row["cell"], today, by, at_least=min(today, row["from_on"]))
        await give_begun(row, today)
        start = _start(row, wanted, members, today)
        await sql(
            """UPDATE usual_work SET text = $2, area = $3, check_by = $4, every = $5, due_day = $6, due_month = $7,
                members = $8, from_on = $9, exceptions = CASE WHEN (every, due_day, due_month)
                    IS DISTINCT FROM ($5::text, $6::smallint, $7::smallint) THEN '{}' ELSE exceptions END
            WHERE id = $1""",
            work, *_written(wanted, members), start,
        )  # fmt: skip
        await record_event(by, "usual_work_changed", str(work))
        await give_begun(await find(work, by), today)


async def end(work: UUID, *, by: Reader) -> None:
    """No more of it from today on; what has been given stays. Again it changes nothing. Raises NotFound, Refused."""
    async with transaction():
        row = await _locked(work, by, live=False)
        if row["ended_at"] is None:
            await sql(
                "UPDATE usual_work SET ended_at = now(), ended_by = $2, to_on = $3 WHERE id = $1",
                work, by.name, clock.today(),
            )  # fmt: skip
            await record_event(by, "usual_work_ended", str(work))


async def make_exception(work: UUID, *, period: date, left_out: bool, due: date | None, by: Reader) -> None:
    """Another way for one coming period: none (``left_out``), another due date, or as usual again (``due`` None).

    Raises NotFound and Refused(period=…, due=…, usual_work=…).
    """
    async with transaction():
        row = await _locked(work, by)
        today = clock.today()
        coming = periods.coming(rule_of(row), today, SHOWN_AHEAD) if row["every"] else []
        occurrence = next((found for found in coming if found.period == period), None)
        if occurrence is None:
            raise Refused(period=say("Kỳ này đã giao hoặc chưa đến lượt, xin chọn một trong các kỳ tới."))
        if due is not None and not left_out:
            _check_moved(occurrence, due)
        exceptions: dict[str, str | None] = json.loads(row["exceptions"])
        exceptions.pop(period.isoformat(), None)
        if left_out or (due is not None and due != occurrence.usual_due):
            exceptions[period.isoformat()] = None if left_out or due is None else due.isoformat()
        await sql("UPDATE usual_work SET exceptions = $2 WHERE id = $1", work, json.dumps(exceptions))
        await record_event(by, "usual_work_exception", str(work), period.isoformat())


async def _locked(work: UUID, by: Reader, *, live: bool = True) -> Record:
    row = await find(work, by)
    _check_may(by, row["cell"])
    await sql("SELECT 1 FROM usual_work WHERE id = $1 FOR UPDATE", work)
    row = await find(work, by)
    if live and row["ended_at"] is not None:
        raise Refused(usual_work=say("Việc này đã thôi thực hiện nên không sửa được nữa."))
    return row


def _check_may(by: Reader, cell: UUID) -> None:
    if not may_manage(by, cell):
        raise Refused(usual_work=say("Chỉ bí thư, phó bí thư hoặc văn phòng cấp ủy được đặt việc thường kỳ."))


async def _check(wanted: Wanted, cell: UUID, today: date, by: Reader, *, at_least: date) -> list[UUID]:
    """The members meant, by id. Raises Refused with every fault at its field."""
    _check_may(by, cell)
    faults = _faults(wanted, today, at_least)
    people = (
        {one.person.no: one.person.member for one in await expected(cell, today)} if wanted.members else {}
    )
    if unknown := set(wanted.members) - set(people):
        faults["members"] = say("Có {n} đồng chí không sinh hoạt ở chi bộ, xin chọn lại.", n=len(unknown))
    if faults:
        raise Refused(**faults)
    return [people[no] for no in sorted(set(wanted.members))]


def _faults(wanted: Wanted, today: date, at_least: date) -> dict[str, Say]:
    faults = _faults_of_words(wanted, today)
    if wanted.every not in periods.EVERY:
        faults["every"] = say("Xin chọn một trong các cách lặp lại.")
    elif wanted.every:
        faults |= _faults_of_rule(wanted)
        start = wanted.from_on
        if start is not None and not at_least <= start <= today + _FARTHEST:
            faults["from_on"] = say("Ngày bắt đầu phải từ hôm nay đến một năm tới.")
    return faults


def _faults_of_words(wanted: Wanted, today: date) -> dict[str, Say]:
    """The same as of work that is given once."""
    nobody = UUID(int=0)
    words = NewChange(
        nobody,
        nobody,
        "given",
        clock.now(),
        text=wanted.text,
        area=wanted.area,
        check_by=wanted.check_by,
        due=None,
    )
    return saying.faults(words, Ground(None, Part(manages=True), today, today, member=nobody))


def _faults_of_rule(wanted: Wanted) -> dict[str, Say]:
    faults = {}
    if wanted.due_day not in _DAYS:
        faults["due_day"] = say("Xin ghi ngày đến hạn, từ 1 đến 31.")
    last = _LAST_MONTH_OF.get(wanted.every, 0)
    if last and (wanted.due_month is None or not 1 <= wanted.due_month <= last):
        faults["due_month"] = say("Xin chọn tháng đến hạn, từ 1 đến {last}.", last=last)
    if not wanted.members:
        faults["members"] = say("Xin chọn ít nhất một đồng chí được giao việc này.")
    return faults


def _check_moved(occurrence: Occurrence, due: date) -> None:
    if not occurrence.given_on <= due <= occurrence.period + _FARTHEST:
        given = f"{occurrence.given_on:%d/%m/%Y}"
        raise Refused(due=say("Hạn khác phải từ ngày giao ({day}) trở đi, trong vòng một năm.", day=given))


def _written(wanted: Wanted, members: list[UUID]) -> tuple[object, ...]:
    """The columns from text to members; a template keeps no rule and nobody's name."""
    repeats = bool(wanted.every)
    return (
        wanted.text.strip(), wanted.area, wanted.check_by.strip(), wanted.every,
        wanted.due_day if repeats else None, wanted.due_month if wanted.every in _LAST_MONTH_OF else None,
        members if repeats else [],
    )  # fmt: skip


def _start(row: Record, wanted: Wanted, members: list[UUID], today: date) -> date:
    """From when a changed rule counts: as before if only words have changed, else not for what lies behind."""
    asked: date = wanted.from_on or row["from_on"]
    before = (row["every"], row["due_day"], row["due_month"], row["members"])
    same = before == _written(wanted, members)[3:] and asked == row["from_on"]
    return asked if same else max(asked, today)
