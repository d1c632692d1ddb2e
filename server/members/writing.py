"""How a list that was confirmed becomes members: a few statements over all rows, inside one transaction.

Every statement adds only what is missing, so what people have changed by hand since stays as they left it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import Record, sql
from server.cells.rules import Group, number_groups
from server.words import Refused, say

_VALUE = """v(name text, sort_key text, folded text, sex text, born text, admitted text, official_on date,
    card_number text, phone text, post text, cell text, "group" text, group_key text, active boolean,
    exemptions jsonb, seats jsonb)"""
# $1 the list, $2 rows, $3 members: who is written, each with the value of the row.
_PEOPLE = f"""WITH people AS (
    SELECT u.row, u.member, v.* FROM unnest($2::int[], $3::uuid[]) AS u(row, member)
    JOIN member_import_row r ON r.member_import = $1 AND r.row = u.row
    CROSS JOIN LATERAL jsonb_to_record(r.value) AS {_VALUE}
)"""


@dataclass(frozen=True)
class Person:
    """One row of a list and the member it becomes, or already is (perhaps in another cell)."""

    row: int
    member: UUID
    new: bool
    elsewhere: bool = False


async def write(imported: UUID, head: Record, people: Collection[Person]) -> Counter[str]:
    """Write everything a list says of ``people``; {outcome: rows}. Needs the list's lock and an open transaction."""
    extras = json.loads(head["extras"])
    groups = await _cells_and_groups(imported, extras["new_cells"])
    await _run(imported, [p for p in people if p.new], _MEMBERS)
    changed = await _run(imported, [p for p in people if not p.new], _FILL_IN)
    changed |= await _run(imported, people, _BELONG, json.dumps(groups), head["as_of"])
    changed |= await _run(imported, people, _JOIN_GROUP, json.dumps(groups), head["as_of"])
    changed |= await _run(imported, people, _EXEMPT)
    changed |= await _run(imported, people, _SEAT, head["as_of"])
    told = {p.row: _outcome(p, changed) for p in people}
    await _tell(imported, told)
    return Counter(told.values())


async def _run(imported: UUID, people: Collection[Person], statement: str, *more: str | date) -> set[UUID]:
    if not people:
        return set()
    rows = await sql(
        f"{_PEOPLE} {statement}", imported, [p.row for p in people], [p.member for p in people], *more
    )
    return {row["member"] for row in rows}


# In the list's order, so that members' numbers follow it.
_MEMBERS = """INSERT INTO member
    (id, name, sort_key, folded, sex, born, admitted, official_on, card_number, phone, post)
SELECT member, name, sort_key, folded, sex, born, admitted, official_on, card_number, phone, post
FROM people ORDER BY row RETURNING id AS member"""

_FILL_IN = """UPDATE member m SET sex = CASE m.sex WHEN '' THEN p.sex ELSE m.sex END, born = coalesce(m.born, p.born),
    admitted = coalesce(m.admitted, p.admitted), official_on = coalesce(m.official_on, p.official_on),
    card_number = coalesce(m.card_number, p.card_number), phone = coalesce(m.phone, p.phone),
    post = CASE m.post WHEN '' THEN p.post ELSE m.post END
FROM people p WHERE m.id = p.member AND (m.sex = '' AND p.sex <> '' OR m.born IS NULL AND p.born IS NOT NULL
    OR m.admitted IS NULL AND p.admitted IS NOT NULL OR m.official_on IS NULL AND p.official_on IS NOT NULL
    OR m.card_number IS NULL AND p.card_number IS NOT NULL OR m.phone IS NULL AND p.phone IS NOT NULL
    OR m.post = '' AND p.post <> '')
RETURNING m.id AS member"""

_GROUPS = "jsonb_to_recordset($4::jsonb) AS g(cell text, group_key text, id uuid)"

_BELONG = f"""INSERT INTO membership (id, member, cell, party_group, from_on)
SELECT gen_random_uuid(), p.member, c.id, g.id, $5::date
FROM people p JOIN cell c ON c.name = p.cell
LEFT JOIN {_GROUPS} ON g.cell = p.cell AND g.group_key = p.group_key
WHERE p.active AND NOT EXISTS (SELECT 1 FROM membership s WHERE s.member = p.member AND s.kind = 'permanent'
    AND (s.to_on IS NULL OR s.to_on >= $5::date))
RETURNING member"""

_JOIN_GROUP = f"""UPDATE membership s SET party_group = g.id
FROM people p JOIN cell c ON c.name = p.cell JOIN {_GROUPS} ON g.cell = p.cell AND g.group_key = p.group_key
WHERE s.member = p.member AND s.cell = c.id AND s.kind = 'permanent' AND s.party_group IS NULL AND p.active
    AND (s.to_on IS NULL OR s.to_on >= $5::date)
RETURNING s.member"""

_EXEMPT = """INSERT INTO exemption (id, member, kind, from_on, to_on, keeper)
SELECT gen_random_uuid(), p.member, x.kind, x.from_on, x.to_on, k.member
FROM people p CROSS JOIN LATERAL jsonb_to_recordset(p.exemptions)
    AS x(kind text, from_on date, to_on date, keeper_row int)
LEFT JOIN people k ON k.row = x.keeper_row
WHERE NOT EXISTS (SELECT 1 FROM exemption e WHERE e.member = p.member AND e.kind = x.kind
    AND e.from_on <= coalesce(x.to_on, 'infinity') AND coalesce(e.to_on, 'infinity') >= x.from_on)
RETURNING member"""

# Who was a commune's cadre ("nguyên cán bộ xã") is none any more; leading a group is no seat in the committee.
_SEAT = """INSERT INTO seat (id, member, cell, role, party_group, from_on, commune_cadre)
SELECT gen_random_uuid(), p.member, c.id, x.role, CASE x.role WHEN 'group_leader' THEN s.party_group END, $4::date,
    x.role <> 'group_leader' AND p.post ~* '(?<!nguyên )(công chức|cán bộ) (xã|phường|thị trấn|đặc khu)'
FROM people p CROSS JOIN LATERAL jsonb_array_elements_text(p.seats) AS x(role)
JOIN cell c ON c.name = p.cell
JOIN membership s ON s.member = p.member AND s.cell = c.id AND s.kind = 'permanent'
    AND (s.to_on IS NULL OR s.to_on >= $4::date)
WHERE NOT EXISTS (SELECT 1 FROM seat t WHERE t.cell = c.id AND t.role = x.role
    AND (t.to_on IS NULL OR t.to_on >= $4::date) AND (t.member = p.member OR t.role = 'secretary'))
RETURNING member"""


async def _cells_and_groups(imported: UUID, new_cells: list[dict[str, str]]) -> list[dict[str, str]]:
    """Make the cells and groups that the list names and that are missing; [{cell, group_key, id}] of all it names."""
    await sql(
        """INSERT INTO cell (id, name, sort_key, kind) SELECT gen_random_uuid(), n.name, n.sort_key, n.kind
        FROM jsonb_to_recordset($1::jsonb) AS n(name text, sort_key text, kind text) ON CONFLICT (name) DO NOTHING""",
        json.dumps(new_cells),
    )  # fmt: skip
    named = await sql(
        """SELECT r.value ->> 'cell' AS cell, r.value ->> 'group' AS written, c.id, min(r.row) AS first
        FROM member_import_row r LEFT JOIN cell c ON c.name = r.value ->> 'cell' AND c.went_to = ''
        WHERE r.member_import = $1 AND r.verdict <> 'reject' GROUP BY 1, 2, 3 ORDER BY first""",
        imported,
    )
    if any(row["id"] is None for row in named):
        raise Refused(imported=say("Có chi bộ trong danh sách không còn nữa. Đồng chí tải tệp lên lại."))
    return await _groups({row["cell"]: row["id"] for row in named}, named)


async def _groups(cells: dict[str, UUID], named: Iterable[Record]) -> list[dict[str, str]]:
    written: dict[str, list[str]] = defaultdict(list)
    for row in named:
        if row["written"]:
            written[row["cell"]].append(row["written"])
    there = await sql(
        "SELECT id, cell, number, name FROM party_group WHERE cell = ANY($1)", [*cells.values()]
    )
    by_cell: dict[UUID, list[Group]] = defaultdict(list)
    for row in there:
        by_cell[row["cell"]].append(Group(row["number"], row["name"]))
    ids = {(row["cell"], row["number"]): row["id"] for row in there}
    found: list[dict[str, str]] = []
    new: list[tuple[UUID, UUID, int, str]] = []
    for name, texts in written.items():
        cell = cells[name]
        for key, group in number_groups(by_cell[cell], texts).items():
            if (cell, group.number) not in ids:
                ids[cell, group.number] = uuid4()
                new.append((ids[cell, group.number], cell, group.number, group.name))
            found.append({"cell": name, "group_key": key, "id": str(ids[cell, group.number])})
    columns: list[Any] = [list(column) for column in zip(*new, strict=True)] or [[], [], [], []]
    await sql(
        """INSERT INTO party_group (id, cell, number, name)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::text[])""",
        *columns,
    )  # fmt: skip
    return found


def _outcome(person: Person, changed: set[UUID]) -> str:
    if person.new:
        return "written"
    if person.elsewhere:
        return "elsewhere"
    return "updated" if person.member in changed else "known"


async def _tell(imported: UUID, told: dict[int, str]) -> None:
    """Note what became of each row; the people themselves are in the register now and need no second copy."""
    await sql(
        """UPDATE member_import_row r SET value = jsonb_build_object('faults', r.value -> 'faults'),
            outcome = CASE r.verdict WHEN 'reject' THEN '' ELSE coalesce(u.outcome, 'card_taken') END
        FROM member_import_row l LEFT JOIN unnest($2::int[], $3::text[]) AS u(row, outcome) ON u.row = l.row
        WHERE l.member_import = $1 AND r.member_import = $1 AND r.row = l.row""",
        imported, [*told], [*told.values()],
    )  # fmt: skip
