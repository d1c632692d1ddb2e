"""The fixed cast of the tests: Bí thư Hòa's cell in Thành ủy Pleiku, and the neighbour who must see nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID, uuid4

from infra.postgres import one, sql
from server import clock, names
from server.accounts.reader import Grant, Reader
from server.schema import committee_line
from tenants import lifecycle, registry
from tenants.current import CommitteeRef, set_current, using
from tenants.transactions import platform_transaction, transaction

PEOPLE = ("Nguyễn Văn An", "Trần Thị Bình", "Rơ Châm H'Cúc", "Lê Đình Dũng", "Phạm Thị Em", "Ksor Giang")


def person(
    name: str, role: str, cell: UUID | None = None, group: int | None = None, *, member: UUID | None = None
) -> Reader:
    """A reader with one grant; ``member``: which member of the cell this is."""
    return Reader(uuid4(), name, (Grant(role, cell, group, member=member),))


@dataclass
class Cast:
    """One committee with a cell of six in two groups (one exempt, one probationary), and its neighbour, alike."""

    province: UUID
    pleiku: CommitteeRef
    neighbour: CommitteeRef
    cell: UUID
    hoa: Reader
    deputy: Reader
    leader: Reader
    office: Reader
    stranger: Reader
    numbers: dict[str, int] = field(default_factory=dict)
    neighbour_cell: UUID = field(default_factory=uuid4)

    @classmethod
    async def assemble(cls, owner_url: str) -> Cast:
        """Found both committees and fill them."""
        province, pleiku, neighbour = await found_two(owner_url)
        cell, numbers = await fill(pleiku)
        other, _ = await fill(neighbour)
        set_current(pleiku)
        return cls(
            province, pleiku, neighbour, cell,
            hoa=person("Hòa", "secretary", cell), deputy=person("Đức", "deputy", cell),
            leader=person("Lan", "group_leader", cell, 2), office=person("Văn phòng", "office"),
            stranger=person("Người lạ", "secretary", other), numbers=numbers, neighbour_cell=other,
        )  # fmt: skip

    async def member(self, name: str) -> UUID:
        """The id of a member of the first committee."""
        with using(self.pleiku):
            async with transaction(read_only=True):
                row = await one("SELECT id FROM member WHERE no = $1", self.numbers[name])
        assert row is not None
        found: UUID = row["id"]
        return found

    async def themselves(self, name: str, role: str = "member", group: int | None = None) -> Reader:
        """A member with an account of their own."""
        return person(name, role, self.cell, group, member=await self.member(name))

    async def meeting(self, day: date | None = None, *, ref: CommitteeRef | None = None) -> UUID:
        """A regular meeting of the cell today, or on ``day``."""
        return await add_meeting(ref or self.pleiku, self.cell, day or clock.today())


async def found_two(owner_url: str) -> tuple[UUID, CommitteeRef, CommitteeRef]:
    """A new province with Thành ủy Pleiku and Thị ủy Ayun Pa, both founded."""
    async with platform_transaction():
        province = await registry.add_province(f"Gia Lai {uuid4().hex[:8]}")
        refs = [
            await registry.add_committee(province, kind=kind, name=name)
            for kind, name in (("city_committee", "Pleiku"), ("town_committee", "Ayun Pa"))
        ]
        # Long enough ago to owe the months that tests are about.
        await sql(
            "UPDATE platform.committee SET created_at = now() - interval '3 years' WHERE province = $1",
            province,
        )
    for ref in refs:
        await lifecycle.found(owner_url, ref.id, committee_line())
    async with platform_transaction(read_only=True):
        first, second = [await registry.find(ref.slug) for ref in refs]
    assert first is not None
    assert second is not None
    return province, first, second


async def fill(ref: CommitteeRef) -> tuple[UUID, dict[str, int]]:
    """A cell with two groups and six people; the third is exempt, the last on probation. Its id, name → number."""
    cell, groups = uuid4(), [uuid4(), uuid4()]
    numbers = {}
    with using(ref):
        async with transaction():
            await sql(
                "INSERT INTO cell (id, name, sort_key) VALUES ($1, $2, '1')", cell, "Chi bộ Tổ dân phố 5"
            )
            for number, group in enumerate(groups, start=1):
                await sql(
                    "INSERT INTO party_group VALUES ($1, $2, $3, $4)", group, cell, number, f"Tổ {number}"
                )
            for index, name in enumerate(PEOPLE):
                member = uuid4()
                official = None if index == 5 else date(2010, 1, 1)
                row = await one(
                    """INSERT INTO member (id, name, sort_key, folded, official_on) VALUES ($1, $2, $3, $4, $5)
                    RETURNING no""",
                    member, name, names.sort_key(name), names.fold(name), official,
                )  # fmt: skip
                assert row is not None
                numbers[name] = row["no"]
                await sql(
                    "INSERT INTO membership (id, member, cell, party_group, from_on) VALUES ($1, $2, $3, $4, $5)",
                    uuid4(), member, cell, groups[index % 2], date(2010, 1, 1),
                )  # fmt: skip
                if index == 2:
                    await sql(
                        "INSERT INTO exemption (id, member, kind, from_on) VALUES ($1, $2, 'age_health', '2020-01-01')",
                        uuid4(), member,
                    )  # fmt: skip
    return cell, numbers


async def add_meeting(ref: CommitteeRef, cell: UUID, day: date) -> UUID:
    """A regular meeting of a cell at half past seven in the evening."""
    meeting = uuid4()
    with using(ref):
        async with transaction():
            await sql(
                "INSERT INTO meeting (id, cell, kind, held_on, starts_at) VALUES ($1, $2, 'regular', $3, $4)",
                meeting, cell, day, clock.local(day, time(19, 30)),
            )  # fmt: skip
    return meeting
