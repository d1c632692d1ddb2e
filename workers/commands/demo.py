"""``nennep demo``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from infra.postgres import sql
from server import clock
from server.demo import build as demo
from server.demo import state
from server.demo.country import Order, Otherwise, add_accounts, build_country, is_begun
from tenants.registry import Taken
from tenants.transactions import platform_transaction
from workers.commands import logins
from workers.commands.ground import Failed, data_dir, database, owner_url, progress, run, say

SEED = 1930


# What is built for load where nothing else is asked for: one province of like committees, and the whole country.
LOAD = {"cells": 1, "members": 151, "months": 1}
COUNTRY = {"committees": 3321, "cells": 20, "members": 25, "months": 12}


@click.command(
    epilog="Examples: nennep demo; for load: nennep demo --committees 200 --cells 1 --members 151 --months 1; "
    "nennep demo --country --cells 2 --members 10"
)
@click.option(
    "--seed", type=int, default=SEED, show_default=True, help="The same seed, the same invented people."
)
@click.option("--country", is_flag=True, help="All 34 provinces and 3,321 communes by their real names …")
@click.option(
    "--committees", type=click.IntRange(1, 10_000), help="… or only so many. Without --country: for load …"
)
@click.option("--cells", type=click.IntRange(1, 1000), help="… of how many cells (1; country: 20) …")
@click.option("--members", type=click.IntRange(1, 2000), help="… of how many members (151; 25) …")
@click.option("--months", type=click.IntRange(0, 120), help="… and months of meetings (1; 12).")
@click.option(
    "--logins", "file", type=click.Path(path_type=Path),
    help="Where to write the log-ins (default: demo-logins.json in the folder DATA_DIR).",
)  # fmt: skip
def command(
    seed: int, country: bool, committees: int | None, cells: int | None, members: int | None, months: int | None,
    file: Path | None,
) -> None:  # fmt: skip
    """Fill an empty database with invented provinces and write a log-in for each role.

    With --country, with the whole country: killed half-way, the same command goes on. With --committees alone, add a
    province of that many like committees, for load; that makes no log-ins.
    """
    asked = {"committees": committees, "cells": cells, "members": members, "months": months}
    given = {name: number for name, number in asked.items() if number is not None}
    if committees is not None and not country:
        run(_load(seed, **(LOAD | given)))
        return
    order = Order(seed=seed, at="", **(COUNTRY | given))
    if order.committees > COUNTRY["committees"]:
        raise Failed(f"There are {COUNTRY['committees']} communes, wards and special zones.")
    place = file or data_dir() / "demo-logins.json"
    if not place.parent.is_dir():
        raise Failed(f"{place.parent} is not a folder. Make it, or name another file with --logins.")
    made = run(_country(place, order) if country else _demonstrate(place, seed))
    if made is None:
        raise Failed(
            "The database is not empty: the demonstration stands here already, or provinces of your own do."
        )
    for line in logins.table(made):
        click.echo(line)
    say(f"Log-ins (and where each begins): {place}")


async def _demonstrate(file: Path, seed: int) -> list[logins.Login] | None:
    url = await owner_url()
    async with database(size=6):
        return await demonstrate(url, file, seed=seed)


async def demonstrate(url: str, file: Path, *, seed: int = SEED) -> list[logins.Login] | None:
    """Build the demonstration in an empty database and write its log-ins to ``file``; None where it is not empty.

    What an earlier, killed build has left is cleared away first. Needs an open pool.
    """
    if await demo.is_built():
        return None
    await demo.wipe(url)
    if not await _is_empty():
        return None
    say("Building the demonstration (once) …")
    made = logins.entries(await demo.build(url, seed=seed, today=clock.today(), progress=_tell()))
    logins.write(file, made)
    # Only now: passwords that nobody has been told open nothing, so a build killed before this is built again.
    await demo.mark_built()
    return made


def _tell() -> Callable[[str, int, int], None]:
    shown: dict[str, Callable[[int, int], None]] = {}

    def tell(title: str, done: int, of: int) -> None:
        shown.setdefault(title, progress(f"  {title}:"))(done, of)

    return tell


async def _country(file: Path, order: Order) -> list[logins.Login] | None:
    url = await owner_url()
    async with database(size=6):
        if await demo.is_built(state.COUNTRY) or not (await is_begun() or await _is_empty()):
            return None
        try:
            await build_country(url, order, _tell())
        except Otherwise as other:
            raise Failed(
                f"Another country was begun here: {other}. Ask for the same to go on with it."
            ) from None
        # Of a run that was killed after it had made them and before it had told them.
        await state.forget_accounts(url, state.COUNTRY)
        made = logins.entries(await add_accounts(order.seed))
        logins.write(file, made)
        await demo.mark_built(state.COUNTRY)
    return made


async def _load(seed: int, committees: int, cells: int, members: int, months: int) -> None:
    url = await owner_url()
    async with database(size=6):
        if not await demo.is_built("load"):
            await demo.wipe(url, "load")
        try:
            made = await demo.build_load(
                url,
                committees=committees,
                cells=cells,
                members=members,
                months=months,
                seed=seed,
                progress=_tell(),
            )
        except Taken as taken:
            raise Failed(f"The province for load stands here already ({taken}).") from None
    say(f"{len(made)} committees built")


async def _is_empty() -> bool:
    async with platform_transaction(read_only=True):
        return not await sql("SELECT 1 FROM platform.province LIMIT 1")
