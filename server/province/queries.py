"""What a province sees of its committees: counts, each with its base and the time it was computed. Never a person."""

from __future__ import annotations

from uuid import UUID

from infra.postgres import Record, one, sql


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


async def units_led(province: UUID) -> list[str]:
    """The official codes that living committees of a province lead. Needs a platform transaction."""
    rows = await sql(
        """SELECT unit_code FROM platform.committee WHERE province = $1 AND unit_code <> ''
        AND state NOT IN ('archived', 'erased')""",
        province,
    )
    return [row["unit_code"] for row in rows]


async def open_run(committee: UUID) -> UUID | None:
    """The newest run about a committee that is not over, or None. Needs a platform transaction."""
    row = await one(
        """SELECT id FROM platform.run WHERE committee = $1 AND state IN ('open', 'paused', 'failed')
        ORDER BY created_at DESC LIMIT 1""",
        committee,
    )
    return row["id"] if row else None
