"""To whom a province publishes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from infra.postgres import sql
from server.words import Refused, say
from tenants.current import KINDS


@dataclass(frozen=True, slots=True)
class Addressed:
    """A committee that something is published to."""

    id: UUID
    slug: str
    schema_name: str
    title: str


async def addressed(
    province: UUID, slugs: Collection[str] | None, *, besides: UUID | None = None
) -> list[Addressed]:
    """The committees of a province by name: all that are not put away (``slugs`` None), or those at some paths; without
    those that have a bulletin (``besides``) already. Raises Refused(to=…) for none, and for a path that is not among
    them. Needs a platform transaction.
    """
    rows = await sql(
        """SELECT c.id, c.slug, c.schema_name, c.kind, c.name FROM platform.committee c
        WHERE c.province = $1 AND c.state NOT IN ('archived', 'erased') AND ($2::text[] IS NULL OR c.slug = ANY ($2))
        AND NOT EXISTS (SELECT 1 FROM platform.bulletin_receipt r WHERE r.bulletin = $3 AND r.committee = c.id)
        ORDER BY c.name, c.kind""",
        province, None if slugs is None else list(slugs), besides,
    )  # fmt: skip
    if not rows or (slugs is not None and len(rows) != len(set(slugs))):
        raise Refused(to=say("Xin chọn ít nhất một cấp ủy đang có của tỉnh."))
    return [Addressed(r["id"], r["slug"], r["schema_name"], f"{KINDS[r['kind']]} {r['name']}") for r in rows]
