"""The verbs of a province's administrator. Each is one transaction on the platform, and is written into its record."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from infra.postgres import one, sql
from server.accounts.actions import invite
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.words import Refused, Say, say
from tenants import registry, slugs
from tenants.current import KINDS, CommitteeRef
from tenants.outbox import later_on_platform
from tenants.transactions import platform_transaction


@dataclass(frozen=True)
class Province:
    """A province as its administrators see it."""

    id: UUID
    slug: str
    name: str


async def province_of(slug: str, reader: Reader) -> Province:
    """The province at a path. Raises NotFound unless ``reader`` administers it. Needs a platform transaction."""
    row = await one("SELECT id, slug, name FROM platform.province WHERE slug = $1", slug)
    if row is None or not any(
        g.role == "province_administrator" and g.province == row["id"] for g in reader.grants
    ):
        raise NotFound(slug)
    return Province(row["id"], row["slug"], row["name"])


async def committee_of(province: Province, slug: str) -> CommitteeRef:
    """A committee of this province by its path. Raises NotFound. Needs a platform transaction."""
    ref = await registry.find(slug)
    if ref is None or ref.province_id != province.id:
        raise NotFound(slug)
    return ref


async def found_committee(
    province_slug: str, *, kind: str, name: str, slug: str, administrator: str, by: Reader
) -> tuple[CommitteeRef, str]:
    """Write a new committee down, invite its first administrator, and leave the building of its schema to a job.

    The committee (state ``founding``) and the invitation's token. Raises Refused(kind=…, name=…, slug=…,
    administrator=…) with every fault at its field, NotFound for another province.
    """
    _check_new(kind, name, slug, administrator)
    async with platform_transaction():
        province = await province_of(province_slug, by)
        await _check_name_free(province, kind, name)
        try:
            ref = await registry.add_committee(
                province.id, kind=kind, name=" ".join(name.split()), slug=slug.strip() or None
            )
        except registry.Taken:
            raise Refused(
                slug=say("Địa chỉ ngắn này đã có cấp ủy khác dùng, xin chọn địa chỉ khác.")
            ) from None
        token = await invite(ref.id, role="committee_administrator", name=administrator, by=by)
        await later_on_platform("found_committee", committee=str(ref.id))
        await record_event(province, by, "committee_founded", ref.slug)
    return ref, token


_SLUG_FAULTS = {
    "malformed": say("Địa chỉ ngắn chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối, dài nhất 60 ký tự."),
    "reserved": say("Địa chỉ ngắn này dành riêng cho hệ thống, xin chọn địa chỉ khác."),
}


def _check_new(kind: str, name: str, slug: str, administrator: str) -> None:
    faults: dict[str, Say | str] = {}
    if kind not in KINDS:
        faults["kind"] = say("Xin chọn loại cấp ủy trong danh sách.")
    if not 2 <= len(name.strip()) <= 100 or not slugs.slug_of(name):
        faults["name"] = say("Xin ghi tên cấp ủy, ví dụ: Ia Grai.")
    if slug.strip() and (fault := slugs.why_not(slug.strip())):
        faults["slug"] = _SLUG_FAULTS[fault]
    if not 2 <= len(administrator.strip()) <= 100:
        faults["administrator"] = say("Xin ghi họ tên người quản trị đầu tiên của cấp ủy.")
    if faults:
        raise Refused(**faults)


async def _check_name_free(province: Province, kind: str, name: str) -> None:
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
        old = await sql(
            """UPDATE platform.invitation SET withdrawn_at = now()
            WHERE committee = $1 AND role = 'committee_administrator' AND used_at IS NULL AND withdrawn_at IS NULL
            RETURNING invited_name""",
            ref.id,
        )
        name = old[0]["invited_name"] if old else ""
        token = await invite(ref.id, role="committee_administrator", name=name, by=by)
        await record_event(province, by, "administrator_invited", ref.slug)
    return token


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


async def record_event(province: Province, by: Reader, action: str, subject: str, detail: str = "") -> None:
    """One line in the province's own record. Needs a platform transaction."""
    await sql(
        """INSERT INTO platform.province_event (province, account, by_name, action, subject, detail)
        VALUES ($1, $2, $3, $4, $5, $6)""",
        province.id, by.account_id, by.name, action, subject, detail,
    )  # fmt: skip
