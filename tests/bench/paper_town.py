"""Committees with minutes of many pages, as they stand in the database when they were read."""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import connect, connection, sql
from server import clock
from server.minutes.folding import folded_text
from server.schema import committee_line
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.lifecycle import found_with
from tenants.transactions import platform_transaction, transaction
from tests.bench.paper_pages import Page, Writer

CELLS, PAGES_OF_DOCUMENT, DAYS = 60, (2, 5), 3000
INDEX = "minutes_text_terms"


async def committees(owner_url: str, count: int) -> list[CommitteeRef]:
    """New committees without anything."""
    async with platform_transaction():
        province = await registry.add_province("Gia Lai")
    owner, slugs = await connect(owner_url), []
    for number in range(count):
        async with platform_transaction():
            ref = await registry.add_committee(
                province, kind="commune_committee", name=f"Phường {number}", slug=f"paper-{number}"
            )
        await found_with(owner, ref.id, committee_line())
        slugs.append(ref.slug)
    await owner.close()
    async with platform_transaction(read_only=True):
        return [ref for slug in slugs if (ref := await registry.find(slug))]


async def fill(ref: CommitteeRef, pages: int, *, seed: int) -> list[UUID]:
    """Write ``pages`` pages into a committee, some 3 a document and a document a meeting; the ids of its cells."""
    writer, chance = Writer(seed), random.Random(seed)
    cells = [uuid4() for _ in range(CELLS)]
    with using(ref):
        async with transaction():
            for number, cell in enumerate(cells):
                await sql(
                    "INSERT INTO cell (id, name, sort_key) VALUES ($1, $2, $2)", cell, f"Chi bộ {number:02}"
                )
        left = pages
        while left:
            now = min(left, 1000)
            left -= now
            async with transaction():
                await copy(list(writer.pages(now)), cells, chance)
    return cells


async def copy(pages: list[Page], cells: list[UUID], chance: random.Random) -> None:
    """Write pages as documents of meetings."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
    for held, cell, some in _documents(pages, cells, chance):
        meeting, minutes, files = uuid4(), uuid4(), [uuid4() for _ in some]
        rows["meeting"].append(
            (meeting, cell, "regular", held, clock.local(held, clock.now().time()), "held")
        )
        rows["minutes"].append((minutes, meeting, cell, "ready", files, "Bench", uuid4()))
        for file, page in zip(files, some, strict=True):
            known = uuid4()
            rows["minutes_file"].append((file, minutes, "0" * 64, 1, "jpeg", 1, "k", "Bench", uuid4()))
            rows["minutes_page"].append((known, file, minutes, 0, "read", 1654, 2339, "k"))
            rows["minutes_text"].append((known, minutes, json.dumps(page.lines), folded_text(page.lines, {})))
    for table, columns in _COLUMNS.items():
        await connection().copy_records_to_table(table, records=rows[table], columns=columns)


_COLUMNS = {
    "meeting": ("id", "cell", "kind", "held_on", "starts_at", "state"),
    "minutes": ("id", "meeting", "cell", "state", "wanted", "created_by", "account"),
    "minutes_file": (
        "id",
        "minutes",
        "sha256",
        "bytes",
        "kind",
        "pages",
        "object_key",
        "stored_by",
        "account",
    ),
    "minutes_page": ("id", "file", "minutes", "number", "state", "width", "height", "clean_key"),
    "minutes_text": ("page", "minutes", "lines", "folded"),
}


def _documents(
    pages: list[Page], cells: list[UUID], chance: random.Random
) -> Iterator[tuple[date, UUID, list[Page]]]:
    last = clock.today()
    while pages:
        some, pages = pages[: (count := chance.randint(*PAGES_OF_DOCUMENT))], pages[count:]
        yield last - timedelta(chance.randrange(DAYS)), chance.choice(cells), some


async def without_index(ref: CommitteeRef, owner_url: str) -> str:
    """Take the index away, as whoever loads many pages does; the statement that builds it."""
    async with _owner(ref, owner_url) as owner:
        made: str = await owner.fetchval("SELECT pg_get_indexdef($1::regclass)", INDEX)
        await owner.execute(f"DROP INDEX {INDEX}")
    return made


async def with_index(ref: CommitteeRef, owner_url: str, made: str) -> dict[str, float]:
    """Build the index: seconds that it took, MB that it takes, MB of the texts beside it."""
    async with _owner(ref, owner_url) as owner:
        begun = time.perf_counter()
        await owner.execute(made)
        await owner.execute(f"ALTER INDEX {INDEX} ALTER COLUMN 1 SET STATISTICS 0")
        seconds = time.perf_counter() - begun
        await owner.execute("VACUUM ANALYZE")
        row = await owner.fetchrow(
            """SELECT pg_relation_size($1::regclass) / 1048576.0 AS index,
            (pg_total_relation_size('minutes_text') - pg_indexes_size('minutes_text')) / 1048576.0 AS text""",
            INDEX,
        )
    return {"seconds": seconds, "index": float(row["index"]), "text": float(row["text"])}


@asynccontextmanager
async def _owner(ref: CommitteeRef, owner_url: str) -> AsyncIterator[Any]:
    owner = await connect(owner_url)
    try:
        await owner.execute(f'SET search_path = "{ref.schema_name}", ext')
        yield owner
    finally:
        await owner.close()
