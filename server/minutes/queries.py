"""Reads of documents on their way in. All need a transaction in the current committee, except the limits."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from infra.postgres import Record, one, sql
from infra.settings import settings
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.minutes import rules
from server.minutes.rules import Limits


def limits() -> Limits:
    """What this deployment takes, by its settings."""
    chosen = settings()
    return Limits(chosen.minutes_largest_mb * 10**6, chosen.minutes_pages, chosen.minutes_megapixels * 10**6)


@dataclass(frozen=True)
class Same:
    """A file that is byte for byte the same as an earlier one (``how`` bytes), or of which a page looks like an earlier
    one (looks): in ``minutes``, for looks at the page ``other``. ``page``: its own page, at which that is decided;
    ``decided``: empty | kept | dropped.
    """

    file: UUID
    how: str
    minutes: UUID
    other: UUID | None
    page: UUID
    decided: str


@dataclass(frozen=True)
class Receipt:
    """How a document stands: the files that belong to it, those that are stored and checked, and repeated ones."""

    minutes: UUID
    meeting: UUID
    state: str
    wanted: list[UUID]
    safe: list[UUID]
    same: list[Same]


_HEAD = "SELECT id, meeting, cell, state, wanted, arranged, pdf_of, binned_at FROM minutes WHERE id = $1"
_HELD = f"{_HEAD} FOR UPDATE"


async def head(minutes: UUID, reader: Reader, *, lock: bool = False) -> Record:
    """id, meeting, cell, state, wanted, arranged, pdf_of, binned_at; ``lock`` holds the document until the end.

    Raises NotFound, for a neighbour's document too.
    """
    row = await one(_HELD if lock else _HEAD, minutes)
    if row is None or not rules.may_read(reader, row["cell"]):
        raise NotFound(minutes)
    return row


async def receipt(minutes: UUID, reader: Reader) -> Receipt:
    """What the server has of a document. Raises NotFound."""
    row = await head(minutes, reader)
    if row["binned_at"] is not None and not rules.may_send(reader, row["cell"]):
        raise NotFound(minutes)
    stored = await sql(
        "SELECT id FROM minutes_file WHERE minutes = $1 AND id = ANY ($2)", minutes, row["wanted"]
    )
    safe = {found["id"] for found in stored}
    return Receipt(
        minutes, row["meeting"], row["state"], list(row["wanted"]),
        [file for file in row["wanted"] if file in safe], await _same(minutes, reader),
    )  # fmt: skip


async def _same(minutes: UUID, reader: Reader) -> list[Same]:
    # Asked for this reader anew: what the sender might know of may be no business of who looks at it now.
    rows = await sql(
        """SELECT s.file, s.how, d.id AS minutes, s.other, s.page, s.decided FROM (
            SELECT f.id AS file, 'bytes' AS how, e.minutes, e.id AS other_file, NULL::uuid AS other, p.id AS page,
                0 AS number, f.same_decided AS decided
            FROM minutes_file f JOIN minutes_file e ON e.id = f.same_file
                JOIN minutes_page p ON p.file = f.id AND p.number = 0 WHERE f.minutes = $1
            UNION ALL SELECT p.file, 'looks', o.minutes, o.file, o.id, p.id, p.number, p.same_decided
            FROM minutes_page p JOIN minutes_page o ON o.id = p.same_page WHERE p.minutes = $1
        ) s JOIN minutes own ON own.id = $1 AND s.file = ANY (own.wanted)
        JOIN minutes d ON d.id = s.minutes AND d.binned_at IS NULL AND s.other_file = ANY (d.wanted)
        WHERE $2 OR d.cell = ANY ($3) ORDER BY array_position(own.wanted, s.file), s.number""",
        minutes, reader.whole_committee, list(reader.cells()),
    )  # fmt: skip
    return [Same(**row) for row in rows]


async def same_bytes(sha256: str, reader: Reader, *, besides: UUID) -> UUID | None:
    """The first file with the same content in a document that is not binned and that the reader may see, if any."""
    row = await one(
        """SELECT f.id FROM minutes_file f JOIN minutes d ON d.id = f.minutes
        WHERE f.sha256 = $1 AND f.id <> $2 AND d.binned_at IS NULL AND f.id = ANY (d.wanted)
            AND f.same_decided <> 'dropped' AND ($3 OR d.cell = ANY ($4))
        ORDER BY f.stored_at, f.id LIMIT 1""",
        sha256, besides, reader.whole_committee, list(reader.cells()),
    )  # fmt: skip
    return None if row is None else row["id"]


async def original(minutes: UUID, file: UUID, reader: Reader) -> Record:
    """A stored file for a download: kind, object_key, sha256, bytes, its place in the document (from 1; null where it
    no longer belongs to it), the cell's name and the meeting's day. Raises NotFound, for binned documents and files
    that were taken out too unless the reader may bring them back.
    """
    row = await one(
        """SELECT f.kind, f.object_key, f.sha256, f.bytes, array_position(d.wanted, f.id) AS place, d.cell,
            d.binned_at, c.name AS cell_name, m.held_on
        FROM minutes_file f JOIN minutes d ON d.id = f.minutes JOIN cell c ON c.id = d.cell
            JOIN meeting m ON m.id = d.meeting WHERE d.id = $1 AND f.id = $2""",
        minutes, file,
    )  # fmt: skip
    if row is None or not rules.may_read(reader, row["cell"]):
        raise NotFound(file)
    gone = row["binned_at"] is not None or row["place"] is None
    if gone and not rules.may_send(reader, row["cell"]):
        raise NotFound(file)
    return row
