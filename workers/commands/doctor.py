"""``nennep doctor``."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import partial

import click

from infra.settings import KNOWN, Settings, WrongSettings, unknown
from workers.commands.ground import chosen
from workers.doctor import addresses, database, machine, servers, walls, work
from workers.doctor.findings import Check, Finding, Found, run

_ANYWHERE: dict[str, Check] = {"versions": machine.versions, "disk": machine.disk, "reading": machine.reading}
# In the order in which things are mended.
_SERVERS = {
    "queue": servers.queue,
    "object store": servers.store,
    "certificate": addresses.public,
    "store's certificate": addresses.store,
    "reminders": machine.pushing,
    "folder of backups": machine.backups,
}
_IN_DATABASE = {
    "database clock": database.clock,
    "database setup": database.setup,
    "application's role": walls.application,
    "owner's role": walls.owner,
    "migrations": work.migrations,
}
_IN_TABLES = {
    "timetable": work.timetable,
    "jobs": work.jobs,
    "backups": work.backups,
    "demonstration": work.demonstration,
}


@click.command(epilog="Examples: nennep doctor; nennep doctor --json")
@click.option("--json", "machine_readable", is_flag=True, help="A list of objects: check, level, what, todo.")
@click.pass_context
def command(context: click.Context, machine_readable: bool) -> None:
    """Look at this deployment from here: one line a finding, with what to do. Changes nothing.

    Exit code 1 where something fails; warnings are for a quiet hour. In the store one small object is written and
    removed again.
    """
    found = asyncio.run(_look())
    if machine_readable:
        click.echo(json.dumps([one.facts() for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(one.line())
    context.exit(1 if _failed(found) else 0)


async def _look() -> list[Finding]:
    given, found = _settings()
    found += await _all(dict(_ANYWHERE) | {"secret files": partial(machine.secret_files, os.environ)})
    if given is None:
        return found
    reached = await run("database", partial(database.reached, given))
    found += reached
    found += await _all(_of(given, _SERVERS))
    # What needs something that is missing is not asked for it: that is said once, not by each.
    if _failed(reached):
        found.append(_not_looked_at(_IN_DATABASE, "the database"))
        return [*found, _not_looked_at(_IN_TABLES, "its tables")]
    inside = await _all(_of(given, _IN_DATABASE))
    found += inside
    if _failed(one for one in inside if one.check == "migrations"):
        return [*found, _not_looked_at(_IN_TABLES, "its tables")]
    return found + await _all(_of(given, _IN_TABLES))


def _of(
    given: Settings, checks: Mapping[str, Callable[[Settings], AsyncIterator[Found]]]
) -> dict[str, Check]:
    return {name: partial(check, given) for name, check in checks.items()}


def _failed(found: Iterable[Finding]) -> bool:
    return any(one.level == "fail" for one in found)


def _not_looked_at(checks: Iterable[str], missing: str) -> Finding:
    return Finding("database", "warn", f"{', '.join(checks)}: not looked at", f"mend {missing} first")


async def _all(checks: Mapping[str, Check]) -> list[Finding]:
    return [
        one for several in await asyncio.gather(*(run(*named) for named in checks.items())) for one in several
    ]


def _settings() -> tuple[Settings | None, list[Finding]]:
    try:
        given = chosen()
    except WrongSettings as wrong:
        return None, [*_mistakes(wrong)]
    strange = [
        Finding(
            "settings", "warn", f"{name} is not known to this version", "take it away, or correct its name"
        )
        for name in unknown(os.environ)
    ]
    return given, [Finding("settings", "ok", f"settings: all {len(KNOWN)} can be read"), *strange]


def _mistakes(wrong: WrongSettings) -> Iterator[Finding]:
    for line in str(wrong).splitlines()[1:]:
        yield Finding("settings", "fail", line.strip(), "correct it (.env.example says what it is)")
    yield Finding("settings", "warn", "servers were not looked at", "mend the settings and ask again")
