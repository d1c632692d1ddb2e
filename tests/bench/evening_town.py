"""A province on the evening of its meetings: every cell has one today, and a secretary who is logged in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from infra.postgres import connect, sql
from server import clock, names
from server.schema import committee_line
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.lifecycle import found_with
from tenants.transactions import platform_transaction, transaction
from tests.bench.town import uuid

_AT_ONCE = 4


@dataclass(frozen=True)
class Hall:
    """One cell on this evening; ``number`` counts over the whole province, ``first`` is its first member's number."""

    number: int
    ref: CommitteeRef
    first: int

    @property
    def token(self) -> str:
        """The secretary's session token."""
        return f"evening-{self.number}"

    @property
    def cell(self) -> UUID:
        return uuid(1, self.number)

    @property
    def meeting(self) -> UUID:
        return uuid(2, self.number)

    @property
    def account(self) -> UUID:
        return uuid(4, self.number)


async def build(
    owner_url: str, *, committees: int, cells: int, members: int, told: Callable[[int, int], None]
) -> list[Hall]:
    """Found ``committees`` of ``cells`` with ``members`` each; ``told`` hears how many of them stand."""
    async with platform_transaction():
        province = await registry.add_province("Tỉnh Buổi tối")
        refs = [
            await registry.add_committee(province, kind="commune_committee", name=f"Tối {n:04}")
            for n in range(1, committees + 1)
        ]
    owner = await connect(owner_url)
    try:
        for ref in refs:
            await found_with(owner, ref.id, committee_line())
    finally:
        await owner.close()
    async with platform_transaction(read_only=True):
        refs = [found for ref in refs if (found := await registry.find(ref.slug))]
    halls = [
        Hall(place * cells + n, ref, n * members + 1) for place, ref in enumerate(refs) for n in range(cells)
    ]
    await _open_doors(halls)
    for start in range(0, committees, _AT_ONCE):
        some = refs[start : start + _AT_ONCE]
        await asyncio.gather(*(asyncio.create_task(_fill(ref, halls, members)) for ref in some))
        told(start + len(some), committees)
    return halls


async def _open_doors(halls: Sequence[Hall]) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.account (id, login, name, password_hash)
            SELECT id, 'evening-' || id, 'Nguyễn Thị Hòa', 'none' FROM unnest($1::uuid[]) AS id""",
            [h.account for h in halls],
        )
        await sql(
            """INSERT INTO platform.account_grant (id, account, committee, role, cell, cell_name)
            SELECT gen_random_uuid(), u.account, u.committee, 'secretary', u.cell, 'Chi bộ'
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (account, committee, cell)""",
            [h.account for h in halls], [h.ref.id for h in halls], [h.cell for h in halls],
        )  # fmt: skip
        await sql(
            """INSERT INTO platform.session (token_hash, account, expires_at)
            SELECT u.token, u.account, now() + interval '1 day'
            FROM unnest($1::bytea[], $2::uuid[]) AS u (token, account)""",
            [sha256(h.token.encode()).digest() for h in halls], [h.account for h in halls],
        )  # fmt: skip


async def _fill(ref: CommitteeRef, halls: Sequence[Hall], members: int) -> None:
    here = [h for h in halls if h.ref.id == ref.id]
    people = [f"Nguyễn Văn Số {n:05}" for n in range(len(here) * members)]
    with using(ref):
        async with transaction():
            await sql(
                """INSERT INTO cell (id, name, sort_key) SELECT u.id, 'Chi bộ thôn ' || u.n, lpad(u.n::text, 6, '0')
                FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, n)""",
                [h.cell for h in here],
            )
            await sql(
                """INSERT INTO member (id, name, sort_key, folded, official_on)
                SELECT gen_random_uuid(), u.name, u.sort_key, u.folded, '2010-01-01'
                FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u (name, sort_key, folded, n)
                ORDER BY u.n""",
                people, [names.sort_key(name) for name in people], [names.fold(name) for name in people],
            )  # fmt: skip
            await sql(
                """INSERT INTO membership (id, member, cell, from_on)
                SELECT gen_random_uuid(), m.id, ($1::uuid[])[(m.no - 1) / $2 + 1], '2010-01-01' FROM member m""",
                [h.cell for h in here], members,
            )  # fmt: skip
            await sql(
                """INSERT INTO meeting (id, cell, kind, held_on, starts_at)
                SELECT u.meeting, u.cell, 'regular', $3, $3::date + interval '12 hours'
                FROM unnest($1::uuid[], $2::uuid[]) AS u (meeting, cell)""",
                [h.meeting for h in here], [h.cell for h in here], clock.today(),
            )  # fmt: skip
