"""A committee that has lived: cells, members, meetings and work, an account for its secretary, a page of minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from infra import objects
from infra.postgres import one
from server import clock
from server.accounts.actions import Place, add_account, give
from server.demo.people import populate
from server.demo.places import load_cells
from server.demo.write import Span, fill
from server.rollups.actions import recompute_rollup
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast


async def live(ref: CommitteeRef, *, cells: int = 2, members: int = 8, months: int = 1) -> None:
    """Fill a founded committee with invented people, meetings and work."""
    span = Span(1930, clock.now(), months)
    plans = load_cells(ref.slug, cells=cells, members=members, seed=span.seed)
    people = [populate(plan, seed=span.seed, today=span.today) for plan in plans]
    await fill(ref, people, {}, span, missable=0, told=lambda _done: None)
    with using(ref):
        await recompute_rollup(clock.month_of(clock.today()).isoformat())


def name_of(login: str) -> str:
    """The name of who has a log-in name of ``secretary_of``."""
    return f"Nguyễn Thị {login.title()}"


async def secretary_of(ref: CommitteeRef, cell: UUID) -> str:
    """An account with the role of secretary; its log-in name."""
    login = f"hoabinh{uuid4().hex[:8]}"
    async with platform_transaction():
        account = await add_account(
            name=name_of(login), login=login, password_hash=f"$argon2id$secret-{login}"
        )
        await give(account, ref.id, "secretary", Place(cell, "Chi bộ Tổ dân phố 5"), by_name="Văn phòng")
    return login


async def page_of(ref: CommitteeRef, folder: Path, *, meeting: UUID) -> str:
    """A page of minutes in the store, and the row that names it; its key."""
    key = f"{ref.schema_name}/{uuid4()}/page-1.webp"
    small = folder / "page"
    small.write_bytes(b"RIFF" + uuid4().bytes * 400)
    await objects.put_file(key, small, "image/webp")
    with using(ref):
        async with transaction():
            await one(
                """INSERT INTO minutes (id, meeting, cell, created_by, account, pdf_key)
                SELECT $1, id, cell, 'Hòa, "thư ký"' || E'\n' || 'dòng hai', $2, $3 FROM meeting WHERE id = $4""",
                uuid4(), uuid4(), key, meeting,
            )  # fmt: skip
    return key


async def lived_in(cast: Cast, folder: Path) -> tuple[CommitteeRef, str, str]:
    """The cast's first committee with a past; its secretary's log-in name and the key of its page."""
    await live(cast.pleiku)
    login = await secretary_of(cast.pleiku, cast.cell)
    key = await page_of(cast.pleiku, folder, meeting=await cast.meeting())
    return cast.pleiku, login, key


async def rows_of(held: asyncpg.Connection, schema: str, tables: Sequence[str]) -> dict[str, int]:
    """How many rows the tables of a schema have."""
    return {name: await held.fetchval(f'SELECT count(*) FROM "{schema}"."{name}"') for name in tables}
