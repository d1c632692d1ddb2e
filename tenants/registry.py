"""Who the tenants are: looking committees up, and writing them down."""

from __future__ import annotations

import secrets
import unicodedata
from uuid import UUID, uuid4

import asyncpg

from infra.postgres import Record, connection, one, rows_affected, sql
from tenants import slugs
from tenants.current import KINDS, CommitteeRef

COLUMNS = "id, province, slug, schema_name, kind, name, state, state_reason"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class Taken(Exception):
    """Another province or committee has this name or path already."""


def ref_of(row: Record) -> CommitteeRef:
    """A registry row with the columns of ``COLUMNS`` as a reference."""
    return CommitteeRef(
        id=row["id"], province_id=row["province"], slug=row["slug"], schema_name=row["schema_name"],
        kind=row["kind"], name=row["name"], state=row["state"], state_reason=row["state_reason"],
    )  # fmt: skip


async def find(slug: str) -> CommitteeRef | None:
    """The committee at a path, in any state. Needs a platform transaction."""
    row = await one(f"SELECT {COLUMNS} FROM platform.committee WHERE slug = $1", slug)
    return ref_of(row) if row else None


async def find_by_schema(schema_name: str) -> CommitteeRef | None:
    """The committee that owns a schema. Needs a platform transaction."""
    row = await one(f"SELECT {COLUMNS} FROM platform.committee WHERE schema_name = $1", schema_name)
    return ref_of(row) if row else None


async def committees(province: UUID | None = None) -> list[CommitteeRef]:
    """All committees, or those of one province, by path. Needs a platform transaction."""
    rows = await sql(
        f"SELECT {COLUMNS} FROM platform.committee WHERE $1::uuid IS NULL OR province = $1 ORDER BY slug",
        province,
    )
    return [ref_of(row) for row in rows]


async def add_province(name: str, *, slug: str | None = None) -> UUID:
    """Write a province down; its id. Raises Taken, and ValueError for a slug that can't be a path.
    Needs a platform transaction.
    """
    province, name = uuid4(), _tidy(name)
    slug = slug or slugs.slug_of(name)
    if fault := slugs.why_not(slug):
        raise ValueError(fault)
    try:
        await sql("INSERT INTO platform.province (id, slug, name) VALUES ($1, $2, $3)", province, slug, name)
    except asyncpg.UniqueViolationError as error:
        raise Taken(name) from error
    return province


async def add_committee(province: UUID, *, kind: str, name: str, slug: str | None = None) -> CommitteeRef:
    """Write a committee down in state ``founding``; ``lifecycle.found`` builds its schema.

    Without ``slug`` the first free one is chosen. Raises Taken when a given slug is in use or the province has this
    committee already, and ValueError for an unknown kind or a slug that can't be a path. Needs a platform transaction.
    """
    name = _tidy(name)
    if kind not in KINDS:
        raise ValueError(f"unknown kind of committee: {kind}")
    if slug is not None and (fault := slugs.why_not(slug)):
        raise ValueError(fault)
    # Choosing a free path and taking it must be one act: two administrators may press at once.
    await sql("SELECT pg_advisory_xact_lock(hashtext('nennep slugs'))")
    taken = {row["slug"] for row in await sql("SELECT slug FROM platform.committee")}
    province_slug = (await sql("SELECT slug FROM platform.province WHERE id = $1", province))[0]["slug"]
    chosen = slug or slugs.choose(name, kind=kind, province_slug=province_slug, taken=taken.__contains__)
    if chosen in taken:
        raise Taken(chosen)
    schema_name = "c_" + "".join(secrets.choice(_ALPHABET) for _ in range(13))
    row = await one(
        f"""INSERT INTO platform.committee (id, province, slug, schema_name, kind, name)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (province, kind, name) DO NOTHING RETURNING {COLUMNS}""",
        uuid4(), province, chosen, schema_name, kind, name,
    )  # fmt: skip
    if row is None:
        raise Taken(name)
    return ref_of(row)


def _tidy(name: str) -> str:
    # One name has one form: the same letters typed on another keyboard must not make a second committee.
    return unicodedata.normalize("NFC", " ".join(name.split()))


async def suspend(committee: UUID, reason: str) -> bool:
    """Close an active committee's doors with a reason that its people will read; False if it was not active."""
    return await _move(committee, "active", "suspended", reason)


async def resume(committee: UUID) -> bool:
    """Open a suspended committee's doors again; False if it was not suspended."""
    return await _move(committee, "suspended", "active", "")


async def _move(committee: UUID, before: str, after: str, reason: str) -> bool:
    status = await connection().execute(
        "UPDATE platform.committee SET state = $3, state_reason = $4 WHERE id = $1 AND state = $2",
        committee, before, after, reason,
    )  # fmt: skip
    return rows_affected(status) == 1
