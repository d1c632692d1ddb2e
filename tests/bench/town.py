"""Committees of one cell of 151 each, in a few statements. Ids are made of numbers, so that pgbench makes them too."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from infra.postgres import connect, sql
from server import clock, names
from server.accounts.reader import Grant, Reader
from server.roll_call.actions import open_roll
from server.schema import committee_line
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.lifecycle import found_with
from tenants.transactions import platform_transaction, transaction

MEMBERS, GROUPS, EXEMPT_AGE, EXEMPT_AWAY = 151, 7, 23, 5
FIRST = 1001  # numbers of four digits, so that all names made from them are equally long
CELL = "Chi bộ Tổ dân phố 5"
NAMES = tuple(
    line.split()
    for line in (
        "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Ksor Siu Nay Rơ Rah",
        "Văn Thị Hữu Đức Ngọc Minh Thanh Quang Xuân Thu Hồng Công Đình Kim Mạnh",
        """An Anh Ái Ánh Bình Bảo Cường Cúc Châu Chi Dũng Duyên Dung Đạt Đông Giang Hà Hải Hạnh Hằng Hiền Hiếu Hoa Hòa
        Hùng Hương Huệ Khánh Khoa Lan Liên Linh Loan Long Lộc Mai Minh Nam Nga Ngân Nghĩa Nhung Oanh Phong Phúc Phương
        Quân Quyên Quỳnh Sơn Tâm Tân Thảo Thắng Thủy Trang Trung Tuấn Tùng Uyên Vân Việt Vinh Xuân Yến""",
    )
)


@dataclass(frozen=True)
class House:
    """One committee of the bench with its secretary."""

    number: int
    ref: CommitteeRef

    @property
    def token(self) -> str:
        """The secretary's session token."""
        return f"bench-{self.number}"

    @property
    def cell(self) -> UUID:
        return uuid(1, self.number)

    @property
    def meeting(self) -> UUID:
        """The meeting whose roll takes single marks."""
        return uuid(2, self.number)

    @property
    def second_meeting(self) -> UUID:
        """The meeting whose roll takes 151 marks at once."""
        return uuid(3, self.number)

    @property
    def secretary(self) -> Reader:
        return Reader(uuid(4, self.number), "Nguyễn Thị Hòa", (Grant("secretary", self.cell),))


def uuid(kind: int, number: int) -> UUID:
    """A fixed id: …000k-0000nnnn; written the same way by the scripts of pgbench."""
    return UUID(f"00000000-0000-4000-8000-{kind:04}{number:08}")


async def build(owner_url: str, count: int) -> tuple[list[House], list[float]]:
    """Found ``count`` committees one after the other (seconds for each) and fill them."""
    async with platform_transaction():
        province = await registry.add_province("Gia Lai")
    owner = await connect(owner_url)
    houses, seconds = [], []
    try:
        for number in range(FIRST, FIRST + count):
            begun = time.perf_counter()
            async with platform_transaction():
                ref = await registry.add_committee(
                    province, kind="commune_committee", name=f"Xã số {number}", slug=f"bench-{number}"
                )
            await found_with(owner, ref.id, committee_line())
            seconds.append(time.perf_counter() - begun)
            houses.append(House(number, ref))
    finally:
        await owner.close()
    async with platform_transaction(read_only=True):
        houses = [House(h.number, r) for h in houses if (r := await registry.find(h.ref.slug))]
    await _open_doors(houses)
    for first in range(0, count, 4):
        await asyncio.gather(*(asyncio.create_task(_fill(house)) for house in houses[first : first + 4]))
    return houses, seconds


async def _open_doors(houses: Sequence[House]) -> None:
    accounts = [h.secretary.account_id for h in houses]
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.account (id, login, name, password_hash)
            SELECT id, 'bench-' || id, $2, 'none' FROM unnest($1::uuid[]) AS id""",
            accounts, houses[0].secretary.name,
        )  # fmt: skip
        await sql(
            """INSERT INTO platform.account_grant (id, account, committee, role, cell, cell_name)
            SELECT gen_random_uuid(), u.account, u.committee, 'secretary', u.cell, $4
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (account, committee, cell)""",
            accounts, [h.ref.id for h in houses], [h.cell for h in houses], CELL,
        )  # fmt: skip
        await sql(
            """INSERT INTO platform.session (token_hash, account, expires_at)
            SELECT u.token, u.account, now() + interval '1 day'
            FROM unnest($1::bytea[], $2::uuid[]) AS u (token, account)""",
            [sha256(h.token.encode()).digest() for h in houses], accounts,
        )  # fmt: skip


def _people(seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choice(part) for part in NAMES) for _ in range(MEMBERS)]


async def _fill(house: House) -> None:
    people = _people(house.number)
    first = clock.month_of(clock.today())
    with using(house.ref):
        async with transaction():
            await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, $2, '1')", house.cell, CELL)
            await sql(
                """INSERT INTO party_group (id, cell, number, name)
                SELECT gen_random_uuid(), $1, n, 'Tổ ' || n FROM generate_series(1, $2::int) AS n""",
                house.cell, GROUPS,
            )  # fmt: skip
            await sql(
                """INSERT INTO member (id, name, sort_key, folded, official_on)
                SELECT gen_random_uuid(), u.name, u.sort_key, u.folded, CASE WHEN u.index % 30 <> 0 THEN $4::date END
                FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u (name, sort_key, folded, index)
                ORDER BY u.index""",
                people, [names.sort_key(name) for name in people], [names.fold(name) for name in people],
                date(2010, 1, 1),
            )  # fmt: skip
            await sql(
                """INSERT INTO membership (id, member, cell, party_group, from_on)
                SELECT gen_random_uuid(), m.id, $1, g.id, $2
                FROM member m JOIN party_group g ON g.number = m.no % $3 + 1""",
                house.cell, date(2010, 1, 1), GROUPS,
            )  # fmt: skip
            await sql(
                """INSERT INTO exemption (id, member, kind, from_on)
                SELECT gen_random_uuid(), id, CASE WHEN no <= $1 THEN 'age_health' ELSE 'away_work' END, '2020-01-01'
                FROM member WHERE no <= $1 + $2""",
                EXEMPT_AGE, EXEMPT_AWAY,
            )  # fmt: skip
            for meeting, day in ((house.meeting, first), (house.second_meeting, first - timedelta(days=20))):
                await sql(
                    """INSERT INTO meeting (id, cell, kind, held_on, starts_at)
                    VALUES ($1, $2, 'regular', $3, $3::date + interval '12 hours 30 minutes')""",
                    meeting, house.cell, day,
                )  # fmt: skip
        for meeting in (house.meeting, house.second_meeting):
            await open_roll(meeting, by=house.secretary)
