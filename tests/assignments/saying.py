"""Shorthand of the tests for what people say of work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import Record, sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import queries
from server.assignments.actions import NewChange, Verdict, say_all
from server.assignments.fold import Change, Standing, life, rivals_of
from server.assignments.ground import changes_of
from tenants.transactions import transaction
from tests.cast import Cast

AN, BINH, CUC, DUNG = "Nguyễn Văn An", "Trần Thị Bình", "Rơ Châm H'Cúc", "Lê Đình Dũng"
WORK = "Vận động ba hộ tham gia bảo hiểm y tế"


def day(ahead: int) -> date:
    return clock.today() + timedelta(days=ahead)


def given(cast: Cast, name: str = AN, **more: Any) -> NewChange:
    """New work for one member, due in ten days."""
    said: dict[str, Any] = {
        "cell": cast.cell, "member": cast.numbers[name], "text": WORK, "area": "economy", "due": day(10)
    }  # fmt: skip
    return NewChange(uuid4(), uuid4(), "given", clock.now(), **(said | more))


def change(of: UUID, kind: str, seen: int, **more: Any) -> NewChange:
    return NewChange(uuid4(), of, kind, clock.now(), seen, **more)


async def said(*changes: NewChange, by: Reader, device: UUID | None = None) -> Verdict:
    """Say them; every one must be taken."""
    verdict = await say_all(changes, device=device or uuid4(), by=by)
    assert [str(reason) for _, reason in verdict.refused] == []
    return verdict


async def give(cast: Cast, name: str = AN, **more: Any) -> UUID:
    """Work that Hòa has given."""
    new = given(cast, name, **more)
    await said(new, by=cast.hoa)
    return new.assignment


async def row(assignment: UUID, by: Reader) -> Record:
    async with transaction(read_only=True):
        return await queries.row(assignment, by)


async def history(assignment: UUID) -> list[Change]:
    async with transaction(read_only=True):
        return (await changes_of([assignment]))[assignment]


async def explained(assignment: UUID) -> Standing:
    """The standing by the history, which must be what is kept: the row, its dates, its stretches."""
    async with transaction(read_only=True):
        told = (await changes_of([assignment]))[assignment]
        (kept,) = await sql("SELECT * FROM assignment WHERE id = $1", assignment)
        spans = await sql("SELECT * FROM assignment_span WHERE assignment = $1 ORDER BY n", assignment)
    lived = life(told)
    now = lived.standing
    assert [c.ordinal for c in told] == list(range(1, len(told) + 1))
    assert kept["version"] == len(told)
    assert (kept["member"], kept["text"], kept["area"], kept["check_by"], kept["due_on"]) == (
        now.member, now.text, now.area, now.check_by, now.due
    )  # fmt: skip
    assert (kept["state"], kept["result"], kept["asked_due"]) == (now.state, now.result, now.asked)
    assert (kept["reported_on"], kept["ended_on"]) == (lived.reported_on, lived.ended_on)
    assert queries.told_rivals(kept["rivals"]) == rivals_of(now)
    stretches = [(s["member"], s["due_on"], s["from_on"], s["to_on"], s["ended"], s["result"]) for s in spans]
    assert stretches == [(s.member, s.due_on, s.from_on, s.to_on, s.ended, s.result) for s in lived.spans]
    return now
