"""A province of committees that are only rows of the platform: for what reads figures and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import httpx

from infra.postgres import one, sql
from server import clock
from server.accounts.actions import add_account, give_country, give_province
from server.accounts.secrets import csrf_token
from server.accounts.sessions import start
from server.rollups.indicators import INDICATORS
from tenants import registry
from tenants.transactions import platform_transaction

THIS_MONTH = clock.month_of(clock.today())
LAST_MONTH = clock.month_after(THIS_MONTH, -1)
AT = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
# A committee of ten cells and sixty members in a month without anything that is small.
USUAL = {
    "cells": 10, "cells_met": 8, "cells_not_met": 1, "cells_not_reported": 1, "meetings_held": 9, "rolls_closed": 9,
    "members_official": 50, "members_probationary": 10, "expected": 48, "present": 40, "late": 2, "exempt_attending": 2,
    "exempt_age_health": 6, "exempt_away_work": 6, "members_assigned": 36, "members_assignable": 48,
    "assignments_live": 20, "assignments_due": 10, "assignments_better": 1, "assignments_on_time": 6,
    "assignments_late": 2, "assignments_not_done": 1, "meetings_with_minutes": 7, "quality_good": 3, "quality_fair": 2,
    "quality_average": 1, "quality_weak": 0,
}  # fmt: skip
_REST = ("meetings_not_held", "meetings_planned", "absent_excused", "absent_unexcused", "exempt",
         "assignments_moved", "assignments_undecided", "assignments_cancelled")  # fmt: skip
_COLUMNS = (*dict.fromkeys([*USUAL, *(name for each in INDICATORS for name in each.columns)]), *_REST)
_PUT = f"""INSERT INTO platform.rollup (committee, month, computed_at, {", ".join(_COLUMNS)})
VALUES ($1, $2, $3, {", ".join(f"${n}" for n in range(4, len(_COLUMNS) + 4))})
ON CONFLICT (committee, month) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}"""


@dataclass
class Fleet:
    """A province and its committees, by the name they were given."""

    id: UUID
    slug: str
    committees: dict[str, registry.CommitteeRef] = field(default_factory=dict)

    @classmethod
    async def assemble(
        cls, *committees: str, slug: str | None = None, kind: str = "commune_committee"
    ) -> Fleet:
        """A new province, or the one at a path, with committees that have told nothing yet."""
        async with platform_transaction():
            known = await one("SELECT id FROM platform.province WHERE slug = $1", slug) if slug else None
            name = f"Tỉnh {secrets.token_hex(4)}"
            province = known["id"] if known else await registry.add_province(name, slug=slug)
            made = await one("SELECT id, slug FROM platform.province WHERE id = $1", province)
            assert made is not None
            fleet = cls(made["id"], made["slug"])
            for each in committees:
                fleet.committees[each] = await registry.add_committee(province, kind=kind, name=each)
            await sql("UPDATE platform.committee SET state = 'active' WHERE province = $1", province)
        return fleet

    async def told(self, name: str, month: date = THIS_MONTH, **figures: int | None) -> None:
        """A committee's figures of a month, usual where nothing else is said."""
        row: Mapping[str, int | None] = dict.fromkeys(_REST, 0) | USUAL | figures
        async with platform_transaction():
            await sql(_PUT, self.committees[name].id, month, AT, *(row[column] for column in _COLUMNS))

    async def told_by_all(self, *months: date, **figures: int | None) -> None:
        """The same of every committee."""
        for month in months or (THIS_MONTH,):
            for name in self.committees:
                await self.told(name, month, **figures)

    def path(self, name: str) -> str:
        """A committee's path."""
        return self.committees[name].slug


async def sign_in(client: httpx.AsyncClient, fleet: Fleet, role: str = "province_viewer") -> None:
    """Log somebody in who reads this province's figures, or the whole country's."""
    async with platform_transaction():
        account = await add_account(name="Trần Thị Láng", login=f"u{uuid4().hex[:12]}", password_hash="x")
        if role == "country_viewer":
            await give_country(account, by_name="test")
        else:
            await give_province(account, fleet.id, role=role, by_name="test")
        token = await start(account, device="test")
    client.cookies.clear()
    client.cookies.set("nennep-plain-http", token, domain="nennep.test")
    client.headers["X-CSRF"] = csrf_token(token)
