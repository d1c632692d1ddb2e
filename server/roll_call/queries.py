"""Reads of a roll that deserve a name. All need a transaction in the current committee."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, one, sql
from server import versions
from server.meetings.queries import NotFound, meeting
from server.roll_call import rules

__all__ = ["NotFound", "changes", "entries", "entry", "expected", "history", "meeting", "rivals_of"]

_PEOPLE = """SELECT p.no, p.id, p.name, p.sort_key, p.official_on,
    coalesce(g.number, 0::smallint) AS group_number, coalesce(g.name, '') AS group_name,
    (SELECT json_agg(json_build_array(s.kind, s.from_on, s.to_on)) FROM membership s
        WHERE s.member = p.id AND s.cell = $1) AS stays,
    (SELECT json_agg(json_build_array(x.kind, x.from_on, x.to_on)) FROM exemption x WHERE x.member = p.id) AS exemptions
FROM member p
JOIN LATERAL (SELECT party_group FROM membership m WHERE m.member = p.id AND m.cell = $1 AND m.from_on <= $2
    AND (m.to_on IS NULL OR m.to_on >= $2) ORDER BY m.from_on DESC LIMIT 1) here ON true
LEFT JOIN party_group g ON g.id = here.party_group"""


async def expected(cell: UUID, day: date) -> list[rules.Expected]:
    """Who is on the roll of a cell on a day, by the rules of that day, by group and name."""
    return rules.roll_of(day, [_person(row) for row in await sql(_PEOPLE, cell, day)])


def _person(row: Record) -> rules.Person:
    return rules.Person(
        no=row["no"], member=row["id"], name=row["name"], sort_key=row["sort_key"],
        group_number=row["group_number"], group_name=row["group_name"], official_on=row["official_on"],
        stays=_spans(row["stays"]), exemptions=_spans(row["exemptions"]),
    )  # fmt: skip


def _spans(text: str | None) -> list[tuple[str, date, date | None]]:
    return [
        (kind, date.fromisoformat(start), date.fromisoformat(end) if end else None)
        for kind, start, end in json.loads(text or "[]")
    ]


# heads as the page carries them: text costs less than 151 lists of UUID objects.
_COLUMNS = """no, name, group_number, group_name, base, exempt_kind, probationary, state, reason,
    array_to_string(heads, ' ') AS heads, rivals"""
_ENTRIES = f"SELECT {_COLUMNS} FROM roll_entry WHERE meeting = $1 ORDER BY group_number, sort_key, no"


async def entries(meeting: UUID) -> list[Record]:
    """Everybody on an opened roll, by group and name: no, name, group, base, …, state, reason, heads (ids in one text,
    with blanks between them), rivals (JSON).
    """
    return await sql(_ENTRIES, meeting)


async def entry(meeting: UUID, no: int) -> Record:
    """One person on an opened roll, as ``entries`` has it. Raises NotFound."""
    row = await one(f"SELECT {_COLUMNS} FROM roll_entry WHERE meeting = $1 AND no = $2", meeting, no)
    if row is None:
        raise NotFound(no)
    return row


async def history(meeting: UUID, no: int) -> list[Record]:
    """Every mark of one person, as received: state, reason, late_reason, by_name, device_at, received_at, id."""
    return await sql(
        """SELECT id, state, reason, late_reason, by_name, device_at, received_at FROM mark
        WHERE meeting = $1 AND no = $2 ORDER BY received_at, device, seq""",
        meeting, no,
    )  # fmt: skip


async def summary_and_conflicts(meeting: UUID) -> tuple[dict[str, int], int]:
    """The summary of an opened roll (see rules.summarise) and how many people are marked differently."""
    rows = await sql(
        """SELECT state, base, count(*)::int AS number, count(rivals)::int AS conflicts
        FROM roll_entry WHERE meeting = $1 GROUP BY state, base""",
        meeting,
    )
    summary = rules.summarise((row["state"], row["base"], row["number"]) for row in rows)
    return summary, sum(row["conflicts"] for row in rows)


# Who changed after version $2 and, behind them, the counts, of what stands in a part named roll: one statement, so all
# is of one moment.
CHANGED = """SELECT no, state, reason, heads, rivals, base, 1 AS number FROM roll WHERE version > $2
UNION ALL SELECT NULL, state, NULL, NULL, NULL, base, count(*)::int FROM roll GROUP BY state, base
ORDER BY no NULLS LAST"""
_CHANGED = f"""WITH roll AS (
    SELECT no, state, reason, heads, rivals, base, version FROM roll_entry WHERE meeting = $1
) {CHANGED}"""


async def changed(meeting: UUID, since: int) -> list[Record]:
    """The people of an opened roll who changed after version ``since``, and its counts: for ``changes``."""
    return await sql(_CHANGED, meeting, since)


def planned() -> dict[str, Any]:
    """``changes`` of a roll that is not open."""
    return {"version": versions.told(0), "state": "planned", "entries": []}


def changes(rows: list[Record], *, closed: bool, version: int, why: bool) -> dict[str, Any]:
    """What a phone must learn, out of rows of ``CHANGED``: version, state, entries, summary; reasons with ``why``."""
    return {
        "version": versions.told(version),
        "state": "closed" if closed else "open",
        "entries": [
            {
                "no": row["no"],
                "state": row["state"],
                "reason": row["reason"] if why else "",
                "heads": row["heads"],
                "rivals": rivals_told(row["rivals"], why=why),
            }
            for row in rows
            if row["no"] is not None
        ],
        "summary": rules.summarise((r["state"], r["base"], r["number"]) for r in rows if r["no"] is None),
    }


def rivals_told(stored: str | None, *, why: bool) -> list[dict[str, str]]:
    """Marks that disagree as they are stored (JSON), their reasons with ``why``."""
    rivals: list[dict[str, str]] = json.loads(stored) if stored else []
    return rivals if why else [{**rival, "reason": ""} for rival in rivals]


def rivals_of(standing: rules.Standing) -> list[dict[str, str]]:
    """The marks that disagree, as they are stored and shown: id, state, reason, by."""
    return [{"id": str(m.id), "state": m.state, "reason": m.reason, "by": m.by} for m in standing.rivals]
