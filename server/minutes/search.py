"""Search in the minutes of the current committee: by words, cell, kind, date and person."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from infra.postgres import Record, sql
from server.minutes.ladder import EXACT, FOLDED, NEAR, phrase_or_near, rungs
from server.minutes.marking import MarkedLine, marked_lines

# Documents on a page of answers; documents that are counted; pages shown of a document, and lines of a page.
PAGE, COUNTED = 10, 200
_PAGES, _LINES = 2, 2

# $1 a tsquery of terms; $2 what better rungs ask: the index alone answers both. $3 cells or all; $4 one cell; $5 kind;
# $6, $7 held since, until; $8, $9 the document behind which to go on; $10 how many; $11 pages or all.
# A word that is everywhere hits every page. So documents are put in order first, and only as many as are shown are
# asked which of their pages still count: OFFSET 0 keeps the ordered part by itself, and it is read row by row.
_TERMS = "array_to_tsvector(string_to_array(folded, ' '))"
_RUNG = f"""WITH hit AS MATERIALIZED (
    SELECT minutes, page, false AS better FROM minutes_text
    WHERE {_TERMS} @@ $1::tsquery AND ($11::uuid[] IS NULL OR page = ANY ($11))
    UNION ALL SELECT minutes, page, true FROM minutes_text
    WHERE {_TERMS} @@ $2::tsquery AND ($11::uuid[] IS NULL OR page = ANY ($11))
), found AS MATERIALIZED (
    SELECT minutes FROM hit GROUP BY minutes HAVING NOT bool_and(better)
)
SELECT o.id AS minutes, o.held_on, k.pages FROM (
    SELECT d.id, d.wanted, m.held_on FROM found h JOIN minutes d ON d.id = h.minutes JOIN meeting m ON m.id = d.meeting
    WHERE d.binned_at IS NULL
    AND ($3::uuid[] IS NULL OR d.cell = ANY ($3)) AND ($4::uuid IS NULL OR d.cell = $4)
    AND ($5::text IS NULL OR m.kind = $5) AND ($6::date IS NULL OR m.held_on >= $6)
    AND ($7::date IS NULL OR m.held_on <= $7) AND ($8::date IS NULL OR (m.held_on, d.id) < ($8, $9::uuid))
    ORDER BY m.held_on DESC, d.id DESC OFFSET 0
) o CROSS JOIN LATERAL (
    SELECT array_agg(p.id) FILTER (WHERE p.id IN (SELECT page FROM hit WHERE NOT better)) AS pages,
        bool_or(p.id IN (SELECT page FROM hit WHERE better)) AS better
    FROM minutes_page p JOIN minutes_file f ON f.id = p.file
    WHERE p.minutes = o.id AND f.id = ANY (o.wanted) AND f.same_decided <> 'dropped' AND p.same_decided <> 'dropped'
) k WHERE k.pages IS NOT NULL AND NOT k.better
ORDER BY o.held_on DESC, o.id DESC LIMIT $10"""
# A name with all its misreadings is a long question: asked once, not again on every rung.
_OF_PERSON = f"SELECT page FROM minutes_text WHERE {_TERMS} @@ $1::tsquery"
# The planner counts what many terms cost to look up, and not that without the index each page's terms are made anew.
_THROUGH_THE_INDEX = "SET LOCAL enable_seqscan = off"

# The pages of documents in their order, with their number in the document.
_PAGES_OF = """SELECT * FROM (
    SELECT p.id, p.minutes, p.clean_key, row_number() OVER (PARTITION BY p.minutes
        ORDER BY array_position(d.wanted, f.id), p.number)::int AS number
    FROM minutes d JOIN minutes_page p ON p.minutes = d.id JOIN minutes_file f ON f.id = p.file
    WHERE d.id = ANY ($1) AND f.id = ANY (d.wanted) AND f.same_decided <> 'dropped' AND p.same_decided <> 'dropped'
) n WHERE n.id = ANY ($2) ORDER BY n.number"""


class After(NamedTuple):
    """The document behind which a page of answers goes on: the rung it was found on, its meeting's day, its id."""

    rung: int
    held_on: date
    minutes: UUID


@dataclass(frozen=True)
class Wanted:
    """What to look for, and where: ``cells`` that the reader may see (None: all), and what they chose among them.

    ``person``: a name that has to stand on the same page, a letter misread or not.
    """

    words: str = ""
    cells: Collection[UUID] | None = None
    cell: UUID | None = None
    kind: str | None = None
    since: date | None = None
    until: date | None = None
    person: str = ""

    def rungs(self) -> dict[int, str]:
        """{rung: tsquery}, best first; without words the person is what is looked for. Empty: nothing was asked."""
        if words := rungs(self.words):
            return words
        return {rung: asked for rung, asked in rungs(self.person).items() if rung in (EXACT, FOLDED, NEAR)}

    def chosen(self) -> tuple[object, ...]:
        """The arguments from $3 to $7."""
        cells = None if self.cells is None else list(self.cells)
        return cells, self.cell, self.kind, self.since, self.until


@dataclass(frozen=True)
class HitPage:
    """A page on which it was found: its number in the document from 1, its cleaned picture's key and size in
    pixels, and the lines; none where the words were met in no one place.
    """

    page: UUID
    number: int
    clean_key: str
    width: int
    height: int
    lines: list[MarkedLine]


@dataclass(frozen=True)
class Hit:
    """A document, the rung of the ladder that it was found on, its first pages with a hit, and how many more have."""

    minutes: UUID
    meeting: UUID
    cell_name: str
    kind: str
    held_on: date
    rung: int
    pages: list[HitPage]
    more: int


@dataclass(frozen=True)
class Found:
    """``total`` documents, at most COUNTED + 1, counted for the first page of answers only; ``after`` for the next."""

    hits: list[Hit]
    total: int | None
    after: After | None


async def search(wanted: Wanted, *, after: After | None = None, limit: int = PAGE) -> Found:
    """The documents that fit: accents as typed before others, phrases before scattered words, misread words last;
    on each rung the newest meeting first. Needs a transaction in the current committee.
    """
    found = await _climb(wanted, after, limit + 1 if after else max(COUNTED, limit) + 1)
    shown, further = found[:limit], len(found) > limit
    last = shown[-1] if shown else None
    return Found(
        await _hits(wanted, shown),
        None if after else min(len(found), COUNTED + 1),
        After(last["rung"], last["held_on"], last["minutes"]) if last and further else None,
    )


async def _climb(wanted: Wanted, after: After | None, limit: int) -> list[dict[str, Any]]:
    """Rows of documents (minutes, held_on, pages, rung), rung by rung, until there are enough."""
    await sql(_THROUGH_THE_INDEX)
    asked_for = wanted.rungs()
    person = phrase_or_near(wanted.person) if rungs(wanted.words) else ""
    pages = [row["page"] for row in await sql(_OF_PERSON, person)] if person else None
    found: list[dict[str, Any]] = []
    better: list[str] = []
    for rung, asked in asked_for.items():
        if after is None or rung >= after.rung:
            behind = (after.held_on, after.minutes) if after and rung == after.rung else (None, None)
            rows = await sql(
                _RUNG, asked, " | ".join(better), *wanted.chosen(), *behind, limit - len(found), pages
            )  # fmt: skip
            found += [{**row, "rung": rung} for row in rows]
        if len(found) >= limit:
            break
        better.append(f"({asked})")
    return found


async def _hits(wanted: Wanted, found: Sequence[dict[str, Any]]) -> list[Hit]:
    ids = [row["minutes"] for row in found]
    about = {row["id"]: row for row in await sql(_ABOUT, ids)}
    numbered: dict[UUID, list[Record]] = {one: [] for one in ids}
    for row in await sql(_PAGES_OF, ids, [page for one in found for page in one["pages"]]):
        numbered[row["minutes"]].append(row)
    shown = [row["id"] for rows in numbered.values() for row in rows[:_PAGES]]
    texts = {row["page"]: row for row in await sql(_TEXTS, shown)}
    return [
        Hit(
            row["minutes"], about[row["minutes"]]["meeting"], about[row["minutes"]]["cell_name"],
            about[row["minutes"]]["kind"], row["held_on"], row["rung"],
            [_page(wanted, one, texts[one["id"]]) for one in numbered[row["minutes"]][:_PAGES]],
            max(len(numbered[row["minutes"]]) - _PAGES, 0),
        )
        for row in found
    ]  # fmt: skip


_ABOUT = """SELECT d.id, d.meeting, c.name AS cell_name, m.kind FROM minutes d JOIN meeting m ON m.id = d.meeting
    JOIN cell c ON c.id = d.cell WHERE d.id = ANY ($1)"""
_TEXTS = "SELECT page, lines, corrected FROM minutes_text WHERE page = ANY ($1)"


def _page(wanted: Wanted, page: Record, text: Record) -> HitPage:
    lines, corrected = json.loads(text["lines"]), json.loads(text["corrected"])
    marked = marked_lines(lines, corrected, wanted.words, most=_LINES)
    known = {line.number for line in marked}
    marked += [
        line for line in marked_lines(lines, corrected, wanted.person, most=1) if line.number not in known
    ]
    width, height = lines["size"]
    return HitPage(page["id"], page["number"], page["clean_key"], width, height, marked)
