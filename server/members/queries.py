"""Reads of members and of lists on their way in. All need a transaction in the current committee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.names import fold

PAGE = 50
_LONGEST_QUERY, _MOST_WORDS = 100, 8

_TODAY = "from_on <= $1 AND ({0}.to_on IS NULL OR {0}.to_on >= $1)"
_STAYS = f"s.member = p.id AND s.kind <> 'temporary_out' AND s.{_TODAY.format('s')}"
_EXEMPT_KIND = f"""(SELECT e.kind FROM exemption e WHERE e.member = p.id AND e.{_TODAY.format("e")} LIMIT 1)
    AS exempt_kind"""
# $1 the day; $2 a cell or none; $3: patterns, all of which a folded name must fit; $4: those who belong nowhere (any
# more) instead of the others. People first and where they belong afterwards: never a join of two whole tables.
_FOUND = f"""WITH found AS MATERIALIZED (
    SELECT p.id, p.no, p.name, p.sort_key, p.official_on FROM member p
    WHERE (' ' || p.folded) LIKE ALL ($3::text[]) AND $4 <> EXISTS (
        SELECT 1 FROM membership s WHERE {_STAYS} AND ($2::uuid IS NULL OR s.cell = $2))
)"""

# Who is only here for a time is shown where they belong for good, if that is a cell of ours.
_PAGE_OF = f"""SELECT p.no, p.name, c.name AS cell_name, g.name AS group_name,
    p.official_on IS NULL OR p.official_on > $1 AS probationary,
    {_EXEMPT_KIND},
    EXISTS (SELECT 1 FROM membership o WHERE o.member = p.id AND o.kind = 'temporary_out'
        AND o.{_TODAY.format("o")}) AS away
FROM one_page p LEFT JOIN LATERAL (
    SELECT s.cell, s.party_group FROM membership s WHERE {_STAYS} AND ($2::uuid IS NULL OR s.cell = $2)
    ORDER BY s.kind = 'permanent' DESC, s.from_on DESC LIMIT 1
) h ON true LEFT JOIN cell c ON c.id = h.cell LEFT JOIN party_group g ON g.id = h.party_group"""


@dataclass(frozen=True)
class Search:
    """What to look for: words of a name in any order, one cell, or those who belong nowhere any more."""

    words: str = ""
    cell: UUID | None = None
    former: bool = False

    @property
    def patterns(self) -> list[str]:
        """One LIKE pattern a word: short words begin a part of the name, longer ones may stand anywhere in it."""
        typed = "".join(c if c.isprintable() else " " for c in self.words[:_LONGEST_QUERY])
        words = fold(typed).split()[:_MOST_WORDS]
        return [f"%{' ' if len(word) < 3 else ''}{_literal(word)}%" for word in words] or ["%"]


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True)
class Found:
    """A page of people and where it stands: ``before`` people of ``total`` come first."""

    people: list[Record]
    total: int
    before: int


async def search(wanted: Search, *, on: date, after: int | None = None, before: int | None = None) -> Found:
    """The members who fit, the Vietnamese way of sorting: the page behind, or in front of, a member's number.

    Each with no, name, cell_name, group_name, probationary, exempt_kind and away (elsewhere for a time).
    """
    given = (on, wanted.cell, wanted.patterns, wanted.former)
    key = "(SELECT k.sort_key, k.no FROM member k WHERE k.no = $5)"
    back = before is not None
    order = "DESC" if back else "ASC"
    rows = await sql(
        f"""{_FOUND}, one_page AS MATERIALIZED (
            SELECT f.id, f.no, f.name, f.sort_key, f.official_on FROM found f
            WHERE $5::int IS NULL OR (f.sort_key, f.no) {"<" if back else ">"} {key}
            ORDER BY f.sort_key {order}, f.no {order} LIMIT {PAGE}
        ) {_PAGE_OF} ORDER BY p.sort_key {order}, p.no {order}""",
        *given, before if back else after,
    )  # fmt: skip
    people = [*reversed(rows)] if back else rows
    counted = await one(
        f"""{_FOUND} SELECT count(*)::int AS total, count(*) FILTER (WHERE (sort_key, no) <
            (SELECT k.sort_key, k.no FROM member k WHERE k.no = $5))::int AS before FROM found""",
        *given, people[0]["no"] if people else None,
    )  # fmt: skip
    assert counted is not None
    return Found(people, counted["total"], counted["before"])


async def anybody() -> bool:
    """Whether the committee's register has any member at all."""
    return bool(await sql("SELECT 1 FROM member LIMIT 1"))


async def member_import(imported: UUID, reader: Reader, *, lock: bool = False) -> Record:
    """A list on its way in. Raises NotFound, for people without the whole committee too."""
    row = await one(
        f"""SELECT id, file_name, cell, as_of, state, tally, extras, created_at, created_by, done_at, written, known
        FROM member_import WHERE id = $1 {"FOR UPDATE" if lock else ""}""",
        imported,
    )  # fmt: skip
    if row is None or not reader.whole_committee or row["state"] == "dropped":
        raise NotFound(imported)
    return row


async def import_rows(imported: UUID) -> list[Record]:
    """The rows of a list in its order: row, verdict, of_row, outcome, value (JSON)."""
    return await sql(
        """SELECT row, verdict, of_row, outcome, value FROM member_import_row WHERE member_import = $1 ORDER BY row""",
        imported,
    )


async def outcomes(imported: UUID) -> dict[str, int]:
    """{written | updated | known | elsewhere | card_taken | '': rows} of a list that was written."""
    rows = await sql(
        """SELECT outcome, count(*)::int AS number FROM member_import_row WHERE member_import = $1 GROUP BY outcome""",
        imported,
    )
    return {row["outcome"]: row["number"] for row in rows}


# Who of a list is there already. First by card; the rest by name, birth and admission, the first of a list with the
# first in the register, so that namesakes with poor papers are each recognised once.
_MATCHES = """WITH listed AS (
    SELECT r.row, v.card_number, v.sort_key, v.folded, v.born, v.admitted, v.cell
    FROM member_import_row r CROSS JOIN LATERAL jsonb_to_record(r.value) AS
        v(card_number text, sort_key text, folded text, born text, admitted text, cell text)
    WHERE r.member_import = $1 AND r.verdict <> 'reject'
), by_card AS (
    SELECT l.row, m.id, m.name, coalesce(m.folded = l.folded OR m.born = l.born, false) AS same
    FROM listed l JOIN member m ON m.card_number = l.card_number
), rest AS (
    SELECT l.*, row_number() OVER (PARTITION BY l.sort_key, l.born, l.admitted ORDER BY l.row) AS nth
    FROM listed l WHERE NOT EXISTS (SELECT 1 FROM by_card b WHERE b.row = l.row)
), free AS (
    SELECT m.id, m.sort_key, m.born, m.admitted,
        row_number() OVER (PARTITION BY m.sort_key, m.born, m.admitted ORDER BY m.no) AS nth
    FROM member m WHERE NOT EXISTS (SELECT 1 FROM by_card b WHERE b.same AND b.id = m.id)
), place AS (
    SELECT DISTINCT ON (s.member) s.member, c.name FROM membership s JOIN cell c ON c.id = s.cell
    WHERE s.kind = 'permanent' AND (s.to_on IS NULL OR s.to_on >= $2) ORDER BY s.member, s.from_on DESC
), matched AS (
    SELECT row, id, same FROM by_card
    UNION ALL SELECT r.row, f.id, true FROM rest r JOIN free f ON f.sort_key = r.sort_key AND f.nth = r.nth
        AND f.born IS NOT DISTINCT FROM r.born AND f.admitted IS NOT DISTINCT FROM r.admitted
)
SELECT l.row, CASE WHEN m.same THEN p.id END AS member, m.same IS FALSE AS card_taken, p.name AS holder,
    p.card_number <> l.card_number AS other_card,
    nullif(w.name, l.cell) AS at_cell
FROM listed l LEFT JOIN matched m ON m.row = l.row LEFT JOIN member p ON p.id = m.id
LEFT JOIN place w ON w.member = p.id ORDER BY l.row"""


async def matches(imported: UUID, as_of: date) -> list[Record]:
    """For each accepted row: the member (id) it is, or None for somebody new; and what is odd about it.

    card_taken: the card belongs to ``holder``, another person; other_card: the register has another card number;
    at_cell: the cell where the member belongs, if it is another.
    """
    await join_whole_tables()
    return await sql(_MATCHES, imported, as_of)


async def join_whole_tables() -> None:
    """For the rest of the transaction, joins read each table once.

    A list that has just arrived has no statistics yet; believing it to be short, PostgreSQL would compare each of its
    rows with each member, which takes minutes for ten thousand.
    """
    await sql("SET LOCAL enable_nestloop = off")


async def how_many(*, on: date) -> int:
    """How many people belong to the committee on a day."""
    row = await one(
        """SELECT count(DISTINCT member)::int AS n FROM membership
        WHERE from_on <= $1 AND (to_on IS NULL OR to_on >= $1)""",
        on,
    )
    assert row is not None
    return int(row["n"])


async def register(*, on: date) -> list[Record]:
    """Everybody who belongs to a cell on a day, by cell and name, with what a member list has columns for.

    name, born, sex, card_number, admitted, official_on, cell_name, group_name, post, phone, exempt_kind.
    """
    return await sql(
        f"""SELECT p.name, p.born, p.sex, p.card_number, p.admitted, p.official_on, c.name AS cell_name,
            g.name AS group_name, p.post, p.phone,
            {_EXEMPT_KIND}
        FROM member p CROSS JOIN LATERAL (
            SELECT s.cell, s.party_group FROM membership s WHERE {_STAYS}
            ORDER BY s.kind = 'permanent' DESC, s.from_on DESC LIMIT 1
        ) h JOIN cell c ON c.id = h.cell LEFT JOIN party_group g ON g.id = h.party_group
        ORDER BY c.sort_key, c.name, p.sort_key, p.no""",
        on,
    )  # fmt: skip
