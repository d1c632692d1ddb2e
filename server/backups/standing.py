"""How the backups stand: how old the newest of each committee is (what would be lost), how long a restore takes.

And what is too old. Pages, doctor and the figures for alerts all ask here; a test holds the alerts' file to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.postgres import sql
from server import clock
from server.exports import exporting
from tenants.transactions import platform_transaction

# Every night makes one of each committee; a night's run may take two hours longer than the last.
LATE = timedelta(hours=26)
# Every night tries one restore a province, and each committee's at least so often. Some nights fail: whose was not
# tried for a month longer needs attention.
UNTRIED, TRIED_LATE = timedelta(days=60), timedelta(days=90)
# A committee has its first days for itself, and a week of nights may fail: then nobody knows whether restores work.
YOUNGEST, NONE_TRIED = timedelta(days=7), timedelta(days=14)

# Which committees must have backups, when the newest of each was taken (NULL: never), and since when it has had none
# that is newer: ``since`` is the founding where there never was any.
NEWEST = f"""SELECT c.id, c.state, b.taken_at, coalesce(b.taken_at, c.created_at) AS since
    FROM platform.committee c LEFT JOIN LATERAL (SELECT max(taken_at) AS taken_at FROM platform.backup
        WHERE committee = c.id AND ended_at IS NOT NULL AND removed_at IS NULL) b ON true
    WHERE c.state IN ({", ".join(f"'{state}'" for state in exporting.WHOLE)})"""
# When a restore of any committee's backup or export was last found equal; the first founding where none was.
TRIED = """SELECT coalesce(greatest((SELECT max(tested_at) FROM platform.export WHERE test_fault = ''),
    (SELECT max(rehearsed_at) FROM platform.backup WHERE rehearsal_fault = '')),
    (SELECT min(created_at) FROM platform.committee WHERE state = 'active')) AS at"""


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
