"""Build the demonstration, or a province for load: registry, schemas, people, a year of meetings, figures."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from infra.postgres import lookup
from server import clock
from server.accounts.reader import Grant, Reader
from server.demo import logins, state
from server.demo.communes import WHY_SUSPENDED, Commune, commune_draft, communes_of
from server.demo.figures import figure, figure_or, table
from server.demo.filling import Draft, Progress, counting, fill_all
from server.demo.logins import DemoLogin
from server.demo.minutes import send_minutes
from server.demo.people import populate
from server.demo.places import CellPlan, cells_of, load_cells
from server.demo.state import is_built, mark_built, wipe
from server.demo.write import Span
from server.rollups.actions import recompute_dirty
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.slugs import slug_of
from tenants.transactions import platform_transaction

__all__ = ["DemoLogin", "build", "build_load", "is_built", "mark_built", "wipe"]

_YEAR = 12
# Small communes beside the committees of the articles, so that the map of the first province has something to show.
COMMUNES = 24


async def build(
    owner_url: str, *, seed: int = 1930, today: date | None = None, part: float = 1.0, minutes: bool = True,
    communes: int = COMMUNES, progress: Progress,
) -> list[DemoLogin]:  # fmt: skip
    """Build the committees of the demonstration and an account for each role; the accounts with passwords.

    The same ``seed`` on the same day gives the same people and attendance, never the same passwords. A ``today`` that
    is another day than today is taken at its end. ``part`` < 1 builds that share of the ordinary cells; without
    ``minutes`` no paper is drawn and sent. ``communes``: so many small ones in the first province. Raises
    registry.Taken where a province or path is in use. A build that was killed is cleared away by ``wipe``. ``progress``
    hears the name of a committee, cells done, cells in all. Needs an open pool, a migrated platform and, for the
    minutes, the object store.
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
        small = await _add_communes(names[0], provinces[names[0]], communes, seed)
    span = Span(seed, now, _YEAR)
    drafts = [
        _draft(places[ref.slug]["province"], ref, cells_of(ref.slug, seed=seed, part=part), span, ref.slug)
        for ref in refs
    ]
    wanted, accounts = await _accounts(drafts, provinces, seed)
    await fill_all(
        owner_url, [*drafts, *(commune_draft(ref, of, now, seed) for ref, of in small)], accounts, progress
    )
    async with platform_transaction():
        for ref, commune in small:
            if commune.suspended:
                await registry.suspend(ref.id, WHY_SUSPENDED)
    if minutes:
        await _send_minutes(drafts, accounts, seed)
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
    span = Span(seed, clock.now(), months, work=False)
    # Made as they are taken: the people of a few committees are in memory at once, not those of all.
    drafts = (
        _draft("Tỉnh Tải", ref, load_cells(ref.slug, cells=cells, members=members, seed=seed), span, "load")
        for ref in refs
    )
    await fill_all(owner_url, drafts, {}, counting("Tỉnh Tải", len(refs), progress))
    await mark_built(state.LOAD)
    return refs


def _missable(key: str) -> int:
    """Cao Lộc prints the meetings of a year, 11 to 12; elsewhere we chose how many were missed."""
    most, least = (figure_or(f"{key}.meetings_{word}", 0) for word in ("most", "least"))
    return most - least if most else figure(f"{key}.missed_most")


def _draft(province: str, ref: CommitteeRef, plans: list[CellPlan], span: Span, key: str) -> Draft:
    cells = [populate(plan, seed=span.seed, today=span.today) for plan in plans]
    return Draft(province, ref, cells, _missable(key), span)


async def _add_communes(
    name: str, province: UUID, count: int, seed: int
) -> list[tuple[CommitteeRef, Commune]]:
    return [
        (
            await registry.add_committee(
                province, kind=commune.unit.kind, name=commune.unit.name, unit_code=commune.unit.code
            ),
            commune,
        )
        for commune in communes_of(name, count, seed=seed)
    ]


async def _accounts(
    drafts: list[Draft], provinces: dict[str, UUID], seed: int
) -> tuple[list[DemoLogin], dict[tuple[UUID, str], UUID]]:
    mixes = {draft.province: draft.home.plan.site.mix for draft in drafts}
    first = next(iter(provinces))
    above: list[tuple[UUID | None, logins.Wanted]] = [
        (id_, wanted)
        for name, id_ in provinces.items()
        for wanted in logins.of_province(name, slug_of(name), mixes[name], seed=seed, whole=name == first)
    ]
    above.append((None, logins.of_country(mixes[first], seed=seed)))
    below = [
        (d.ref, wanted) for d in drafts
        for wanted in logins.of_committee(
            d.ref, d.province, d.home, seed=seed, roles=logins.OF_ONE_CELL if len(d.cells) == 1 else None
        )
    ]  # fmt: skip
    accounts = await logins.add_accounts(above, below)
    return [wanted.login for _, wanted in above] + [wanted.login for _, wanted in below], accounts


async def _send_minutes(drafts: list[Draft], accounts: dict[tuple[UUID, str], UUID], seed: int) -> None:
    for draft in drafts:
        if (draft.ref.id, "office") not in accounts:
            continue
        office = await _office(accounts[draft.ref.id, "office"])
        await send_minutes(draft.ref, draft.home.plan.id, by=office, seed=seed)
        with using(draft.ref):
            await recompute_dirty()


async def _office(account: UUID) -> Reader:
    row = await lookup("SELECT name FROM platform.account WHERE id = $1", account)
    assert row is not None
    return Reader(account, row["name"], (Grant("office"),))
