"""``nennep migrate``, and the work behind ``nennep committee migrate``."""

from __future__ import annotations

import time
from typing import TypedDict
from uuid import UUID

import asyncpg
import click

from infra.postgres import Record, connect
from server.schema import committee_line, platform_lines
from tenants.drift import check_schemas
from tenants.migrations.runner import (
    Report,
    Unlike,
    behind,
    migrate_committees,
    migrate_platform,
    missing,
    rehearse,
)
from workers.commands.ground import Failed, owner_url, progress, run, say


class Pace(TypedDict, total=False):
    """How a run goes on: see ``migrate_committees``."""

    parallel: int
    canaries: int | None
    stop_after: int
    pause: float


@click.command(
    context_settings={"show_default": True},
    epilog="Examples: nennep migrate --dry-run; nennep migrate --until canaries; "
    "nennep migrate --parallel 8 --stop-after 5 --pause 600",
)
@click.option("--parallel", type=click.IntRange(1, 32), default=4, help="Committees at the same time.")
@click.option(
    "--canaries", type=click.IntRange(1), help="How many go alone first (default: those named so, else 1)."
)
@click.option("--stop-after", type=click.IntRange(1), default=1, help="Stop when so many have failed.")
@click.option("--pause", type=click.FloatRange(0), default=0.0, help="Seconds to wait between two waves.")
@click.option(
    "--until",
    type=click.Choice(["platform", "canaries"]),
    show_default="everybody",
    help="Stop after the platform's tables, or after the committees that go alone; the rest follows later.",
)
@click.option("--dry-run", is_flag=True, help="Try it on the canaries, take it back, print who is behind.")
@click.option(
    "--drift", is_flag=True, help="Only compare every schema with the template, and name what differs."
)
def command(
    parallel: int,
    canaries: int | None,
    stop_after: int,
    pause: float,
    until: str | None,
    dry_run: bool,
    drift: bool,
) -> None:
    """Bring the platform and then every committee to this version. Killed or failed half-way: run it again.

    Committees named canaries go first, one by one, then 2 %, 20 % and the rest. Where a table stays locked, its
    committee is noted and passed over.
    """
    if drift:
        run(compare())
    elif dry_run:
        run(_rehearsal(canaries))
    elif until is not None:
        run(_first(canaries if until == "canaries" else 0))
    else:
        run(
            everything({"parallel": parallel, "canaries": canaries, "stop_after": stop_after, "pause": pause})
        )


async def everything(pace: Pace | None = None) -> None:
    """Migrate the platform, then all committees."""
    await committees(url=await _platform(), pace=pace)


async def _platform() -> str:
    url = await owner_url()
    try:
        steps = await migrate_platform(url, platform_lines())
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        raise Failed("platform: its tables stayed locked. What is done stays; run it again.") from None
    say(f"platform: {steps} migrations applied" if steps else "platform: nothing to do")
    return url


async def _first(canaries: int | None) -> None:
    """The platform, then only the committees that go alone (none for 0): what has to be in order before a rollout."""
    url = await _platform()
    if canaries == 0:
        return
    owner = await connect(url)
    try:
        waiting = await behind(owner, committee_line())
    finally:
        await owner.close()
    alone = _alone(waiting, canaries)
    for row in alone:
        say(f"alone: {row['slug']}")
        await committees(only=row["slug"], url=url)
    say(f"{len(waiting) - len(alone)} committees wait for: nennep migrate")


def _alone(waiting: list[Record], canaries: int | None) -> list[Record]:
    return waiting[: canaries or sum(row["canary"] for row in waiting) or 1]


async def committees(
    *, only: str | None = None, province: UUID | None = None, url: str | None = None, pace: Pace | None = None
) -> None:
    """Migrate all committees, one, or those of a province. Raises Failed with each that could not be migrated."""
    begun = time.monotonic()
    report = await migrate_committees(
        url or await owner_url(),
        committee_line(),
        only=only,
        province=province,
        progress=progress("committees"),
        told=say,
        **(pace or {}),
    )
    _tell(report, time.monotonic() - begun)


def _tell(report: Report, seconds: float) -> None:
    if report.failed:
        raise Failed(
            f"{report.migrated} committees migrated, then stopped at:\n{_faults(report.failed | report.stuck)}\n"
            "Mend this and run it again."
        )
    if report.stuck:
        raise Failed(f"{report.migrated} committees migrated; these are stuck:\n{_faults(report.stuck)}")
    done = f"{report.migrated} migrated in {seconds:.1f} s" if report.migrated else "nothing to do"
    say(f"committees: {done}")


def _faults(faults: dict[str, str]) -> str:
    return "\n".join(f"  {slug}: {error}" for slug, error in sorted(faults.items()))


async def _rehearsal(canaries: int | None) -> None:
    url, line = await owner_url(), committee_line()
    owner = await connect(url)
    try:
        steps = await missing(owner, platform_lines())
        for name, migration in steps:
            click.echo(f"platform\t{name} {migration.name}")
        if steps:
            raise Failed("The platform is behind: its steps are not rehearsed. Run: nennep migrate")
        waiting = await behind(owner, line)
    finally:
        await owner.close()
    for row in waiting:
        click.echo(f"{row['slug']}\t{row['version']} -> {line[-1].version}")
    for row in _alone(waiting, canaries):
        begun = time.monotonic()
        try:
            await rehearse(url, line, row)
        except Unlike as fault:
            raise Failed(f"{row['slug']}: {fault}") from None
        say(f"{row['slug']}: would be migrated in {time.monotonic() - begun:.2f} s, and was taken back")
    say(f"{len(waiting)} committees would be migrated")


async def compare() -> None:
    """Print what has drifted from the template, with tabs. Raises Failed where anything has."""
    drifted = await check_schemas(await owner_url(), committee_line(), progress=progress("compared"))
    for slug, differences in sorted(drifted.items()):
        for difference in differences:
            click.echo(f"{slug}\t{difference}")
    if drifted:
        raise Failed(f"{len(drifted)} committees differ from the template of their version.")
    say("Every schema is as its migrations made it.")
