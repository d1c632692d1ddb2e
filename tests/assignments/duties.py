"""Assigned work put down in one statement, where a test asks what becomes of it and not how it was given."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import Record, one, sql
from server import clock
from server.assignments.reminding import NAME
from tenants.transactions import transaction
from tests.cast import Cast


async def member_of(cast: Cast, name: str) -> UUID:
    async with transaction(read_only=True):
        row = await one("SELECT id FROM member WHERE no = $1", cast.numbers[name])
    assert row is not None
    return row["id"]


async def duty(
    cast: Cast, name: str, due: date | None, *, state: str = "open", words: str = "Thu đảng phí"
) -> UUID:
    """Work of one of the cast."""
    given = clock.today()
    member = await member_of(cast, name)
    assignment = uuid4()
    async with transaction():
        await sql(
            """INSERT INTO assignment (id, task, cell, given_on, version, member, text, area, due_on, state, result,
                ended_on, reported_on, folded)
            VALUES ($1, $1, $2, $3, 1, $4, $5, 'other', $6, $7, CASE WHEN $7 = 'done' THEN 'on_time' ELSE '' END,
                CASE WHEN $7 IN ('done', 'not_done', 'cancelled') THEN $3::date END,
                CASE WHEN $7 = 'reported' THEN $3::date END, 'viec')""",
            assignment, cast.cell, given, member, words, due, state,
        )  # fmt: skip
    return assignment


async def set_up(**more: Any) -> None:
    """The committee's reminding without quiet hours, so that a test may run at night."""
    value = {"days_before": [3], "overdue_every": 7, "quiet_from": "00:00", "quiet_to": "00:00"} | more
    async with transaction():
        await sql(
            """INSERT INTO setting (name, value) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value""",
            NAME, json.dumps(value),
        )  # fmt: skip


async def reminders(on: date | None = None) -> list[Record]:
    async with transaction(read_only=True):
        return await sql(
            """SELECT m.name, r.* FROM reminder r JOIN member m ON m.id = r.member
            WHERE $1::date IS NULL OR r.on_day = $1 ORDER BY m.no, r.on_day""",
            on,
        )


def counts(rows: Collection[Record]) -> dict[str, tuple[int, int, int]]:
    return {row["name"]: (row["soon"], row["today"], row["overdue"]) for row in rows}
