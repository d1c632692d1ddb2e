"""The verbs of assignments: give work, and say something of it. Each is one transaction in the current committee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from infra.postgres import sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import fold, ground, keeping, queries, rules, saying, sight
from server.assignments.keeping import Born, Fresh
from server.assignments.saying import NewChange
from server.events import record_event
from server.meetings.queries import NotFound
from server.rollups.marking import mark_dirty
from server.words import Refused, Say, say
from tenants.transactions import transaction

__all__ = [
    "BATCH_LIMIT",
    "NewChange",
    "Verdict",
    "append_given",
    "say_all",
    "say_one",
    "say_together",
    "say_within",
    "show_to_members",
]

BATCH_LIMIT = 500
# Said of one assignment in all, far more than anybody needs: each new word is judged by all that were said before. The
# last of them are kept for those who decide, so that nobody talks an assignment out of their hands.
MOST_SAID, MOST_DECIDED = 200, 300
# What a committee's own record keeps besides the history of the assignment itself.
_RECORDED = {"cancelled": "assignment_cancelled", "settled": "assignment_settled"}


@dataclass
class Verdict:
    """What became of a batch: every change is acknowledged or refused with a reason; and how its assignments stand
    (rows as ``queries.told`` has them).
    """

    acked: list[UUID] = field(default_factory=list)
    refused: list[tuple[NewChange, Say]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


async def say_all(changes: Sequence[NewChange], *, device: UUID, by: Reader) -> Verdict:
    """Append what a device has to say, on line or after a night without signal: the same path.

    In the order given. Repeating a batch, in part or whole, changes nothing and acknowledges the same ids. What
    ``by`` may not see is refused in the same words as what does not exist.
    """
    async with transaction():
        return await say_within(changes, device=device, by=by)


async def say_one(change: NewChange, *, device: UUID, by: Reader) -> None:
    """Append one change of a form; see ``say_together``."""
    await say_together([change], device=device, by=by)


async def say_together(changes: Sequence[NewChange], *, device: UUID, by: Reader) -> None:
    """Append all changes of a form, or none. Raises NotFound, or Refused at the field at fault (text, member, area,
    check_by, due, note, result, value, or `""`).
    """
    async with transaction():
        judge = await _judged(changes, device, by)
        if judge.missing:
            raise NotFound(changes)
        if judge.faults:
            raise Refused(**judge.faults)
        await judge.write(by)


async def say_within(changes: Sequence[NewChange], *, device: UUID, by: Reader) -> Verdict:
    """``say_all`` inside a transaction that is open already."""
    judge = await _judged(changes, device, by)
    await judge.write(by)
    touched = {c.assignment for c in changes} & judge.visible
    judge.verdict.rows = await queries.rows_told(touched, by)
    return judge.verdict


async def _judged(changes: Sequence[NewChange], device: UUID, by: Reader) -> _Judge:
    judge = _Judge(await ground.read(changes), device, by)
    for change in changes:
        judge.take(change)
    return judge


class _Judge:
    """A batch while it is judged, one change after the other: each stands on what those before it have said."""

    def __init__(self, batch: ground.Batch, device: UUID, by: Reader) -> None:
        self.batch, self.device, self.by = batch, device, by
        self.verdict = Verdict()
        self.fresh: list[Fresh] = []
        self.born: list[Born] = []
        self.visible: set[UUID] = set()
        self.missing = False
        self.faults: dict[str, Say] = {}

    def take(self, new: NewChange) -> None:
        """Acknowledge a change, or refuse it with its faults."""
        faults = self._take(new)
        if faults:
            self.faults = faults
            self.verdict.refused.append((new, next(iter(faults.values()))))
        else:
            self.verdict.acked.append(new.id)

    def _take(self, new: NewChange) -> dict[str, Say]:
        head = self.batch.heads.get(new.assignment)
        if head is None and new.kind != "given":
            return self._not_here()
        cell = head.cell if head else self._cell(new)
        if cell is None or (head is None and not self.by.may_see_cell(cell)):
            return self._not_here()
        part = self._part(new, cell, head)
        if head and not (part.any or (head.members_see and self.by.may_see_cell(cell))):
            return self._not_here()
        self.visible.add(new.assignment)
        if new.id in self.batch.known:
            same = self.batch.known[new.id] == new.assignment
            return {} if same else {"": say("Mã thao tác này đã dùng cho việc khác.")}
        return self._fresh(new, head, cell, part)

    def _not_here(self) -> dict[str, Say]:
        self.missing = True
        return {"": rules.NOT_HERE}

    def _cell(self, new: NewChange) -> UUID | None:
        held = self.batch.meetings.get(new.meeting) if new.meeting else None
        return new.cell or (held["cell"] if held else None)

    def _part(self, new: NewChange, cell: UUID, head: ground.Head | None) -> rules.Part:
        """What the sayer is, by whose work it was on that screen."""
        if head is None:
            return rules.part_of(self.by, cell, member=None, group=None)
        said = self.batch.said[new.assignment]
        stood = fold.seen_by(said, new.seen, new.after) or fold.fold(said)
        group = self.batch.group(stood.member, cell)
        return rules.part_of(self.by, cell, member=stood.member, group=group)

    def _fresh(
        self, new: NewChange, head: ground.Head | None, cell: UUID, part: rules.Part
    ) -> dict[str, Say]:
        day, reason = self._said_on(new, cell, part)
        if head and len(self.batch.said[new.assignment]) >= (MOST_DECIDED if part.manages else MOST_SAID):
            reason = say("Việc này đã có quá nhiều lời ghi. Xin bí thư kết thúc việc này rồi giao việc mới.")
        if reason:
            return {"": reason}
        given_on = head.given_on if head else day
        seen = None
        if new.kind != "given":
            said = self.batch.said[new.assignment]
            if any(self.batch.known.get(a) != new.assignment for a in new.after):
                return {"": say("Thao tác trước đó trên máy chưa được nhận, nên thao tác này cũng chưa.")}
            seen = fold.seen_by(said, new.seen, new.after)
            if seen is None:
                return {"": say("Xin mở lại việc này rồi làm lại: máy chưa có nội dung của việc.")}
        member = self.batch.member(new.member, cell, day)
        stands = saying.Ground(seen, part, given_on, day, member)
        if found := saying.faults(new, stands):
            return found
        sets = saying.sets(new, stands)
        if new.kind == "given" and (head or (faults := self._bear(new, cell, day))):
            return self._again(new, sets) if head else faults
        self._append(new, sets, day, part)
        return {}

    def _said_on(self, new: NewChange, cell: UUID, part: rules.Part) -> tuple[date, Say | None]:
        """The day on which a change counts: of its meeting for those who speak for it, else of its arrival: nobody
        reports on an earlier day than they do.
        """
        if new.meeting is None:
            return clock.today(), None
        held = self.batch.meetings.get(new.meeting)
        if held is None or held["cell"] != cell:
            return clock.today(), say("Cuộc họp này không phải của chi bộ có việc.")
        if held["state"] == "not_held":
            return clock.today(), say("Kỳ họp này đã ghi là không họp.")
        if held["held_on"] > clock.today():
            return clock.today(), say("Chưa đến ngày họp, chưa ghi được việc của cuộc họp này.")
        return held["held_on"] if part.manages or part.records else clock.today(), None

    def _again(self, new: NewChange, sets: dict[str, Any]) -> dict[str, Say]:
        """Giving under a known id again is the same gift, or a slip of whoever makes ids."""
        if self.batch.said[new.assignment][0].sets == sets:
            return {}
        return {"": say("Mã việc này đã dùng cho việc khác.")}

    def _bear(self, new: NewChange, cell: UUID, day: date) -> dict[str, Say]:
        if new.usual_work is not None and self.batch.templates.get(new.usual_work) != cell:
            return {"": say("Việc thường kỳ này không phải của chi bộ.")}
        task = new.task or new.assignment
        if self.batch.tasks.setdefault(task, cell) != cell:
            return {"": say("Mã việc này đã dùng cho việc khác.")}
        self.born.append(
            Born(
                new.assignment, task, cell, day, new.meeting, new.usual_work, new.period, new.minutes, new.page,
                new.line,
            )
        )  # fmt: skip
        self.batch.heads[new.assignment] = ground.Head(new.assignment, cell, day, False)
        self.batch.said[new.assignment] = []
        return {}

    def _append(self, new: NewChange, sets: dict[str, Any], day: date, part: rules.Part) -> None:
        said = self.batch.said[new.assignment]
        ordinal = said[-1].ordinal + 1 if said else 1
        change = fold.Change(
            new.id, ordinal, new.kind, sets, day, min(new.seen, ordinal - 1), new.after, new.note.strip(), self.by.name
        )  # fmt: skip
        said.append(change)
        self.batch.known[new.id] = new.assignment
        self.fresh.append(
            Fresh(
                new.assignment, change, self.device, new.at, self.by.account_id, new.meeting,
                new.kind != "given" and rules.on_behalf(new.kind, part),
            )
        )  # fmt: skip

    async def write(self, by: Reader) -> None:
        """Write what was taken, and leave word for the figures."""
        if not self.fresh:
            return
        since = await keeping.keep(self.fresh, self.batch.said, self.born)
        for said in self.fresh:
            if action := _RECORDED.get(said.change.kind):
                await record_event(by, action, str(said.assignment))
        if since is not None:
            await mark_dirty(since, onward=True, cause="work")


async def append_given(
    assignment: UUID, *, task: UUID, cell: UUID, member: UUID, text: str, area: str, check_by: str = "",
    due: date | None, meeting: UUID | None = None, said_on: date, by_name: str, account: UUID | None = None,
    usual_work: UUID | None = None, period: date | None = None, minutes: UUID | None = None,
    page: UUID | None = None, line: int | None = None,
) -> bool:  # fmt: skip
    """Give work inside an open transaction, for jobs and other verbs that have asked who may: no role is looked at.
    False, and nothing happens, where this assignment exists.

    The caller marks the figures as dirty, once for all that it gives (onward from the first month of said_on and
    due). Whoever gives several gives them in the order of their ids, so that two who do so never wait in a circle.
    """
    new = NewChange(uuid5(assignment, "given"), assignment, "given", clock.now())
    batch = await ground.read([new])
    if batch.heads:
        return False
    what = {"text": text.strip(), "area": area, "check_by": check_by.strip()}
    iso = due.isoformat() if due else None
    sets = {"who": str(member), "what": what, "due": iso, "state": "open", "asked": None}
    change = fold.Change(new.id, 1, "given", sets, said_on, by=by_name)
    born = Born(assignment, task, cell, said_on, meeting, usual_work, period, minutes, page, line)
    fresh = Fresh(assignment, change, assignment, new.at, account, meeting)
    await keeping.keep([fresh], {assignment: [change]}, [born])
    return True


async def show_to_members(cell: UUID, show: bool, *, by: Reader) -> None:
    """Let the members of a cell see all of its work, or each their own. Raises NotFound, Refused."""
    async with transaction():
        seen = await sight.cell(cell, by)
        if not rules.may_manage(by, cell):
            raise Refused(seeing=say("Chỉ bí thư, phó bí thư hoặc văn phòng cấp ủy được đổi cài đặt này."))
        if seen["members_see_assignments"] != show:
            await sql("UPDATE cell SET members_see_assignments = $2 WHERE id = $1", cell, show)
            await record_event(by, "assignments_seeing_set", str(cell), "all" if show else "own")
