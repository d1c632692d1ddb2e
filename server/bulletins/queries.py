"""Reads of what is published: the province's with its receipts, a committee's own. All need a platform transaction."""

from __future__ import annotations

from uuid import UUID

from infra.postgres import Record, one, sql
from server.meetings.queries import NotFound

PAGE = 50
_HEAD = """b.id, b.kind, b.number, b.title, b.published_at, b.by_name, b.taken_back_at, b.taken_back_by,
    b.taken_back_reason"""
_WHOLE = f"{_HEAD}, b.body, b.file_name, b.file_key, b.file_bytes, b.file_sha256, b.rules"
# What a bulletin is known by to those who look for the page after it.
_BEFORE = "(SELECT published_at, id FROM platform.bulletin WHERE id = $2)"


async def bulletins(province: UUID, *, before: UUID | None = None) -> list[Record]:
    """One page of what a province has published, newest first, and one row more where there is more: the head of each,
    with addressed, received, opened (committees). ``before``: the last of the page before.
    """
    return await sql(
        f"""SELECT {_HEAD}, count(r.committee)::int AS addressed, count(r.received_at)::int AS received,
            count(r.opened_at)::int AS opened
        FROM platform.bulletin b LEFT JOIN platform.bulletin_receipt r ON r.bulletin = b.id
        WHERE b.province = $1 AND ($2::uuid IS NULL OR (b.published_at, b.id) < {_BEFORE})
        GROUP BY b.id ORDER BY b.published_at DESC, b.id DESC LIMIT $3""",
        province, before, PAGE + 1,
    )  # fmt: skip


async def bulletin(province: UUID, bulletin: UUID) -> Record:
    """All of one that a province has published; rules as JSON text. Raises NotFound."""
    row = await one(
        f"SELECT {_WHOLE} FROM platform.bulletin b WHERE b.id = $1 AND b.province = $2", bulletin, province
    )
    if row is None:
        raise NotFound(bulletin)
    return row


async def receipts(bulletin: UUID) -> list[Record]:
    """To whom it was published: id, slug, kind, name, received_at, opened_at; those who have not opened it first."""
    return await sql(
        """SELECT c.id, c.slug, c.schema_name, c.kind, c.name, r.received_at, r.opened_at
        FROM platform.bulletin_receipt r JOIN platform.committee c ON c.id = r.committee
        WHERE r.bulletin = $1 ORDER BY r.opened_at IS NOT NULL, r.received_at IS NOT NULL, c.name, c.kind""",
        bulletin,
    )


async def left_out(province: UUID, bulletin: UUID) -> int:
    """How many committees of the province that are not put away do not have it."""
    row = await one(
        """SELECT count(*)::int AS n FROM platform.committee c
        WHERE c.province = $1 AND c.state NOT IN ('archived', 'erased')
        AND NOT EXISTS (SELECT 1 FROM platform.bulletin_receipt r WHERE r.bulletin = $2 AND r.committee = c.id)""",
        province, bulletin,
    )  # fmt: skip
    assert row is not None
    return int(row["n"])


async def sent_to(committee: UUID, *, before: UUID | None = None) -> list[Record]:
    """One page of what was published to a committee, newest first, and one row more where there is more: the head of
    each with opened_at.
    """
    return await sql(
        f"""SELECT {_HEAD}, r.opened_at
        FROM platform.bulletin_receipt r JOIN platform.bulletin b ON b.id = r.bulletin
        WHERE r.committee = $1 AND ($2::uuid IS NULL OR (b.published_at, b.id) < {_BEFORE})
        ORDER BY b.published_at DESC, b.id DESC LIMIT $3""",
        committee, before, PAGE + 1,
    )  # fmt: skip


async def sent_one(committee: UUID, bulletin: UUID) -> Record:
    """All of one that was published to a committee, with opened_at. Raises NotFound, for another committee's too."""
    row = await one(
        f"""SELECT {_WHOLE}, r.opened_at
        FROM platform.bulletin_receipt r JOIN platform.bulletin b ON b.id = r.bulletin
        WHERE r.committee = $1 AND b.id = $2""",
        committee, bulletin,
    )  # fmt: skip
    if row is None:
        raise NotFound(bulletin)
    return row


async def unopened(committee: UUID) -> Record:
    """What a committee's office has still to open: n of it that stands, unreceived (rows of which nobody has seen that
    they are there), the title of the newest.
    """
    row = await one(
        """SELECT count(*) FILTER (WHERE b.taken_back_at IS NULL)::int AS n,
            count(*) FILTER (WHERE r.received_at IS NULL)::int AS unreceived,
            (array_agg(b.title ORDER BY b.published_at DESC) FILTER (WHERE b.taken_back_at IS NULL))[1] AS title
        FROM platform.bulletin_receipt r JOIN platform.bulletin b ON b.id = r.bulletin
        WHERE r.committee = $1 AND r.opened_at IS NULL""",
        committee,
    )
    assert row is not None
    return row


async def note_received(committee: UUID) -> None:
    """Somebody of a committee's office has seen what is there."""
    await sql(
        "UPDATE platform.bulletin_receipt SET received_at = now() WHERE committee = $1 AND received_at IS NULL",
        committee,
    )


async def note_opened(committee: UUID, bulletin: UUID) -> None:
    """Somebody of a committee's office has opened one."""
    await sql(
        """UPDATE platform.bulletin_receipt SET opened_at = now(), received_at = coalesce(received_at, now())
        WHERE committee = $1 AND bulletin = $2 AND opened_at IS NULL""",
        committee, bulletin,
    )  # fmt: skip
