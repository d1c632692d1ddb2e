"""What a set of changes of one assignment means. Pure: no clock, no database.

Each register (who, what, due, state, asked) is a multi-value register: what somebody set stands unless somebody who
knew of it set it again. No clock is compared; what a change knew of is what stood on that screen (``seen``, an ordinal)
and what the same device had said before and was still sending (``after``). Where two people set one register without
knowing of each other, what both had agreed on before stands, and both are shown, until somebody who knew of both says.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

REGISTERS = ("who", "what", "due", "state", "asked")
LIVE = frozenset({"open", "reported"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing said of an assignment. ``ordinal`` counts an assignment's changes from 1 as they arrived; ``sets`` are
    the values of registers as JSON has them (see ``Standing``); ``said_on`` is the day on which it counts.
    """

    id: UUID
    ordinal: int
    kind: str
    sets: Mapping[str, Any]
    said_on: date
    seen: int = 0
    after: tuple[UUID, ...] = ()
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an assignment stands. ``rivals``: {register: the changes that disagree}, which are not decided yet."""

    member: UUID
    text: str
    area: str
    check_by: str
    due: date | None
    state: str
    result: str
    asked: date | None
    rivals: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether anything is still to be done."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch with one member and one due date, both days included; ``ended`` is empty while it lasts."""

    member: UUID
    due_on: date | None
    from_on: date
    to_on: date | None = None
    ended: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """How an assignment stands, since when it is reported or ended, and the stretches that figures count."""

    standing: Standing
    reported_on: date | None
    ended_on: date | None
    spans: tuple[Span, ...]


def fold(changes: Iterable[Change]) -> Standing:
    """What a set of changes comes to, in whatever order and however often they are given. Needs the first of them."""
    said, pasts = _with_pasts(changes)
    return _standing(said, pasts, (1 << len(said)) - 1)


def seen_by(changes: Iterable[Change], seen: int, after: Iterable[UUID]) -> Standing | None:
    """How the assignment stood for somebody who knew of the changes up to ordinal ``seen`` and of ``after``, and of
    what those knew of. None for somebody who knew of nothing: then there was no assignment yet.
    """
    said, pasts = _with_pasts(changes)
    at = {change.id: n for n, change in enumerate(said)}
    known = _known(_until(said, seen), [at[a] for a in after if a in at], pasts)
    return _standing(said, pasts, known) if known else None


def spans(changes: Iterable[Change]) -> tuple[Span, ...]:
    """The stretches of an assignment's life; see ``life``."""
    return life(changes).spans


def life(changes: Iterable[Change]) -> Life:
    """The standing after each change in the order of arrival, as stretches of days.

    A change that counts for an earlier day than one before it counts on the day of that one. What begins and is changed
    on one day was a slip and leaves nothing. An end that is taken back leaves a stretch without a due date: the
    deadline counts once, in the stretch that goes on.
    """
    said, pasts = _with_pasts(changes)
    cut = _Cut()
    standing = _standing(said, pasts, 1)
    for n, change in enumerate(said):
        if n and change.sets:
            standing = _standing(said, pasts, (2 << n) - 1)
        cut.go_on(standing, change.said_on)
    return Life(standing, cut.reported_on, cut.ended_on, tuple(cut.spans))


class _Cut:
    """Stretches while they are cut."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.day = date.min
        self.state = ""
        self.reported_on: date | None = None
        self.ended_on: date | None = None

    def go_on(self, now: Standing, said_on: date) -> None:
        self.day = max(self.day, said_on)
        if now.state != self.state:
            self._dates(now.state)
        last = self.spans[-1] if self.spans else None
        if now.live:
            self._live(now, last)
        elif last is not None:
            self.spans[-1] = replace(last, to_on=self.ended_on, ended=now.state, result=now.result)
        self.state = now.state

    def _dates(self, state: str) -> None:
        if state == "open":
            self.reported_on = None
        elif state == "reported" and self.reported_on is None:
            self.reported_on = self.day
        self.ended_on = None if state in LIVE else self.day

    def _live(self, now: Standing, last: Span | None) -> None:
        same = last is not None and (last.member, last.due_on) == (now.member, now.due)
        if last is not None and not last.ended and same:
            return
        if last is not None and last.ended:
            self._change(replace(last, due_on=None) if same else last, last.to_on)
        elif last is not None:
            self._change(last, self.day)
        self.spans.append(Span(now.member, now.due, self.day))

    def _change(self, span: Span, to_on: date | None) -> None:
        self.spans.pop()
        if to_on != span.from_on:
            self.spans.append(replace(span, to_on=to_on, ended="changed", result=""))


def _with_pasts(changes: Iterable[Change]) -> tuple[list[Change], list[int]]:
    """The changes in the order of arrival, and for each, as bits, which of them it knew of: only earlier ones, and the
    first of them always, for nobody speaks of an assignment that was never given.
    """
    said = sorted({c.id: c for c in changes}.values(), key=lambda c: c.ordinal)
    pasts: list[int] = []
    at: dict[UUID, int] = {}
    for n, change in enumerate(said):
        known = _known(min(_until(said, change.seen), n), [at[a] for a in change.after if a in at], pasts)
        pasts.append(known | (1 if n else 0))
        at[change.id] = n
    return said, pasts


def _until(said: Sequence[Change], ordinal: int) -> int:
    """How many changes there are up to an ordinal."""
    return bisect_right(said, ordinal, key=lambda change: change.ordinal)


def _known(seen: int, after: Iterable[int], pasts: Sequence[int]) -> int:
    """The first so many changes, and those at these places with all that they knew of, as bits."""
    # What the first so many knew of are earlier ones among them.
    known = (1 << seen) - 1
    for n in after:
        known |= pasts[n] | 1 << n
    return known


def _standing(said: Sequence[Change], pasts: Sequence[int], among: int) -> Standing:
    values: dict[str, Any] = {}
    rivals: dict[str, tuple[Change, ...]] = {}
    for register in REGISTERS:
        values[register], heads = _register(said, pasts, among, register)
        if heads:
            rivals[register] = heads
    return _read(values, rivals)


def _register(
    said: Sequence[Change], pasts: Sequence[int], among: int, register: str
) -> tuple[Any, tuple[Change, ...]]:
    """The value of a register among some of the changes, and those that disagree about it, if any do."""
    setters = [n for n, c in enumerate(said) if among >> n & 1 and register in c.sets]
    overtaken = 0
    for n in setters:
        overtaken |= pasts[n]
    heads = [n for n in setters if not overtaken >> n & 1]
    first = said[heads[0]].sets[register]
    if all(said[n].sets[register] == first for n in heads):
        return first, ()
    common = among
    for n in heads:
        common &= pasts[n]
    agreed, _ = _register(said, pasts, common, register)
    return agreed, tuple(said[n] for n in heads)


def _read(values: Mapping[str, Any], rivals: Mapping[str, tuple[Change, ...]]) -> Standing:
    state, _, result = values["state"].partition(":")
    what = values["what"]
    if state not in LIVE:
        # Who asked for more time waits for nothing any more.
        rivals = {register: heads for register, heads in rivals.items() if register != "asked"}
    return Standing(
        UUID(values["who"]), what["text"], what["area"], what["check_by"], _day(values["due"]), state, result,
        _day(values["asked"]) if state in LIVE else None, rivals,
    )  # fmt: skip


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def rivals_of(standing: Standing) -> dict[str, list[dict[str, Any]]]:
    """What disagrees, as it is stored and shown: {register: [{change, value, by, at, note}]}; equal values once."""
    told: dict[str, list[dict[str, Any]]] = {}
    for register, changes in standing.rivals.items():
        values = {json.dumps(c.sets[register], sort_keys=True): c.sets[register] for c in changes}
        told[register] = [
            _rival(register, [c for c in changes if c.sets[register] == value]) for value in values.values()
        ]
    return told


def _rival(register: str, said: list[Change]) -> dict[str, Any]:
    first = said[0]
    return {
        "change": str(first.id), "value": first.sets[register], "by": ", ".join(dict.fromkeys(c.by for c in said)),
        "at": first.said_on.isoformat(), "note": next((c.note for c in said if c.note), ""),
    }  # fmt: skip
