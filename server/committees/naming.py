"""A committee gets another name, kind or official code; what is dated before keeps the old name."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import asyncpg

from infra.postgres import Record, sql
from server import clock
from server.accounts.reader import Reader
from server.committees import founding
from server.province.actions import Province, check_name_free, committee_of, province_of, record_event
from server.words import Refused, say
from tenants import registry, slugs
from tenants.current import KINDS, CommitteeRef
from tenants.transactions import platform_transaction


async def rename(province_slug: str, slug: str, *, name: str, day: date | None, by: Reader) -> None:
    """Give a committee another name from a day on, today at the latest; its address stays.

    Raises NotFound; Refused(name=…, day=…). The name that it has changes nothing.
    """
    tidy = " ".join(name.split())
    if not 2 <= len(tidy) <= 100 or not slugs.slug_of(tidy):
        raise Refused(name=say("Xin ghi tên cấp ủy, ví dụ: Ia Grai."))
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await _living(province, slug)
        if tidy == ref.name:
            return
        await check_name_free(province, ref.kind, tidy)
        await _call(ref, ref.kind, tidy, _checked(day))
        await record_event(
            province, by, "committee_renamed", ref.slug, f"{ref.name} → {tidy}", committee=ref.id
        )


async def change_kind(
    province_slug: str, slug: str, *, kind: str, unit_code: str, day: date | None, by: Reader
) -> None:
    """Give a committee another kind from a day on, and the official code of what it leads ("" for none).

    Raises NotFound; Refused(kind=…, unit_code=…, day=…).
    """
    if kind not in KINDS:
        raise Refused(kind=say("Xin chọn loại cấp ủy trong danh sách."))
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await _living(province, slug)
        code = founding.checked_code(province, kind, unit_code)
        await founding.check_unit_free(code, kind, besides=ref.id)
        if kind != ref.kind:
            await check_name_free(province, kind, ref.name)
            await _call(ref, kind, ref.name, _checked(day))
            detail = f"{KINDS[ref.kind]} → {KINDS[kind]}"
            await record_event(province, by, "committee_kind_changed", ref.slug, detail, committee=ref.id)
        await _set_code(province, ref, code, by)


async def _set_code(province: Province, ref: CommitteeRef, code: str, by: Reader) -> None:
    try:
        changed = await sql(
            "UPDATE platform.committee SET unit_code = $2 WHERE id = $1 AND unit_code <> $2 RETURNING 1", ref.id, code
        )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise Refused(unit_code=founding.UNIT_TAKEN) from None
    if changed:
        await record_event(province, by, "committee_code_set", ref.slug, code, committee=ref.id)


async def _living(province: Province, slug: str) -> CommitteeRef:
    ref = await committee_of(province, slug)
    if ref.state not in ("founding", "active", "suspended"):
        raise Refused(committee=say("Cấp ủy đã lưu trữ hoặc đang chuyển dữ liệu thì không đổi tên được."))
    return ref


def _checked(day: date | None) -> date:
    if day is None:
        raise Refused(day=say("Ngày có hiệu lực không đúng, xin ghi như 01/07/2026."))
    if day > clock.today():
        raise Refused(day=say("Ngày có hiệu lực chưa đến; xin làm từ ngày đó trở đi."))
    return day


async def _call(ref: CommitteeRef, kind: str, name: str, day: date) -> None:
    try:
        await registry.call(ref.id, kind=kind, name=name, on=day)
    except ValueError:
        raise Refused(
            day=say("Tên hiện nay của cấp ủy bắt đầu sau ngày này; xin chọn ngày muộn hơn.")
        ) from None
    except registry.Taken:
        raise Refused(name=say("Tỉnh đã có cấp ủy mang tên này.")) from None


async def names_of(committee: UUID) -> list[Record]:
    """What a committee has been called, newest first: kind, name, from_on (1930-02-03: always), to_on (None: today).
    Needs a platform transaction.
    """
    return await sql(
        "SELECT kind, name, from_on, to_on FROM platform.committee_name WHERE committee = $1 ORDER BY from_on DESC",
        committee,
    )


async def code_of(committee: UUID) -> str:
    """The official code of what a committee leads; "" for none. Needs a platform transaction."""
    return str(
        (await sql("SELECT unit_code FROM platform.committee WHERE id = $1", committee))[0]["unit_code"]
    )
