"""Whoever knows every number that is shown, and the rule, still can't tell a number of people below five."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.province.hiding import COVER, FEW, Column, Figure, change, columns, cover
from server.rollups.indicators import BY_KEY

EXEMPT = ("exempt_age_health", "exempt_away_work")
COUNTED = ("probationary", *EXEMPT)
KEYS = ("members", *COUNTED, "assigned")
Row = Mapping[str, int]

numbers = st.one_of(st.integers(0, 4), st.integers(0, 9))
rows = st.builds(
    lambda rest, few, many, away: {
        "members": rest + many + away, "probationary": min(few, rest), EXEMPT[0]: many, EXEMPT[1]: away,
        "assigned": rest // 2,
    },
    st.integers(5, 24), numbers, numbers, numbers,
)  # fmt: skip
tables = st.lists(rows, min_size=1, max_size=3)


def shown(table: Sequence[Row]) -> dict[str, Column]:
    """What the province sees of these committees. Who can be given work are the members that are not exempt."""
    told = {
        key: [(row[key], None if key == "members" else row["members"]) for row in table] for key in KEYS[:-1]
    } | {"assigned": [(row["assigned"], row["members"] - sum(row[key] for key in EXEMPT)) for row in table]}
    return columns(told, [BY_KEY[key] for key in KEYS])


def guesses(table: Sequence[Row], key: str) -> Iterator[list[Row]]:
    """Every table that differs from this one in what is hidden of one column only."""
    sight = shown(table)
    signs = [figure.hidden for figure in sight[key].figures]
    abouts = [figure.about if key in EXEMPT else None for figure in sight["assigned"].figures]
    ways = {"": lambda n: [table[n][key]], FEW: lambda _: range(1, 5)}
    for guess in product(*(ways[sign](n) for n, sign in enumerate(signs))):
        made = [
            {**row, key: number, **_as_many_with_work(row, about, number - row[key])}
            for row, number, about in zip(table, guess, abouts, strict=True)
        ]
        if all(sum(row[one] for one in EXEMPT) <= row["members"] for row in made):
            yield made


def _as_many_with_work(row: Row, about: int | None, more_exempt: int) -> dict[str, int]:
    """Where only tens of a hundred are told, who guesses takes the part that makes the same of another base."""
    if about is None:
        return {}
    base = row["members"] - sum(row[key] for key in EXEMPT) - more_exempt
    return {"assigned": (about * base + 49) // 100}


@settings(max_examples=80, deadline=None)
@given(tables, st.sampled_from(COUNTED))
def test_for_every_hidden_number_there_is_another_table_that_looks_the_same(
    table: list[Row], key: str
) -> None:
    sight = shown(table)
    few = [n for n, figure in enumerate(sight[key].figures) if figure.hidden == FEW]
    alike = [guess for guess in guesses(table, key) if shown(guess) == sight] if few else []

    for n in few:
        assert len({guess[n][key] for guess in alike}) >= 2, (n, table, sight)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 60)), max_size=8))
def test_no_small_number_and_no_small_total_is_shown(column: list[int | None]) -> None:
    signs, whole = cover(column)

    assert all(
        (sign == FEW) == (number is not None and 0 < number < 5)
        for number, sign in zip(column, signs, strict=True)
    )
    total = sum(number or 0 for number in column)
    assert not whole or total == 0 or total >= 5


@settings(max_examples=300, deadline=None)
@given(tables)
def test_what_could_be_subtracted_from_what_is_not_shown(table: list[Row]) -> None:
    sight = shown(table)
    for n, row in enumerate(table):
        share, exempt = sight["assigned"].figures[n], [sight[key].figures[n] for key in EXEMPT]
        if share.hidden == "":
            assert not any(figure.hidden for figure in exempt)
            assert not 0 < row["members"] - (share.base or 0) < 5
    told = [figure for figure in sight["assigned"].figures if figure.part is not None]
    total = sight["assigned"].total
    assert (total.part or 0) == sum(figure.part or 0 for figure in told)
    assert (total.base or 0) == sum(figure.base or 0 for figure in told)


@pytest.mark.parametrize(
    ("column", "signs", "whole"),
    [
        ([9, 9], ["", ""], True),  # nothing small
        ([0, 9], ["", ""], True),  # nobody is nobody
        ([2, 9, 9], [FEW, "", ""], False),  # one alone is what the total less the others is
        ([2, 0], [FEW, ""], False),
        ([2, 3, 9], [FEW, FEW, ""], True),  # two that add up to five cover each other
        ([1, 1, 9], [FEW, FEW, ""], False),
        ([4, 4, 9], [FEW, FEW, ""], False),
        ([None, 2, 3], ["", FEW, FEW], True),  # who has not reported covers nothing
    ],
)  # fmt: skip
def test_one_column(column: list[int | None], signs: list[str], whole: bool) -> None:
    assert cover(column) == (signs, whole)


def test_a_share_is_hidden_whole_and_left_out_of_its_total() -> None:
    pairs = [(3, 4), (2, 40), (38, 40), (0, 0), (None, None)]
    column = columns({"members": [(50, None)] * 5, **{k: [(0, 50)] * 5 for k in COUNTED}, "attendance": pairs},
                     [BY_KEY[key] for key in ("members", *COUNTED, "attendance")])["attendance"]  # fmt: skip

    assert [figure.hidden for figure in column.figures] == [FEW, FEW, "", "", ""]
    assert column.total == Figure(38, 40)


def test_a_share_that_would_tell_the_exempt_is_told_in_tens() -> None:
    told = {"members": [(60, None), (20, None), (17, None)], "probationary": [(0, 60), (0, 20), (0, 17)],
            EXEMPT[0]: [(2, 60), (6, 20), (2, 17)], EXEMPT[1]: [(0, 60), (0, 20), (4, 17)],
            "assigned": [(50, 58), (12, 14), (10, 11)]}  # fmt: skip
    share = columns(told, [BY_KEY[key] for key in told])["assigned"]

    # 50/58 is 86.2 %; six exempt of the second may be told; of the third perhaps nine could be given work.
    assert [figure.about for figure in share.figures] == [90, None, None]
    assert [figure.hidden for figure in share.figures] == [COVER, "", COVER]


@pytest.mark.parametrize(
    ("exempt", "met", "held", "cells", "base", "hidden"),
    [
        (3, 10, 10, 10, 57, True),  # all have met once: 60 members less 57 are the three
        (3, 9, 9, 10, 51, False),  # nobody knows how large the cell is that has not met
        (3, 10, 12, 10, 70, False),  # nor which have met twice
        (3, 1, 2, 1, 114, True),  # one cell that has met twice
        (7, 10, 10, 10, 56, True),  # four of the seven stayed away
        (7, 10, 10, 10, 53, False),
    ],
)
def test_attendance_is_not_told_where_its_base_would_tell_who_is_exempt(
    exempt: int, met: int, held: int, cells: int, base: int, hidden: bool
) -> None:
    told = {"met": [(met, cells), (9, 9)], "meetings_held": [(held, None), (9, None)],
            "members": [(60, None), (90, None)], "probationary": [(0, 60), (0, 90)], EXEMPT[0]: [(exempt, 60), (9, 90)],
            EXEMPT[1]: [(0, 60), (0, 90)], "attendance": [(base - 6, base), (70, 81)]}  # fmt: skip
    sight = columns(told, [BY_KEY[key] for key in told])["attendance"]

    assert bool(sight.figures[0].hidden) == hidden
    assert (sight.figures[0].about == 90) == hidden
    assert (sight.total.base == 81) == hidden


def test_where_members_are_few_nothing_of_them_is_shown() -> None:
    told = {"members": [(3, None), (60, None), (50, None)], "probationary": [(0, 3), (0, 60), (7, 50)],
            EXEMPT[0]: [(0, 3), (0, 60), (6, 50)], EXEMPT[1]: [(0, 3), (0, 60), (5, 50)],
            "assigned": [(3, 3), (60, 60), (30, 39)], "attendance": [(9, 12), (50, 60), (40, 50)]}  # fmt: skip
    sight = columns(told, [BY_KEY[key] for key in told])

    for key in told:
        assert [bool(figure.hidden) for figure in sight[key].figures] == [True, False, False], key
    assert sight["members"].total.hidden == COVER
    assert sight["probationary"].total == Figure(7, 110)


def test_a_change_is_told_between_shown_figures_only() -> None:
    assert change(Figure(9), Figure(7)) == 2
    assert change(Figure(9, 10), Figure(8, 10)) == pytest.approx(0.1)
    assert change(Figure(9), Figure(None, None, FEW)) is None
    assert change(Figure(None, None, COVER), Figure(9)) is None
    assert change(Figure(9), None) is None
    assert change(Figure(0, 0), Figure(8, 10)) is None
