"""``nennep demo``."""

from __future__ import annotations

from pathlib import Path

import click

from infra.postgres import sql
from server import clock
from tenants.transactions import platform_transaction
from workers.commands import logins
from workers.commands.ground import Failed, chosen, data_dir, database, owner_url, run, say

SEED = 1930


@click.command(
    epilog="Examples: nennep demo; for load: nennep demo --committees 200 --cells 1 --members 151 --months 1"
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="The same seed, the same invented people.")
@click.option("--committees", type=click.IntRange(1, 10_000), help="For load: how many committees …")
@click.option("--cells", type=click.IntRange(1, 1000), default=1, show_default=True, help="… of how many cells …")
@click.option("--members", type=click.IntRange(1, 2000), default=151, show_default=True, help="… of how many members …")
@click.option("--months", type=click.IntRange(0, 120), default=1, show_default=True, help="… with how many months of meetings.")
@click.option("--logins", "file", type=click.Path(path_type=Path), help="Where to write log-ins (default: $DATA_DIR/demo-logins.json).")
def command(seed: int, committees: int | None, cells: int, members: int, months: int, file: Path | None) -> None:
    """Fill the database with invented provinces, or with many like committees for load, and write their log-ins."""
    place = file or data_dir() / "demo-logins.json"
    if not place.parent.is_dir():
        raise Failed(f"{place.parent} is not a folder. Make it, or name another file with --logins.")
    if committees is None:
        made = run(build(seed))
    else:
        made = run(_build_load(seed, committees, cells, members, months))
    logins.write(place, made)
    for line in logins.table(made):
        click.echo(line)
    say(f"Log-ins: {place}")


async def build(seed: int = SEED) -> list[logins.Login]:
    """Build the demonstration in an empty database; its log-ins as the file holds them. Raises Failed if it is not empty."""
    from server.demo.build import build as build_demo

    url = await owner_url()
    async with database(size=5) as given:
        if not await is_empty():
            raise Failed("There are provinces already: the demonstration wants an empty database.")
        made = await build_demo(url, seed=seed, today=clock.today(), progress=_tell)
        return logins.entries(made, given.public_url)


async def _build_load(seed: int, committees: int, cells: int, members: int, months: int) -> list[logins.Login]:
    from server.demo.build import build_load

    url = await owner_url()
    async with database(size=5):
        made = await build_load(
            url, committees=committees, cells=cells, members=members, months=months, seed=seed, progress=_tell
        )
        return logins.entries(made, chosen().public_url)


def _tell(line: str) -> None:
    say(f"demo: {line}")


async def is_empty() -> bool:
    """Whether nobody has written a province down yet."""
    async with platform_transaction(read_only=True):
        return not await sql("SELECT 1 FROM platform.province LIMIT 1")
