"""Accounts for the tests: one password for all, hashed once."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID, uuid4

from infra.postgres import sql
from server.accounts import actions, secrets
from server.accounts.actions import Place
from server.accounts.reader import Reader
from tenants.transactions import platform_transaction

PASSWORD = "chi bộ tổ dân phố 5"
ADDRESS = "192.0.2.7"
ADMINISTRATOR = Reader(uuid4(), "Quản trị")


@lru_cache(maxsize=1)
def hashed() -> str:
    """PASSWORD as it is stored."""
    return secrets._HASHER.hash(PASSWORD)


async def new_account(name: str = "Bí thư Hòa") -> tuple[UUID, str]:
    """An account with PASSWORD and no role; its id and log-in name."""
    login = f"hoa.{uuid4().hex[:12]}"
    async with platform_transaction():
        return await actions.add_account(name=name, login=login, password_hash=hashed()), login


async def give(account: UUID, committee: UUID, role: str = "office", place: Place | None = None) -> None:
    async with platform_transaction():
        await actions.give(account, committee, role, place or Place(), by_name="Quản trị")


async def invited(
    committee: UUID, role: str = "secretary", cell: UUID | None = None, by: Reader = ADMINISTRATOR
) -> str:
    """The token of an invitation to a role."""
    place = Place(cell or uuid4(), "Chi bộ 5", 2 if role == "group_leader" else None)
    async with platform_transaction():
        return await actions.invite(committee, role=role, place=place, name="Hòa", by=by)


async def later(table: str, column: str, interval: str, where: str, *arguments: object) -> None:
    """Make a moment in the database lie further back, as if time had passed."""
    async with platform_transaction():
        await sql(
            f"UPDATE platform.{table} SET {column} = {column} - interval '{interval}' WHERE {where}",
            *arguments,
        )
