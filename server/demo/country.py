"""The whole country for load: every commune, ward and zone by its real name and code, with invented people.

What was ordered stands in the database from the first moment, each committee is filled whole or not at all, and its
figures are written last: a build that was killed goes on with those that have none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from infra.postgres import one, sql
from server import clock
from server.committees.units import Unit, units
from server.demo import logins, state
from server.demo.communes import Commune, commune_draft, mix_of
from server.demo.filling import Draft, Progress, counting, fill_all
from server.demo.logins import DemoLogin
from tenants import registry
from tenants.current import CommitteeRef
from tenants.registry import COLUMNS, ref_of
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Order:
    """How many committees, of how many cells, members a cell and whole months; ``at``: the moment that it shows."""

    committees: int
    cells: int
    members: int
    months: int
    seed: int
    at: str = ""


class Otherwise(Exception):
    """Another order is under way here; its numbers are the text."""


async def build_country(owner_url: str, order: Order, progress: Progress) -> None:
    """Found and fill what ``order`` says, or go on with it. No accounts are made.

    Raises Otherwise where another order was begun and not ended, registry.Taken where a province is in use. Needs an
    open pool and a migrated platform.
    """
    begun = await _begun() or await begin(order)
    if asdict(begun) | {"at": ""} != asdict(order) | {"at": ""}:
        raise Otherwise(", ".join(f"{name} {value}" for name, value in asdict(begun).items() if name != "at"))
    now = datetime.fromisoformat(begun.at)
    waiting = await unfinished(now)
    tell = counting("committees", begun.committees, progress, done=begun.committees - len(waiting))
    await fill_all(owner_url, drafts(waiting, begun, now), {}, tell)


async def is_begun() -> bool:
    """Whether an order stands here, built or not. Needs an open pool."""
    return await _begun() is not None


async def add_accounts(seed: int) -> list[DemoLogin]:
    """An administrator for each province and somebody who sees the country's figures, with new passwords."""
    async with platform_transaction(read_only=True):
        rows = await sql(
            """SELECT p.id, p.name, p.slug FROM platform.province p, platform.setting s
            WHERE s.name = $1 AND s.value -> 'provinces' ? p.id::text ORDER BY p.slug""",
            state.COUNTRY,
        )
    above: list[tuple[UUID | None, logins.Wanted]] = [
        (row["id"], logins.of_province(row["name"], row["slug"], mix_of(row["name"]), seed=seed)[0])
        for row in rows
    ]
    above.append((None, logins.of_country(mix_of(""), seed=seed)))
    await logins.add_accounts(above, [])
    return [wanted.login for _, wanted in above]


async def _begun() -> Order | None:
    async with platform_transaction(read_only=True):
        row = await one(
            "SELECT value -> 'order' AS told FROM platform.setting WHERE name = $1", state.COUNTRY
        )
    return Order(**json.loads(row["told"])) if row else None


async def begin(order: Order) -> Order:
    """Write provinces and committees down, and what is to become of them, in one transaction; the order with ``at``.

    Raises registry.Taken where a province is in use.
    """
    order = Order(**asdict(order) | {"at": clock.now().isoformat()})
    chosen = _spread(list(units().values()), order.committees)
    async with platform_transaction():
        names = list(dict.fromkeys(unit.province for unit in chosen))
        provinces = {name: await registry.add_province(name) for name in names}
        await state.begin(state.COUNTRY, list(provinces.values()), order=asdict(order))
        await registry.add_committees(
            [(provinces[unit.province], unit.kind, unit.name, unit.code) for unit in chosen]
        )
    return order


def _spread(everybody: Sequence[Unit], count: int) -> list[Unit]:
    return [everybody[n * len(everybody) // count] for n in range(count)]


async def unfinished(now: datetime) -> list[tuple[CommitteeRef, Unit]]:
    """The committees of the order that have no figures yet, by the codes of their units."""
    async with platform_transaction(read_only=True):
        rows = await sql(
            f"""SELECT {COLUMNS}, unit_code FROM platform.committee c
            WHERE c.province::text IN (SELECT jsonb_array_elements_text(value -> 'provinces')
                FROM platform.setting WHERE name = $1)
            AND NOT EXISTS (SELECT FROM platform.rollup r WHERE r.committee = c.id AND r.month = $2)
            ORDER BY unit_code""",
            state.COUNTRY, clock.month_of(now.astimezone(clock.VIETNAM).date()),
        )  # fmt: skip
    return [(ref_of(row), units()[row["unit_code"]]) for row in rows]


def drafts(waiting: Sequence[tuple[CommitteeRef, Unit]], order: Order, now: datetime) -> Iterator[Draft]:
    """Made as they are taken: the people of a few committees are in memory at once, not those of all."""
    for ref, unit in waiting:
        commune = Commune(unit, order.cells, order.members, order.months)
        yield commune_draft(ref, commune, now, order.seed, work=False)
