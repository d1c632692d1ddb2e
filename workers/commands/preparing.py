"""What ``nennep up`` has done before it serves: migrations, and the demonstration in an empty database.

In a process of its own, which ends: building the demonstration draws, reads and writes paper, and the supervisor would
keep those 200 MB for as long as it runs.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import click

from infra.embedded.process import end, leashed
from workers.commands.ground import Failed

STOP_SECONDS = 5.0


def prepare(logins: Path | None) -> None:
    """Migrate, and build the demonstration where ``logins`` says where its log-ins go. Raises Failed.

    The settings are those of this process's environment. What is said appears on this terminal.
    """
    command = leashed(
        [sys.executable, "-m", __name__, *([str(logins)] if logins else [])], death_signal=signal.SIGKILL
    )
    process = subprocess.Popen(command)
    try:
        code = process.wait()
    finally:
        end(process, signal.SIGTERM, STOP_SECONDS)
    if code != 0:
        raise Failed("The database could not be prepared; the reason stands above.")


@click.command()
@click.argument("logins", type=click.Path(path_type=Path), required=False)
def main(logins: Path | None) -> None:
    """In the child."""
    from workers.commands import demo, migrate  # noqa: PLC0415 - the supervisor must not bring what these bring
    from workers.commands.ground import database, owner_url, run  # noqa: PLC0415

    async def demonstration(file: Path) -> None:
        url = await owner_url()
        async with database(size=6):
            await demo.demonstrate(url, file)

    run(migrate.everything())
    if logins is not None:
        run(demonstration(logins))


if __name__ == "__main__":
    main()
