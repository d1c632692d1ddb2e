"""A file on its way in: received piece by piece, looked at apart, stored, read back, and only then written down.

What ends between the store and the transaction leaves an object that nobody names; the same upload sent again puts
the same bytes under the same key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256 as new_sha256
from typing import Any
from uuid import UUID, uuid4

from minio.error import ServerError

from infra import objects
from infra.postgres import one, sql
from server.accounts.reader import Reader
from server.fleet.quotas import check_room
from server.meetings.queries import NotFound
from server.minutes import rules
from server.minutes.actions import settle
from server.minutes.names import shown_name
from server.minutes.queries import Receipt, head, limits, receipt, same_bytes
from server.minutes.receiving import Again, Arrived, Unfit, received
from server.paper import child
from server.paper.found import Found
from tenants.current import current
from tenants.outbox import later
from tenants.transactions import transaction

# Uploads of a process that are looked at and stored at once; others wait with their bytes on the disk.
STORED_AT_ONCE = 3
TYPES = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heic": "image/heic", "tiff": "image/tiff",
    "pdf": "application/pdf",
}  # fmt: skip

_STORING = asyncio.Semaphore(STORED_AT_ONCE)


async def take(
    minutes: UUID, file: UUID, body: AsyncIterator[bytes], *,
    sha256: str | None, size: int | None, name: str, by: Reader,
) -> Receipt:  # fmt: skip
    """Take one file of a document. ``sha256`` (hex) and ``size`` (bytes) as the sender says, None where it doesn't.

    Sent again, it answers the same. Raises Unfit, Again, Full, Refused(minutes=…), and whatever
    objects.ObjectErrors holds.
    """
    stored = await _expected(minutes, file, by)
    if stored is None or stored != sha256:
        if size is not None and size > limits().largest_bytes:
            raise Unfit("too_large")
        if stored is None:
            await check_room(size or 1)
        async with received(body) as arrived:
            if sha256 is not None and arrived.sha256 != sha256:
                raise Again("broken")
            if stored is None:
                await keep(minutes, file, arrived, await look(arrived), name=name, by=by)
            elif stored != arrived.sha256:
                raise Again("other_bytes")
    async with transaction(read_only=True):
        return await receipt(minutes, by)


async def _expected(minutes: UUID, file: UUID, by: Reader) -> str | None:
    """The hash of a file that is stored already; None for one that is still to come. Raises as take does."""
    async with transaction(read_only=True):
        await _wanting(minutes, file, by, lock=False)
        found = await one("SELECT sha256 FROM minutes_file WHERE id = $1 AND minutes = $2", file, minutes)
        return None if found is None else found["sha256"]


async def _wanting(minutes: UUID, file: UUID, by: Reader, *, lock: bool) -> Any:
    try:
        row = await head(minutes, by, lock=lock)
    except NotFound:
        raise Again("unknown") from None
    rules.check_may_send(by, row["cell"])
    rules.check_not_binned(binned=row["binned_at"] is not None)
    if file not in row["wanted"]:
        raise Again("unknown")
    return row


async def look(arrived: Arrived) -> Found:
    """What a file is, found out in a child process. Raises Unfit."""
    most = limits()
    try:
        async with _STORING:
            found = await child.look_at(arrived.path, pages=most.pages, pixels=most.pixels)
    except child.PageFailed as failed:
        raise Unfit(failed.code) from None
    return found


async def keep(minutes: UUID, file: UUID, arrived: Arrived, found: Found, *, name: str, by: Reader) -> None:
    """Store a file that was looked at, read it back, and write it and its pages down. Raises as take does."""
    key = f"{current().schema_name}/{minutes}/{file}/{arrived.sha256}"
    await store(key, arrived, found)
    async with transaction():
        row = await _wanting(minutes, file, by, lock=True)
        before = await one("SELECT minutes, sha256 FROM minutes_file WHERE id = $1", file)
        if before is None:
            # An object of the same bytes may have lain there for days and have been swept just now: see erasing.
            if not await objects.exists(key):
                raise ServerError("the object store has lost what it was given", 500)
            await _check_pages(row, found.pages)
            await _write_down(minutes, file, arrived, found, key=key, name=name, by=by)
        elif (before["minutes"], before["sha256"]) != (minutes, arrived.sha256):
            raise Again("other_bytes")


async def store(key: str, arrived: Arrived, found: Found) -> None:
    """Put a file that was looked at into the store, and read it back. Raises what objects.ObjectErrors holds."""
    async with _STORING:
        await objects.put_file(key, arrived.path, TYPES[found.kind])
        if await _hash_of(key) != arrived.sha256:
            raise ServerError("the object store holds other bytes than it was given", 500)


async def _hash_of(key: str) -> str:
    digest = new_sha256()
    async for piece in objects.open_stream(key):
        digest.update(piece)
    return digest.hexdigest()


async def _check_pages(row: Any, more: int) -> None:
    held = await one(
        "SELECT coalesce(sum(pages), 0)::int AS n FROM minutes_file WHERE minutes = $1 AND id = ANY ($2)",
        row["id"], row["wanted"],
    )  # fmt: skip
    assert held is not None
    if held["n"] + more > limits().pages:
        raise Unfit("too_many_pages")


async def _write_down(
    minutes: UUID, file: UUID, arrived: Arrived, found: Found, *, key: str, name: str, by: Reader
) -> None:
    same = await same_bytes(arrived.sha256, by, besides=file)
    await sql(
        """INSERT INTO minutes_file
            (id, minutes, name, sha256, bytes, kind, pages, object_key, same_file, stored_by, account)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        file, minutes, shown_name(name), arrived.sha256, arrived.bytes, found.kind, found.pages, key, same,
        by.name, by.account_id,
    )  # fmt: skip
    for number in range(found.pages):
        page = uuid4()
        await sql(
            "INSERT INTO minutes_page (id, file, minutes, number) VALUES ($1, $2, $3, $4)",
            page,
            file,
            minutes,
            number,
        )
        await later("clean_page", page=str(page))
    await settle(minutes, changed=True)
