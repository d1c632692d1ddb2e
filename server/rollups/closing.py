"""A province's month is closed on its day: figures are frozen as they are, and what changes later is a correction."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from infra.postgres import Record, one, sql
from server import clock
from server.rollups.actions import CLOSING_LOCK, complete_rollups
from server.rollups.counting import FIGURES
from server.rulebook import lookup_in
from tenants.current import using
from tenants.registry import COLUMNS, ref_of
from tenants.transactions import platform_transaction

# Months longer ago than this are not closed by the clock: who enters the papers of ten years ago corrects nothing.
MOST_MONTHS = 36

log = logging.getLogger(__name__)


def closes_on(month: date) -> date:
    """The last day on which a month (its first day) is still open: changes of that day are no corrections yet."""
    last = clock.month_after(month) - timedelta(days=1)
    return last + timedelta(days=lookup_in({}, "month_closes_after_days", last).number)


async def close_months() -> None:
    """Close every month of every province whose day has passed; one that is closed stays as it is.

    Marks that lie there are worked off first and figures that a month lacks are counted, so that a closed month begins
    true. A committee whose figures can't be recomputed does not hold the others up: it is frozen as it stands and
    corrected later.
    """
    for province, months in (await _due(clock.today())).items():
        await _complete(province, months)
        for month in months:
            await close_month(province, month)


_OPEN = """SELECT b.province, m.month::date FROM
    (SELECT b.province, greatest(min(r.month), $2::date) AS first FROM platform.rollup r
        JOIN platform.committee_belonging b ON b.committee = r.committee GROUP BY b.province) b,
    LATERAL generate_series(b.first, $1::date, interval '1 month') AS m (month)
WHERE NOT EXISTS (SELECT 1 FROM platform.closing c WHERE c.province = b.province AND c.month = m.month)
ORDER BY b.province, m.month"""


async def _due(today: date) -> dict[UUID, list[date]]:
    """The months of each province that are to be closed, the oldest first."""
    month = clock.month_of(today)
    async with platform_transaction(read_only=True):
        rows = await sql(_OPEN, clock.month_after(month, -1), clock.month_after(month, -MOST_MONTHS))
    found: dict[UUID, list[date]] = {}
    for row in rows:
        if closes_on(row["month"]) < today:
            found.setdefault(row["province"], []).append(row["month"])
    return found


# A month that has no figures at all may have to have some: only the committee's own tables know.
_LACKING = f"""SELECT {COLUMNS} FROM platform.committee c WHERE province = $1 AND state NOT IN ('founding', 'erased')
    AND (schema_name IN (SELECT schema_name FROM platform.rollup_dirty) OR EXISTS (
        SELECT 1 FROM unnest($2::date[]) AS m (month)
        LEFT JOIN platform.rollup r ON r.committee = c.id AND r.month = m.month
        WHERE num_nulls({", ".join(f"r.{name}" for name in FIGURES)}) > 0))"""


async def _complete(province: UUID, months: list[date]) -> None:
    async with platform_transaction(read_only=True):
        rows = await sql(_LACKING, province, months)
    for row in rows:
        with using(ref_of(row)) as ref:
            try:
                await complete_rollups()
            except Exception as error:
                log.warning(
                    "a month closes without a recomputation",
                    extra={"committee": ref.schema_name},
                    exc_info=error,
                )


_LAST = "(($2::date + interval '1 month')::date - 1)"
_FIGURES = ", ".join(f"'{name}', r.{name}" for name in FIGURES)
# A committee that did not exist yet and has no figures is not silent; one that was erased is no more.
_FREEZE = f"""INSERT INTO platform.rollup_closed (committee, month, province, figures, kind, name, computed_at)
SELECT c.id, $2, $1,
    CASE WHEN r.committee IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object({_FIGURES})) END,
    coalesce(n.kind, c.kind), coalesce(n.name, c.name), r.computed_at
FROM platform.committee_belonging b JOIN platform.committee c ON c.id = b.committee
LEFT JOIN platform.committee_name n ON n.committee = c.id AND {_LAST} BETWEEN n.from_on AND coalesce(n.to_on, {_LAST})
LEFT JOIN platform.rollup r ON r.committee = c.id AND r.month = $2
WHERE b.province = $1 AND {_LAST} BETWEEN b.from_on AND coalesce(b.to_on, {_LAST})
    AND c.state NOT IN ('founding', 'erased')
    AND (r.committee IS NOT NULL OR (c.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= {_LAST})
ON CONFLICT (committee, month) DO NOTHING RETURNING committee, kind, name, figures"""


async def close_month(province: UUID, month: date) -> bool:
    """Freeze a province's month; False if it was closed before."""
    async with platform_transaction():
        await sql(f"SELECT pg_advisory_xact_lock({CLOSING_LOCK})")
        if await one("SELECT 1 FROM platform.closing WHERE province = $1 AND month = $2", province, month):
            return False
        rows = await sql(_FREEZE, province, month)
        await sql(
            """INSERT INTO platform.closing (province, month, committees, reported, sha256)
            VALUES ($1, $2, $3, $4, $5)""",
            province, month, len(rows), sum(has_cells(row["figures"]) for row in rows), digest(rows),
        )  # fmt: skip
    return True


def has_cells(figures: str | None) -> bool:
    """Whether frozen figures (JSON; None: nothing had been computed) tell of any cell. Where there is none yet, nobody
    can have reported.
    """
    return figures is not None and json.loads(figures).get("cells") != 0


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """The SHA-256 of a closed month: of its rows (committee, kind, name, figures as JSON text or None) in canonical
    form, which is a JSON list by committee, keys sorted, no blanks, UTF-8.
    """
    lines = [
        [
            str(row["committee"]),
            row["kind"],
            row["name"],
            json.loads(row["figures"]) if row["figures"] else None,
        ]
        for row in rows
    ]
    text = json.dumps(sorted(lines), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


async def frozen(province: UUID, month: date) -> list[Record]:
    """The rows of a closed month that ``digest`` takes. Needs a platform transaction."""
    return await sql(
        "SELECT committee, kind, name, figures FROM platform.rollup_closed WHERE province = $1 AND month = $2",
        province, month,
    )  # fmt: skip
