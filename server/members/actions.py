"""The verbs of a member list: read it in, write it into the register, drop it. And: note who looked at members."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID, uuid4

from infra.lazy import lazy
from infra.postgres import Record, one, sql
from server import clock
from server.accounts.reader import Reader
from server.cells.rules import UNITS
from server.events import record_event
from server.fleet import quotas
from server.meetings.queries import NotFound
from server.members import queries, reading, writing
from server.members.rules import Options, Prepared
from server.rollups.marking import mark_dirty
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import platform_transaction, transaction

_as_workbook: Callable[..., bytes] = lazy("server.members.workbooks:export")

_FIRST_DAY = date(1930, 2, 3)


@dataclass(frozen=True)
class Upload:
    """A file as it came, and what was chosen with it: the cell of rows that name none, the list's day, whether
    cells that do not exist yet are made from it.
    """

    content: bytes
    file_name: str
    as_of: date
    cell: UUID | None = None
    create: bool = False


async def read_in(upload: Upload, *, by: Reader) -> UUID:
    """Read a list and keep it with a verdict for each row; nothing is written into the register.

    The same file with the same choices on the same day gives the same preview, as long as it waits. Raises NotFound,
    Refused(file=…) for a file that can't be a list, Refused(cell=…, as_of=…, create=…) for wrong choices.
    """
    if not by.whole_committee:
        raise NotFound
    async with transaction(read_only=True):
        options = await _options(upload)
        mark = _mark(upload, options)
        waiting = await _waiting(mark)
    if waiting:
        return waiting
    prepared = await reading.read_list(upload.content, upload.file_name, options)
    async with transaction():
        await _one_at_a_time()
        return await _waiting(mark) or await _keep(upload, prepared, mark, by)


async def _options(upload: Upload) -> Options:
    today = clock.today()
    if not _FIRST_DAY <= upload.as_of <= today:
        raise Refused(as_of=say("Ngày lập danh sách phải từ 03/02/1930 đến hôm nay."))
    cells = await sql("SELECT id, name FROM cell WHERE to_on IS NULL OR to_on >= $1 ORDER BY name", today)
    chosen = next((row["name"] for row in cells if row["id"] == upload.cell), None)
    if upload.cell is not None and chosen is None:
        raise Refused(cell=say("Xin chọn chi bộ trong danh sách."))
    if not cells and not upload.create:
        raise Refused(
            create=say("Cấp ủy chưa có chi bộ nào. Đồng chí đánh dấu để lập chi bộ theo danh sách.")
        )
    own = f"{UNITS[current().kind]} {current().name}".strip()
    return Options(upload.as_of, tuple(row["name"] for row in cells), chosen, upload.create, own)


def _mark(upload: Upload, options: Options) -> str:
    """What makes two uploads the same: the file, the choices, and the cells that there are to choose from."""
    chosen = json.dumps([asdict(options), upload.as_of.isoformat()], default=str).encode()
    return hashlib.sha256(hashlib.sha256(upload.content).digest() + chosen).hexdigest()


async def _waiting(mark: str) -> UUID | None:
    row = await one(
        """SELECT id FROM member_import WHERE state = 'read' AND extras ->> 'mark' = $1
        AND (created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = $2""",
        mark, clock.today(),
    )  # fmt: skip
    return row["id"] if row else None


async def _one_at_a_time() -> None:
    # Lists of one committee are kept and written one after the other: each sees what the last one has done.
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"member import {current().id}")


_KEEP = """WITH head AS (
    INSERT INTO member_import (id, file_name, sha256, cell, as_of, tally, extras, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
)
INSERT INTO member_import_row (member_import, row, verdict, codes, of_row, value)
SELECT head.id, r.row, r.verdict, r.codes, r.of_row, r.value FROM head, jsonb_to_recordset($9::jsonb)
    AS r(row int, verdict text, codes text[], of_row int, value jsonb)"""


async def _keep(upload: Upload, prepared: Prepared, mark: str, by: Reader) -> UUID:
    imported = uuid4()
    name = "".join(c for c in upload.file_name if c.isprintable())[-120:]
    extras = {"mark": mark, "create": upload.create, "new_cells": prepared.new_cells, "notes": prepared.notes,
              "unread": prepared.unread}  # fmt: skip
    # A list that nobody has confirmed within a week is forgotten: it is full of people's data.
    await sql("DELETE FROM member_import WHERE state = 'read' AND created_at < now() - interval '7 days'")
    await sql(
        _KEEP, imported, name, hashlib.sha256(upload.content).hexdigest(), upload.cell, upload.as_of,
        json.dumps(prepared.tally), json.dumps(extras), by.name, json.dumps(prepared.rows),
    )  # fmt: skip
    await record_event(by, "member_list_read", str(imported))
    return imported


async def confirm(imported: UUID, *, by: Reader) -> None:
    """Write the accepted rows of a list into the register: all of them or, after any failure, none.

    Doing it again changes nothing. Raises NotFound, and Refused(imported=…) where cells it counted on are gone, or the
    committee would have more members than it may.
    """
    async with platform_transaction(read_only=True):
        quota = await quotas.quota_of(current().id)
    async with transaction():
        await _one_at_a_time()
        head = await queries.member_import(imported, by, lock=True)
        if head["state"] == "done":
            return
        people = _decided(await queries.matches(imported, head["as_of"]))
        have = await queries.how_many(on=clock.today())
        quotas.check_members(quota, have=have, more=sum(person.new for person in people))
        told = await writing.write(imported, head, people)
        await sql(
            """UPDATE member_import SET state = 'done', done_at = now(), written = $2, known = $3 WHERE id = $1""",
            imported, told["written"], told["known"] + told["updated"] + told["elsewhere"],
        )  # fmt: skip
        await record_event(by, "member_list_written", str(imported), f"{told['written']} + {told['updated']}")
        await mark_dirty(head["as_of"], onward=True, cause="members")


def _decided(found: list[Record]) -> list[writing.Person]:
    return [
        writing.Person(
            row["row"], row["member"] or uuid4(), new=row["member"] is None, elsewhere=bool(row["at_cell"])
        )
        for row in found
        if not row["card_taken"]
    ]


async def drop(imported: UUID, *, by: Reader) -> None:
    """Throw a list away that was not written. One that was written stays; raises Refused(imported=…) then."""
    async with transaction():
        head = await queries.member_import(imported, by, lock=True)
        if head["state"] == "done":
            raise Refused(imported=say("Danh sách này đã ghi vào sổ nên không bỏ được nữa."))
        await sql("DELETE FROM member_import_row WHERE member_import = $1", imported)
        await sql("UPDATE member_import SET state = 'dropped' WHERE id = $1", imported)
        await record_event(by, "member_list_dropped", str(imported))


async def export(*, by: Reader) -> bytes:
    """The register as a workbook in the columns of the template; who took it is written down. Raises NotFound."""
    if not by.whole_committee:
        raise NotFound
    today = clock.today()
    async with transaction():
        people = await queries.register(on=today)
        await record_event(by, "members_exported", "members", str(len(people)))
    return await asyncio.to_thread(
        _as_workbook, [_line(n, row, today) for n, row in enumerate(people, start=1)]
    )


def _line(number: int, row: Record, today: date) -> list[str | None]:
    official: date | None = row["official_on"]
    standing = "Chính thức" if official and official <= today else "Dự bị"
    kind = {"age_health": "Miễn sinh hoạt", "away_work": "Tạm miễn"}.get(row["exempt_kind"] or "", standing)
    sex = {"male": "Nam", "female": "Nữ"}.get(row["sex"])
    return [
        str(number), row["name"], _shown(row["born"]), sex, row["card_number"], _shown(row["admitted"]),
        _shown(official.isoformat()) if official else None, row["cell_name"], row["group_name"], row["post"] or None,
        row["phone"], kind, None,
    ]  # fmt: skip


def _shown(iso: str | None) -> str | None:
    return "/".join(reversed(iso.split("-"))) if iso else None


async def note_look(subject: str, *, by: Reader, action: str = "members_viewed") -> None:
    """Write down that somebody looked at members (``subject``: a path), once in ten minutes for each of them."""
    async with transaction():
        await sql(
            """INSERT INTO event (account, by_name, action, subject) SELECT $1, $2, $4, $3
            WHERE NOT EXISTS (SELECT 1 FROM event WHERE at > now() - interval '10 minutes' AND account = $1
                AND action = $4 AND subject = $3)""",
            by.account_id, by.name, subject, action,
        )  # fmt: skip
