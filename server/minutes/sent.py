"""What has been sent for one meeting."""

from __future__ import annotations

from uuid import UUID

from infra.postgres import Record, sql


async def sent_for(meeting: UUID) -> list[Record]:
    """The documents of a meeting that are not in the bin, oldest first: id, state, wanted and stored (files).

    Needs a transaction in the current committee, in which the reader was found to see the meeting.
    """
    return await sql(
        """SELECT d.id, d.state, cardinality(d.wanted) AS wanted, (SELECT count(*)::int FROM minutes_file f
            WHERE f.minutes = d.id AND f.id = ANY (d.wanted)) AS stored
        FROM minutes d WHERE d.meeting = $1 AND d.binned_at IS NULL AND d.wanted <> '{}' ORDER BY d.created_at""",
        meeting,
    )
