"""Jobs of a committee that were given up: what they were about in plain words, and trying them again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from infra.postgres import Record, connection, rows_affected, sql
from server.accounts.reader import Reader
from server.province.actions import committee_of, province_of, record_event
from server.words import Say, say
from tenants.current import CommitteeRef
from tenants.outbox import RELEASED
from tenants.transactions import platform_transaction

# What the jobs of a committee are for; one without words is shown by its name.
JOB_WORDS: dict[str, Say] = {
    "found_committee": say("Thành lập cấp ủy"),
    "recompute_rollup": say("Tính số liệu một tháng"),
    "recompute_rollups": say("Tính số liệu nhiều tháng"),
    "recompute_dirty": say("Tính lại số liệu đã thay đổi"),
    "complete_rollups": say("Bổ sung số liệu"),
    "check_rollups": say("Đối chiếu số liệu"),
    "clean_page": say("Làm sạch một trang biên bản"),
    "read_page": say("Đọc một trang biên bản"),
    "assemble_minutes": say("Ghép biên bản"),
    "sweep_minutes": say("Dọn kho tệp"),
    "erase_binned_minutes": say("Xóa biên bản đã bỏ"),
    "make_usual_work": say("Lập việc thường xuyên"),
    "plan_reminders": say("Lập lời nhắc việc"),
    "push_reminders": say("Gửi lời nhắc việc"),
    "push_nudge": say("Gửi lời nhắc của chi bộ"),
}

# Of a committee are the jobs inside it, and those of the platform that name it.
_OF = """dead_at IS NOT NULL AND done_at IS NULL
    AND (schema_name = $1 OR schema_name IS NULL AND arguments ->> 'committee' = $2)"""


async def failed_jobs(ref: CommitteeRef, *, limit: int = 100) -> list[Record]:
    """Jobs given up, the newest first: id, job, attempts, created_at, dead_at, error (technical). Needs a platform
    transaction.
    """
    return await sql(
        f"""SELECT id, job, attempts, created_at, dead_at, error FROM platform.outbox
        WHERE {_OF} ORDER BY dead_at DESC LIMIT $3""",
        ref.schema_name, str(ref.id), limit,
    )  # fmt: skip


async def retry(province_slug: str, slug: str, ids: Sequence[UUID], *, by: Reader) -> int:
    """Give a committee's given-up jobs (all where none is named) a new set of attempts; how many. Raises NotFound."""
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        status = await connection().execute(
            f"""UPDATE platform.outbox SET {RELEASED}
            WHERE {_OF} AND (cardinality($3::uuid[]) = 0 OR id = ANY ($3))""",
            ref.schema_name, str(ref.id), list(ids),
        )  # fmt: skip
        if released := rows_affected(status):
            await record_event(province, by, "failed_jobs_retried", ref.slug, str(released))
    return released
