"""One member's year on one sheet: work and results, evidence, attendance, contacts. The ground of the yearly rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from infra.postgres import Record, one, sql
from server import clock, contacts
from server.accounts.reader import Reader
from server.assignments.figures import OUTCOMES
from server.meetings.queries import NotFound
from server.roll_call.rules import summarise

# A year before the first sheet that anybody could have kept here is a slip of the finger.
_FIRST = 2000


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see of a member's year: ``whole`` or the contacts alone; ``why``: also why they are exempt;
    ``own``: it is their own; ``contact``: they may put down a contact.
    """

    whole: bool
    why: bool
    own: bool
    contact: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A year. ``works``: every assignment that was the member's in it; ``due``: outcomes of the deadlines that have
    come or were decided, ``ahead``: deadlines still to come; ``attendance`` None: no closed roll of the year has the
    member on it, which is not zero; ``away``: the days on which the member was not there.
    """

    member: Record
    year: int
    sight: Sight
    works: list[Record]
    due: Mapping[str, int]
    ahead: int
    attendance: dict[str, int] | None
    rolls: int
    away: list[Record]
    contacts: list[Record]
    exemptions: list[Record]

    @property
    def done(self) -> int:
        """How much of what was due was done, in time or late."""
        return self.due["better"] + self.due["on_time"] + self.due["late"]


async def sheet(no: int, year: int, by: Reader) -> Sheet:
    """The year of a member (a short number), for those who answer for them, who keep in touch with them, and for
    themselves. Who was last responsible in the year sees all of it. Raises NotFound. In a transaction.
    """
    today = clock.today()
    if not _FIRST <= year <= today.year:
        raise NotFound(year)
    first, last = date(year, 1, 1), min(date(year, 12, 31), today)
    member = await contacts.standing_of(no, last)
    sight = await _sight(member, by, last, today)
    if not sight.whole:
        found = await contacts.of_time(member["id"], first, last)
        return Sheet(member, year, sight, [], _NOTHING, 0, None, 0, [], found, [])
    counted = await _counted(member, first, date(year, 12, 31), today)
    attendance, rolls, away = await _attendance(member, first, last)
    return Sheet(
        member, year, sight, await _works(member, first, last), {name: counted[name] for name in OUTCOMES},
        counted["ahead"], attendance, rolls, away, await contacts.of_time(member["id"], first, last),
        await _exemptions(member, first, last),
    )  # fmt: skip


_NOTHING = dict.fromkeys(OUTCOMES, 0)


async def _sight(member: Record, by: Reader, last: date, today: date) -> Sight:
    own, leads = member["id"] in by.members(), contacts.leads(member, by)
    now = member if last == today else await contacts.standing_of(member["no"], today)
    answers = contacts.leads(now, by)
    keeps = member["id"] in await contacts.kept_by(by, today)
    if not (own or leads or answers or keeps):
        raise NotFound(member["no"])
    cell = member["cell"]
    why = own or (by.may_know_why(cell) if cell else by.whole_committee)
    return Sight(own or leads or answers, why, own, answers or keeps)


_WORKS = """SELECT a.id, a.no, a.text, a.area, a.given_on, a.due_on, a.state, a.result, a.ended_on, a.rivals,
    c.name AS cell_name, f.files
FROM assignment a JOIN cell c ON c.id = a.cell
LEFT JOIN LATERAL (SELECT array_agg(e.id ORDER BY e.created_at) AS files FROM assignment_file e
    WHERE e.assignment = a.id AND e.removed_at IS NULL) f ON true
WHERE a.member = $1 AND a.state <> 'cancelled' AND a.id IN (SELECT s.assignment FROM assignment_span s
    WHERE s.member = $1 AND s.from_on <= $3 AND (s.to_on IS NULL OR s.to_on >= $2))
ORDER BY a.given_on, a.no"""


async def _works(member: Record, first: date, last: date) -> list[Record]:
    return await sql(_WORKS, member["id"], first, last)


# The deadlines of a year (see server.assignments.figures). One that is undecided and still to come is not due yet.
_COUNTED = f"""WITH deadlines AS (
    SELECT DISTINCT ON (assignment, due_on) due_on, ended, result FROM assignment_span
    WHERE member = $1 AND due_on BETWEEN $2 AND $3 AND NOT (ended = 'changed' AND to_on < due_on)
    ORDER BY assignment, due_on, n DESC
), come AS (SELECT ended, result FROM deadlines WHERE ended <> '' OR due_on < $4)
SELECT {", ".join(f"count(*) FILTER (WHERE {where})::int AS {name}" for name, where in OUTCOMES.items())},
    (SELECT count(*)::int FROM deadlines WHERE ended = '' AND due_on >= $4) AS ahead
FROM come"""


async def _counted(member: Record, first: date, last: date, today: date) -> Record:
    row = await one(_COUNTED, member["id"], first, last, today)
    assert row is not None
    return row


async def _attendance(
    member: Record, first: date, last: date
) -> tuple[dict[str, int] | None, int, list[Record]]:
    """(the summary of the closed rolls that have the member, how many they are, the meetings the member was not at)."""
    rows = await sql(
        """SELECT m.held_on, m.kind, e.state, e.base FROM roll_entry e JOIN meeting m ON m.id = e.meeting
        JOIN roll_call r ON r.meeting = m.id AND r.closed_at IS NOT NULL
        WHERE e.member = $1 AND m.held_on BETWEEN $2 AND $3 ORDER BY m.held_on, m.starts_at""",
        member["id"], first, last,
    )  # fmt: skip
    if not rows:
        return None, 0, []
    summary = summarise((row["state"], row["base"], 1) for row in rows)
    return summary, len(rows), [row for row in rows if row["state"].startswith("absent")]


async def _exemptions(member: Record, first: date, last: date) -> list[Record]:
    return await sql(
        """SELECT e.kind, e.from_on, e.to_on, k.name AS keeper FROM exemption e LEFT JOIN member k ON k.id = e.keeper
        WHERE e.member = $1 AND e.from_on <= $3 AND (e.to_on IS NULL OR e.to_on >= $2) ORDER BY e.from_on""",
        member["id"], first, last,
    )  # fmt: skip


def address(no: int, year: int) -> str:
    """The path of a member's sheet inside the committee, by which looking at it is written down."""
    return f"members/{no}/years/{year}"
