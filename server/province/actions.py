"""The verbs of a province's administrator. Each is one transaction on the platform, and is written into its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from infra.postgres import one, sql
from server.accounts.actions import invite
from server.accounts.reader import PROVINCE_ROLES, Reader
from server.meetings.queries import NotFound
from server.words import Refused, say
from tenants import registry
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Province:
    """A province as its administrators see it."""

    id: UUID
    slug: str
    name: str


ADMINISTRATORS = ("province_administrator",)
AUDITORS = ("province_administrator", "province_auditor")
READERS = PROVINCE_ROLES


async def province_of(slug: str, reader: Reader, *, roles: Sequence[str] = ADMINISTRATORS) -> Province:
    """The province at a path. Raises NotFound unless ``reader`` has one of ``roles`` in it: administrators unless said
    otherwise. Needs a platform transaction.
    """
    row = await one("SELECT id, slug, name FROM platform.province WHERE slug = $1", slug)
    if row is None or not any(g.role in roles and g.province == row["id"] for g in reader.grants):
        raise NotFound(slug)
    return Province(row["id"], row["slug"], row["name"])


async def committee_of(province: Province, slug: str) -> CommitteeRef:
    """A committee of this province by its path. Raises NotFound. Needs a platform transaction."""
    ref = await registry.find(slug)
    if ref is None or ref.province_id != province.id:
        raise NotFound(slug)
    return ref


async def check_name_free(province: Province, kind: str, name: str) -> None:
    """Raises Refused(name=…) where the province has this committee already. Needs a platform transaction."""
    row = await one(
        "SELECT slug FROM platform.committee WHERE province = $1 AND kind = $2 AND name = $3",
        province.id, kind, " ".join(name.split()),
    )  # fmt: skip
    if row is not None:
        raise Refused(name=say("Tỉnh đã có cấp ủy này, ở đường dẫn /{slug}/.", slug=row["slug"]))


async def invite_again(province_slug: str, slug: str, *, by: Reader) -> str:
    """A new invitation for a committee's first administrator; earlier ones of the province die. Its token."""
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        token = await invite_to(ref.id, by=by)
        await record_event(province, by, "administrator_invited", ref.slug)
    return token


async def invite_to(committee: UUID, *, by: Reader) -> str:
    """The same within a platform transaction, without a line in the record."""
    old = await sql(
        """UPDATE platform.invitation SET withdrawn_at = now()
        WHERE committee = $1 AND role = 'committee_administrator' AND used_at IS NULL AND withdrawn_at IS NULL
        RETURNING invited_name""",
        committee,
    )
    name = old[0]["invited_name"] if old else ""
    return await invite(committee, role="committee_administrator", name=name, by=by)


async def suspend(province_slug: str, slug: str, *, reason: str, by: Reader) -> None:
    """Close a committee's doors. Raises Refused(reason=…); suspending twice changes nothing."""
    if not 3 <= len(reason.strip()) <= 200:
        raise Refused(reason=say("Xin ghi lý do tạm ngừng; người của cấp ủy sẽ đọc được lý do này."))
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        if await registry.suspend(ref.id, reason.strip()):
            await record_event(province, by, "committee_suspended", ref.slug, reason.strip())


async def resume(province_slug: str, slug: str, *, by: Reader) -> None:
    """Open a committee's doors again; resuming twice changes nothing."""
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        if await registry.resume(ref.id):
            await record_event(province, by, "committee_resumed", ref.slug)


async def record_event(
    province: Province,
    by: Reader,
    action: str,
    subject: str,
    detail: str = "",
    *,
    committee: UUID | None = None,
) -> None:
    """One line in the province's own record; ``committee``: whom it concerns, if it is one of them, which is found by
    the path too where ``subject`` is one. ``action`` needs words in ``log_words``. Needs a platform transaction.
    """
    await sql(
        """INSERT INTO platform.province_event (province, account, by_name, action, subject, detail, committee)
        VALUES ($1, $2, $3, $4, $5, $6,
            coalesce($7::uuid, (SELECT id FROM platform.committee WHERE province = $1 AND slug = $5)))""",
        province.id, by.account_id, by.name, action, subject, detail, committee,
    )  # fmt: skip
