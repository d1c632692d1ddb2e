"""Work as a list: filtered, sorted, a page at a time. Needs a transaction in the current committee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from infra.postgres import Record, one, sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import rules
from server.assignments.fold import LIVE
from server.assignments.sight import MAY_SEE, sight_of
from server.members.queries import Search

PAGE = 50
# Due within so many days counts as soon.
SOON = timedelta(days=7)

COLUMNS = """a.id, a.no, a.task, a.cell, a.meeting, a.given_on, a.usual_work, a.period, a.minutes, a.page, a.line,
    a.resolution, a.version, a.member, a.text, a.area, a.check_by, a.due_on, a.state, a.result, a.asked_due, a.rivals,
    a.reported_on, a.ended_on, p.no AS member_no, p.name AS member_name, p.sort_key, c.name AS cell_name"""
FROM = "FROM assignment a JOIN member p ON p.id = a.member JOIN cell c ON c.id = a.cell"

SORTS = ("due", "new", "person")
# Of what may be asked for besides a state: which states it can have, what more is asked of it.
_MORE = {
    "live": ([*LIVE], ""), "asked": ([*LIVE], "asked"), "disagreed": (None, "disagreed"), "waiting": (None, "waiting"),
}  # fmt: skip
DUES = ("overdue", "soon", "none")

_LIVE = "a.state IN ('open', 'reported')"
# $1 … $5: see MAY_SEE. Then: cell, member's number, area, meeting, task, first and last due date, only the reader's
# own, states (null: any), a key of DUES, today. $17: patterns, all of which the text or the member's name must fit, $18
# the longest of them, for which the indexes are asked: of words and of names apart. $19: what more, see _MORE. Overdue
# is what nobody has reported yet, as in every count of it.
_FITS = f"""{MAY_SEE} AND ($6::uuid IS NULL OR a.cell = $6) AND ($7::bigint IS NULL OR p.no = $7)
    AND ($8::text = '' OR a.area = $8) AND ($9::uuid IS NULL OR a.meeting = $9) AND ($10::uuid IS NULL OR a.task = $10)
    AND ($11::date IS NULL OR a.due_on >= $11) AND ($12::date IS NULL OR a.due_on <= $12)
    AND (NOT $13::boolean OR a.member = ANY ($3))
    AND ($14::text[] IS NULL OR a.state = ANY ($14))
    AND ($19::text = '' OR ($19 = 'asked' AND a.asked_due IS NOT NULL) OR ($19 = 'disagreed' AND a.rivals IS NOT NULL)
        OR ($19 = 'waiting' AND (a.rivals IS NOT NULL OR a.state = 'reported' OR a.asked_due IS NOT NULL)))
    AND ($15::text = '' OR ($15 = 'none' AND a.due_on IS NULL)
        OR ($15 = 'overdue' AND a.state = 'open' AND a.due_on < $16::date)
        OR ($15 = 'soon' AND {_LIVE} AND a.due_on BETWEEN $16 AND $16 + {SOON.days}))"""
_WORDED = """AND ((a.folded LIKE $18 AND a.folded LIKE ALL ($17::text[])) OR a.member = ANY (ARRAY(
        SELECT k.id FROM member k WHERE k.folded LIKE $18 AND (' ' || k.folded) LIKE ALL ($17))))"""
_UNWORDED = "AND ($17::text[] IS NOT NULL OR $18::text IS NULL)"


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list; what is empty or unknown is not asked for.

    state: a key of rules.STATES, or live, asked (for more time), disagreed, waiting (for a word of who leads). due:
    overdue, soon, none. who: a member's number. q: words of the text, or of the member's name. sort: a key of SORTS.
    mine: the reader's own only.
    since, until: the first and the last due date.
    """

    cell: UUID | None = None
    state: str = ""
    who: int | None = None
    area: str = ""
    q: str = ""
    due: str = ""
    sort: str = "due"
    mine: bool = False
    meeting: UUID | None = None
    task: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of work and how many fit in all; ``after`` (for the next page) is None on the last one, ``before`` (for
    the page before) on the first.
    """

    rows: list[Record]
    total: int
    after: int | None
    before: int | None = None


# $20: what a list is sorted by, before the number; $21: the number of the assignment at the edge; $22: how many.
_KEY = """(CASE $20::text WHEN 'due' THEN coalesce(a.due_on::text, '~') WHEN 'person' THEN p.sort_key ELSE '' END
    COLLATE "C")"""
_NUMBER = "(CASE $20 WHEN 'new' THEN -a.no ELSE a.no END)"
# Of work that the reader may not see, an edge would tell when it is due.
_EDGE = f"(SELECT {_KEY}, {_NUMBER} {FROM} WHERE a.no = $21 AND {MAY_SEE})"
_BEHIND = f"""AND ($21::bigint IS NULL OR ({_KEY}, {_NUMBER}) > {_EDGE})
    ORDER BY {_KEY}, {_NUMBER} LIMIT $22"""
_AHEAD = f"AND ({_KEY}, {_NUMBER}) < {_EDGE} ORDER BY {_KEY} DESC, {_NUMBER} DESC LIMIT $22"


async def listed(
    wanted: Filter,
    reader: Reader,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int | None = PAGE,
) -> Listed:
    """The work that fits and that the reader may see, behind the assignment numbered ``after``, or the page that ends
    ahead of the one numbered ``before``.

    Rows as ``queries.row`` has them, without the meeting's columns. ``limit`` None: all of it.
    """
    fitting = await _fitting(wanted, reader)
    sort = wanted.sort if wanted.sort in SORTS else "due"
    back = before is not None
    found = await sql(
        f"""SELECT {COLUMNS} {FROM} WHERE {_FITS} {_WORDED if wanted.q.strip() else _UNWORDED}
        {_AHEAD if back else _BEHIND}""",
        *fitting, sort, before if back else after, None if limit is None else limit + 1,
    )  # fmt: skip
    counted = await one(
        f"SELECT count(*)::int AS total {FROM} WHERE {_FITS} {_WORDED if wanted.q.strip() else _UNWORDED}",
        *fitting,
    )
    assert counted is not None
    more, rows = limit is not None and len(found) > limit, found[:limit]
    if back:
        rows.reverse()
    further, earlier = (bool(rows), more) if back else (more, after is not None and bool(rows))
    return Listed(
        rows, counted["total"], rows[-1]["no"] if further else None, rows[0]["no"] if earlier else None
    )


async def _fitting(wanted: Filter, reader: Reader) -> tuple[object, ...]:
    """$1 … $19."""
    sight = await sight_of(reader)
    states, more = _MORE.get(wanted.state, ([wanted.state] if wanted.state in rules.STATES else None, ""))
    patterns = Search(wanted.q).patterns
    return (
        *sight.arguments, wanted.cell, wanted.who, wanted.area, wanted.meeting, wanted.task, wanted.since, wanted.until,
        wanted.mine, states, wanted.due if wanted.due in DUES else "",
        clock.today(), patterns, max((pattern.replace("% ", "%") for pattern in patterns), key=len),
        more,
    )  # fmt: skip
