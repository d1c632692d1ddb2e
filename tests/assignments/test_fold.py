"""No talk about a piece of work, in whatever order it arrives, reaches a state that nobody may have meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from server.assignments import rules
from server.assignments.fold import Change, fold, life, rivals_of, seen_by
from tests.assignments.talk import FIRST, MEMBERS, Talk, a_talk

RESULTS = {"better", "on_time", "late"}


@given(a_talk(), st.integers())
def test_any_order_and_repetition_of_what_was_said_gives_the_same(talk: Talk, seed: int) -> None:
    arrived = talk.said + talk.said
    Random(seed).shuffle(arrived)

    assert fold(arrived) == fold(talk.said)
    assert life(arrived) == life(talk.said)


@given(a_talk())
def test_no_talk_reaches_a_state_that_is_none(talk: Talk) -> None:
    lived = life(talk.said)
    now = lived.standing

    assert now.state in rules.STATES
    assert (now.state == "done") == (now.result in RESULTS)
    assert now.state == "done" or not now.result
    assert (lived.ended_on is None) == now.live
    assert now.live or now.asked is None
    assert now.state != "reported" or lived.reported_on is not None
    assert now.due is None or now.due >= FIRST


@given(a_talk())
def test_everything_was_a_move_that_was_open_to_who_said_it(talk: Talk) -> None:
    for change in talk.said[1:]:
        seen = seen_by(talk.said[: change.ordinal - 1], change.seen, change.after)

        assert seen is not None
        assert rules.why_not_move(change.kind, seen) is None
        assert change.kind in rules.allowed(talk.parts[change.id])


@given(a_talk())
def test_a_value_is_what_somebody_said_and_nobody_has_overtaken(talk: Talk) -> None:
    now = fold(talk.said)

    said = {
        register: [c.sets[register] for c in talk.said if register in c.sets] for register in ("who", "due")
    }
    assert str(now.member) in said["who"]
    assert (now.due.isoformat() if now.due else None) in said["due"]
    for register, changes in now.rivals.items():
        assert len({str(c.sets[register]) for c in changes}) > 1
        for one in changes:
            assert not any(one.ordinal <= other.seen for other in changes)


@given(a_talk())
def test_who_saw_everything_settles_every_disagreement(talk: Talk) -> None:
    said = list(talk.said)
    while rivals := fold(said).rivals:
        register, changes = next(iter(rivals.items()))
        number = len(said) + 1
        value = changes[-1].sets[register]
        said.append(Change(UUID(int=900 + number), number, "settled", {register: value}, FIRST, number - 1))
        assert register not in fold(said).rivals

    assert fold(said).rivals == {}


@given(a_talk())
def test_stretches_follow_each_other_and_end_where_the_work_does(talk: Talk) -> None:
    lived = life(talk.said)
    spans, now = lived.spans, lived.standing

    assert all(s.to_on is None or s.from_on <= s.to_on for s in spans)
    assert all(a.to_on is not None and a.to_on <= b.from_on for a, b in pairwise(spans))
    assert [bool(s.ended) for s in spans[:-1]] == [True] * (len(spans) - 1)
    assert {s.ended for s in spans[:-1]} <= {"changed"}
    last = spans[-1]
    assert last.ended == ("" if now.live else now.state)
    assert last.to_on == lived.ended_on
    assert last.result == now.result
    if now.live:
        assert (last.member, last.due_on) == (now.member, now.due)


@given(a_talk(), st.integers(0, 30))
@settings(max_examples=50)
def test_what_arrives_later_never_hides_what_it_had_not_seen(talk: Talk, cut: int) -> None:
    """A change that nobody after it knew of still stands, alone or among rivals."""
    known = talk.said[: max(1, cut % (len(talk.said) + 1))]
    whole = fold(talk.said)

    for register, value in known[-1].sets.items():
        later = talk.said[len(known) :]
        overtaken = any(register in c.sets and _knew(talk, c, known[-1]) for c in later)
        standing = {str(c.sets[register]) for c in whole.rivals.get(register, ())}
        if not overtaken and (register != "asked" or whole.live):
            assert str(value) in standing or _value(whole, register) == value


def _knew(talk: Talk, later: Change, earlier: Change) -> bool:
    known, todo = set(), [later]
    while todo:
        change = todo.pop()
        found = [c for c in talk.said if c.ordinal < change.ordinal
                 and (c.ordinal <= change.seen or c.id in change.after or c.ordinal == 1)]  # fmt: skip
        todo += [c for c in found if c.id not in known]
        known |= {c.id for c in found}
    return earlier.id in known


def _value(now: object, register: str) -> object:
    iso = lambda day: day.isoformat() if day else None  # noqa: E731
    state = f"done:{now.result}" if now.state == "done" else now.state  # type: ignore[attr-defined]
    return {
        "who": str(now.member), "due": iso(now.due), "state": state, "asked": iso(now.asked),  # type: ignore[attr-defined]
        "what": {"text": now.text, "area": now.area, "check_by": now.check_by},  # type: ignore[attr-defined]
    }[register]  # fmt: skip


def first(**sets: object) -> Change:
    values = {"who": str(MEMBERS[0]), "what": {"text": "Thu quỹ", "area": "economy", "check_by": ""},
              "due": "2026-03-20", "state": "open", "asked": None}  # fmt: skip
    return Change(UUID(int=1), 1, "given", values | sets, FIRST)


def then(number: int, kind: str, sets: dict[str, object], seen: int, *, day: int = 0, by: str = "") -> Change:
    return Change(UUID(int=number), number, kind, sets, FIRST + timedelta(days=day), seen, by=by)


def test_two_who_decide_without_each_other_are_both_shown_and_neither_counts() -> None:
    said = [first(), then(2, "accepted", {"state": "done:late"}, 1, by="Hòa"),
            then(3, "accepted", {"state": "done:on_time"}, 1, by="Đức")]  # fmt: skip

    now = fold(said)

    assert (now.state, now.result) == ("open", "")
    assert {(r["value"], r["by"]) for r in rivals_of(now)["state"]} == {
        ("done:late", "Hòa"),
        ("done:on_time", "Đức"),
    }


def test_two_who_say_the_same_agree() -> None:
    said = [
        first(),
        then(2, "rescheduled", {"due": "2026-04-01"}, 1),
        then(3, "rescheduled", {"due": "2026-04-01"}, 1),
    ]

    assert fold(said).rivals == {}


def test_different_things_said_at_once_do_not_disturb_each_other() -> None:
    said = [
        first(),
        then(2, "reported", {"state": "reported"}, 1),
        then(3, "rescheduled", {"due": "2026-04-01"}, 1),
    ]

    now = fold(said)

    assert (now.state, now.due, now.rivals) == ("reported", FIRST.replace(month=4), {})


def test_an_end_that_is_taken_back_leaves_one_deadline() -> None:
    said = [
        first(),
        then(2, "accepted", {"state": "done:on_time"}, 1, day=5),
        then(3, "returned", {"state": "open"}, 2, day=7),
        then(4, "accepted", {"state": "done:late"}, 3),
    ]

    spans = life(said).spans

    assert [(s.ended, s.due_on is not None, s.result) for s in spans] == [
        ("changed", False, ""),
        ("done", True, "late"),
    ]
    assert [(s.from_on - FIRST).days for s in spans] == [0, 7]


def test_what_is_corrected_on_the_day_leaves_nothing() -> None:
    said = [
        first(),
        then(2, "rescheduled", {"due": "2026-04-01"}, 1),
        then(3, "reassigned", {"who": str(MEMBERS[1])}, 2),
    ]

    (only,) = life(said).spans

    assert (only.member, only.due_on, only.from_on, only.ended) == (
        MEMBERS[1],
        FIRST.replace(month=4),
        FIRST,
        "",
    )


def test_a_day_is_never_before_the_day_of_what_came_earlier() -> None:
    said = [
        first(),
        then(2, "reported", {"state": "reported"}, 1, day=9),
        then(3, "accepted", {"state": "done:late"}, 2, day=4),
    ]

    lived = life(said)

    assert lived.reported_on == lived.ended_on == FIRST + timedelta(days=9)


def test_who_knew_of_nothing_but_speaks_knew_at_least_of_the_giving() -> None:
    stray = replace(then(3, "rescheduled", {"due": "2026-05-01"}, 0), after=(UUID(int=77),))

    assert fold([first(), stray]).due == FIRST.replace(month=5)
    assert seen_by([first()], 0, ()) is None
