"""The end of a committee: one administrator asks, another confirms, a run does it, a tombstone stays.

Nothing goes before a file of everything was made, restored as a rehearsal and compared with what stands there now.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.committees import moving_cells
from server.exports import exporting
from server.province.actions import Province, committee_of, province_of, record_event
from server.words import Refused, Say, say
from tenants import runs
from tenants.current import CommitteeRef
from tenants.runs import Item
from tenants.transactions import platform_transaction

CLOSED = ("suspended", "archived")
SHORTEST_REASON, LONGEST_REASON = 10, 500
# The steps of the run, in order: nothing is gone before SEAL.
EXPORT, SEAL, OBJECTS, SCHEMA, PEOPLE = 1, 2, 3, 4, 5
STEPS = {
    EXPORT: say("Xuất dữ liệu lần cuối và phục hồi thử"), SEAL: say("So lại với dữ liệu hiện có, đóng cửa hẳn"),
    OBJECTS: say("Xóa ảnh và tệp"), SCHEMA: say("Xóa các bảng"), PEOPLE: say("Xóa tài khoản, vai trò, việc đang chờ"),
}  # fmt: skip

_OPEN = """SELECT id, committee, reason, export, asked_by, asked_name, asked_at, confirmed_by, confirmed_name,
    confirmed_at, run FROM platform.erasure WHERE committee = $1 AND withdrawn_at IS NULL"""


async def erasure_of(committee: UUID) -> Record | None:
    """The erasure that was asked for and not withdrawn, if any. Needs a platform transaction."""
    return await one(_OPEN, committee)


async def tombstone_of(committee: UUID) -> Record | None:
    """What is left of an erased committee, if it is one. Needs a platform transaction."""
    return await one(
        """SELECT slug, kind, name, reason, asked_name, confirmed_name, rows, objects, bytes, export_sha256, erased_at
        FROM platform.tombstone WHERE committee = $1""",
        committee,
    )


async def tombstones(province: UUID) -> list[Record]:
    """What is left of the erased committees of a province, newest first; ``path``: where their pages are now.

    Needs a platform transaction.
    """
    return await sql(
        """SELECT t.slug, t.kind, t.name, t.reason, t.asked_name, t.confirmed_name, t.rows, t.objects, t.bytes,
            t.export_sha256, t.erased_at, c.slug AS path
        FROM platform.tombstone t JOIN platform.committee c ON c.id = t.committee
        WHERE t.province = $1 ORDER BY t.erased_at DESC LIMIT 500""",
        province,
    )


async def ask(province_slug: str, slug: str, *, reason: str, typed: str, by: Reader) -> None:
    """Ask for a committee to be erased; nothing happens until somebody else confirms. Raises NotFound,
    Refused(reason=…, typed=…, erasure=…).
    """
    reason = " ".join(reason.split())
    async with platform_transaction():
        province, ref = await _held(province_slug, slug, by)
        _check_closed(ref)
        faults = {} if typed.strip() == ref.slug else {"typed": _typed_wrong(ref)}
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            faults["reason"] = say(
                "Xin ghi lý do xóa hẳn, từ {least} đến {most} ký tự; lý do được giữ lại mãi.",
                least=SHORTEST_REASON, most=LONGEST_REASON,
            )  # fmt: skip
        if faults:
            raise Refused(**faults)
        if await erasure_of(ref.id) is not None:
            raise Refused(erasure=say("Đã có người đề nghị xóa hẳn cấp ủy này."))
        await sql(
            "INSERT INTO platform.erasure (id, committee, reason, asked_by, asked_name) VALUES ($1, $2, $3, $4, $5)",
            uuid4(), ref.id, reason, by.account_id, by.name,
        )  # fmt: skip
        await record_event(province, by, "erasure_asked", ref.slug, reason)


async def withdraw(province_slug: str, slug: str, *, by: Reader) -> None:
    """Take an erasure back until its run has closed the doors for good; any administrator may. Raises NotFound,
    Refused(erasure=…).
    """
    async with platform_transaction():
        province, ref = await _held(province_slug, slug, by)
        row = await erasure_of(ref.id)
        if row is None:
            return
        if ref.state == "erased":
            raise Refused(erasure=say("Cấp ủy đã được đóng hẳn nên không rút lại được nữa."))
        await sql("UPDATE platform.erasure SET withdrawn_at = now() WHERE id = $1", row["id"])
        await record_event(province, by, "erasure_withdrawn", ref.slug)


async def confirm(province_slug: str, slug: str, *, typed: str, by: Reader) -> UUID:
    """Confirm what another administrator has asked for; the run that erases. Confirming again: the same run.

    Raises NotFound, Refused(typed=…, erasure=…).
    """
    async with platform_transaction():
        province, ref = await _held(province_slug, slug, by)
        row = await erasure_of(ref.id)
        if row is None:
            raise Refused(erasure=say("Chưa ai đề nghị xóa hẳn cấp ủy này, hoặc đề nghị đã được rút lại."))
        if row["run"] is not None:
            found: UUID = row["run"]
            return found
        _check_closed(ref)
        if row["asked_by"] == by.account_id:
            raise Refused(
                erasure=say(
                    "Người xác nhận phải khác người đề nghị. Xin nhờ một quản trị viên khác của tỉnh."
                )
            )
        if typed.strip() != ref.slug:
            raise Refused(typed=_typed_wrong(ref))
        await check_no_cells_on_their_way(ref)
        if await exporting.under_way(ref.id, "export", "restore") is not None:
            raise Refused(erasure=say("Cấp ủy này đang được xuất dữ liệu. Xin chờ xong rồi xác nhận."))
        run = await runs.start(
            "erase", [Item(str(words), step=step, committee=ref.id) for step, words in STEPS.items()],
            province=province.id, by_account=by.account_id, by_name=by.name, committee=ref.id,
            arguments={"erasure": str(row["id"])}, priority=4,
        )  # fmt: skip
        await sql(
            """UPDATE platform.erasure SET confirmed_by = $2, confirmed_name = $3, confirmed_at = now(), run = $4
            WHERE id = $1""",
            row["id"], by.account_id, by.name, run,
        )  # fmt: skip
        await record_event(province, by, "erasure_confirmed", ref.slug, row["reason"])
    return run


async def _held(province_slug: str, slug: str, by: Reader) -> tuple[Province, CommitteeRef]:
    """The committee with its row of the registry held, so that two administrators come one after the other."""
    province = await province_of(province_slug, by)
    ref = await committee_of(province, slug)
    await sql("SELECT 1 FROM platform.committee WHERE id = $1 FOR NO KEY UPDATE", ref.id)
    # Once more: it may have been opened again while we waited.
    return province, await committee_of(province, slug)


def _check_closed(ref: CommitteeRef) -> None:
    if ref.state not in CLOSED:
        raise Refused(
            erasure=say("Chỉ xóa hẳn được cấp ủy đã tạm ngừng hoặc đã lưu trữ. Xin tạm ngừng trước.")
        )


async def check_no_cells_on_their_way(ref: CommitteeRef) -> None:
    """Raises Refused(erasure=…) while another committee merges into this one: its cells would come into nothing. Needs
    a platform transaction that holds the committee's row.
    """
    if await moving_cells.is_under_way([ref.id]):
        raise Refused(erasure=say("Cấp ủy này đang sáp nhập hoặc tách, xin chờ việc đó xong."))


def _typed_wrong(ref: CommitteeRef) -> Say:
    return say("Xin gõ đúng địa chỉ ngắn của cấp ủy: {slug}", slug=ref.slug)
