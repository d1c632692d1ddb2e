"""What changes in a closed month: numbered, with its cause, in the transaction that replaces the figures.

The figures of a closed month are the frozen ones with all corrections applied in their order; the stored row is always
equal to that.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql

Figures = Mapping[str, int | None]

# The closed months in which a committee was frozen, and those of the provinces to which it belonged on their last days,
# with what was frozen of it: null also of a committee that was not there yet. What it tells of such a month later is a
# correction all the same; so is that it does not belong there any more, where it merged as of a day long past.
CLOSED = """SELECT c.month, c.closed_at, f.figures FROM platform.closing c
LEFT JOIN platform.rollup_closed f ON f.committee = $1 AND f.month = c.month AND f.province = c.province
WHERE (f.committee IS NOT NULL OR EXISTS (
    SELECT 1 FROM platform.committee_belonging b WHERE b.province = c.province AND b.committee = $1
        AND (c.month + interval '1 month')::date - 1 BETWEEN b.from_on AND coalesce(b.to_on, 'infinity')))"""
_FROZEN = f"{CLOSED} AND c.month = ANY ($2)"
_CORRECTIONS = """SELECT month, number, at, cause, changed FROM platform.rollup_correction
WHERE committee = $1 AND month = ANY ($2) ORDER BY month, number"""


async def correct(
    committee: UUID, counted: Mapping[date, Mapping[str, int]], causes: Mapping[date, Sequence[str]]
) -> None:
    """Write a correction for every month of ``counted`` that is closed and counts otherwise than it stands. Needs a
    platform transaction that holds the committee's lock.
    """
    frozen = await sql(_FROZEN, committee, list(counted))
    if not frozen:
        return
    written: dict[date, list[Record]] = defaultdict(list)
    for row in await sql(_CORRECTIONS, committee, [row["month"] for row in frozen]):
        written[row["month"]].append(row)
    for row in frozen:
        month = row["month"]
        stands = standing(row["figures"], [one["changed"] for one in written[month]])
        if changed := difference(stands, counted[month]):
            await sql(
                """INSERT INTO platform.rollup_correction (committee, month, number, cause, changed)
                VALUES ($1, $2, $3, $4, $5)""",
                committee, month, len(written[month]) + 1, ",".join(causes[month]) or "recount", json.dumps(changed),
            )  # fmt: skip


def standing(figures: str | None, changes: Sequence[str]) -> dict[str, int | None]:
    """The figures of a closed month (JSON; None: nothing had been computed) after its corrections (JSON) in order."""
    stands: dict[str, int | None] = json.loads(figures) if figures else {}
    for changed in changes:
        stands |= {name: after for name, (_, after) in json.loads(changed).items()}
    return stands


def difference(stands: Figures, counted: Mapping[str, int]) -> dict[str, list[int | None]]:
    """{figure: [before, after]}. A figure that was not counted yet when the month was closed changes nothing in it;
    where nothing at all had been computed, every figure is a change.
    """
    return {
        name: [stands.get(name), value]
        for name, value in counted.items()
        if (name in stands or not stands) and stands.get(name) != value
    }


def changes_of(row: Mapping[str, Any]) -> list[tuple[str, int | None, int | None]]:
    """(figure, before, after) of a stored correction."""
    return [(name, before, after) for name, (before, after) in json.loads(row["changed"]).items()]
