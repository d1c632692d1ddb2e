"""Accounts to try every role with. Their passwords are drawn anew at each build and are nowhere but in the answer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.accounts.actions import Place, add_account, give, give_country, give_province
from server.accounts.reader import COUNTRY_VIEWER, PROVINCE_ROLES
from server.accounts.secrets import hash_password
from server.demo.chance import dice
from server.demo.names import Namer
from server.demo.people import Cell, Member
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction

# What a log-in name begins with, by role.
PREFIXES = {
    "country_viewer": "canuoc",
    "province_administrator": "tinh",
    "province_viewer": "xem",
    "province_auditor": "kiemtra",
    "committee_administrator": "quantri",
    "office": "vanphong",
    "secretary": "bithu",
    "deputy": "phobithu",
    "recorder": "thuky",
    "group_leader": "totruong",
    "member": "dangvien",
}
# Who can log in where a committee is one cell alone.
OF_ONE_CELL = ("secretary", "member")
# Short words without accents: easy to type on a phone. Three of them and three digits are about 2^30 passwords, behind
# a log-in that slows guessing down.
_WORDS = (
    "ban bau bay ben bien binh bong buoi buom cam canh cau cay chanh chieu chim chuoi chuong cua dan dao dau "
    "dem den dieu doi dong dua duong ech gao gio gom gung hat heo hoa hoi hong keo khe khoai kien kim kinh la "
    "lac lam lan lang leo lo long lua luoi lup mai mam man mat may me mia mien mo moc mua muoi mut nai nam "
    "nang nep ngo ngoc nhan nho nhum non nong nuoc nuong oi ong phao phin phuong qua quat que rau ray rom rong "
    "rung ruoc sao sen soc soi song sua sung suoi tam tau tay tet than thoc thong thu thuyen tim tom trang "
    "tranh tre trong trung tuyet vai van vang ve vit voi vung vuon xanh xe xoai xoi xuan"
)


@dataclass(frozen=True)
class DemoLogin:
    """One account as a visitor needs it: names in words, ``url_path`` where to begin; null where a field has no use."""

    role: str
    province: str
    committee: str | None
    cell: str | None
    login: str
    password: str
    url_path: str


@dataclass(frozen=True)
class Wanted:
    """An account to make: whose it is, and where its role applies."""

    login: DemoLogin
    name: str
    place: Place


def new_password() -> str:
    """Such as ``suoi-lua-chim-407``."""
    words = "-".join(secrets.choice(_WORDS.split()) for _ in range(3))
    return f"{words}-{secrets.randbelow(1000):03d}"


def of_province(name: str, slug: str, mix: str, *, seed: int, whole: bool = False) -> list[Wanted]:
    """The administrator of a province; where it is shown ``whole``, a viewer and an auditor too."""
    namer = Namer(mix, dice(seed, slug, "office"))
    roles = PROVINCE_ROLES if whole else PROVINCE_ROLES[:1]
    return [
        Wanted(
            DemoLogin(
                role, name, None, None, f"{PREFIXES[role]}.{slug.replace('-', '')}", new_password(),
                f"/provinces/{slug}",
            ),
            namer.person()[0], Place(),
        )
        for role in roles
    ]  # fmt: skip


def of_country(mix: str, *, seed: int) -> Wanted:
    """Who sees the figures of the whole deployment."""
    who, _ = Namer(mix, dice(seed, "country", "office")).person()
    login = DemoLogin(COUNTRY_VIEWER, "", None, None, PREFIXES[COUNTRY_VIEWER], new_password(), "/country")
    return Wanted(login, who, Place())


def of_committee(
    ref: CommitteeRef, province: str, home: Cell, *, seed: int, roles: Collection[str] | None = None
) -> list[Wanted]:
    """One account for each role of a committee, or for some ``roles``; those of a cell are of members of ``home``."""
    suffix, cell = ref.slug.replace("-", ""), home.plan
    namer = Namer(cell.site.mix, dice(seed, ref.slug, "office"))
    people = {role: namer.person()[0] for role in ("committee_administrator", "office")}
    members = _of_cell(home)
    people |= {role: member.name for role, member in members.items()}
    wanted = []
    for role, name in people.items():
        if roles is not None and role not in roles:
            continue
        in_cell = role not in ("committee_administrator", "office")
        login = DemoLogin(
            role, province, ref.title, cell.name if in_cell else None, f"{PREFIXES[role]}.{suffix}", new_password(),
            f"/{ref.slug}",
        )  # fmt: skip
        group = 1 if role == "group_leader" else None
        place = Place(cell.id, cell.name, group, members[role].id) if in_cell else Place()
        wanted.append(Wanted(login, name, place))
    return wanted


def _of_cell(home: Cell) -> dict[str, Member]:
    return {
        "secretary": home.holder("secretary"),
        "deputy": home.holder("deputy_secretary"),
        "recorder": home.holder("committee_member"),
        "group_leader": home.holder("group_leader", 1),
        "member": home.shown_member(),
    }


async def add_accounts(
    provinces: Sequence[tuple[UUID | None, Wanted]], committees: Sequence[tuple[CommitteeRef, Wanted]]
) -> dict[tuple[UUID, str], UUID]:
    """Write all accounts with their roles down (a province of None: the whole deployment); the account of each (cell or
    committee, role).
    """
    wanted = [w for _, w in provinces] + [w for _, w in committees]
    hashes = await asyncio.gather(*(hash_password(w.login.password) for w in wanted))
    by_place: dict[tuple[UUID, str], UUID] = {}
    async with platform_transaction():
        accounts = [
            await add_account(name=w.name, login=w.login.login, password_hash=hashed)
            for w, hashed in zip(wanted, hashes, strict=True)
        ]
        for (province, w), account in zip(provinces, accounts, strict=False):
            if province is None:
                await give_country(account, by_name=BUILDER)
            else:
                await give_province(account, province, role=w.login.role, by_name=BUILDER)
        for (ref, w), account in zip(committees, accounts[len(provinces) :], strict=True):
            await give(account, ref.id, w.login.role, w.place, by_name=BUILDER)
            by_place[w.place.cell or ref.id, w.login.role] = account
    return by_place


BUILDER = "nennep demo"
