"""Which numbers of people a province is not shown. Pure.

The rule. A number of people from 1 to 4 is never shown, nor anything it can be worked out from:

1. A count of people (members, those on probation, the exempt by kind) that is 1 to 4 reads "fewer than 5".
2. Where the total of the column would tell a hidden number, or narrow it down within 1 to 4, the total is hidden.
   Another committee's number is never hidden in its place: another month, or the same one corrected, could show it.
3. A share of people (attendance, work given) is hidden whole where its base or its part is 1 to 4, and where the number
   of members is hidden, which it would narrow down. Its total is that of the committees whose share is shown, so
   nothing can be subtracted from it.
4. Of work with a deadline the same is hidden where the base is 1 to 4, for work is one person's.
5. Members less those who could be given work are the exempt: where a number of exempt members is hidden, or would come
   out of the difference as 1 to 4, so is the share of members with work. It is then told in tens of a hundred, if
   whatever the hidden number is at least ten members could be given work: any base of ten or more has a part that
   rounds to any ten, so the rounded share tells nothing of its base.
   Attendance tells the same where all cells have met once, or the only cell some times: what is missing from its base
   are the exempt who stayed away.
6. Totals are of all committees of the province, never of a choice of them, each month by itself; a change between two
   months is told only where both are shown. A total above (the country's) adds up the totals that are shown.

Zero is shown: nobody can be guessed from it. What was never computed is neither hidden nor zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from server.rollups.indicators import MEMBERS, SMALLEST_SHOWN, Indicator

# A figure that is hidden for being small, and one that is hidden so that another can't be worked out.
FEW, COVER = "few", "cover"
# What members less the base of these shares would tell.
TELLS_EXEMPT, TELLING = ("assigned", "attendance"), ("exempt_age_health", "exempt_away_work")
# By what is known how often each member was counted in the base of attendance.
COUNTED_BY = ("met", "meetings_held")
# A base from which on any tenth is the nearest of some part.
_ENOUGH = 10
_DEADLINES = ("assignments_due",)

Pair = tuple[int | None, int | None]


class Figure(NamedTuple):
    """A number with its base (None: a plain count); ``hidden`` says why neither is told. part None and not hidden: it
    was never computed.
    """

    part: int | None
    base: int | None = None
    hidden: str = ""
    # A hidden share in hundredths, rounded to tens, where that tells nothing more.
    about: int | None = None

    @property
    def rate(self) -> float | None:
        """Part of base, 0 to 1; None where one of them is not told or the base is nothing."""
        return self.part / self.base if self.part is not None and self.base else None


class Column(NamedTuple):
    """One indicator: a figure a committee, in the order given, and that of all together."""

    figures: list[Figure]
    total: Figure


def columns(told: Mapping[str, Sequence[Pair]], indicators: Iterable[Indicator]) -> dict[str, Column]:
    """What is shown of each indicator. ``told``: (part, base) of each committee by indicator, all in one order. It has
    what ``figures.with_people`` asks for.
    """
    known = [one for one in indicators if one.key in told]
    counted = {one.key: _counts(told, one) for one in known if one.people and one.base in (None, MEMBERS)}
    unknown = _hidden(counted["members"]) if counted else set()
    telling = {key: unknown | _telling_exempt(key, told, counted) for key in TELLS_EXEMPT}

    def column(one: Indicator) -> Column:
        if one.base == _DEADLINES:
            return _shares(told[one.key], set(), base_only=True)
        if not one.people:
            return _plain(told[one.key])
        if one.key in TELLS_EXEMPT:
            return _rounded(_shares(told[one.key], telling[one.key]), told[one.key], counted)
        return counted.get(one.key) or _shares(told[one.key], unknown)

    return {one.key: column(one) for one in known}


def _hidden(column: Column) -> set[int]:
    return {n for n, figure in enumerate(column.figures) if figure.hidden}


def small(number: int | None) -> bool:
    """Whether a number of people is one to hide."""
    return number is not None and 0 < number < SMALLEST_SHOWN


def _plain(pairs: Sequence[Pair]) -> Column:
    return Column([Figure(*pair) for pair in pairs], _sum(pairs))


def _sum(pairs: Iterable[Pair]) -> Figure:
    told = [pair for pair in pairs if pair[0] is not None]
    if not told:
        return Figure(None)
    base = None if told[0][1] is None else sum(pair[1] or 0 for pair in told)
    return Figure(sum(pair[0] or 0 for pair in told), base)


def _counts(told: Mapping[str, Sequence[Pair]], one: Indicator) -> Column:
    """A count of people; one with a base is told only where the base, all members, is."""
    pairs = told[one.key]
    if one.base is None:
        return _column(pairs, cover([part for part, _ in pairs]))
    signs, _ = cover([part for part, _ in told["members"]])
    within: list[Pair] = [(None, None) if sign else pair for pair, sign in zip(pairs, signs, strict=True)]
    found = _column(within, cover([part for part, _ in within]))
    return Column(
        [Figure(None, None, sign) if sign else figure for figure, sign in zip(found.figures, signs, strict=True)],
        found.total,
    )  # fmt: skip


def _column(pairs: Sequence[Pair], covered: tuple[list[str], bool]) -> Column:
    signs, whole = covered
    figures = [
        Figure(None, None, sign) if sign else Figure(*pair) for pair, sign in zip(pairs, signs, strict=True)
    ]
    return Column(figures, _sum(pairs) if whole else Figure(None, None, COVER))


def cover(numbers: Sequence[int | None]) -> tuple[list[str], bool]:
    """For each number of a column FEW or "", and whether the true total may be shown.

    With k numbers hidden and their sum between k + 3 and 4k - 3 each of them can still be anything from 1 to 4.
    """
    signs = [FEW if small(number) else "" for number in numbers]
    hidden, total = signs.count(FEW), sum(number or 0 for number in numbers if small(number))
    return signs, not hidden or hidden + 3 <= total <= 4 * hidden - 3


def _shares(pairs: Sequence[Pair], kept_back: set[int], *, base_only: bool = False) -> Column:
    """Shares, those of ``kept_back`` hidden; ``base_only``: a small part of a base that is not small may be shown."""
    signs = [
        FEW
        if small(base) or (small(part) and not base_only)
        else COVER
        if n in kept_back and part is not None
        else ""
        for n, (part, base) in enumerate(pairs)
    ]
    shown = [pair for pair, sign in zip(pairs, signs, strict=True) if not sign]
    figures = [
        Figure(None, None, sign) if sign else Figure(*pair) for pair, sign in zip(pairs, signs, strict=True)
    ]
    total = _sum(shown)
    return Column(figures, Figure(None, None, COVER) if total.part is None and any(signs) else total)


def _rounded(share: Column, pairs: Sequence[Pair], counted: Mapping[str, Column]) -> Column:
    """The share of members with work, what is hidden of it told in tens where that may be."""
    figures = [
        figure._replace(about=(20 * (part or 0) + base) // (2 * base) * 10)
        if figure.hidden == COVER and base and _least(n, counted) >= _ENOUGH
        else figure
        for n, (figure, (part, base)) in enumerate(zip(share.figures, pairs, strict=True))
    ]
    return Column(figures, share.total)


def _least(n: int, counted: Mapping[str, Column]) -> int:
    """How many members of a committee could be given work at the least, by what is shown; 0 where nothing says it."""
    members, exempt = counted["members"].figures[n].part, [counted[key].figures[n] for key in TELLING]
    if members is None or any(one.hidden == COVER or (one.part is None and not one.hidden) for one in exempt):
        return 0
    return members - sum(SMALLEST_SHOWN - 1 if one.hidden else one.part or 0 for one in exempt)


def _telling_exempt(key: str, told: Mapping[str, Sequence[Pair]], counted: Mapping[str, Column]) -> set[int]:
    """The committees whose members less those in the base of a share would tell a number of exempt members."""
    if key not in told:
        return set()
    hidden = {n for each in TELLING for n in _hidden(counted[each])}
    found = set()
    for n, ((members, _), (_, base)) in enumerate(zip(told["members"], told[key], strict=True)):
        times = 1 if key == "assigned" else _times(told, n)
        if members is None or base is None or not times:
            continue
        if n in hidden or 0 < times * members - base < times * SMALLEST_SHOWN:
            found.add(n)
    return found


def _times(told: Mapping[str, Sequence[Pair]], n: int) -> int:
    """How often every member of a committee was counted in the base of attendance; 0 where that is not known."""
    if not all(each in told for each in COUNTED_BY):
        return 1
    (met, cells), (held, _) = (told[each][n] for each in COUNTED_BY)
    if cells == 1:
        return held or 0
    return int(met == cells == held)


def added(totals: Iterable[Figure]) -> Figure:
    """What several totals come to: the sum of those that are shown."""
    return _sum([(figure.part, figure.base) for figure in totals])


def change(now: Figure, before: Figure | None) -> float | None:
    """How much a figure differs from an earlier one: a count by so many, a share by so many parts of one; None where
    one of the two is not shown.
    """
    if before is None or now.part is None or before.part is None:
        return None
    if now.base is None:
        return now.part - before.part
    return None if now.rate is None or before.rate is None else now.rate - before.rate
