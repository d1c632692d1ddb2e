"""The committee's record as its administrator reads it: who opened, took and did what, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from infra.postgres import Record, sql
from server import clock

PAGE = 50
# Kept about each person named in a document beside the one event of its opening; shown to that person, not here.
_NOT_HERE = "named_in_minutes_read"


@dataclass(frozen=True)
class Wanted:
    """What is looked for: what one account did, what happened to one thing (a document, a meeting …), on one day."""

    account: UUID | None = None
    subject: str = ""
    day: date | None = None


async def looks(wanted: Wanted, *, before: int | None = None) -> list[Record]:
    """One page of the record and one row more, if there is more: id, at, account, by_name, action, subject, detail.

    ``before``: the last id of the page before.
    """
    since = clock.local(wanted.day, time.min) if wanted.day else None
    until = clock.local(wanted.day, time.max) if wanted.day else None
    return await sql(
        """SELECT id, at, account, by_name, action, subject, detail FROM event
        WHERE action <> $1 AND ($2::uuid IS NULL OR account = $2) AND ($3 = '' OR subject = $3)
        AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at <= $5)
        AND ($6::bigint IS NULL OR id < $6) ORDER BY id DESC LIMIT $7""",
        _NOT_HERE, wanted.account, wanted.subject, since, until, before, PAGE + 1,
    )  # fmt: skip


async def named(subjects: Iterable[str]) -> dict[str, Record]:
    """{subject: what it is} of subjects that are a document, a meeting or a cell, by id or as ``cells/<id>``: what
    (minutes | erased | meeting | cell), id, kind and held_on (None of a cell), cell_name.
    """
    ids = {subject: _uuid(subject.removeprefix("cells/")) for subject in subjects}
    rows = await sql(
        """SELECT 'minutes' AS what, d.id, m.kind, m.held_on, c.name AS cell_name FROM minutes d
            JOIN meeting m ON m.id = d.meeting JOIN cell c ON c.id = d.cell WHERE d.id = ANY ($1)
        UNION ALL SELECT 'erased', e.minutes, m.kind, m.held_on, c.name FROM minutes_erased e
            JOIN meeting m ON m.id = e.meeting JOIN cell c ON c.id = e.cell WHERE e.minutes = ANY ($1)
        UNION ALL SELECT 'meeting', m.id, m.kind, m.held_on, c.name FROM meeting m JOIN cell c ON c.id = m.cell
            WHERE m.id = ANY ($1)
        UNION ALL SELECT 'cell', id, NULL, NULL, name FROM cell WHERE id = ANY ($1)""",
        list({found for found in ids.values() if found}),
    )
    known = {row["id"]: row for row in rows}
    return {subject: known[found] for subject, found in ids.items() if found in known}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
