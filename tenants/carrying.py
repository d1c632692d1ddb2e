"""Carries rows from one committee's schema into another's, in one transaction of the database's owner.

It knows nothing of what the rows mean: a plan says which tables are carried, in an order in which what is named comes
first, which rows of each, and what is another there. Either all of it has happened or nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from infra.postgres import connect
from tenants.current import CommitteeRef

# Behind readers and writers that are still at it; then the work is put back and tried again.
_LOCKS = "SET LOCAL lock_timeout = '20s'"
# Objects may come between looking and copying; who adds them is not let in any more, so once more is enough.
_ROUNDS = 3


class Restless(RuntimeError):
    """What is carried kept changing while its objects were copied."""


class Apart(RuntimeError):
    """The two schemas are not at the same version."""


@dataclass(frozen=True)
class Part:
    """Rows of one table: those of which ``where`` is true (the row is ``t``). ``changed``: SQL that a column has there;
    ``left``: columns that are not carried; ``renewed``: a row that is there already gets these values, but for its key
    and the columns in ``left``; otherwise it stays.
    """

    table: str
    where: str
    changed: Mapping[str, str] = field(default_factory=dict)
    left: Sequence[str] = ()
    renewed: bool = False
    order: str = ""


@dataclass(frozen=True)
class Plan:
    """``before``, ``parts``, ``after``, in this order. All SQL runs with the source's search path; ``{target}`` is the
    schema they are carried to, and the temporary table ``moving`` has what the caller gave. ``done``: a query that has
    a row where all of it has happened before; ``keys``: a query of the objects that go along, one ``key`` a row.
    """

    done: str
    before: Sequence[str]
    keys: str
    parts: Sequence[Part]
    after: Sequence[str]


Copying = Callable[[Sequence[str]], Awaitable[None]]


async def carry(
    owner_url: str,
    plan: Plan,
    source: CommitteeRef,
    target: CommitteeRef,
    *,
    values: Mapping[str, str],
    copy: Copying,
) -> dict[str, int]:
    """Carry once, however often it is called: {table: rows carried}, {} where it was done before.

    ``values``: columns of ``moving``, as text; ``copy`` is given keys whose objects must be there before their rows
    are. Raises Apart, Restless, what ``copy`` raises, and what PostgreSQL says.
    """
    owner = await connect(owner_url)
    try:
        copied: set[str] = set()
        for _ in range(_ROUNDS):
            carried, missing = await _try(owner, plan, source, target, values, copied)
            if not missing:
                return carried
            await copy(sorted(missing))
            copied |= missing
    finally:
        await owner.close()
    raise Restless(source.slug)


async def _try(
    owner: asyncpg.Connection,
    plan: Plan,
    source: CommitteeRef,
    target: CommitteeRef,
    values: Mapping[str, str],
    copied: set[str],
) -> tuple[dict[str, int], set[str]]:
    """What was carried, or the objects that have to be copied before anything can be."""
    async with owner.transaction():
        await owner.execute(f'{_LOCKS}; SET LOCAL search_path = "{source.schema_name}", ext, pg_temp')
        await _check_versions(owner, source, target)
        await _set_values(owner, values)
        # Whoever is still in there ends first; nobody comes in any more.
        await _lock(owner, plan, source.schema_name)
        if await owner.fetchrow(plan.done) is not None:
            return {}, set()
        wanted = {row["key"] for row in await owner.fetch(plan.keys)}
        if wanted - copied:
            return {}, wanted - copied
        return await _all(owner, plan, source.schema_name, f'"{target.schema_name}"'), set()


async def _check_versions(owner: asyncpg.Connection, source: CommitteeRef, target: CommitteeRef) -> None:
    # Held, so that no migration comes between.
    rows = await owner.fetch(
        "SELECT version FROM platform.committee WHERE id = ANY ($1) ORDER BY id FOR SHARE",
        [source.id, target.id],
    )
    if len({row["version"] for row in rows}) != 1:
        raise Apart(f"{source.slug}, {target.slug}")


async def _set_values(owner: asyncpg.Connection, values: Mapping[str, str]) -> None:
    columns = ", ".join(f"{name} text" for name in values)
    await owner.execute(f"CREATE TEMP TABLE moving ({columns}) ON COMMIT DROP")
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await owner.execute(f"INSERT INTO moving VALUES ({places})", *values.values())


async def _lock(owner: asyncpg.Connection, plan: Plan, source: str) -> None:
    tables = ", ".join(sorted({f'"{source}".{part.table}' for part in plan.parts}))
    await owner.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")


async def _all(owner: asyncpg.Connection, plan: Plan, source: str, target: str) -> dict[str, int]:
    for text in plan.before:
        await owner.execute(text.replace("{target}", target))
    carried: dict[str, int] = {}
    for part in plan.parts:
        status = await owner.execute(await _insert(owner, part, source, target))
        carried[part.table] = carried.get(part.table, 0) + int(status.rsplit(" ", 1)[-1])
    for text in plan.after:
        await owner.execute(text.replace("{target}", target))
    return carried


async def _insert(owner: asyncpg.Connection, part: Part, source: str, target: str) -> str:
    """Every column that the table has now, so that none that a later version adds can be forgotten."""
    rows = await owner.fetch(
        """SELECT attname FROM pg_attribute WHERE attrelid = format('%I.%I', $1::text, $2::text)::regclass
        AND attnum > 0 AND NOT attisdropped AND attname <> ALL ($3::text[]) ORDER BY attnum""",
        source, part.table, list(part.left) if not part.renewed else [],
    )  # fmt: skip
    names = [row["attname"] for row in rows]
    shown = [part.changed.get(name, f"t.{name}") for name in names]
    again = "NOTHING"
    if part.renewed:
        again = "UPDATE SET " + ", ".join(f"{n} = excluded.{n}" for n in names if n not in ("id", *part.left))
    # OVERRIDING changes nothing where no number is made by itself.
    text = f"""INSERT INTO {target}.{part.table} ({", ".join(names)}) OVERRIDING SYSTEM VALUE
        SELECT {", ".join(shown)} FROM {part.table} t WHERE {part.where} {part.order}
        ON CONFLICT {"(id) " if part.renewed else ""}DO {again}"""
    return text.replace("{target}", target)
