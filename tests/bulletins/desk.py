"""The province's desk in tests: its administrator, its path, a PDF, and a set of rules as its form sends one."""

from __future__ import annotations

import io
from datetime import date
from uuid import UUID, uuid4

import pikepdf

from infra.postgres import one
from server import clock
from server.accounts.reader import Grant, Reader
from server.bulletins.publishing import Told, publish_rules
from server.rulebook import local
from server.rulebook.entries import Rule
from tenants import registry
from tenants.current import CommitteeRef, set_current
from tenants.transactions import platform_transaction
from tests.cast import Cast

SOURCE = "15-HD/BTCTU, 20-10-2026"


def administrator(cast: Cast) -> Reader:
    """Who administers the province of the cast."""
    return Reader(uuid4(), "Siu Hương", (Grant("province_administrator", province=cast.province),))


async def slug_of(province: UUID) -> str:
    """The path of a province."""
    async with platform_transaction(read_only=True):
        row = await one("SELECT slug FROM platform.province WHERE id = $1", province)
    assert row is not None
    return str(row["slug"])


async def as_it_is(ref: CommitteeRef) -> CommitteeRef:
    """A committee as the registry has it now, set as the current one with its rules loaded: as the entrance does."""
    async with platform_transaction(read_only=True):
        found = await registry.find(ref.slug)
    assert found is not None
    set_current(found)
    await local.load(found)
    return found


def rule(
    value: int = 95, key: str = "attendance_target", scope: str | None = None, *,
    since: date | None = None, until: date | None = None, unit: str = "percent",
) -> Rule:  # fmt: skip
    return Rule(key, scope, value, unit, since or clock.month_of(clock.today()), until, SOURCE, "C")


async def publish(
    cast: Cast, *rules: Rule, slugs: list[str] | None = None, title: str = "Quy định của tỉnh"
) -> UUID:
    """A set of rules, published to some committees or to all; its id."""
    bulletin = uuid4()
    told = Told("15-HD/BTCTU", title, "", slugs)
    await publish_rules(
        await slug_of(cast.province), bulletin, told, list(rules) or [rule()], by=administrator(cast)
    )
    return bulletin


def pdf(*, script: bool = False) -> bytes:
    """A page of nothing, with ``script`` one that would run something."""
    made = pikepdf.new()
    made.add_blank_page()
    if script:
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()
