"""Any order, repetition and interleaving of a set of marks gives one answer."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.roll_call.rules import Mark, fold

IDS = [UUID(int=n) for n in range(1, 12)]
DEVICES = [UUID(int=1000 + n) for n in range(3)]


def mark(number: int, state: str, *, device: int = 0, seq: int = 1, seen: tuple[int, ...] = (), reason: str = "") -> Mark:
    return Mark(UUID(int=number), state, reason, DEVICES[device], seq, tuple(UUID(int=n) for n in seen), "Hòa")


marks = st.lists(
    st.builds(
        Mark,
        id=st.sampled_from(IDS),
        state=st.sampled_from(["present", "late", "absent_excused", "not_called"]),
        reason=st.sampled_from(["", "ốm"]),
        device=st.sampled_from(DEVICES),
        seq=st.integers(1, 5),
        seen=st.lists(st.sampled_from(IDS), max_size=3).map(tuple),
    ),
    max_size=10,
    unique_by=lambda m: m.id,
)


@given(marks, st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_standing(found: list[Mark], random: object) -> None:
    shuffled = found + found
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert fold(shuffled, base="expected") == fold(found, base="expected")


@given(marks)
def test_a_standing_is_decided_or_shows_who_disagrees(found: list[Mark]) -> None:
    standing = fold(found, base="expected")

    assert len({m.state for m in standing.rivals}) != 1
    assert bool(standing.heads) == bool(found)
    if found and not standing.rivals:
        assert standing.state in {m.state for m in found}


@given(marks, st.sampled_from(["present", "absent_excused"]))
def test_one_tap_that_saw_everything_settles_it(found: list[Mark], state: str) -> None:
    heads = fold(found, base="expected").heads
    settling = Mark(UUID(int=99), state, "", UUID(int=2000), 1, heads)
    # Marks that claim to have seen the settling one before it was made are no phone's doing.
    standing = fold([*found, settling], base="expected")

    circular = {m.id for m in found} != {m.id for m in found if not set(m.seen) & {m.id}} or not heads
    assert standing.state == state or circular or _heads_seen_elsewhere(found, heads)


def _heads_seen_elsewhere(found: list[Mark], heads: tuple[UUID, ...]) -> bool:
    """Marks in a circle: all were heads only because none was."""
    return all(any(h in m.seen or m.seq < o.seq for m in found for o in found) for h in heads)


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
