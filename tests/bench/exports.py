"""A committee of 1,378 members with two years of meetings and work: out into a file, proved, and back again, equal."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from uuid import uuid4

from infra.postgres import connection
from server.exports.parts import PARTS
from server.schema import committee_line
from tenants import lifecycle, registry
from tenants.current import CommitteeRef
from tenants.export.comparing import differences
from tenants.export.restoring import Target, put_back, schema_for
from tenants.export.tables import PLAIN
from tenants.export.verifying import verify
from tenants.export.writing import Made, write_export
from tenants.transactions import as_committee, platform_transaction
from tests.bench.report import Figure
from tests.export.lived import live

CELLS, MEMBERS, MONTHS = 53, 26, 24


async def figures(owner_url: str, *, months: int = MONTHS) -> list[Figure]:
    """Seconds for each of the steps; fewer ``months`` for a short run."""
    async with platform_transaction():
        province = await registry.add_province(f"Tỉnh Xuất {uuid4().hex[:6]}")
        ref = await registry.add_committee(province, kind="city_committee", name="Pleiku")
    await lifecycle.found(owner_url, ref.id, committee_line())
    await live(ref, cells=CELLS, members=MEMBERS, months=months)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "committee.zip")
        begun = time.perf_counter()
        made = await write_export(ref, file, parts=PARTS, with_pages=False)
        exported = time.perf_counter()
        verify(file)
        proved = time.perf_counter()
        target = Target(
            uuid4(), province, f"{ref.slug}-lai", schema_for(made.sha256), ref.kind, "Pleiku (phục hồi)"
        )
        await put_back(owner_url, file, target, committee_line(), parts=PARTS)
        restored = time.perf_counter()
    apart = await _apart(target.slug, made)
    of = f"{CELLS * MEMBERS} members, {months} months, {made.manifest.rows} rows"
    return [
        Figure("a committee exported without its pages", exported - begun, "s", most=10, note=of),
        Figure("the file", made.bytes / 1e6, "MB"),
        Figure("the file verified", proved - exported, "s"),
        Figure("restored and compared", restored - proved, "s", most=30),
        Figure("tables that differ", len(apart), "", most=0),
    ]


async def _apart(slug: str, made: Made) -> list[str]:
    async with platform_transaction(read_only=True):
        await connection().execute(PLAIN)
        found: CommitteeRef | None = await registry.find(slug)
        assert found is not None
        async with as_committee(found):
            return await differences(connection(), found.schema_name, made.manifest)
