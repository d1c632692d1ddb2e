"""What the first page says of assigned work: one's own that is due first, and what waits for a word of who leads."""

from __future__ import annotations

from typing import Any

from server import clock
from server.accounts.reader import Reader
from server.assignments.listing import Filter, listed
from tenants.current import current
from web.assignments.shown import card

SHOWN = 3


async def due_first(reader: Reader) -> dict[str, Any] | None:
    """The reader's own open work, what is due first first: rows (cards), n (of all of it), href; None for who is no
    member, or has none. Needs a transaction in the current committee.
    """
    if not reader.members():
        return None
    return await _some(Filter(mine=True, state="open"), reader, "work")


async def waiting(reader: Reader) -> dict[str, Any] | None:
    """What waits for who leads a cell: results to accept, time asked for, sayings that disagree; as ``due_first``."""
    if not reader.has("secretary", "deputy"):
        return None
    return await _some(Filter(state="waiting"), reader, "assignments?state=waiting")


async def _some(wanted: Filter, reader: Reader, where: str) -> dict[str, Any] | None:
    found = await listed(wanted, reader, limit=SHOWN)
    if not found.rows:
        return None
    rows = [card(row, clock.today()) for row in found.rows]
    return {"rows": rows, "n": found.total, "href": f"/{current().slug}/{where}"}
