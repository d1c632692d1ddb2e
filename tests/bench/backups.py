"""A committee of 1,378 members with two years of meetings and work: backed up, verified, tried, taken back, equal."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from infra import backup_place, objects
from infra.postgres import close_pool, connection, open_pool
from infra.settings import settings
from server.accounts.reader import Grant, Reader
from server.backups import drilling, making, reading, taking_back
from server.province.actions import Province
from server.schema import committee_line, platform_lines
from tenants import lifecycle, registry
from tenants.current import CommitteeRef
from tenants.export.comparing import differences
from tenants.export.tables import PLAIN
from tenants.migrations.runner import migrate_platform
from tenants.transactions import as_committee, platform_transaction
from tests.bench.exports import CELLS, MEMBERS, MONTHS
from tests.bench.ground import Ground, ground
from tests.bench.report import Figure, heading, tell
from tests.export.lived import live

PAGES, PAGE_BYTES = 500, 100_000


def main() -> None:
    """Measure this alone."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.backups", description=__doc__)
    parser.add_argument("--months", type=int, default=MONTHS)
    given = parser.parse_args()
    heading(f"A backup, sealed, into a folder; load {os.getloadavg()[0]:.0f}")
    with ground() as made:
        tell(*asyncio.run(_alone(made, given.months)))


async def _alone(made: Ground, months: int) -> list[Figure]:
    await migrate_platform(made.servers.owner_url, platform_lines())
    await open_pool(made.servers.app_url, size=8)
    try:
        return await figures(made.servers.owner_url, months=months)
    finally:
        await close_pool()


async def figures(owner_url: str, *, months: int = MONTHS) -> list[Figure]:
    """Seconds for each of the steps, sealed and into a folder; fewer ``months`` for a short run."""
    async with platform_transaction():
        name = f"Tỉnh Sao Lưu {uuid4().hex[:6]}"
        province = await registry.add_province(name)
        ref = await registry.add_committee(province, kind="city_committee", name="Pleiku")
    await lifecycle.found(owner_url, ref.id, committee_line())
    await live(ref, cells=CELLS, members=MEMBERS, months=months)
    with tempfile.TemporaryDirectory() as folder:
        _choose(Path(folder))
        found = await _without_pages(ref, f"{CELLS * MEMBERS} members, {months} months")
        found += await _with_pages(ref, Path(folder))
        found += await _back(ref, Province(province, "", name))
    return found


def _choose(folder: Path) -> None:
    os.environ |= {"NENNEP_BACKUP_URL": folder.as_uri(), "NENNEP_BACKUP_KEY": "A" * 43}
    settings.cache_clear()
    backup_place.place.cache_clear()


async def _without_pages(ref: CommitteeRef, of: str) -> list[Figure]:
    begun = time.perf_counter()
    row = await making.make(uuid4(), ref)
    made = time.perf_counter()
    await reading.verify(row["location"])
    verified = time.perf_counter()
    await drilling.rehearse_backup(ref, row)
    tried = time.perf_counter()
    return [
        Figure("a committee backed up, sealed", made - begun, "s", most=10, note=f"{of}, {row['rows']} rows"),
        Figure("what that added to the place", row["bytes"] / 1e6, "MB"),
        Figure("the backup verified", verified - made, "s"),
        Figure("its restore tried, compared and undone", tried - verified, "s", most=30),
    ]


async def _with_pages(ref: CommitteeRef, folder: Path) -> list[Figure]:
    page = folder / "page"
    for _ in range(PAGES):
        page.write_bytes(os.urandom(PAGE_BYTES))
        await objects.put_file(f"{ref.schema_name}/{uuid4()}/page-1.webp", page, "image/webp")
    times = [time.perf_counter()]
    rows = []
    for _ in range(2):
        rows.append(await making.make(uuid4(), ref))
        times.append(time.perf_counter())
    return [
        Figure(f"the same with {PAGES} pages of 0.1 MB", times[1] - times[0], "s"),
        Figure("… the next night, when none is new", times[2] - times[1], "s"),
        Figure("… and what that adds to the place", rows[1]["bytes"] / 1e6, "MB"),
    ]


async def _back(ref: CommitteeRef, province: Province) -> list[Figure]:
    async with platform_transaction():
        await registry.suspend(ref.id, "bench")
        closed = await registry.find_by_id(ref.id)
    assert closed is not None
    location = await reading.at(ref.schema_name, None)
    assert location is not None
    by = Reader(uuid4(), "bench", (Grant("province_administrator", province=province.id),))
    begun = time.perf_counter()
    await taking_back.take_back(closed, location, province, by=by)
    back = time.perf_counter()
    return [
        Figure(f"taken back in place, with {PAGES} pages", back - begun, "s", most=30),
        Figure("tables that differ", len(await _apart(ref, location)), "", most=0),
    ]


async def _apart(ref: CommitteeRef, location: str) -> list[str]:
    async with reading.fetched(location) as found, platform_transaction(read_only=True):
        await connection().execute(PLAIN)
        now = await registry.find_by_id(ref.id)
        assert now is not None
        async with as_committee(now):
            return await differences(connection(), now.schema_name, found.manifest)


if __name__ == "__main__":
    main()
