"""How the backups stand: how old the newest of each committee is (what would be lost), how long a restore takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.postgres import sql
from server import clock
from server.exports import exporting
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Standing:
    """One committee: the moment of its newest backup, the last drill that was good, how many seconds that took, and
    what the last drill found ('': nothing, or there was none).
    """

    slug: str
    state: str
    taken_at: datetime | None
    rehearsed_at: datetime | None
    seconds: float | None
    fault: str

    @property
    def age(self) -> timedelta | None:
        """What would be lost now."""
        return None if self.taken_at is None else clock.now() - self.taken_at


async def standing() -> list[Standing]:
    """Every committee that has data: who has no backup first, then the oldest."""
    async with platform_transaction(read_only=True):
        rows = await sql(
            """SELECT c.slug, c.state, max(b.taken_at) FILTER (WHERE b.removed_at IS NULL) AS taken_at,
                max(b.rehearsed_at) FILTER (WHERE b.rehearsal_fault = '') AS rehearsed_at,
                (array_agg(b.rehearsal_seconds ORDER BY b.rehearsed_at DESC)
                    FILTER (WHERE b.rehearsed_at IS NOT NULL AND b.rehearsal_fault = ''))[1] AS seconds,
                coalesce((array_agg(b.rehearsal_fault ORDER BY b.rehearsed_at DESC)
                    FILTER (WHERE b.rehearsed_at IS NOT NULL))[1], '') AS fault
            FROM platform.committee c LEFT JOIN platform.backup b ON b.committee = c.id AND b.ended_at IS NOT NULL
            WHERE c.state = ANY ($1) GROUP BY c.id ORDER BY taken_at NULLS FIRST, c.slug""",
            list(exporting.WHOLE),
        )
    return [Standing(**row) for row in rows]
