"""What the roll's page shows, read in one transaction and written as the template wants it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from infra.postgres import Record
from server import versions
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.names import split
from server.roll_call import queries, rules
from tenants.current import current
from tenants.transactions import transaction
from web.words import kind_word, moment, when


class Entry(NamedTuple):
    """One person on the page; the template takes the fields in this order. ``heads``: ids with blanks between them."""

    no: int
    family: str
    given: str
    group_number: int
    group_name: str
    base: str
    exempt_kind: str
    probationary: bool
    state: str
    reason: str = ""
    heads: str = ""
    rivals: Sequence[dict[str, str]] = ()


@dataclass(slots=True)
class Roll:
    """The page's subject: one meeting, its people by group, and what this reader may do."""

    meeting_id: UUID
    slug: str
    title: str
    when: str
    cell_name: str
    state: str
    version: int
    may: str
    may_group: int | None
    may_open: bool
    may_close: bool
    account_id: UUID
    groups: list[tuple[int, str, list[Entry]]]
    summary: dict[str, int]
    nonce: UUID

    @property
    def late(self) -> bool:
        """Whether the roll is closed, so that every change needs a reason."""
        return self.state == "closed"


async def load_roll(meeting: UUID, reader: Reader) -> Roll:
    """The roll as it stands, or the list that is expected while it is not opened. Raises NotFound."""
    async with transaction(read_only=True):
        held = await queries.meeting(meeting, reader)
        if held["opened_at"] is None:
            people = [_expected(e) for e in await queries.expected(held["cell"], held["held_on"])]
        else:
            people = [_entry(row) for row in await queries.entries(meeting)]
    if not reader.may_know_why(held["cell"]):
        people = [_without_why(entry) for entry in people]
    return _roll(held, people, reader)


async def load_entry(
    meeting: UUID, no: int, reader: Reader
) -> tuple[Roll, Entry, bool, list[dict[str, Any]]]:
    """One person of the roll: the roll (without people), the entry, whether this reader may mark it, its history."""
    async with transaction(read_only=True):
        held = await queries.meeting(meeting, reader)
        opened = held["opened_at"] is not None
        if not opened:
            found = [
                _expected(e)
                for e in await queries.expected(held["cell"], held["held_on"])
                if e.person.no == no
            ]
            if not found:
                raise NotFound(no)
            entry, marks = found[0], []
        else:
            entry, marks = _entry(await queries.entry(meeting, no)), await queries.history(meeting, no)
    why = reader.may_know_why(held["cell"])
    roll = _roll(held, [], reader)
    mine = roll.may == "mark" or (roll.may == "group" and roll.may_group == entry.group_number)
    shown = entry if why else _without_why(entry)
    return roll, shown, mine and opened, [_history(row, why=why) for row in marks]


def _without_why(entry: Entry) -> Entry:
    """An entry for who may not know why somebody is exempt or away."""
    rivals = [{**rival, "reason": ""} for rival in entry.rivals]
    return entry._replace(exempt_kind="", reason="", rivals=rivals)


def _history(row: Record, *, why: bool) -> dict[str, Any]:
    return {
        "state": row["state"], "reason": row["reason"] if why else "",
        "late_reason": row["late_reason"] if why else "", "by": row["by_name"],
        "at": moment(row["device_at"]), "sent": moment(row["received_at"]),
    }  # fmt: skip


def _roll(held: Record, people: list[Entry], reader: Reader) -> Roll:
    cell = held["cell"]
    return Roll(
        meeting_id=held["id"], slug=current().slug, title=kind_word(held["kind"]), when=when(held["starts_at"]),
        cell_name=held["cell_name"],
        state="planned" if held["opened_at"] is None else "closed" if held["closed_at"] else "open",
        version=versions.told(held["version"] or 0),
        may=reader.may_mark(cell), may_group=reader.group_in(cell),
        may_open=reader.may_open_roll(cell), may_close=reader.may_close_roll(cell), account_id=reader.account_id,
        groups=_groups(people), summary=_summary(people), nonce=uuid4(),
    )  # fmt: skip


def _summary(people: Iterable[Entry]) -> dict[str, int]:
    numbers = Counter((entry.state, entry.base) for entry in people)
    return rules.summarise((state, base, number) for (state, base), number in numbers.items())


def _groups(people: Iterable[Entry]) -> list[tuple[int, str, list[Entry]]]:
    grouped = [(number, list(found)) for number, found in groupby(people, key=attrgetter("group_number"))]
    return [(number, found[0].group_name, found) for number, found in grouped]


def _entry(row: Record) -> Entry:
    no, name, number, group, base, exempt_kind, probationary, state, reason, heads, rivals = row
    family, _, given = name.rpartition(" ")  # what is stored is tidy already
    return Entry(
        no, family, given, number, group, base, exempt_kind, probationary, state, reason,
        heads, json.loads(rivals) if rivals else (),
    )  # fmt: skip


def _expected(expected: rules.Expected) -> Entry:
    person = expected.person
    family, given = split(person.name)
    return Entry(
        person.no, family, given, person.group_number, person.group_name, expected.base, expected.exempt_kind,
        expected.probationary, "exempt" if expected.base == "exempt" else "not_called",
    )  # fmt: skip
