"""What a set of rules changes, before it is published or taken back: for whom, from which day, which number."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from infra.postgres import sql
from server.bulletins.addressing import Addressed
from server.rulebook import UnknownRule, book, lookup_in
from server.rulebook.entries import Lines, Rule, lines_of, read_entry
from server.words import Refused, say

_NOTHING: Lines = {}
_PUBLISHED = """SELECT r.committee, b.rules
FROM platform.bulletin_receipt r JOIN platform.bulletin b ON b.id = r.bulletin
WHERE r.committee = ANY ($1) AND b.kind = 'rules' AND b.taken_back_at IS NULL AND b.id IS DISTINCT FROM $2
ORDER BY b.published_at DESC, b.id"""
_BANDS = ("good", "fair", "average")


@dataclass(frozen=True)
class Change:
    """A rule, and what it stands in the place of from a day on (None: no number at all) in which committees (titles);
    ``everywhere``: in all of those that were asked about.
    """

    rule: Rule
    since: date
    other: Rule | None
    committees: tuple[str, ...]
    everywhere: bool


async def others_of(committees: Collection[UUID], *, besides: UUID | None = None) -> dict[UUID, Lines]:
    """What is published to committees besides one bulletin; those with nothing are not among them. Needs a platform
    transaction.
    """
    found: dict[UUID, list[Rule]] = {}
    for row in await sql(_PUBLISHED, list(committees), besides):
        found.setdefault(row["committee"], []).extend(map(read_entry, json.loads(row["rules"])))
    return {committee: lines_of(rules) for committee, rules in found.items()}


def changes(rules: Sequence[Rule], addressed: Sequence[Addressed], others: dict[UUID, Lines]) -> list[Change]:
    """What each rule stands in the place of, day by day, for committees."""
    found: list[Change] = []
    for rule in rules:
        groups: dict[tuple[date, Rule | None], list[str]] = {}
        for row in addressed:
            for since, other in _stands_for(rule, others.get(row.id, _NOTHING)):
                groups.setdefault((since, other), []).append(row.title)
        found += [
            Change(rule, since, other, tuple(names), len(names) == len(addressed))
            for (since, other), names in sorted(groups.items(), key=lambda group: group[0][0])
        ]
    return found


def _stands_for(rule: Rule, lines: Lines) -> list[tuple[date, Rule | None]]:
    """(since, the rule that would be in force without this one), each time that one changes."""
    found: list[tuple[date, Rule | None]] = []
    for day in _turns(rule, lines):
        other = _without(rule, lines, day)
        if not found or found[-1][1] != other:
            found.append((day, other))
    return found


def _turns(rule: Rule, lines: Lines) -> list[date]:
    """The first day of a rule, and those within it on which another rule of its name begins or has ended."""
    names = ((rule.key, rule.scope), (rule.key, None))
    near = [other for name in names for other in (*lines.get(name, ()), *book().get(name, ()))]
    ends = {other.to_on + timedelta(days=1) for other in near if other.to_on}
    return sorted({rule.from_on} | {day for day in {o.from_on for o in near} | ends if rule.covers(day)})


def _without(rule: Rule, lines: Lines, day: date) -> Rule | None:
    try:
        return lookup_in(lines, rule.key, day, rule.scope)
    except UnknownRule:
        return None


def check_bands(rules: Sequence[Rule], addressed: Sequence[Addressed], others: dict[UUID, Lines]) -> None:
    """Raises Refused(rules=…) where meetings would be good from fewer points than they are fair."""
    days = sorted({rule.from_on for rule in rules if rule.key == "meeting_band_from"})
    kinds = {id(lines): lines for lines in (others.get(row.id, _NOTHING) for row in addressed)}
    for lines in kinds.values():
        both = {
            name: (*lines_of(rules).get(name, ()), *lines.get(name, ()))
            for name in {*lines_of(rules), *lines}
        }
        for day in days:
            try:
                good, fair, average = (
                    lookup_in(both, "meeting_band_from", day, band).number for band in _BANDS
                )
            except UnknownRule:
                continue
            if not good > fair > average:
                raise Refused(
                    rules=say(
                        "Từ {day}, điểm xếp loại sẽ là tốt {good}, khá {fair}, trung bình {average}: phải giảm dần.",
                        day=f"{day:%d/%m/%Y}", good=good, fair=fair, average=average,
                    )
                )  # fmt: skip
