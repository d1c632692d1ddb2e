"""Who the tenants are: looking committees up, and writing them down."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID, uuid4

import asyncpg

from infra.postgres import Record, connection, one, rows_affected, sql
from tenants import slugs
from tenants.current import KINDS, CommitteeRef

COLUMNS = "id, province, slug, schema_name, kind, name, state, state_reason, rules_version, versions_from"
# Lives of a committee begin at multiples of so many versions: more than a roll or an assignment ever comes to.
VERSIONS_OF_A_LIFE = 1 << 20
# Above every version that a phone can have heard of a committee until now: microseconds since 1970, made round, and
# above the life before whatever the clock says.
ABOVE_ALL_VERSIONS = f"""(greatest(versions_from, floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    / {VERSIONS_OF_A_LIFE} + 1) * {VERSIONS_OF_A_LIFE}"""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class Taken(Exception):
    """Another province or committee has this name or path already."""


class UnitTaken(Taken):
    """Another committee leads this unit."""


def ref_of(row: Record) -> CommitteeRef:
    """A registry row with the columns of ``COLUMNS`` as a reference."""
    return CommitteeRef(
        id=row["id"], province_id=row["province"], slug=row["slug"], schema_name=row["schema_name"],
        kind=row["kind"], name=row["name"], state=row["state"], state_reason=row["state_reason"],
        rules_version=row["rules_version"], versions_from=row["versions_from"],
    )  # fmt: skip


async def find(slug: str) -> CommitteeRef | None:
    """The committee at a path, in any state. Needs a platform transaction."""
    row = await one(f"SELECT {COLUMNS} FROM platform.committee WHERE slug = $1", slug)
    return ref_of(row) if row else None


async def find_by_id(committee: UUID) -> CommitteeRef | None:
    """The committee with an id, in any state. Needs a platform transaction."""
    row = await one(f"SELECT {COLUMNS} FROM platform.committee WHERE id = $1", committee)
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


async def add_committee(
    province: UUID, *, kind: str, name: str, slug: str | None = None, unit_code: str = ""
) -> CommitteeRef:
    """Write a committee down in state ``founding``; ``lifecycle.found`` builds its schema.

    Without ``slug`` the first free one is chosen; ``unit_code``: the official code of what it leads. Raises Taken when
    a given slug is in use or the province has this committee already, UnitTaken when another one of its kind leads this
    unit, ValueError for an unknown kind or a slug that can't be a path. Needs a platform transaction.
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
    await check_unit_free(unit_code, kind)
    row = await one(
        f"""INSERT INTO platform.committee (id, province, slug, schema_name, kind, name, unit_code)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (province, kind, name) DO NOTHING RETURNING {COLUMNS}""",
        uuid4(), province, chosen, _new_schema_name(), kind, name, unit_code,
    )  # fmt: skip
    if row is None:
        raise Taken(name)
    return ref_of(row)


async def add_committees(wanted: Sequence[tuple[UUID, str, str, str]]) -> None:
    """Write many committees down in state ``founding``, all or none: (province, kind, name, unit_code or '') of each.

    Each takes the first free path. Raises Taken where a province has one of them already, UnitTaken where a unit has
    its committee. Needs a platform transaction.
    """
    await sql("SELECT pg_advisory_xact_lock(hashtext('nennep slugs'))")
    taken = {row["slug"] for row in await sql("SELECT slug FROM platform.committee")}
    provinces = {row["id"]: row["slug"] for row in await sql("SELECT id, slug FROM platform.province")}
    chosen: list[str] = []
    for province, kind, name, _ in wanted:
        slug = slugs.choose(
            _tidy(name), kind=kind, province_slug=provinces[province], taken=taken.__contains__
        )
        taken.add(slug)
        chosen.append(slug)
    places, kinds, names, codes = zip(*wanted, strict=True)
    try:
        await sql(
            """INSERT INTO platform.committee (id, province, slug, schema_name, kind, name, unit_code)
            SELECT gen_random_uuid(), province, slug, schema_name, kind, name, code
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
                AS wanted (province, slug, schema_name, kind, name, code)""",
            places, chosen, [_new_schema_name() for _ in chosen], kinds, [_tidy(name) for name in names], codes,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        fault = UnitTaken if error.constraint_name == "committee_of_unit" else Taken
        raise fault(str(error.detail)) from error


def _new_schema_name() -> str:
    return "c_" + "".join(secrets.choice(_ALPHABET) for _ in range(13))


async def check_unit_free(unit_code: str, kind: str, *, besides: UUID | None = None) -> None:
    """Raises UnitTaken where another living committee of this kind leads a unit. Needs a platform transaction."""
    await sql("SELECT pg_advisory_xact_lock(hashtext('nennep slugs'))")
    if unit_code and await one(
        """SELECT 1 FROM platform.committee WHERE unit_code = $1 AND kind = $2 AND id IS DISTINCT FROM $3
        AND state NOT IN ('archived', 'erased')""",
        unit_code, kind, besides,
    ):  # fmt: skip
        raise UnitTaken(unit_code)


def _tidy(name: str) -> str:
    # One name has one form: the same letters typed on another keyboard must not make a second committee.
    return unicodedata.normalize("NFC", " ".join(name.split()))


async def suspend(committee: UUID, reason: str) -> bool:
    """Close an active committee's doors with a reason that its people will read; False if it was not active."""
    return await _move(committee, ("active",), "suspended", reason)


async def resume(committee: UUID) -> bool:
    """Open a suspended committee's doors again; False if it was not suspended."""
    return await _move(committee, ("suspended",), "active", "")


async def archive(committee: UUID, reason: str) -> bool:
    """Put a committee away for good; False if it was neither active nor suspended."""
    return await _move(committee, ("active", "suspended"), "archived", reason)


async def unarchive(committee: UUID) -> bool:
    """Bring an archived committee back; False if it was not archived."""
    return await _move(committee, ("archived",), "active", "")


async def begin_moving(committee: UUID, reason: str) -> bool:
    """Close the doors of a committee whose data will be carried (tenants.doors shuts them for good while it is); False
    if it was neither active nor suspended.
    """
    return await _move(committee, ("active", "suspended"), "moving", reason)


async def _move(committee: UUID, before: tuple[str, ...], after: str, reason: str) -> bool:
    status = await connection().execute(
        "UPDATE platform.committee SET state = $3, state_reason = $4 WHERE id = $1 AND state = ANY ($2)",
        committee, before, after, reason,
    )  # fmt: skip
    return rows_affected(status) == 1


async def belong_until(committee: UUID, last: date) -> None:
    """A committee's province counts it for the last time on this day. Needs a platform transaction."""
    await sql(
        """UPDATE platform.committee_belonging SET to_on = greatest($2::date, from_on - 1)
        WHERE committee = $1 AND to_on IS NULL""",
        committee, last,
    )  # fmt: skip


async def belong_first(committee: UUID, first: date) -> None:
    """A new committee's province counts it from this day on, and not before. Needs a platform transaction."""
    await sql("UPDATE platform.committee_belonging SET from_on = $2 WHERE committee = $1", committee, first)


async def belong_again(committee: UUID, first: date) -> None:
    """A committee that was put away is counted again from this day on. Needs a platform transaction."""
    status = await connection().execute(
        "UPDATE platform.committee_belonging SET to_on = NULL WHERE committee = $1 AND to_on >= $2::date - 1",
        committee, first,
    )  # fmt: skip
    if rows_affected(status) == 0:
        await sql(
            """INSERT INTO platform.committee_belonging (committee, province, from_on)
            SELECT id, province, $2 FROM platform.committee WHERE id = $1""",
            committee, first,
        )  # fmt: skip


async def call(committee: UUID, *, kind: str, name: str, on: date) -> None:
    """Give a committee another kind or name from a day on; before that day it keeps the old one.

    Raises Taken where its province has such a committee, ValueError for an unknown kind or for a day before the one on
    which its present name began. Needs a platform transaction.
    """
    name = _tidy(name)
    if kind not in KINDS:
        raise ValueError(f"unknown kind of committee: {kind}")
    row = await one(
        "SELECT from_on FROM platform.committee_name WHERE committee = $1 AND to_on IS NULL FOR UPDATE",
        committee,
    )
    assert row is not None
    if on < row["from_on"]:
        raise ValueError(f"its present name began on {row['from_on']}")
    try:
        await sql("UPDATE platform.committee SET kind = $2, name = $3 WHERE id = $1", committee, kind, name)
    except asyncpg.UniqueViolationError as error:
        raise Taken(name) from error
    await sql(
        """UPDATE platform.committee_name SET to_on = $2::date - 1
        WHERE committee = $1 AND to_on IS NULL AND from_on < $2""",
        committee, on,
    )  # fmt: skip
    await sql(
        """INSERT INTO platform.committee_name (committee, kind, name, from_on) VALUES ($1, $2, $3, $4)
        ON CONFLICT (committee, from_on) DO UPDATE SET kind = excluded.kind, name = excluded.name""",
        committee, kind, name, on,
    )  # fmt: skip


async def title_on(committee: UUID, day: date) -> str:
    """A committee's full name as it was on a day (Đảng ủy xã Ia Grai). Needs a platform transaction."""
    return (await titles_on([committee], day))[committee]


async def titles_on(committees: Collection[UUID], day: date) -> dict[UUID, str]:
    """The same of several committees. Needs a platform transaction."""
    rows = await sql(
        """SELECT committee, kind, name FROM platform.committee_name
        WHERE committee = ANY ($1) AND from_on <= $2 AND (to_on IS NULL OR to_on >= $2)""",
        list(committees), day,
    )  # fmt: skip
    return {row["committee"]: f"{KINDS[row['kind']]} {row['name']}" for row in rows}
