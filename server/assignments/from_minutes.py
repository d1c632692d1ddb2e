"""Work that stands in signed minutes, taken over into the register once a person has confirmed it there, and chosen
who is meant. Nothing is guessed: a name that is not exactly one member's is left to be chosen.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from infra.postgres import Record, one, sql
from server import clock
from server.accounts.reader import Reader
from server.assignments.actions import append_given
from server.assignments.rules import Part
from server.assignments.saying import Ground, NewChange, faults
from server.events import record_event
from server.minutes import figures, viewing
from server.minutes.figures import Figure, Unit, check_may_confirm
from server.minutes.rules import check_not_binned
from server.names import fold
from server.paper.shapes import Box
from server.paper.stored import from_json
from server.proposals.people import known
from server.rollups.marking import mark_dirty
from server.words import Refused, Say, say
from tenants.transactions import transaction


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the cell on the day of the meeting."""

    member: UUID
    no: int
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """Work as it was confirmed in minutes; ``of`` counts the rows of its list. ``member``: the one person who bears
    that very name; ``likely``: who else may be meant, for a person to say; ``taken``: the number of the assignment that
    it has become. ``due`` None: no day is told.
    """

    of: int
    name: str
    text: str
    due: date | None
    member: Candidate | None
    likely: Candidate | None
    taken: int | None
    assignment: UUID


@dataclass(frozen=True, slots=True)
class Taking:
    """What a person says of one row: who it is, what, in which area, until when (None: no deadline; ...: no date)."""

    of: int
    member: int | None
    text: str
    area: str
    due: date | None


def assignment_id(minutes: UUID, of: int) -> UUID:
    """The id of the assignment that a row of minutes becomes, however often it is taken over."""
    return uuid5(minutes, f"assignment {of}")


async def confirmed_rows(
    held: Mapping[str, object] | Record, units: Collection[Unit]
) -> tuple[list[Row], list[Candidate]]:
    """(the confirmed work of a document, who was in the cell that day); ``units`` as of figures.units. In a
    transaction.
    """
    found = [unit for unit in units if unit.list == "assignment" and unit.confirmed and not unit.emptied]
    people = await _people(held) if found else []
    ids = [assignment_id(held["id"], unit.of) for unit in found]  # type: ignore[arg-type]
    taken = {
        row["id"]: row["no"]
        for row in await sql("SELECT id, no FROM assignment WHERE id = ANY ($1)", ids)
    }  # fmt: skip
    return [_row(unit, id_, people, taken.get(id_)) for unit, id_ in zip(found, ids, strict=True)], people


async def _people(held: Mapping[str, object] | Record) -> list[Candidate]:
    rows = await sql(
        """SELECT p.id, p.no, p.name FROM member p WHERE EXISTS (SELECT 1 FROM membership s WHERE s.member = p.id
            AND s.cell = $1 AND s.kind <> 'temporary_out' AND s.from_on <= $2 AND (s.to_on IS NULL OR s.to_on >= $2))
        ORDER BY p.sort_key, p.no""",
        held["cell"], held["held_on"],
    )  # fmt: skip
    return [Candidate(row["id"], row["no"], row["name"]) for row in rows]


def _row(unit: Unit, assignment: UUID, people: Sequence[Candidate], taken: int | None) -> Row:
    values = {figure.name.split(".")[1]: figure.value for figure in unit.figures}
    name, due = values["name"], values["due"]
    member, likely = meant(name, people)
    return Row(
        unit.of,
        name,
        values["task"],
        date.fromisoformat(due) if due else None,
        member,
        likely,
        taken,
        assignment,
    )


def meant(name: str, people: Sequence[Candidate]) -> tuple[Candidate | None, Candidate | None]:
    """(the one person who bears this name, accents aside; else nobody and the one who is likely meant, if any)."""
    same = [one for one in people if fold(one.name) == fold(name)]
    if len(same) == 1:
        return same[0], None
    near = known(name, [one.name for one in people]) if name else None
    likely = [one for one in people if one.name == near]
    return None, likely[0] if len(likely) == 1 else None


async def take_over(minutes: UUID, takings: Sequence[Taking], *, by: Reader) -> int:
    """Make assignments of confirmed rows, given in the meeting of the minutes; returns how many are new. A row that was
    taken over before is not taken twice. Nothing is written where one of them can't be.

    Raises NotFound; Refused(minutes=…) for those who may not; Refused(member-0=…, text-0=…, due-0=…, area-0=…,
    take-0=…) with every fault at its field.
    """
    async with transaction():
        held = await viewing.document(minutes, by)
        check_may_confirm(by, held["cell"])
        check_not_binned(binned=held["binned_at"] is not None)
        if held["held_on"] > clock.today():
            raise Refused(minutes=say("Chưa đến ngày họp, chưa ghi được việc của cuộc họp này."))
        await sql("SELECT 1 FROM minutes WHERE id = $1 FOR UPDATE", minutes)
        units = {unit.of: unit for unit in await figures.units(minutes) if unit.list == "assignment"}
        rows, people = await confirmed_rows(held, [*units.values()])
        open_rows = {row.of: row for row in rows if row.taken is None}
        wanted = [taking for taking in takings if taking.of not in {row.of for row in rows if row.taken}]
        _check(wanted, open_rows, people, held["held_on"])
        new = 0
        for taking in sorted(wanted, key=lambda one: open_rows[one.of].assignment):
            new += await _take(held, units[taking.of], open_rows[taking.of], taking, people, by)
        if new:
            await record_event(by, "assignments_taken_over", str(minutes), str(new))
            await mark_dirty(held["held_on"], onward=True, cause="work")
    return new


def _check(wanted: Sequence[Taking], rows: Mapping[int, Row], people: Sequence[Candidate], day: date) -> None:
    found: dict[str, Say] = {}
    here = {one.no: one.member for one in people}
    for taking in wanted:
        if taking.of not in rows:
            found[f"take-{taking.of}"] = say(
                "Dòng này chưa được xác nhận, hoặc vừa bị xóa. Xin mở lại trang."
            )
            continue
        change = NewChange(
            rows[taking.of].assignment, rows[taking.of].assignment, "given", clock.now(), text=taking.text,
            area=taking.area, due=taking.due,
        )  # fmt: skip
        member = here.get(taking.member) if taking.member is not None else None
        ground = Ground(None, Part(manages=True), day, clock.today(), member)
        found |= {f"{field or 'take'}-{taking.of}": words for field, words in faults(change, ground).items()}
    if found:
        raise Refused(**found)


async def _take(
    held: Record, unit: Unit, row: Row, taking: Taking, people: Sequence[Candidate], by: Reader
) -> bool:
    place = next((figure for figure in unit.figures if figure.page and figure.box), None)
    member = next(one.member for one in people if one.no == taking.member)
    return await append_given(
        row.assignment, task=row.assignment, cell=held["cell"], member=member, text=taking.text, area=taking.area,
        due=taking.due, meeting=held["meeting"], said_on=held["held_on"], by_name=by.name, account=by.account_id,
        minutes=held["id"], page=place.page if place else None, line=await _line(place) if place else None,
    )  # fmt: skip


async def _line(place: Figure) -> int | None:
    """The number of the line of its page on which a figure stands, if it is still where it was read."""
    row = await one("SELECT lines FROM minutes_text WHERE page = $1", place.page)
    if row is None:
        return None
    box = Box(*place.box)
    shared = [
        (_shared(line.box, box), -n) for n, line in enumerate(from_json(json.loads(row["lines"])).lines)
    ]
    most, n = max(shared, default=(0, 0))
    return -n if most else None


def _shared(one: Box, other: Box) -> int:
    """How many pixels two boxes have in common."""
    wide = min(one.right, other.right) - max(one.x, other.x)
    high = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(wide, 0) * max(high, 0)
