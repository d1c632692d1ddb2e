"""Who issues a paper, as it was called on the paper's day: a committee keeps its old name on what is dated before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from infra.postgres import one
from tenants.current import KINDS, current
from tenants.transactions import platform_transaction, transaction


@dataclass(frozen=True)
class Issuer:
    """A committee on a day: its province, its full name, and the place that its papers are dated from."""

    province: str
    title: str
    place: str


_THEN = """SELECT p.name AS province, n.kind, n.name FROM platform.committee c
JOIN platform.province p ON p.id = c.province
JOIN platform.committee_name n ON n.committee = c.id AND n.from_on <= $2 AND (n.to_on IS NULL OR n.to_on >= $2)
WHERE c.id = $1"""
# The committee that a cell came from, found by the name that it had when the cell left.
_BEFORE = """SELECT s.predecessor FROM platform.committee_succession s
JOIN platform.committee_name n ON n.committee = s.predecessor AND n.from_on <= s.on_day
WHERE s.successor = $1 AND s.on_day = $2 AND n.name = $3 ORDER BY n.from_on DESC LIMIT 1"""


async def issuer_on(day: date, *, cell: UUID | None = None) -> Issuer:
    """Who issued a paper of a day; ``cell``: the cell whose paper it is, which may have belonged to another committee
    then. Outside a transaction.
    """
    came = await _came(cell, day) if cell else None
    async with platform_transaction(read_only=True):
        committee = current().id
        if came is not None:
            committee = await _before(*came) or committee
        row = await one(_THEN, committee, day)
    assert row is not None
    # A committee of agencies bears no place's name.
    place = row["province"] if row["kind"] == "agency_committee" else row["name"]
    return Issuer(row["province"], f"{KINDS[row['kind']]} {row['name']}", place)


async def _came(cell: UUID, day: date) -> tuple[str, date] | None:
    async with transaction(read_only=True):
        row = await one("SELECT came_from, joined_on FROM cell WHERE id = $1 AND joined_on > $2", cell, day)
    return (row["came_from"], row["joined_on"]) if row else None


async def _before(title: str, joined_on: date) -> UUID | None:
    """The committee called ``title`` from which cells came on a day."""
    for words in sorted(KINDS.values(), key=len, reverse=True):
        if title.startswith(f"{words} "):
            row = await one(_BEFORE, current().id, joined_on, title.removeprefix(f"{words} "))
            return row["predecessor"] if row else None
    return None
