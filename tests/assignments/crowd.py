"""Thousands of members with work that is due, in three statements."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from infra.postgres import sql
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast

_CROWD = """WITH made AS (
    INSERT INTO member (id, name, sort_key, folded, official_on)
    SELECT gen_random_uuid(), 'Rơ Mah ' || n, 'romah' || n, 'ro mah ' || n, '2010-01-01'
    FROM generate_series(1, $1::int) AS n RETURNING id
), here AS (
    INSERT INTO membership (id, member, cell, from_on) SELECT gen_random_uuid(), id, $2, '2010-01-01' FROM made
)
INSERT INTO assignment (id, task, cell, given_on, version, member, text, area, due_on, state, folded)
SELECT gen_random_uuid(), gen_random_uuid(), $2, $3::date - 30, 1, id, 'Thu gom rác', 'other', $3, 'open', 'rac'
FROM made RETURNING member"""


async def add_crowd(cast: Cast, number: int, due: date) -> list[UUID]:
    """So many new members of the cast's cell, each with one piece of work due on a day; their ids."""
    with using(cast.pleiku):
        async with transaction():
            rows = await sql(_CROWD, number, cast.cell, due)
    return [row["member"] for row in rows]
