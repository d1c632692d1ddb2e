"""How long backups are kept, and what is swept: backups past their days, pages that none names, what kills left."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from infra.backup_place import Stored
from infra.log import describe
from infra.postgres import one, sql
from infra.settings import settings
from server import clock
from server.backups import files, reading
from server.backups.about import ABOUT, PAGES, is_location, taken_at_of
from server.backups.making import lock
from tenants.current import CommitteeRef
from tenants.export.faults import WrongFile
from tenants.transactions import platform_transaction

# So many of the newest stay however old they are: a clock that ran ahead, or a month without backups, must not leave
# one alone, which nobody has tried and which may hold the very damage.
SPARED = 3
# What was begun and has no end after so long was given up; what lies there without being whole goes then.
GIVEN_UP = timedelta(days=2)
# While the place is asked, the transaction that keeps others off has nothing to do.
_PATIENCE = "SET LOCAL idle_in_transaction_session_timeout = '30min'"

log = logging.getLogger(__name__)


async def sweep(ref: CommitteeRef) -> int:
    """Remove a committee's backups that are older than they are kept, except the SPARED newest and the newest that was
    restored and found equal, and then every file that none of the others names; how many files. Nothing while one is
    being made. Raises StoreAway, Refused.
    """
    async with platform_transaction():
        await sql(_PATIENCE)
        await lock(ref.id)
        if await one(
            """SELECT 1 FROM platform.backup
            WHERE committee = $1 AND ended_at IS NULL AND began_at > now() - $2::interval""",
            ref.id, GIVEN_UP,
        ):  # fmt: skip
            return 0
        await sql("DELETE FROM platform.backup WHERE committee = $1 AND ended_at IS NULL", ref.id)
        with files.reached():
            found = await files.the_place().stored(ref.schema_name)
        kept = _kept(found, await _proven(ref))
        gone = [one_of.name for one_of in found if _is_over(one_of, kept)] + await _unnamed(found, kept)
        await _remove(gone)
        await _forget(ref, kept)
    return len(gone)


async def _proven(ref: CommitteeRef) -> str:
    """The newest backup of a committee's schema whose restore was found equal; '' where there is none."""
    row = await one(
        """SELECT location FROM platform.backup WHERE starts_with(location, $1) AND removed_at IS NULL
            AND rehearsed_at IS NOT NULL AND rehearsal_fault = '' ORDER BY taken_at DESC LIMIT 1""",
        f"{ref.schema_name}/",
    )  # fmt: skip
    return "" if row is None else str(row["location"])


def _kept(found: Sequence[Stored], proven: str) -> list[str]:
    """The locations of the backups that stay, oldest first."""
    ends = f"/{ABOUT}"
    whole = [one_of.name.removesuffix(ends) for one_of in found if one_of.name.endswith(ends)]
    whole = sorted(filter(is_location, whole), key=taken_at_of)
    oldest = clock.now() - timedelta(days=settings().backup_keep_days)
    spared = {*whole[-SPARED:], proven}
    return [location for location in whole if taken_at_of(location) >= oldest or location in spared]


def _is_over(found: Stored, kept: Sequence[str]) -> bool:
    folder, name = found.name.rsplit("/", 1)
    if folder in kept or not is_location(folder):
        return False
    # One that has no backup.json (yet) may be on its way.
    return name == ABOUT or taken_at_of(folder) < clock.now() - GIVEN_UP


async def _unnamed(found: Sequence[Stored], kept: Sequence[str]) -> list[str]:
    """Pages that no backup names any more. The newest names nearly all; older ones are read for what it does not."""
    names = {one_of.name for one_of in found if one_of.name.rsplit("/", 1)[0].endswith(f"/{PAGES}")}
    for location in reversed(kept):
        if not names:
            break
        try:
            about, _ = await reading.told_by(location)
        except WrongFile as fault:
            # Of another key, or damaged: whatever it names stays as long as it does.
            log.warning("a backup could not be read, so no page is swept", extra={"error": describe(fault)})
            return []
        schema = location.split("/")[0]
        names -= {f"{schema}/{PAGES}/{page.name}" for page in about.pages}
    return sorted(names)


async def _remove(names: Sequence[str]) -> None:
    # First what makes a backup one: killed in between, what is left of it looks like none.
    with files.reached():
        await files.the_place().remove(sorted(names, key=lambda name: not name.endswith(f"/{ABOUT}")))


# Of a schema's folder ($1), but for these locations ($2).
_GONE = """ended_at IS NOT NULL AND removed_at IS NULL AND starts_with(location, $1)
    AND location <> ALL ($2::text[])"""


async def _forget(ref: CommitteeRef, kept: Sequence[str]) -> None:
    """Rows of backups that are gone; of those that were tried it stays known when."""
    given = f"{ref.schema_name}/", list(kept)
    await sql(f"DELETE FROM platform.backup WHERE {_GONE} AND rehearsed_at IS NULL", *given)
    await sql(f"UPDATE platform.backup SET removed_at = now() WHERE {_GONE}", *given)


async def remove_all(ref: CommitteeRef) -> int:
    """Remove everything that is kept of an erased committee; how many files. Raises StoreAway, Refused where there are
    backups and no place is set.
    """
    async with platform_transaction():
        await sql(_PATIENCE)
        await lock(ref.id)
        known = await one(
            "SELECT 1 FROM platform.backup WHERE starts_with(location, $1) AND removed_at IS NULL",
            f"{ref.schema_name}/",
        )
        if settings().backup_url is None and known is None:
            return 0
        with files.reached():
            gone = [one_of.name for one_of in await files.the_place().stored(ref.schema_name)]
        await _remove(gone)
        await _forget(ref, [])
        await sql("DELETE FROM platform.backup WHERE committee = $1 AND ended_at IS NULL", ref.id)
    return len(gone)
