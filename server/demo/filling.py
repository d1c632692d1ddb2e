"""Found committees and fill them, a few at once: people, meetings, work, then the province's figures of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

import asyncpg

from infra.postgres import connect
from server import clock
from server.demo.people import Cell
from server.demo.write import COLUMNS, Span, fill, is_filled
from server.rollups import actions as rollups
from server.schema import committee_line
from tenants import lifecycle
from tenants.current import CommitteeRef, using

# Hears the name of a committee, cells done, cells in all.
Progress = Callable[[str, int, int], None]
# The program waits for the database half of the time, so a few committees at once keep both busy.
_AT_ONCE = 3
# Committees after which the owner's connection is replaced: a backend keeps what it has touched.
_LIFE = 200


@dataclass(frozen=True)
class Draft:
    """One committee to fill. ``missable``: how many meetings a cell missed in the months before this one, at most.

    ``until``: the month up to which figures are counted, where it is a later one than that of the span.
    """

    province: str
    ref: CommitteeRef
    cells: list[Cell]
    missable: int
    span: Span
    until: date | None = None

    @property
    def home(self) -> Cell:
        """The cell that the demonstration's accounts belong to."""
        return next(cell for cell in self.cells if cell.plan.home)

    def months(self) -> set[date]:
        """The months that have figures: those of the span and all up to ``until``."""
        months = self.span.all_months()
        if self.until is None:
            return {*months}
        count = 12 * (self.until.year - months[0].year) + self.until.month - months[0].month
        return {clock.month_after(months[0], n) for n in range(count + 1)}


def counting(title: str, of: int, progress: Progress, *, done: int = 0) -> Progress:
    """Tell ``progress`` how many committees of ``of`` are filled, whatever their cells; ``done`` were before."""

    def tell(_title: str, cells_done: int, cells: int) -> None:
        nonlocal done
        if cells_done >= cells:
            done += 1
            progress(title, done, of)

    return tell


async def fill_all(
    owner_url: str, drafts: Iterable[Draft], accounts: Mapping[tuple[UUID, str], UUID], progress: Progress
) -> None:
    """Found (where that is still to be done) and fill every committee. ``drafts`` may be made while they are taken.

    What was filled before a kill is not filled again, only counted. Needs an open pool.
    """
    waiting = iter(drafts)
    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(_work(owner_url, waiting, accounts, progress))


async def _work(
    owner_url: str, drafts: Iterator[Draft], accounts: Mapping[tuple[UUID, str], UUID], progress: Progress
) -> None:
    owner = await connect(owner_url)
    try:
        for number, draft in enumerate(drafts, start=1):
            if number % _LIFE == 0:
                await owner.close()
                owner = await connect(owner_url)
            await lifecycle.found_with(owner, draft.ref.id, committee_line())
            if not await is_filled(draft.ref):
                told = partial(_tell, progress, draft)
                await fill(draft.ref, draft.cells, accounts, draft.span, missable=draft.missable, told=told)
            await _count(owner, draft)
            progress(draft.ref.title, len(draft.cells), len(draft.cells))
    finally:
        await owner.close()


def _tell(progress: Progress, draft: Draft, done: int) -> None:
    # All of a committee's cells are done when its figures are there too.
    if done < len(draft.cells):
        progress(draft.ref.title, done, len(draft.cells))


async def _count(owner: asyncpg.Connection, draft: Draft) -> None:
    """The province's figures for every month; the planner is told of the new rows first."""
    await owner.execute("ANALYZE " + ", ".join(f'"{draft.ref.schema_name}".{name}' for name in COLUMNS))
    with using(draft.ref):
        await rollups.recompute_months({*draft.months(), *await rollups.months()})
