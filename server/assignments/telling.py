"""Who is to be told today, and has been: a list for those who speak with people that have no phone with them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from infra.postgres import Record, sql
from server.accounts.reader import Reader
from server.meetings.queries import NotFound


def group_told_by(reader: Reader, cell: UUID) -> int | None:
    """The number of the only group of a cell whose people a reader tells; None: all of them. Raises NotFound."""
    if reader.whole_committee or reader.in_cell(cell, "secretary", "deputy", "recorder"):
        return None
    group = reader.group_in(cell)
    if group is None:
        raise NotFound(cell)
    return group


async def of_members(day: date, cell: UUID, group: int | None) -> list[Record]:
    """The reminders of a day of those who belong to a cell (to one group), by group and name. Needs a transaction.

    Each: no, name, phone, group_number, group_name, soon, today, overdue, pushed_at, push_attempts, told_at, told_by,
    works (JSON: [{no, text, due}], the earliest first; what another cell has given is that cell's to know).
    """
    return await sql(
        """SELECT m.no, m.name, m.phone, g.number AS group_number, g.name AS group_name, r.member,
            r.soon, r.today, r.overdue, r.pushed_at, r.push_attempts, r.told_at, r.told_by,
            (SELECT json_agg(json_build_object('no', a.no, 'text', a.text, 'due', a.due_on) ORDER BY a.due_on, a.no)
                FROM assignment a WHERE a.id = ANY (r.assignments) AND a.cell = $2) AS works
        FROM reminder r JOIN member m ON m.id = r.member
        JOIN LATERAL (SELECT s.party_group FROM membership s WHERE s.member = r.member AND s.cell = $2
            AND s.kind <> 'temporary_out' AND s.from_on <= $1 AND (s.to_on IS NULL OR s.to_on >= $1)
            ORDER BY s.kind = 'permanent' DESC, s.from_on DESC LIMIT 1) s ON true
        LEFT JOIN party_group g ON g.id = s.party_group
        WHERE r.on_day = $1 AND ($3::int IS NULL OR g.number = $3)
        ORDER BY g.number NULLS LAST, m.sort_key, m.no""",
        day, cell, group,
    )  # fmt: skip


async def by_cell(day: date) -> dict[UUID, tuple[int, int]]:
    """{cell: (reminders of a day of its people, of them told by a phone or a person)}. Needs a transaction."""
    rows = await sql(
        """SELECT s.cell, count(DISTINCT r.member)::int AS n, (count(DISTINCT r.member) FILTER (
            WHERE r.pushed_at IS NOT NULL OR r.told_at IS NOT NULL))::int AS told
        FROM reminder r JOIN membership s ON s.member = r.member AND s.kind <> 'temporary_out'
            AND s.from_on <= $1 AND (s.to_on IS NULL OR s.to_on >= $1)
        WHERE r.on_day = $1 GROUP BY s.cell""",
        day,
    )
    return {row["cell"]: (row["n"], row["told"]) for row in rows}


async def tick_told(day: date, cell: UUID, group: int | None, no: int, *, told: bool, by: str) -> bool:
    """Write down that a person has been told (or not, after all); again it changes nothing, and the first who ticked
    stays. False for a person who has no reminder in this cell (group) on this day. Needs a transaction.
    """
    found = [row["member"] for row in await of_members(day, cell, group) if row["no"] == no]
    if found:
        await sql(
            """UPDATE reminder SET told_at = CASE WHEN $3 THEN now() END, told_by = CASE WHEN $3 THEN $4 ELSE '' END
            WHERE member = $1 AND on_day = $2 AND (told_at IS NOT NULL) <> $3""",
            found[0], day, told, by,
        )  # fmt: skip
    return bool(found)
