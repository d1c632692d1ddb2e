"""New committees: written down by the province, with an invitation for the first administrator; built by a job."""

from __future__ import annotations

from uuid import UUID

from server import clock
from server.accounts.actions import invite
from server.accounts.reader import Reader
from server.committees.units import plain, unit_called, units
from server.exports.rehearsing import owner_url
from server.province.actions import Province, check_name_free, province_of, record_event
from server.rollups.actions import recompute_rollup
from server.schema import committee_line
from server.words import Refused, Say, say
from tenants import lifecycle, registry, slugs
from tenants.current import KINDS, CommitteeRef, using
from tenants.outbox import Hopeless, later_on_platform
from tenants.transactions import platform_transaction

UNIT_TAKEN = say("Đã có cấp ủy khác cùng loại mang mã đơn vị hành chính này.")
# Typed where a committee leads no unit although one has its name.
NO_CODE = "-"
_SLUG_FAULTS = {
    "malformed": say("Địa chỉ ngắn chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối, dài nhất 60 ký tự."),
    "reserved": say("Địa chỉ ngắn này dành riêng cho hệ thống, xin chọn địa chỉ khác."),
}


async def found_committee(
    province_slug: str,
    *,
    kind: str,
    name: str,
    slug: str,
    administrator: str,
    by: Reader,
    unit_code: str = "",
) -> tuple[CommitteeRef, str]:
    """Write a new committee down, invite its first administrator, and leave the building of its schema to a job.

    The committee (state ``founding``) and the invitation's token. Raises Refused(kind=…, name=…, slug=…,
    unit_code=…, administrator=…) with every fault at its field, NotFound for another province.
    """
    check_new(kind, name, slug, administrator)
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref, token = await write_down(
            province, kind=kind, name=name, slug=slug, unit_code=unit_code, administrator=administrator, by=by
        )
        await later_on_platform("found_committee", committee=str(ref.id))
    return ref, token


async def write_down(
    province: Province, *, kind: str, name: str, slug: str, unit_code: str, administrator: str, by: Reader
) -> tuple[CommitteeRef, str]:
    """The same without the job, for those who build it themselves; check_new has been asked. Needs a platform
    transaction.
    """
    code = checked_code(province, kind, unit_code, name=name)
    await check_name_free(province, kind, name)
    # A code that was guessed from the name is no reason to say no.
    if not unit_code.strip() and code and await _is_led(code, kind):
        code = ""
    await check_unit_free(code, kind)
    try:
        ref = await registry.add_committee(
            province.id, kind=kind, name=" ".join(name.split()), slug=slug.strip() or None, unit_code=code
        )
    except registry.Taken:
        raise Refused(slug=say("Địa chỉ ngắn này đã có cấp ủy khác dùng, xin chọn địa chỉ khác.")) from None
    token = await invite(ref.id, role="committee_administrator", name=administrator, by=by)
    await record_event(province, by, "committee_founded", ref.slug, committee=ref.id)
    return ref, token


def check_new(kind: str, name: str, slug: str, administrator: str) -> None:
    """Raises Refused with every fault of a new committee's form that needs no look at the others."""
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


def checked_code(province: Province, kind: str, typed: str, *, name: str = "") -> str:
    """The official code of a unit of this province as typed (``23764``, or a choice such as ``23764 Ia Grai``); empty:
    of the unit that has this ``name``, if there is one. Raises Refused(unit_code=…).
    """
    code = typed.strip().split(" ")[0]
    if code == NO_CODE:
        return ""
    if not code:
        unit = unit_called(province.name, kind, name) if name else None
        return unit.code if unit else ""
    unit = units().get(code.zfill(5))
    if unit is None or (unit.province != plain(province.name) and _is_real(province)):
        raise Refused(unit_code=say("Tỉnh không có đơn vị hành chính mang mã này."))
    if unit.kind != kind:
        raise Refused(
            unit_code=say("Mã {code} là của {unit}, không hợp với loại cấp ủy đã chọn.", code=unit.code, unit=unit.name)
        )  # fmt: skip
    return unit.code


def _is_real(province: Province) -> bool:
    return any(unit.province == plain(province.name) for unit in units().values())


async def check_unit_free(unit_code: str, kind: str, *, besides: UUID | None = None) -> None:
    """Raises Refused(unit_code=…) where another living committee of this kind leads the unit. Needs a platform
    transaction.
    """
    try:
        await registry.check_unit_free(unit_code, kind, besides=besides)
    except registry.UnitTaken:
        raise Refused(unit_code=UNIT_TAKEN) from None


async def _is_led(unit_code: str, kind: str) -> bool:
    try:
        await registry.check_unit_free(unit_code, kind)
    except registry.UnitTaken:
        return True
    return False


async def build(committee: UUID) -> None:
    """Build the schema of a committee that the registry has, and give it its first figures. Safe to repeat; raises
    Hopeless.
    """
    try:
        await lifecycle.found(owner_url(), committee, committee_line())
    except lifecycle.NotFound:
        raise Hopeless(f"the registry has no committee {committee}") from None
    async with platform_transaction(read_only=True):
        ref = await registry.find_by_id(committee)
    assert ref is not None
    with using(ref):
        await recompute_rollup(clock.month_of(clock.today()).isoformat())
