"""The nightly proof: a committee's figures compared with an independent count, and the result kept for its province."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from infra.postgres import Record, sql
from server.rollups.actions import recompute_dirty
from server.rollups.verify import Difference, examine
from tenants.current import CommitteeRef, current
from tenants.transactions import platform_transaction

# So often a committee is looked at while its people are writing; then the proof of the night before stands.
ATTEMPTS = 3
# More differences than a person would read are a number.
MOST_KEPT = 50


async def check_rollups() -> None:
    """Compare every month of the current committee with its source, and keep the result.

    What is marked is worked off here and not waited for: a worker has others to do.
    """
    ref = current()
    for _ in range(ATTEMPTS):
        await recompute_dirty()
        months, differences, waiting = await examine(ref)
        if not waiting:
            await _keep(ref, months, differences)
            return


async def _keep(ref: CommitteeRef, months: int, differences: Sequence[Difference]) -> None:
    told = [[d.month.isoformat(), d.figure, d.stored, d.counted] for d in differences[:MOST_KEPT]]
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.rollup_check (committee, months, differences) VALUES ($1, $2, $3)
            ON CONFLICT (committee) DO UPDATE SET checked_at = now(), months = excluded.months,
                differences = excluded.differences""",
            ref.id, months, json.dumps(told),
        )  # fmt: skip


async def checks(province: UUID) -> list[Record]:
    """The newest check of each committee of a province, those that differ first, then those never checked: slug, kind,
    name, checked_at (None: never), months, differences (JSON: [[month, figure, stored, counted]]). Needs a platform
    transaction.
    """
    return await sql(
        """SELECT c.slug, c.kind, c.name, k.checked_at, k.months, k.differences
        FROM platform.committee c LEFT JOIN platform.rollup_check k ON k.committee = c.id
        WHERE c.province = $1 AND c.state NOT IN ('founding', 'erased')
        ORDER BY coalesce(jsonb_array_length(k.differences), 0) DESC, k.checked_at NULLS FIRST, c.name, c.kind""",
        province,
    )
