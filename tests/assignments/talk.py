"""People who talk about one piece of work, each on a screen of their own; what they say arrives whenever it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from server.assignments import rules, saying
from server.assignments.fold import Change, seen_by
from server.assignments.rules import MOVES, Part
from server.assignments.saying import Ground, NewChange

AT = datetime(2026, 3, 1, 20, tzinfo=UTC)
FIRST = date(2026, 3, 1)
MEMBERS = [UUID(int=500 + n) for n in range(3)]
PARTS = [Part(manages=True), Part(manages=True), Part(records=True), Part(own=True), Part(leads=True)]
WORK = UUID(int=1)


@dataclass
class Phone:
    """What one person's screen shows: changes up to an ordinal, and what this phone has said and not sent yet."""

    part: Part
    seen: int = 0
    waiting: list[NewChange] = field(default_factory=list)


@dataclass
class Talk:
    """The history as it arrived, and the grounds on which each change of it was taken."""

    said: list[Change] = field(default_factory=list)
    parts: dict[UUID, Part] = field(default_factory=dict)
    refused: int = 0

    def arrive(self, new: NewChange, part: Part, day: date) -> None:
        seen = seen_by(self.said, new.seen, new.after) if self.said else None
        ground = Ground(seen, part, FIRST, day, MEMBERS[new.member or 0])
        if (
            bool(self.said) == (new.kind == "given")
            or (self.said and seen is None)
            or saying.faults(new, ground)
        ):
            self.refused += 1
            return
        self.parts[new.id] = part
        ordinal = len(self.said) + 1
        sets = saying.sets(new, ground)
        self.said.append(Change(new.id, ordinal, new.kind, sets, day, min(new.seen, ordinal - 1), new.after))


@st.composite
def a_talk(draw: st.DrawFn, *, most: int = 16) -> Talk:
    """Work that is given, then moves of five people; phones look, or do not look, and send when they can."""
    talk, phones = Talk(), [Phone(part) for part in PARTS]
    talk.arrive(new_change(draw, 100, "given", phones[0]), PARTS[0], FIRST)
    day = FIRST
    for number in range(101, 101 + draw(st.integers(6, most))):
        phone = draw(st.sampled_from(phones))
        day += timedelta(days=draw(st.sampled_from([0, 0, 1, 9])))
        if draw(st.booleans()):
            phone.seen = len(talk.said)
        kind = draw(st.sampled_from(likely(talk, phone)))
        phone.waiting.append(new_change(draw, number, kind, phone, talk))
        if draw(st.integers(0, 2)):
            send(talk, phone, day)
    for phone in phones:
        send(talk, phone, day)
    return talk


def likely(talk: Talk, phone: Phone) -> list[str]:
    """Mostly what the screen offers; now and then anything, which must be refused."""
    after = [new.id for new in phone.waiting]
    standing = seen_by(talk.said, phone.seen, after)
    offered = rules.moves(standing, phone.part) if standing else []
    return offered * 20 + list(MOVES)


def send(talk: Talk, phone: Phone, day: date) -> None:
    for new in phone.waiting:
        talk.arrive(new, phone.part, day)
    phone.waiting = []


def new_change(draw: st.DrawFn, number: int, kind: str, phone: Phone, talk: Talk | None = None) -> NewChange:
    due: Any = draw(st.sampled_from([None, *(FIRST + timedelta(days=n) for n in (3, 20, 40, 90))]))
    after = tuple(new.id for new in phone.waiting)
    register, value = "", None
    standing = seen_by(talk.said, phone.seen, after) if talk else None
    if standing is not None and standing.rivals:
        register = draw(st.sampled_from(sorted(standing.rivals)))
        value = draw(st.sampled_from(standing.rivals[register])).sets[register]
    return NewChange(
        UUID(int=number), WORK, kind, AT, phone.seen, after, note="vì mưa", member=draw(st.integers(0, 2)),
        text=draw(st.sampled_from(["Thu quỹ", "Dọn đường"])), area="economy", due=due,
        result=draw(st.sampled_from(["better", "on_time", "late"])), register=register, value=value,
    )  # fmt: skip
