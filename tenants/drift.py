"""Whether every tenant's schema still is what its migrations made: compared with the template, found and named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import asyncpg

from infra.postgres import connect
from tenants import shape
from tenants.migrations import Migration
from tenants.template import template_of

# Committees that one connection looks at: it keeps the catalogue rows of all that it has seen.
_LIFE = 500
# Differences of one committee that are told; who has more of them needs no list.
_TOLD = 20
_LOOK = """SELECT id, slug, schema_name, version FROM platform.committee
WHERE state NOT IN ('founding', 'moving', 'erased') AND version BETWEEN 1 AND $1 AND ($2::text IS NULL OR slug = $2)
ORDER BY slug"""
_KEEP = """INSERT INTO platform.committee_health (committee, schema_sha256, drift)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS seen (committee, schema_sha256, drift)
ON CONFLICT (committee) DO UPDATE SET schema_sha256 = excluded.schema_sha256, drift = excluded.drift"""


async def check_schemas(
    owner_url: str,
    line: Sequence[Migration],
    *,
    only: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> dict[str, list[str]]:
    """Compare all founded committees, or the one with slug ``only``, with the template of their version.

    Slug → differences (``shape.differences``) of those that have drifted; each committee's hash and differences are
    kept in ``platform.committee_health``. Who is behind is compared with what the line made up to there; committees
    beyond the line are a newer program's. Of those whose data is carried the doors are shut, which is as it should be.
    """
    owner = await connect(owner_url)
    try:
        everybody = await owner.fetch(_LOOK, line[-1].version, only)
    finally:
        await owner.close()
    drifted: dict[str, list[str]] = {}
    for start in range(0, len(everybody), _LIFE):
        held = await connect(owner_url)
        try:
            some = everybody[start : start + _LIFE]
            drifted |= await _check(held, line, some)
        finally:
            await held.close()
        progress(start + len(some), len(everybody))
    return drifted


async def _check(
    owner: asyncpg.Connection, line: Sequence[Migration], committees: Sequence[asyncpg.Record]
) -> dict[str, list[str]]:
    templates = {
        version: await template_of(owner, line[:version])
        for version in {row["version"] for row in committees}
    }
    hashes = await shape.hashes(owner, [row["schema_name"] for row in committees])
    drifted = {
        row["slug"]: shape.differences(template.lines, await shape.lines(owner, row["schema_name"]))
        for row in committees
        if hashes[row["schema_name"]] != (template := templates[row["version"]]).sha256
    }
    told = ["\n".join(drifted.get(row["slug"], ())[:_TOLD]) for row in committees]
    await owner.execute(
        _KEEP, [row["id"] for row in committees], [hashes[row["schema_name"]] for row in committees], told
    )
    return drifted
