"""Reads of cells that deserve a name. All need a transaction in the current committee."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from infra.postgres import Record, sql


async def cells_of(cells: Collection[UUID] | None, *, on: date) -> list[Record]:
    """id, name and kind of cells that exist on a day (some, or all when None), the Vietnamese way of sorting."""
    return await sql(
        """SELECT id, name, kind FROM cell WHERE from_on <= $2 AND (to_on IS NULL OR to_on >= $2)
        AND ($1::uuid[] IS NULL OR id = ANY($1)) ORDER BY sort_key, name""",
        None if cells is None else list(cells), on,
    )  # fmt: skip
