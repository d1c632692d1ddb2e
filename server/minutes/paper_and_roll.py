"""The figures of a paper beside the roll call of the same meeting, in the form in which both are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from infra.postgres import Record, one
from server.minutes.figures import Unit
from server.paper.shapes import Box
from server.proposals.checks import Roll
from server.proposals.fields import FIELDS, Proposal


def proposals_of(units: Iterable[Unit], pages: Sequence[UUID]) -> tuple[Proposal, ...]:
    """What holds by now, confirmed or else proposed, in the form in which papers are checked; ``pages`` in order."""
    numbers = {page: number for number, page in enumerate(pages)}
    return tuple(
        Proposal(
            f.name, int(f.value) if FIELDS[f.name][1] == "count" else f.value, f.printed,
            numbers.get(f.page, 0) if f.page else 0, Box(*f.box) if f.box else None, f.sure, f.of,
        )
        for unit in units for f in unit.figures if f.value
    )  # fmt: skip


async def roll_of(minutes: Record | Mapping[str, UUID]) -> Roll:
    """What the meeting's roll call knows; counts only of a roll that is closed, before they may still change."""
    row = await one(
        """SELECT m.held_on, m.kind, r.closed_at, n.total, n.official, n.expected, n.exempt, n.present, n.excused,
            n.unexcused
        FROM meeting m LEFT JOIN roll_call r ON r.meeting = m.id
        LEFT JOIN LATERAL (SELECT count(*)::int AS total, count(*) FILTER (WHERE NOT e.probationary)::int AS official,
            count(*) FILTER (WHERE e.base = 'expected')::int AS expected,
            count(*) FILTER (WHERE e.base = 'exempt')::int AS exempt,
            count(*) FILTER (WHERE e.state IN ('present', 'late'))::int AS present,
            count(*) FILTER (WHERE e.state = 'absent_excused')::int AS excused,
            count(*) FILTER (WHERE e.state = 'absent_unexcused')::int AS unexcused
            FROM roll_entry e WHERE e.meeting = m.id) n ON true
        WHERE m.id = $1""",
        minutes["meeting"],
    )
    if row is None:
        return Roll()
    if row["closed_at"] is None:
        return Roll(held_on=row["held_on"], kind=row["kind"])
    return Roll(
        members_total=row["total"], official=row["official"], probationary=row["total"] - row["official"],
        exempt=row["exempt"], expected=row["expected"], present=row["present"], absent_excused=row["excused"],
        absent_unexcused=row["unexcused"], held_on=row["held_on"], kind=row["kind"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure on both sides, canonical; None where a side says nothing."""

    name: str
    paper: str | None
    roll: str | None

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return None not in (self.paper, self.roll) and self.paper != self.roll


def side_by_side(proposals: Sequence[Proposal], roll: Roll) -> list[Compared]:
    """Everything that the roll call knows, with what the paper says of it, in the order of FIELDS."""
    told = {"meeting_date" if f.name == "held_on" else f.name: getattr(roll, f.name) for f in fields(roll)}
    known = {name: str(value) for name, value in told.items() if value is not None}
    paper = {one.name: str(one.value) for one in proposals if not one.of}
    return [Compared(name, paper.get(name), known[name]) for name in FIELDS if name in known]
