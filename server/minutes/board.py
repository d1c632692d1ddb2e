"""Whose minutes are here and whose are not: a month of all cells, or the last year of one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server.clock import month_after

# One row for each cell, each meeting that it had, and each document that was sent of it.
_ROWS = """SELECT c.id AS cell, c.name AS cell_name, m.id AS meeting, m.kind, m.held_on, m.starts_at,
    m.state AS meeting_state, m.not_held_reason, d.id AS minutes, d.state, d.reason, d.created_at, d.created_by,
    d.confirmed_at, d.confirmed_by, cardinality(d.wanted) AS wanted, coalesce(f.stored, 0)::int AS stored,
    coalesce(p.pages, 0)::int AS pages, coalesce(p.read, 0)::int AS read, coalesce(p.failed, 0)::int AS failed,
    coalesce(p.reasons, '{}') AS reasons
FROM cell c LEFT JOIN meeting m ON m.cell = c.id AND m.held_on >= $1 AND m.held_on < $2
LEFT JOIN minutes d ON d.meeting = m.id AND d.binned_at IS NULL
LEFT JOIN LATERAL (SELECT count(*) AS stored FROM minutes_file x WHERE x.minutes = d.id AND x.id = ANY (d.wanted)) f
    ON d.id IS NOT NULL
LEFT JOIN LATERAL (SELECT count(*) AS pages, count(*) FILTER (WHERE y.state = 'read' AND NOT t.again) AS read,
    count(*) FILTER (WHERE t.again) AS failed, array_agg(DISTINCT y.reason) FILTER (WHERE t.again) AS reasons
    FROM minutes_page y
    CROSS JOIN LATERAL (SELECT y.state = 'failed' OR y.reason = 'no_tesseract_language' AS again) t
    JOIN minutes_file x ON x.id = y.file
    WHERE y.minutes = d.id AND x.id = ANY (d.wanted) AND y.same_decided <> 'dropped' AND x.same_decided <> 'dropped'
    ) p ON d.id IS NOT NULL
WHERE c.from_on < $2 AND (c.to_on IS NULL OR c.to_on >= $1) AND ($3::uuid[] IS NULL OR c.id = ANY ($3))"""
_BY_CELL = f"{_ROWS} ORDER BY c.sort_key, c.name, m.starts_at, d.created_at"
_NEWEST = f"{_ROWS} AND m.id IS NOT NULL ORDER BY m.starts_at DESC, c.sort_key, d.created_at"


async def of_month(month: date) -> list[Record]:
    """A month (its first day) of all cells, by cell; a cell without a meeting has one row with ``meeting`` None.

    Each row: cell, cell_name; meeting, kind, held_on, starts_at, meeting_state, not_held_reason; minutes (None: nothing
    was sent), state, reason, created_at, created_by, confirmed_at, confirmed_by, wanted and stored (files), pages,
    read (pages), failed (pages that failed or that nothing could read) and their reasons (codes).
    """
    return await sql(_BY_CELL, month, month_after(month), None)


async def of_cells(cells: Collection[UUID], since: date, until: date) -> list[Record]:
    """Meetings of some cells from ``since`` on, before ``until``, with their minutes, newest first: see of_month."""
    return await sql(_NEWEST, since, until, list(cells))


def standings(rows: Iterable[Record], month: date, today: date) -> list[tuple[str, Record]]:
    """[(how it stands, row)] of a month; see ``standing``."""
    over = month_after(month) <= today
    return [(standing(row, today=today, month_over=over), row) for row in rows]


def standing(row: Mapping[str, Any], *, today: date, month_over: bool) -> str:
    """How a row of the board stands, in the order of what needs somebody.

    missing: it met, or its day has come, and nothing was sent; unreported: the month is over and no meeting is known;
    failed: something can be tried again; sending, reading; ready: waits for its figures to be confirmed; confirmed;
    waiting: its day has not come; not_held: it said why it did not meet.
    """
    if row["minutes"] is not None:
        return _of_document(row)
    if row["meeting"] is None:
        return "unreported" if month_over else "waiting"
    if row["meeting_state"] == "not_held":
        return "not_held"
    return "missing" if row["held_on"] <= today else "waiting"


def _of_document(row: Mapping[str, Any]) -> str:
    if row["confirmed_at"] is not None:
        return "confirmed"
    if row["state"] == "failed" or row["failed"]:
        return "failed"
    return {"collecting": "sending", "ready": "ready"}.get(row["state"], "reading")


def unsent(stands: Iterable[tuple[str, Record]]) -> tuple[int, int]:
    """(cells that owe minutes and have not sent them, cells that will owe them by the month's end).

    A cell that said why it did not meet owes none.
    """
    owing: dict[UUID, bool] = {}
    for stand, row in stands:
        if stand != "not_held":
            owing[row["cell"]] = owing.get(row["cell"], False) or stand in ("missing", "unreported")
    return sum(owing.values()), len(owing)
