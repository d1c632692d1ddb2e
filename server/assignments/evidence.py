"""Evidence beside a report: photos and PDFs, by the same intake as minutes; removed with a reason, never in silence.

What ends between the store and the transaction leaves objects that no row names; so does a removal. The nightly sweep
of minutes takes them away.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from minio.error import ServerError

from infra import objects
from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.assignments import queries, rules
from server.events import record_event
from server.fleet.quotas import check_room
from server.meetings.queries import NotFound
from server.minutes.names import ENDINGS, shown_name
from server.minutes.queries import limits
from server.minutes.receiving import Again, Arrived, Unfit, received
from server.minutes.uploads import look, store
from server.paper import child
from server.paper.found import Found
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction

# Files of one assignment that are not removed; a report is no archive.
MOST_FILES = 20
LONGEST_REASON = 200

_FILE = """SELECT id, name, sha256, bytes, kind, pages, object_key, created_at, account, by_name, removed_at,
    removed_by, removed_why FROM assignment_file"""


def may_add(part: rules.Part) -> bool:
    """Whether somebody brings evidence for an assignment: who may say how far it is."""
    return "progress" in rules.allowed(part)


def may_remove(part: rules.Part, file: Record, by: Reader) -> bool:
    """Whether somebody takes a file away: who brought it, and who decides about the work."""
    return part.manages or file["account"] == by.account_id


async def take(
    no: int,
    file: UUID,
    body: AsyncIterator[bytes],
    *,
    sha256: str | None,
    size: int | None,
    name: str,
    by: Reader,
) -> None:
    """Take one file for an assignment. ``sha256`` (hex) and ``size`` (bytes) as the sender says, None where it doesn't.

    Sent again, it changes nothing. Raises NotFound, Unfit, Again, Full, Refused(file=…), and what
    objects.ObjectErrors holds.
    """
    async with transaction(read_only=True):
        row = await _wanting(no, by)
        stored = await one("SELECT assignment, sha256 FROM assignment_file WHERE id = $1", file)
    if stored is not None and (stored["assignment"], stored["sha256"]) == (row["id"], sha256):
        return
    if size is not None and size > limits().largest_bytes:
        raise Unfit("too_large")
    await check_room(size or 1)
    async with received(body) as arrived:
        if sha256 is not None and arrived.sha256 != sha256:
            raise Again("broken")
        await _keep(row, file, arrived, await look(arrived), name=name, by=by)


async def _wanting(no: int, by: Reader, *, lock: bool = False) -> Record:
    row = await queries.row(no, by)
    if lock:
        await sql("SELECT 1 FROM assignment WHERE id = $1 FOR UPDATE", row["id"])
    if not may_add(await queries.part(row, by)):
        raise Refused(
            file=say("Chỉ người được giao, người ghi thay và cấp quản lý được đính kèm tệp cho việc này.")
        )
    return row


async def _keep(row: Record, file: UUID, arrived: Arrived, found: Found, *, name: str, by: Reader) -> None:
    key = f"{current().schema_name}/assignments/{row['id']}/{file}/{arrived.sha256}"
    await store(key, arrived, found)
    await _store_thumb(key, arrived, found)
    async with transaction():
        await _wanting(row["no"], by, lock=True)
        before = await one("SELECT assignment, sha256 FROM assignment_file WHERE id = $1", file)
        if before is None:
            # Objects of the same bytes may have lain there for days and have been swept just now: see erasing.
            if not (await objects.exists(key) and await objects.exists(thumb_key(key))):
                raise ServerError("the object store has lost what it was given", 500)
            await _check_room(row["id"])
            await sql(
                """INSERT INTO assignment_file (id, assignment, name, sha256, bytes, kind, pages, object_key, account,
                    by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
                file, row["id"], shown_name(name), arrived.sha256, arrived.bytes, found.kind, found.pages, key,
                by.account_id, by.name,
            )  # fmt: skip
        elif (before["assignment"], before["sha256"]) != (row["id"], arrived.sha256):
            raise Again("other_bytes")


def thumb_key(key: str) -> str:
    """Where the small picture of a stored file lies."""
    return f"{key}.webp"


async def _store_thumb(key: str, arrived: Arrived, found: Found) -> None:
    with TemporaryDirectory(prefix=f"{child.FOLDER}thumb-") as folder:
        small = Path(folder, "small.webp")
        try:
            await child.thumb(arrived.path, found.kind, small)
        except (child.PageFailed, child.ChildDied) as failed:
            raise Unfit(failed.code) from None
        await objects.put_file(thumb_key(key), small, "image/webp")


async def _check_room(assignment: UUID) -> None:
    held = await one(
        "SELECT count(*)::int AS n FROM assignment_file WHERE assignment = $1 AND removed_at IS NULL",
        assignment,
    )
    assert held is not None
    if held["n"] >= MOST_FILES:
        raise Refused(file=say("Việc này đã có {n} tệp, mức nhiều nhất. Xin gỡ bớt tệp cũ.", n=MOST_FILES))


async def files_of(assignment: UUID) -> list[Record]:
    """The files of an assignment that the reader was found to see, oldest first, the removed ones among them."""
    return await sql(f"{_FILE} WHERE assignment = $1 ORDER BY created_at, id", assignment)


async def stored(no: int, file: UUID, reader: Reader) -> Record:
    """A file for a download: what ``files_of`` tells. Raises NotFound, for one that was removed too."""
    row = await queries.row(no, reader)
    found = await one(f"{_FILE} WHERE id = $1 AND assignment = $2 AND removed_at IS NULL", file, row["id"])
    if found is None:
        raise NotFound(file)
    return found


async def remove(no: int, file: UUID, *, why: str, by: Reader) -> None:
    """Take a file away from an assignment: its line stays with who removed it and why, its bytes go by night.

    Removing it again changes nothing. Raises NotFound, Refused(why=…, file=…).
    """
    why = " ".join(why.split())
    async with transaction():
        row = await queries.row(no, by)
        found = await one(f"{_FILE} WHERE id = $1 AND assignment = $2 FOR UPDATE", file, row["id"])
        if found is None:
            raise NotFound(file)
        if found["removed_at"] is not None:
            return
        if not may_remove(await queries.part(row, by), found, by):
            raise Refused(file=say("Chỉ người đã gửi tệp hoặc cấp quản lý được gỡ tệp này."))
        if not 3 <= len(why) <= LONGEST_REASON:
            raise Refused(why=say("Xin ghi lý do gỡ tệp, từ 3 đến {n} ký tự.", n=LONGEST_REASON))
        await sql(
            "UPDATE assignment_file SET removed_at = now(), removed_by = $2, removed_why = $3 WHERE id = $1",
            file, by.name, why,
        )  # fmt: skip
        await record_event(by, "assignment_file_removed", str(row["id"]), str(file))


def download_name(no: int, file: Record) -> str:
    """What a download is called, in ASCII: viec-12-a1b2c3d4.jpg."""
    return f"viec-{no}-{file['sha256'][:8]}.{ENDINGS.get(file['kind'], file['kind'])}"
