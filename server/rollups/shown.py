"""What a committee reads of its own figures as the province has them. All need a platform transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from infra.postgres import Record, one, sql
from server.rollups.corrections import CLOSED
from server.rollups.counting import FIGURES
from tenants.current import CommitteeRef

_FIGURES = f"""SELECT computed_at, {", ".join(FIGURES)}, EXISTS (SELECT 1 FROM platform.rollup_dirty d
    WHERE d.schema_name = $3 AND (d.month = $2 OR (d.onward AND d.month <= $2))) AS waiting
FROM platform.rollup WHERE committee = $1 AND month = $2"""


async def figures(ref: CommitteeRef, month: date) -> Record | None:
    """FIGURES of a month (its first day), computed_at, and waiting (a recomputation is due); None: never computed."""
    return await one(_FIGURES, ref.id, month, ref.schema_name)


async def closed_at(committee: UUID, month: date) -> datetime | None:
    """When a month was closed for the province of a committee; None while it is open."""
    row = await one(f"SELECT closed_at FROM ({CLOSED}) closed WHERE month = $2", committee, month)
    return row["closed_at"] if row else None


async def corrections(committee: UUID, month: date) -> list[Record]:
    """The corrections of a closed month in order: number, at, cause, changed (JSON: {figure: [before, after]})."""
    return await sql(
        """SELECT number, at, cause, changed FROM platform.rollup_correction
        WHERE committee = $1 AND month = $2 ORDER BY number""",
        committee, month,
    )  # fmt: skip


async def months(committee: UUID, since: date, until: date) -> Mapping[date, Mapping[str, Any]]:
    """{month: {computed (bool), closed (bool), corrections (how many)}} of the months from ``since`` to ``until``."""
    rows = await sql(
        f"""SELECT m.month::date, r.committee IS NOT NULL AS computed, f.month IS NOT NULL AS closed,
            (SELECT count(*)::int FROM platform.rollup_correction k WHERE k.committee = $1 AND k.month = m.month)
                AS corrections
        FROM generate_series($2::date, $3::date, interval '1 month') AS m (month)
        LEFT JOIN platform.rollup r ON r.committee = $1 AND r.month = m.month
        LEFT JOIN ({CLOSED}) f ON f.month = m.month ORDER BY m.month DESC""",
        committee, since, until,
    )  # fmt: skip
    return {row["month"]: dict(row) for row in rows}
