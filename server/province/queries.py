"""What a province sees of its committees: counts, each with its base and the time it was computed. Never a person."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from infra.postgres import Record, one, sql

_FIGURES = """SELECT c.slug, c.kind, c.name, c.state, r.computed_at, r.cells, r.members_official AS official,
    r.members_probationary AS probationary, r.meetings_held, r.cells_met, r.cells_not_met, r.cells_not_reported,
    r.rolls_closed, r.present + r.late AS attending,
    r.expected + r.exempt_attending AS base,
    r.assignments_better + r.assignments_on_time + r.assignments_late AS work_done, r.assignments_due AS work_due,
    r.assignments_late AS work_late, r.assignments_live AS work_live,
    r.members_assigned AS assigned, r.members_assignable AS assignable,
    EXISTS (SELECT 1 FROM platform.outbox o WHERE o.schema_name = c.schema_name AND o.job LIKE 'recompute%'
        AND o.done_at IS NULL) AS waiting
FROM platform.committee c LEFT JOIN platform.rollup r ON r.committee = c.id AND r.month = $2
WHERE c.province = $1 ORDER BY c.name, c.kind"""


async def figures(province: UUID, month: date) -> list[Record]:
    """One row a committee of a province: its counts for a month, all None where none were ever computed.

    ``base`` is everybody expected on closed rolls and the exempt who came all the same; ``work_done`` of ``work_due``
    (deadlines of the month; ``work_late`` of those done came late), ``work_live`` (assignments of the month) and
    ``assigned`` of ``assignable`` (members) are None where they were never counted; ``waiting``: a recomputation is
    due. Needs a platform transaction.
    """
    return await sql(_FIGURES, province, month)


async def newest_counts(committee: UUID) -> Record | None:
    """Cells and members of the newest month of a committee, or None. Needs a platform transaction."""
    return await one(
        """SELECT month, cells, members_official + members_probationary AS members, computed_at
        FROM platform.rollup WHERE committee = $1 ORDER BY month DESC LIMIT 1""",
        committee,
    )


async def administrator_invitation(committee: UUID) -> Record | None:
    """The newest invitation of a committee's administrator: invited_name, expires_at, used_at, expired."""
    return await one(
        """SELECT invited_name, expires_at, used_at, expires_at < now() AS expired FROM platform.invitation
        WHERE committee = $1 AND role = 'committee_administrator' AND withdrawn_at IS NULL
        ORDER BY created_at DESC LIMIT 1""",
        committee,
    )


async def committee_life(committee: UUID) -> Record:
    """When a committee was written down, and when and why it was last suspended, from registry and record."""
    row = await one(
        """SELECT c.created_at, c.state_reason, (SELECT max(e.at) FROM platform.province_event e
            WHERE e.province = c.province AND e.subject = c.slug
                AND e.action = 'committee_suspended') AS suspended_at,
            (SELECT o.error FROM platform.outbox o WHERE o.job = 'found_committee' AND o.dead_at IS NOT NULL
            AND o.arguments ->> 'committee' = c.id::text) AS problem
        FROM platform.committee c WHERE c.id = $1""",
        committee,
    )
    assert row is not None
    return row
