"""``nennep migrate``, and the work behind ``nennep committee migrate``."""

from __future__ import annotations

from uuid import UUID

import click

from server.schema import committee_line, platform_lines
from tenants.migrations.runner import migrate_committees, migrate_platform
from workers.commands.ground import Failed, owner_url, progress, run, say


@click.command(epilog="Example: nennep migrate --parallel 8")
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    help="Committees at the same time.",
)
def command(parallel: int) -> None:
    """Bring the platform and then every committee to this version. Killed or failed half-way: run it again."""
    run(everything(parallel))


async def everything(parallel: int = 4) -> None:
    """Migrate the platform, then all committees."""
    url = await owner_url()
    steps = await migrate_platform(url, platform_lines())
    say(f"platform: {steps} migrations applied" if steps else "platform: nothing to do")
    await committees(parallel=parallel, url=url)


async def committees(
    *, parallel: int = 4, only: str | None = None, province: UUID | None = None, url: str | None = None
) -> None:
    """Migrate all committees, one, or those of a province. Raises Failed with each that could not be migrated."""
    report = await migrate_committees(
        url or await owner_url(),
        committee_line(),
        parallel=parallel,
        only=only,
        province=province,
        progress=progress("committees"),
    )
    if report.failed:
        faults = "\n".join(f"  {slug}: {error}" for slug, error in sorted(report.failed.items()))
        raise Failed(
            f"{report.migrated} committees migrated, then stopped at:\n{faults}\nMend this and run it again."
        )
    say(f"committees: {report.migrated} migrated" if report.migrated else "committees: nothing to do")
