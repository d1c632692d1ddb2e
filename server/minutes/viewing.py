"""Reading minutes: a document and its pages, the text of a page with the words looked for, and who has read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.minutes import folding, rules
from server.minutes.marking import marked_lines
from server.paper.shapes import Line
from server.paper.stored import from_json

# A word that the reader of the text is less sure of than this (of 100) is shown as uncertain.
UNSURE = 70

_DOCUMENT = """SELECT d.id, d.meeting, d.cell, d.state, d.reason, d.wanted, d.arranged, d.pdf_key, d.created_at,
    d.created_by, d.ready_at, d.confirmed_at, d.confirmed_by, d.binned_at, d.binned_by, d.bin_reason, d.erase_on,
    m.kind, m.held_on, m.starts_at, c.name AS cell_name,
    (SELECT count(*) FROM minutes_file f WHERE f.minutes = d.id AND f.id = ANY (d.wanted))::int AS stored
FROM minutes d JOIN meeting m ON m.id = d.meeting JOIN cell c ON c.id = d.cell WHERE d.id = $1"""

_PAGES = """SELECT p.id, p.file, p.number, p.state, p.failed_step, p.reason, p.attempt, p.turned, p.width, p.height,
    p.clean_key, p.thumb_key, p.faults, p.readable, p.sure, p.same_decided, f.same_decided AS file_decided,
    f.name AS file_name, f.pages AS file_pages, array_position(d.wanted, f.id) AS place,
    p.same_page, s.minutes AS same_minutes, sd.cell AS same_cell, sm.held_on AS same_held_on,
    f.same_file, g.minutes AS file_minutes, gd.cell AS file_cell, gm.held_on AS file_held_on
FROM minutes_page p JOIN minutes_file f ON f.id = p.file JOIN minutes d ON d.id = p.minutes
LEFT JOIN minutes_page s ON s.id = p.same_page
LEFT JOIN minutes sd ON sd.id = s.minutes AND sd.binned_at IS NULL AND s.file = ANY (sd.wanted)
LEFT JOIN meeting sm ON sm.id = sd.meeting
LEFT JOIN minutes_file g ON g.id = f.same_file
LEFT JOIN minutes gd ON gd.id = g.minutes AND gd.binned_at IS NULL AND g.id = ANY (gd.wanted)
LEFT JOIN meeting gm ON gm.id = gd.meeting
WHERE p.minutes = $1 AND f.id = ANY (d.wanted) ORDER BY place, p.number"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a page: its number, its words in place, what a person put there instead (None: nothing), and the
    numbers of the words that were looked for.
    """

    number: int
    line: Line
    corrected: str | None
    hits: frozenset[int] = frozenset()

    @property
    def text(self) -> str:
        """What stands there, by the person who corrected it or else by the reader."""
        return self.line.text if self.corrected is None else self.corrected


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page as it was read at ``attempt``, with its corrections and the size of its picture in pixels."""

    lines: tuple[Shown, ...]
    width: int
    height: int
    corrected_at: Any
    corrected_by: str


async def document(minutes: UUID, reader: Reader) -> Record:
    """A document with its meeting's kind, held_on, starts_at, its cell's name, and how many of its files are stored.

    Raises NotFound for what the reader may not see, and for binned minutes unless the reader may restore them.
    """
    row = await one(_DOCUMENT, minutes)
    if row is None or not rules.may_read(reader, row["cell"]):
        raise NotFound(minutes)
    if row["binned_at"] is not None and not rules.may_send(reader, row["cell"]):
        raise NotFound(minutes)
    return row


async def pages(minutes: UUID) -> list[Record]:
    """The pages of a document in order, those that were dropped as doubles among them (see ``counts``). What a page or
    its file is like another: same_page, same_minutes, same_cell, same_held_on; same_file, file_minutes, ….
    """
    return await sql(_PAGES, minutes)


def counts(page: Record) -> bool:
    """Whether a page belongs to the document: it was not dropped as a double."""
    return "dropped" not in (page["same_decided"], page["file_decided"])


async def text_of(page: UUID, q: str = "") -> PageText | None:
    """The text of a page, with the words of ``q`` marked; None where nothing was read."""
    row = await one(
        "SELECT lines, corrected, corrected_at, corrected_by FROM minutes_text WHERE page = $1", page
    )
    if row is None:
        return None
    data, corrected = json.loads(row["lines"]), json.loads(row["corrected"])
    reading = from_json(data)
    found = {line.number: line.parts for line in marked_lines(data, corrected, q)} if q.strip() else {}
    lines = [Shown(n, line, corrected.get(str(n))) for n, line in enumerate(reading.lines)]
    marked = tuple(Shown(x.number, x.line, x.corrected, _hits(x, found.get(x.number, []))) for x in lines)
    return PageText(marked, reading.width, reading.height, row["corrected_at"], row["corrected_by"])


def words_of(line: Shown) -> list[str]:
    """The words of a line, as corrected or as read."""
    return [word.text for word in line.line.words] if line.corrected is None else line.corrected.split()


def _hits(line: Shown, parts: Sequence[tuple[str, bool]]) -> frozenset[int]:
    """The numbers of a line's words in which the marked parts of its text lie."""
    marked, at, hits = [], 0, set()
    for text, hit in parts:
        marked += [(at, at + len(text))] if hit else []
        at += len(text)
    at = 0
    for number, word in enumerate(words_of(line)):
        if any(start < at + len(word) and at < past for start, past in marked):
            hits.add(number)
        at += len(word) + 1
    return frozenset(hits)


def _folded(text: str) -> list[str]:
    return [word.folded for word in folding.words_of(text)]


async def note_opened(minutes: Record, *, by: Reader) -> None:
    """Write down that somebody opened a document, once in ten minutes; and, for each member of the cell whom it names,
    that it was read: kept under the member's id, so that it can be shown to that person.
    """
    written = await sql(
        """INSERT INTO event (account, by_name, action, subject) SELECT $1, $2, 'minutes_opened', $3
        WHERE NOT EXISTS (SELECT 1 FROM event WHERE at > now() - interval '10 minutes' AND account = $1
            AND action = 'minutes_opened' AND subject = $3) RETURNING id""",
        by.account_id, by.name, str(minutes["id"]),
    )  # fmt: skip
    if written:
        await sql(
            """INSERT INTO event (account, by_name, action, subject, detail)
            SELECT $1, $2, 'named_in_minutes_read', x, $4 FROM unnest($3::text[]) AS x""",
            by.account_id, by.name, await _named(minutes), str(minutes["id"]),
        )  # fmt: skip


async def _named(minutes: Record) -> list[str]:
    """The ids of the cell's members of that day whose whole name stands in the text."""
    members = await sql(
        """SELECT DISTINCT p.id, p.name FROM member p JOIN membership s ON s.member = p.id
        WHERE s.cell = $1 AND s.from_on <= $2 AND (s.to_on IS NULL OR s.to_on >= $2)""",
        minutes["cell"], minutes["held_on"],
    )  # fmt: skip
    texts = await sql("SELECT lines, corrected FROM minutes_text WHERE minutes = $1", minutes["id"])
    lines = [folding.line_texts(json.loads(row["lines"]), json.loads(row["corrected"])) for row in texts]
    running = f" {' '.join(_folded(' '.join(line for page in lines for line in page)))} "
    return [str(row["id"]) for row in members if f" {' '.join(_folded(row['name']))} " in running]


async def looks_at_member(member: UUID, *, before: int | None = None, limit: int = 50) -> list[Record]:
    """Who has read minutes that name a member, newest first: id, at, by_name, minutes (its id as text), kind and
    held_on of the meeting, cell_name (None where the minutes have been erased). ``before``: an id, for the next page.

    For the member's own view; whoever calls it has checked that the reader is that member.
    """
    return await sql(_LOOKS_AT, str(member), before, limit)


# The events first, then what they name: a detail is an id only in those of this action.
_LOOKS_AT = """WITH e AS MATERIALIZED (
    SELECT id, at, by_name, detail FROM event WHERE action = 'named_in_minutes_read' AND subject = $1
    AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3)
SELECT e.id, e.at, e.by_name, e.detail AS minutes, m.kind, m.held_on, c.name AS cell_name
FROM e LEFT JOIN minutes d ON d.id = e.detail::uuid LEFT JOIN meeting m ON m.id = d.meeting
LEFT JOIN cell c ON c.id = d.cell ORDER BY e.id DESC"""
