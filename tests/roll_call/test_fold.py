"""Any order, repetition and interleaving of a set of marks gives one answer."""

from __future__ import annotations

from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.roll_call.rules import Mark, fold

DEVICES = [UUID(int=1000 + n) for n in range(3)]
STATES = ["present", "late", "absent_excused", "absent_unexcused", "not_called"]


def mark(
    number: int, state: str, *, device: int = 0, seq: int = 1, seen: tuple[int, ...] = (), reason: str = ""
) -> Mark:
    return Mark(
        UUID(int=number), state, reason, DEVICES[device], seq, tuple(UUID(int=n) for n in seen), "Hòa"
    )


@st.composite
def an_evening(draw: st.DrawFn) -> list[Mark]:
    """Taps on three phones in one room. A phone has seen its own taps and some of the others' made before."""
    taps: list[Mark] = []
    for number in range(1, draw(st.integers(0, 10)) + 1):
        device = draw(st.integers(0, 2))
        seen = tuple(m.id.int for m in taps if draw(st.booleans()))
        seq = 1 + sum(1 for m in taps if m.device == DEVICES[device])
        state, reason = draw(st.sampled_from(STATES)), draw(st.sampled_from(["", "ốm"]))
        taps.append(mark(number, state, device=device, seq=seq, seen=seen, reason=reason))
    return taps


@st.composite
def nonsense(draw: st.DrawFn) -> list[Mark]:
    """Marks that no honest phone sends: circles of seeing, equal counters, ids that do not exist."""
    ids = st.integers(1, 12).map(lambda n: UUID(int=n))
    one = st.builds(
        Mark, id=ids, state=st.sampled_from(STATES), reason=st.just(""), device=st.sampled_from(DEVICES),
        seq=st.integers(1, 3), seen=st.lists(ids, max_size=4).map(tuple),
    )  # fmt: skip
    return draw(st.lists(one, max_size=10, unique_by=lambda m: m.id))


@given(st.one_of(an_evening(), nonsense()), st.integers())
def test_any_order_and_repetition_gives_the_same_standing(taps: list[Mark], seed: int) -> None:
    arrived = taps + taps
    Random(seed).shuffle(arrived)

    assert fold(arrived, base="expected") == fold(taps, base="expected")


@given(st.one_of(an_evening(), nonsense()))
def test_a_standing_is_decided_or_shows_who_disagrees(taps: list[Mark]) -> None:
    standing = fold(taps, base="expected")

    assert bool(standing.heads) == bool(taps)
    if standing.rivals:
        assert {m.id for m in standing.rivals} == set(standing.heads)
        assert len({m.state for m in standing.rivals}) > 1
    elif taps:
        assert {m.state for m in taps if m.id in standing.heads} == {standing.state}


@given(an_evening(), st.sampled_from(STATES), st.integers(0, 3))
def test_one_tap_that_saw_what_stood_settles_it(taps: list[Mark], state: str, phone: int) -> None:
    heads = fold(taps, base="expected").heads
    device = [*DEVICES, UUID(int=2000)][phone]
    seq = 1 + sum(1 for m in taps if m.device == device)

    standing = fold([*taps, Mark(UUID(int=99), state, "", device, seq, heads)], base="expected")

    assert (standing.state, standing.rivals) == (state, ())


@given(an_evening(), st.data())
def test_what_one_phone_has_not_sent_yet_never_hides_what_others_did(
    taps: list[Mark], data: st.DataObject
) -> None:
    late_phone = data.draw(st.sampled_from(DEVICES))
    without = fold([m for m in taps if m.device != late_phone], base="expected")
    complete = fold(taps, base="expected")

    told = {other for m in taps if m.device == late_phone for other in m.seen}
    assert set(without.heads) - told <= set(complete.heads)


def test_nobody_called_is_not_called_and_the_exempt_are_exempt() -> None:
    assert fold([], base="expected").state == "not_called"
    assert fold([], base="exempt").state == "exempt"


def test_on_one_phone_the_later_tap_counts_whatever_its_clock_said() -> None:
    first, second = mark(1, "present", seq=1), mark(2, "late", seq=2)

    assert fold([second, first], base="expected").state == "late"


def test_two_phones_that_did_not_see_each_other_are_shown_as_such() -> None:
    standing = fold([mark(1, "present"), mark(2, "absent_excused", device=1)], base="expected")

    assert standing.state == "not_called"
    assert {m.state for m in standing.rivals} == {"present", "absent_excused"}


def test_two_phones_that_agree_are_no_conflict_and_the_reason_is_kept() -> None:
    found = [mark(1, "absent_excused", reason="ốm"), mark(2, "absent_excused", device=1)]

    assert fold(found, base="expected").state == "absent_excused"
    assert fold(found, base="expected").reason == "ốm"


def test_who_saw_the_other_mark_replaces_it() -> None:
    standing = fold([mark(1, "present"), mark(2, "late", device=1, seen=(1,))], base="expected")

    assert (standing.state, standing.rivals) == ("late", ())


def test_a_mark_made_in_ignorance_keeps_the_conflict_open() -> None:
    found = [mark(1, "present"), mark(2, "late", device=1), mark(3, "present", seq=2, seen=(1,))]

    assert {m.id for m in fold(found, base="expected").rivals} == {UUID(int=2), UUID(int=3)}
