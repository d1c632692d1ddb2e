"""What leaves for good: minutes whose time in the bin is over, and objects that no row speaks of (any more)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from infra import objects
from infra.postgres import Record, one, sql
from server import clock
from server.minutes.actions import settle
from server.minutes.again import take_up_forgotten
from server.minutes.keeping import StoreAway
from server.recovery import lost_stretch
from tenants.current import current
from tenants.transactions import transaction

# An upload stores its object before its row, and a step its pictures before it says so: what is younger than this may
# belong to one that is still under way.
OLD = timedelta(days=1)
AT_ONCE = 500

_TAKEN = """INSERT INTO minutes_erased (minutes, meeting, cell, files, pages, bytes, sha256, sent_at, sent_by,
    binned_at, binned_by, reason)
SELECT g.id, g.meeting, g.cell, count(f.id), coalesce(sum(f.pages), 0), coalesce(sum(f.bytes), 0),
    coalesce(array_agg(f.sha256 ORDER BY f.stored_at) FILTER (WHERE f.id IS NOT NULL), '{}'),
    g.created_at, g.created_by, g.binned_at, g.binned_by, g.bin_reason
FROM minutes g LEFT JOIN minutes_file f ON f.minutes = g.id
WHERE g.id = $1 AND g.erase_on <= $2
GROUP BY g.id, g.meeting, g.cell, g.created_at, g.created_by, g.binned_at, g.binned_by, g.bin_reason"""

_DROPPED_FOR = """SELECT d.id FROM minutes d WHERE d.id <> $1 AND (
    EXISTS (SELECT 1 FROM minutes_page p JOIN minutes_page s ON s.id = p.same_page
        WHERE p.minutes = d.id AND p.same_decided = 'dropped' AND s.minutes = $1)
    OR EXISTS (SELECT 1 FROM minutes_file f JOIN minutes_file s ON s.id = f.same_file
        WHERE f.minutes = d.id AND f.same_decided = 'dropped' AND s.minutes = $1))
ORDER BY d.id FOR UPDATE"""


async def erase_binned_minutes() -> None:
    """Erase every document whose last day in the bin has come: first its objects, then its rows, leaving a record.

    What is interrupted between the two is found again, binned still, and ended the next time. The document is held
    meanwhile, so that nobody fetches half of it back. Raises StoreAway.
    """
    today = clock.today()
    async with transaction(read_only=True):
        rows = await sql("SELECT id FROM minutes WHERE erase_on <= $1 ORDER BY erase_on", today)
    for row in rows:
        async with transaction():
            held = await one(
                "SELECT id FROM minutes WHERE id = $1 AND erase_on <= $2 FOR UPDATE", row["id"], today
            )
            if held is not None:
                await _remove(await _keys(f"{current().schema_name}/{held['id']}/"))
                await _erase(held["id"], today)


async def _erase(minutes: UUID, today: object) -> None:
    await sql(_TAKEN, minutes, today)
    await _let_stand(minutes)
    # Others may have said that their page or file is the same as one of these.
    await sql(
        """UPDATE minutes_page SET same_page = NULL WHERE minutes <> $1
        AND same_page IN (SELECT id FROM minutes_page WHERE minutes = $1)""",
        minutes,
    )
    await sql(
        """UPDATE minutes_file SET same_file = NULL WHERE minutes <> $1
        AND same_file IN (SELECT id FROM minutes_file WHERE minutes = $1)""",
        minutes,
    )
    await sql("DELETE FROM minutes_field WHERE minutes = $1", minutes)
    await sql("DELETE FROM minutes_text WHERE minutes = $1", minutes)
    await sql("DELETE FROM minutes_page WHERE minutes = $1", minutes)
    await sql("DELETE FROM minutes_file WHERE minutes = $1", minutes)
    await sql("DELETE FROM minutes WHERE id = $1", minutes)


async def _let_stand(minutes: UUID) -> None:
    """What others dropped because it stood here too counts again: from now on it stands nowhere else."""
    others = await sql(_DROPPED_FOR, minutes)
    held = [row["id"] for row in others]
    await sql(
        """UPDATE minutes_page SET same_decided = '' WHERE minutes = ANY ($2) AND same_decided = 'dropped'
        AND same_page IN (SELECT id FROM minutes_page WHERE minutes = $1)""",
        minutes, held,
    )  # fmt: skip
    await sql(
        """UPDATE minutes_file SET same_decided = '' WHERE minutes = ANY ($2) AND same_decided = 'dropped'
        AND same_file IN (SELECT id FROM minutes_file WHERE minutes = $1)""",
        minutes, held,
    )  # fmt: skip
    for other in held:
        await settle(other, changed=True)


async def sweep_minutes() -> None:
    """Remove the committee's objects that belong to no row and are older than a day: of uploads that broke off, of
    earlier attempts, of documents put together again, of evidence that was removed. After a recovery to a moment, what
    was stored since then stays (server/recovery.py). And have gone on with what nobody is at. Raises StoreAway.
    """
    await take_up_forgotten()
    before, lost = clock.now() - OLD, await lost_stretch()
    found = [
        key
        for key, when in await _stored(f"{current().schema_name}/")
        if when < before and not (lost and lost[0] <= when <= lost[1])
    ]
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        async with transaction(read_only=True):
            unknown = _besides(some, await _known(some))
        for holder, keys in groupby(sorted(unknown), key=_holder):
            await _sweep(holder, [*keys])


async def unknown_since(moment: datetime) -> list[str]:
    """The committee's objects stored at a moment or later that no row names. Raises StoreAway."""
    found = [key for key, when in await _stored(f"{current().schema_name}/") if when >= moment]
    unknown: list[str] = []
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        async with transaction(read_only=True):
            unknown += _besides(some, await _known(some))
    return unknown


def _holder(key: str) -> str:
    """The id of the document, or of the assignment whose evidence it is, that an object belongs to."""
    _, first, *rest = key.split("/")
    return rest[0] if first == "assignments" else first


async def _sweep(holder: str, keys: list[str]) -> None:
    """Remove what is still unknown while the document is held: an upload that brings the same bytes again waits, and
    then finds them gone before it says that they are safe.
    """
    async with transaction():
        await sql("SELECT 1 FROM minutes WHERE id::text = $1 FOR UPDATE", holder)
        await sql("SELECT 1 FROM assignment WHERE id::text = $1 FOR UPDATE", holder)
        await _remove(_besides(keys, await _known(keys)))


def _besides(keys: Iterable[str], known: Iterable[Record]) -> list[str]:
    named = {row["key"] for row in known}
    return [key for key in keys if key not in named]


async def _known(keys: list[str]) -> list[Record]:
    return await sql(
        """SELECT object_key AS key FROM minutes_file WHERE object_key = ANY ($1)
        UNION SELECT pdf_key FROM minutes WHERE pdf_key = ANY ($1)
        UNION SELECT clean_key FROM minutes_page WHERE clean_key = ANY ($1)
        UNION SELECT grey_key FROM minutes_page WHERE grey_key = ANY ($1)
        UNION SELECT thumb_key FROM minutes_page WHERE thumb_key = ANY ($1)
        UNION SELECT k.key FROM assignment_file f, unnest(ARRAY[f.object_key, f.object_key || '.webp']) AS k(key)
            WHERE f.removed_at IS NULL AND k.key = ANY ($1)""",
        keys,
    )


async def _stored(prefix: str) -> list[tuple[str, datetime]]:
    try:
        found = await objects.entries(prefix)
    except objects.ObjectErrors as error:
        raise StoreAway from error
    return [(entry.key, entry.stored_at) for entry in found if entry.stored_at is not None]


async def _keys(prefix: str) -> list[str]:
    try:
        return await objects.list_keys(prefix)
    except objects.ObjectErrors as error:
        raise StoreAway from error


async def _remove(keys: list[str]) -> None:
    try:
        await objects.remove(keys)
    except objects.ObjectErrors as error:
        raise StoreAway from error
