"""``nennep demo``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from infra.postgres import sql
from server import clock
from server.demo import build as demo
from tenants.registry import Taken
from tenants.transactions import platform_transaction
from workers.commands import logins
from workers.commands.ground import Failed, data_dir, database, owner_url, progress, run, say

SEED = 1930


@click.command(
    epilog="Examples: nennep demo; for load: nennep demo --committees 200 --cells 1 --members 151 --months 1"
)
@click.option(
    "--seed", type=int, default=SEED, show_default=True, help="The same seed, the same invented people."
)
@click.option("--committees", type=click.IntRange(1, 10_000), help="For load: how many committees …")
@click.option(
    "--cells", type=click.IntRange(1, 1000), default=1, show_default=True, help="… of how many cells …"
)
@click.option(
    "--members", type=click.IntRange(1, 2000), default=151, show_default=True, help="… of how many members …"
)
@click.option(
    "--months", type=click.IntRange(0, 120), default=1, show_default=True, help="… and months of meetings."
)
@click.option(
    "--logins", "file", type=click.Path(path_type=Path),
    help="Where to write the log-ins (default: demo-logins.json in the folder DATA_DIR).",
)  # fmt: skip
def command(
    seed: int, committees: int | None, cells: int, members: int, months: int, file: Path | None
) -> None:
    """Fill an empty database with invented provinces and write a log-in for each role.

    With --committees, add a province of that many like committees instead, for load; that makes no log-ins.
    """
    if committees is not None:
        run(_load(seed, committees, cells, members, months))
        return
    place = file or data_dir() / "demo-logins.json"
    if not place.parent.is_dir():
        raise Failed(f"{place.parent} is not a folder. Make it, or name another file with --logins.")
    made = run(_demonstrate(place, seed))
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
