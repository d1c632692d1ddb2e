"""Build the demonstration, or a province for load: registry, schemas, people, a year of meetings, figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from uuid import UUID

from infra.postgres import connect, lookup
from server import clock
from server.accounts.reader import Grant, Reader
from server.demo import logins, state
from server.demo.figures import figure, figure_or, table
from server.demo.logins import DemoLogin
from server.demo.minutes import send_minutes
from server.demo.people import Cell, populate
from server.demo.places import CellPlan, cells_of, load_cells
from server.demo.state import is_built, mark_built, wipe
from server.demo.write import COLUMNS, Span, fill
from server.rollups import actions as rollups
from server.schema import committee_line
from tenants import lifecycle, registry
from tenants.current import CommitteeRef, using
from tenants.slugs import slug_of
from tenants.transactions import platform_transaction

__all__ = ["DemoLogin", "build", "build_load", "is_built", "mark_built", "wipe"]

Progress = Callable[[str, int, int], None]
_YEAR = 12
# The program waits for the database half of the time, so a few committees at once keep both busy.
_AT_ONCE = 3
# Committees of a load province whose people are in memory at once.
_BATCH = 12


@dataclass(frozen=True)
class Draft:
    """One committee to fill. ``missable``: how many meetings a cell missed in the months before this one, at most."""

    province: str
    ref: CommitteeRef
    cells: list[Cell]
    missable: int

    @property
    def home(self) -> Cell:
        """The cell that the demonstration's accounts belong to."""
        return next(cell for cell in self.cells if cell.plan.home)


async def build(
    owner_url: str, *, seed: int = 1930, today: date | None = None, part: float = 1.0, minutes: bool = True,
    progress: Progress,
) -> list[DemoLogin]:  # fmt: skip
    """Build the committees of the demonstration and an account for each role; the accounts with passwords.

    The same ``seed`` on the same day gives the same people and attendance, never the same passwords. A ``today`` that
    is another day than today is taken at its end. ``part`` < 1 builds that share of the ordinary cells; without
    ``minutes`` no paper is drawn and sent. Raises registry.Taken where a province or path is in use. A build that was
    killed is cleared away by ``wipe``. ``progress`` hears the name of a committee, cells done, cells in all. Needs an
    open pool, a migrated platform and, for the minutes, the object store.
    """
    now = clock.now() if today in (None, clock.today()) else clock.local(today, time(23, 59))
    places = table("places")
    names = list(dict.fromkeys(data["province"] for data in places.values()))
    async with platform_transaction():
        provinces = {name: await registry.add_province(name) for name in names}
        await state.begin(state.DEMO, list(provinces.values()))
        refs = [
            await registry.add_committee(
                provinces[data["province"]], kind=data["kind"], name=data["name"], slug=slug
            )
            for slug, data in places.items()
        ]
    await _found(owner_url, refs)
    span = Span(seed, now, _YEAR)
    drafts = [
        _draft(places[ref.slug]["province"], ref, cells_of(ref.slug, seed=seed, part=part), span, ref.slug)
        for ref in refs
    ]
    wanted, accounts = await _accounts(drafts, provinces, seed)
    await _fill(owner_url, drafts, accounts, span, progress)
    for draft in drafts if minutes else ():
        if (draft.ref.id, "office") not in accounts:
            continue
        office = await _office(accounts[draft.ref.id, "office"])
        await send_minutes(draft.ref, draft.home.plan.id, by=office, seed=seed)
    return wanted


async def build_load(
    owner_url: str, *, committees: int, cells: int, members: int, months: int, seed: int, progress: Progress
) -> list[CommitteeRef]:
    """Build a province "Tỉnh Tải" for load work: so many committees, cells in each, members in each cell, whole months.

    The first cell of each committee has a meeting today whose roll is not open. No accounts are made. Raises
    registry.Taken where it stands already: ``wipe(owner_url, "load")`` clears it away.
    """
    async with platform_transaction():
        province = await registry.add_province("Tỉnh Tải")
        await state.begin(state.LOAD, [province])
        refs = [
            await registry.add_committee(province, kind="commune_committee", name=f"Tải {n:04}")
            for n in range(1, committees + 1)
        ]
    await _found(owner_url, refs)
    span = Span(seed, clock.now(), months, work=False)
    for start in range(0, len(refs), _BATCH):
        drafts = [
            _draft(
                "Tỉnh Tải", ref, load_cells(ref.slug, cells=cells, members=members, seed=seed), span, "load"
            )
            for ref in refs[start : start + _BATCH]
        ]
        await _fill(owner_url, drafts, {}, span, lambda _title, _done, _of: None)
        progress("Tỉnh Tải", start + len(drafts), len(refs))
    await mark_built(state.LOAD)
    return refs


def _missable(key: str) -> int:
    """Cao Lộc prints the meetings of a year, 11 to 12; elsewhere we chose how many were missed."""
    most, least = (figure_or(f"{key}.meetings_{word}", 0) for word in ("most", "least"))
    return most - least if most else figure(f"{key}.missed_most")


async def _found(owner_url: str, refs: Sequence[CommitteeRef]) -> None:
    owner = await connect(owner_url)
    try:
        for ref in refs:
            await lifecycle.found_with(owner, ref.id, committee_line())
    finally:
        await owner.close()


def _draft(province: str, ref: CommitteeRef, plans: list[CellPlan], span: Span, key: str) -> Draft:
    cells = [populate(plan, seed=span.seed, today=span.today) for plan in plans]
    return Draft(province, ref, cells, _missable(key))


async def _accounts(
    drafts: list[Draft], provinces: dict[str, UUID], seed: int
) -> tuple[list[DemoLogin], dict[tuple[UUID, str], UUID]]:
    mixes = {draft.province: draft.home.plan.site.mix for draft in drafts}
    above = [
        (id_, logins.of_province(name, slug_of(name), mixes[name], seed=seed))
        for name, id_ in provinces.items()
    ]
    below = [
        (d.ref, wanted) for d in drafts
        for wanted in logins.of_committee(
            d.ref, d.province, d.home, seed=seed, roles=logins.OF_ONE_CELL if len(d.cells) == 1 else None
        )
    ]  # fmt: skip
    accounts = await logins.add_accounts(above, below)
    return [wanted.login for _, wanted in above] + [wanted.login for _, wanted in below], accounts


async def _office(account: UUID) -> Reader:
    row = await lookup("SELECT name FROM platform.account WHERE id = $1", account)
    assert row is not None
    return Reader(account, row["name"], (Grant("office"),))


async def _fill(
    owner_url: str,
    drafts: list[Draft],
    accounts: dict[tuple[UUID, str], UUID],
    span: Span,
    progress: Progress,
) -> None:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(draft: Draft) -> None:
        async with places:
            told = partial(_tell, progress, draft)
            await fill(draft.ref, draft.cells, accounts, span, missable=draft.missable, told=told)
            await _count(owner_url, draft.ref, span)

    async with asyncio.TaskGroup() as group:
        for draft in drafts:
            group.create_task(one(draft))


def _tell(progress: Progress, draft: Draft, done: int) -> None:
    progress(draft.ref.title, done, len(draft.cells))


async def _count(owner_url: str, ref: CommitteeRef, span: Span) -> None:
    """The province's figures for every month; the planner is told of the new rows first."""
    owner = await connect(owner_url)
    try:
        tables = ", ".join(f'"{ref.schema_name}".{name}' for name in COLUMNS)
        await owner.execute(f"ANALYZE {tables}")
    finally:
        await owner.close()
    with using(ref):
        for month in sorted({*span.all_months(), *await rollups.months()}):
            await rollups.recompute_rollup(month.isoformat())
