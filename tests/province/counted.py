"""Figures of committees written down by hand, for whoever reads them."""

from __future__ import annotations

from datetime import date

from infra.postgres import sql
from server import clock
from server.rollups.counting import FIGURES
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction

LAST_MONTH = clock.month_after(clock.month_of(clock.today()), -1)
# A committee of four cells and two hundred members, one cell silent.
USUAL = {
    "cells": 4, "cells_met": 3, "cells_not_reported": 1, "members_official": 180, "members_probationary": 20,
    "meetings_held": 3, "rolls_closed": 3, "expected": 150, "present": 120, "late": 10, "members_assigned": 90,
    "members_assignable": 170, "exempt_age_health": 20, "exempt_away_work": 10, "assignments_due": 40,
    "assignments_on_time": 30, "assignments_late": 5, "assignments_live": 60, "meetings_with_minutes": 2,
}  # fmt: skip


async def count(ref: CommitteeRef, month: date = LAST_MONTH, **figures: int | None) -> None:
    """Write a month of a committee down, USUAL but for ``figures``; the rest is zero."""
    values = dict.fromkeys(FIGURES, 0) | USUAL | figures
    columns, holes = ", ".join(values), ", ".join(f"${n}" for n in range(3, len(values) + 3))
    replaced = ", ".join(f"{name} = excluded.{name}" for name in values)
    async with platform_transaction():
        await sql(
            f"""INSERT INTO platform.rollup (committee, month, {columns}) VALUES ($1, $2, {holes})
            ON CONFLICT (committee, month) DO UPDATE SET computed_at = now(), {replaced}""",
            ref.id, month, *values.values(),
        )  # fmt: skip
