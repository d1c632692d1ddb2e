"""A village hall: a cell of 64 in four groups, tonight's meeting, and those who mark with accounts of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from infra.postgres import one, sql
from server import clock, names
from server.accounts.actions import Place, add_account, give
from server.accounts.secrets import hash_password
from tenants.current import CommitteeRef, set_current, using
from tenants.transactions import platform_transaction, transaction
from tests.cast import add_meeting, found_two

PEOPLE, GROUPS = 64, 4
PASSWORD = "dong lua chin"


@dataclass(frozen=True)
class Marker:
    """Somebody who marks: ``numbers`` are the people whom this role may mark."""

    account: UUID
    login: str
    role: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Room:
    """One committee with one cell and one meeting today, planned; and a neighbour who must get nothing."""

    ref: CommitteeRef
    neighbour: CommitteeRef
    cell: UUID
    meeting: UUID
    secretary: Marker
    deputy: Marker
    leaders: tuple[Marker, ...]


async def a_room(owner_url: str) -> Room:
    """Found, fill and staff it."""
    _, ref, neighbour = await found_two(owner_url)
    cell, groups = await _fill(ref)
    everybody = tuple(no for group in groups for no in group)
    room = Room(
        ref, neighbour, cell, await add_meeting(ref, cell, clock.today()),
        await _marker(ref, "secretary", Place(cell, "Chi bộ"), everybody),
        await _marker(ref, "deputy", Place(cell, "Chi bộ"), everybody),
        tuple(
            [await _marker(ref, "group_leader", Place(cell, "Chi bộ", n), g) for n, g in enumerate(groups, 1)]
        ),
    )  # fmt: skip
    set_current(ref)
    return room


async def _fill(ref: CommitteeRef) -> tuple[UUID, list[tuple[int, ...]]]:
    cell = uuid4()
    with using(ref):
        async with transaction():
            await sql(
                "INSERT INTO cell (id, name, sort_key) VALUES ($1, $2, '1')", cell, "Chi bộ Tổ dân phố 5"
            )
            return cell, [await _group(cell, number) for number in range(1, GROUPS + 1)]


async def _group(cell: UUID, number: int) -> tuple[int, ...]:
    group, numbers = uuid4(), []
    await sql("INSERT INTO party_group VALUES ($1, $2, $3, $4)", group, cell, number, f"Tổ {number}")
    for index in range(PEOPLE // GROUPS):
        member, name = uuid4(), f"Nguyễn Văn {chr(65 + index)} {number}"
        row = await one(
            "INSERT INTO member (id, name, sort_key, folded, official_on) VALUES ($1, $2, $3, $4, $5) RETURNING no",
            member, name, names.sort_key(name), names.fold(name), date(2010, 1, 1),
        )  # fmt: skip
        assert row is not None
        numbers.append(row["no"])
        await sql(
            "INSERT INTO membership (id, member, cell, party_group, from_on) VALUES ($1, $2, $3, $4, $5)",
            uuid4(), member, cell, group, date(2010, 1, 1),
        )  # fmt: skip
        if index == 0:
            await sql(
                "INSERT INTO exemption (id, member, kind, from_on) VALUES ($1, $2, 'age_health', '2020-01-01')",
                uuid4(), member,
            )  # fmt: skip
    return tuple(numbers)


_HASHED: list[str] = []


async def _marker(ref: CommitteeRef, role: str, place: Place, numbers: tuple[int, ...]) -> Marker:
    # One hash for all: hashing is slow on purpose.
    if not _HASHED:
        _HASHED.append(await hash_password(PASSWORD))
    login = f"{role[:8]}{uuid4().hex[:10]}"
    async with platform_transaction():
        account = await add_account(name=f"{role} {login[-3:]}", login=login, password_hash=_HASHED[0])
        await give(account, ref.id, role, place, by_name="test")
    return Marker(account, login, role, numbers)
