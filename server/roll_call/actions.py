"""The verbs of a roll: open, mark, close. Each is one transaction in the current committee."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import Record, connection, one, sql
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings.queries import NotFound
from server.roll_call import queries, rules
from server.rollups.marking import mark_dirty
from server.words import Refused, say
from tenants.transactions import transaction

BATCH_LIMIT = 500


@dataclass(frozen=True)
class NewMark:
    """A mark as a phone sends it; ``at`` is the phone's clock and is kept, never trusted."""

    id: UUID
    no: int
    state: str
    seq: int
    at: datetime
    reason: str = ""
    seen: tuple[UUID, ...] = ()
    late_reason: str = ""


@dataclass
class Verdict:
    """What became of a batch: every id is either acknowledged or refused with a reason; and what changed."""

    acked: list[UUID] = field(default_factory=list)
    refused: list[tuple[NewMark, str]] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)


async def open_roll(meeting: UUID, *, by: Reader) -> None:
    """Write down who is expected on the meeting's day. Opening an open roll again changes nothing.

    Raises NotFound for a meeting that ``by`` may not see, Refused where it can't be opened.
    """
    async with transaction():
        held = await queries.meeting(meeting, by)
        await _open(held, by)


async def record(
    meeting: UUID, marks: Sequence[NewMark], *, device: UUID, since: int, by: Reader, opening: bool = False
) -> Verdict:
    """Append a batch of marks from one device, on line or after a night without signal: the same path.

    Repeating a batch, in part or whole, changes nothing and acknowledges the same ids. ``opening`` opens the roll
    first, for a phone that opened it without a network. ``since`` is the newest version the phone has seen; the
    verdict carries what changed after it. Raises NotFound for a meeting that ``by`` may not see.
    """
    async with transaction():
        numbers = sorted({mark.no for mark in marks})
        roll = await _locked(meeting, numbers)
        if not roll and opening:
            await _open(await queries.meeting(meeting, by), by)
            roll = await _locked(meeting, numbers)
        if not roll:
            await queries.meeting(meeting, by)
            return _all_refused(marks, say("Điểm danh chưa mở. Xin mở điểm danh rồi gửi lại."))
        head = roll[0]
        if not by.may_see_cell(head["cell"]):
            raise NotFound(meeting)
        verdict = Verdict()
        fresh, changed = await _judge(meeting, roll, marks, device, by, verdict)
        version, closed = head["version"], head["closed_at"] is not None
        if fresh:
            version += 1
            rows = await _append(meeting, fresh, changed, device, version, by, since=since)
        else:
            rows = await queries.changed(meeting, since)
        if fresh and closed:
            await mark_dirty(head["held_on"], cause="roll_changed")
        verdict.changes = queries.changes(
            rows, closed=closed, version=version, why=by.may_know_why(head["cell"])
        )
        return verdict


async def close_roll(meeting: UUID, *, rest_absent: bool, by: Reader) -> None:
    """Close a roll: the meeting counts as held and the province's figures follow. Closing again changes nothing.

    ``rest_absent`` writes a mark "absent without reason" for everybody not called. Raises NotFound and
    Refused(roll=…) while people are not called or marked differently.
    """
    async with transaction():
        held = await queries.meeting(meeting, by)
        if not by.may_close_roll(held["cell"]):
            raise Refused(roll=say("Chỉ bí thư hoặc phó bí thư chi bộ được khóa điểm danh."))
        # The meeting before its roll, as opening does: in the other order two who press at once wait in a circle.
        await sql("SELECT 1 FROM meeting WHERE id = $1 FOR UPDATE", meeting)
        roll = await _locked(meeting, [])
        if not roll:
            raise Refused(roll=say("Điểm danh chưa mở."))
        if roll[0]["closed_at"]:
            return
        summary, conflicts = await queries.summary_and_conflicts(meeting)
        if reason := rules.why_not_close(summary, conflicts=conflicts, rest_absent=rest_absent):
            raise Refused(roll=reason)
        version = roll[0]["version"] + 1
        if summary["not_called"]:
            await _rest_absent(meeting, version, by)
        await sql(
            "UPDATE roll_call SET version = $2, closed_at = now(), closed_by = $3 WHERE meeting = $1",
            meeting, version, by.name,
        )  # fmt: skip
        await sql("UPDATE meeting SET state = 'held', not_held_reason = '' WHERE id = $1", meeting)
        await record_event(by, "roll_closed", str(meeting))
        await mark_dirty(held["held_on"], cause="roll_closed")


_LOCK = """SELECT r.version, r.closed_at, m.cell, m.held_on, e.no, e.base, e.group_number
FROM roll_call r JOIN meeting m ON m.id = r.meeting LEFT JOIN roll_entry e ON e.meeting = r.meeting AND e.no = ANY($2)
WHERE r.meeting = $1 FOR UPDATE OF r"""


async def _locked(meeting: UUID, numbers: list[int]) -> list[Record]:
    # The roll's row is the one lock: it orders versions as commits, and no mark slips past a closing.
    return await sql(_LOCK, meeting, numbers)


async def _open(held: Record, by: Reader) -> None:
    if not by.may_open_roll(held["cell"]):
        raise Refused(roll=say("Chỉ bí thư, phó bí thư hoặc thư ký được mở điểm danh."))
    # Planning and calling off lock the same row, so a roll is never opened for a meeting that was just called off.
    state = await one("SELECT state FROM meeting WHERE id = $1 FOR UPDATE", held["id"])
    if state is None or state["state"] == "not_held":
        raise Refused(roll=say("Kỳ họp này đã ghi là không họp."))
    if held["held_on"] > clock.today():
        raise Refused(roll=say("Chưa đến ngày họp, chưa mở điểm danh được."))
    status = await connection().execute(
        "INSERT INTO roll_call (meeting, opened_by) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        held["id"],
        by.name,
    )
    if status == "INSERT 0 0":
        return
    expected = await queries.expected(held["cell"], held["held_on"])
    await sql(
        """INSERT INTO roll_entry (meeting, no, member, name, sort_key, group_number, group_name, base, exempt_kind,
            probationary, state)
        SELECT $1, u.* FROM unnest($2::int[], $3::uuid[], $4::text[], $5::text[], $6::smallint[], $7::text[],
            $8::text[], $9::text[], $10::boolean[], $11::text[]) AS u""",
        held["id"],
        [e.person.no for e in expected],
        [e.person.member for e in expected],
        [e.person.name for e in expected],
        [e.person.sort_key for e in expected],
        [e.person.group_number for e in expected],
        [e.person.group_name for e in expected],
        [e.base for e in expected],
        [e.exempt_kind for e in expected],
        [e.probationary for e in expected],
        ["exempt" if e.base == "exempt" else "not_called" for e in expected],
    )
    await mark_dirty(held["held_on"], cause="roll_opened")


_KNOWN = """SELECT id, no, meeting, state, reason, device, seq, seen, by_name
FROM mark WHERE (meeting = $1 AND no = ANY($2)) OR id = ANY($3)"""


async def _judge(
    meeting: UUID, roll: list[Record], marks: Sequence[NewMark], device: UUID, by: Reader, verdict: Verdict
) -> tuple[list[NewMark], dict[int, rules.Standing]]:
    """Sort a batch into acknowledged and refused; the marks to append and the standings that follow."""
    cell, closed = roll[0]["cell"], roll[0]["closed_at"] is not None
    may, group, late = by.may_mark(cell), by.group_in(cell), by.may_close_roll(cell)
    entries: Mapping[int, Record] = {row["no"]: row for row in roll if row["no"] is not None}
    known = await sql(_KNOWN, meeting, list(entries), [mark.id for mark in marks]) if marks else []
    taken = {row["id"]: (row["meeting"], row["no"]) for row in known}
    of_person: dict[int, list[rules.Mark]] = defaultdict(list)
    for row in known:
        if row["meeting"] == meeting:
            of_person[row["no"]].append(_as_rule(row))
    fresh: list[NewMark] = []
    for mark in marks:
        entry = entries.get(mark.no)
        if mark.id in taken:
            same = taken[mark.id] == (meeting, mark.no)
            reason = None if same else say("Mã lượt ghi này đã dùng cho người khác.")
        elif entry is None:
            reason = say("Người này không có trong danh sách điểm danh của cuộc họp.")
        elif "\0" in mark.reason + mark.late_reason:
            reason = say("Lý do có ký tự không đọc được, xin ghi lại.")
        else:
            reason = rules.why_not_mark(
                mark.state, base=entry["base"], closed=closed, late_reason=mark.late_reason, may=may,
                own_group=entry["group_number"] == group, may_change_late=late,
            )  # fmt: skip
            if reason is None:
                taken[mark.id] = (meeting, mark.no)
                fresh.append(mark)
                of_person[mark.no].append(
                    rules.Mark(mark.id, mark.state, mark.reason, device, mark.seq, mark.seen, by.name)
                )
        if reason is None:
            verdict.acked.append(mark.id)
        else:
            verdict.refused.append((mark, reason))
    touched = {mark.no for mark in fresh}
    return fresh, {no: rules.fold(of_person[no], base=entries[no]["base"]) for no in touched}


def _as_rule(row: Record) -> rules.Mark:
    return rules.Mark(
        row["id"], row["state"], row["reason"], row["device"], row["seq"], tuple(row["seen"]), row["by_name"]
    )


# Parts of one statement do not see each other's writes, so the roll as it stands now is put together from both halves.
_APPEND = f"""WITH appended AS (
    INSERT INTO mark (id, meeting, no, state, reason, device, seq, seen, device_at, late_reason, account, by_name)
    SELECT m.id, $1, m.no, m.state, m.reason, $3, m.seq,
        ARRAY(SELECT jsonb_array_elements_text(m.seen)::uuid), m.at, m.late_reason, $4, $5
    FROM jsonb_to_recordset($6::jsonb) AS m (id uuid, no int, state text, reason text, seq int, seen jsonb,
        at timestamptz, late_reason text)
), folded AS (
    UPDATE roll_entry AS e SET state = s.state, reason = s.reason, rivals = s.rivals, version = $8,
        heads = ARRAY(SELECT jsonb_array_elements_text(s.heads)::uuid)
    FROM jsonb_to_recordset($7::jsonb) AS s (no int, state text, reason text, heads jsonb, rivals jsonb)
    WHERE e.meeting = $1 AND e.no = s.no
    RETURNING e.no, e.state, e.reason, e.heads, e.rivals, e.base, e.version
), counted AS (
    UPDATE roll_call SET version = $8 WHERE meeting = $1
), roll AS (
    SELECT * FROM folded UNION ALL
    SELECT no, state, reason, heads, rivals, base, version FROM roll_entry
    WHERE meeting = $1 AND no NOT IN (SELECT no FROM folded)
) {queries.CHANGED}"""


async def _append(
    meeting: UUID,
    fresh: Iterable[NewMark],
    changed: Mapping[int, rules.Standing],
    device: UUID,
    version: int,
    by: Reader,
    *,
    since: int,
) -> list[Record]:
    """Write marks and what follows from them; what a phone that has seen version ``since`` must learn."""
    marks = [
        {"id": str(m.id), "no": m.no, "state": m.state, "reason": m.reason, "seq": m.seq,
         "seen": [str(s) for s in m.seen], "at": _told_time(m.at), "late_reason": m.late_reason}
        for m in fresh
    ]  # fmt: skip
    standings = [
        {"no": no, "state": s.state, "reason": s.reason, "heads": [str(h) for h in s.heads],
         "rivals": queries.rivals_of(s) or None}
        for no, s in changed.items()
    ]  # fmt: skip
    return await sql(
        _APPEND, meeting, since, device, by.account_id, by.name, json.dumps(marks), json.dumps(standings), version
    )  # fmt: skip


def _told_time(at: datetime) -> str:
    # A phone may think that it is the year 1 or 9999: a moment that can't be shown anywhere would break the history.
    return (at if 2 <= at.year <= 9998 else clock.now()).isoformat()


async def _rest_absent(meeting: UUID, version: int, by: Reader) -> None:
    rows = await sql("SELECT no FROM roll_entry WHERE meeting = $1 AND state = 'not_called'", meeting)
    template = NewMark(uuid4(), 0, "absent_unexcused", 0, clock.now())
    marks = [
        replace(template, id=uuid4(), no=row["no"], seq=index) for index, row in enumerate(rows, start=1)
    ]
    standings = {m.no: rules.Standing(m.state, "", (m.id,), ()) for m in marks}
    await _append(meeting, await _with_heads(meeting, marks), standings, uuid4(), version, by, since=version)


async def _with_heads(meeting: UUID, marks: list[NewMark]) -> list[NewMark]:
    # Somebody put back to "not called" has marks already: the closing has seen them.
    rows = await sql("SELECT no, heads FROM roll_entry WHERE meeting = $1 AND heads <> '{}'", meeting)
    heads = {row["no"]: tuple(row["heads"]) for row in rows}
    return [replace(mark, seen=heads.get(mark.no, ())) for mark in marks]


def _all_refused(marks: Sequence[NewMark], reason: str) -> Verdict:
    return Verdict(refused=[(mark, reason) for mark in marks], changes=queries.planned())
