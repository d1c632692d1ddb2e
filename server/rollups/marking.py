"""Marks on months that a write has made untrue: left in its transaction, worked off by recompute_dirty.

A mark says which month and why. It is a row and no message: the month is recomputed as long as it lies there, and it
goes in the very transaction that has replaced the figures after having seen it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from infra.postgres import sql
from server import clock
from server.words import Say, say
from tenants.outbox import later

JOB = "recompute_dirty"

# Why a month changed, as a correction of a closed month tells it. Codes are kept, the words are for people.
CAUSES: dict[str, Say] = {
    "meeting_planned": say("Ghi thêm kỳ họp"),
    "meeting_not_held": say("Ghi kỳ họp không tổ chức"),
    "meeting_put_back": say("Bỏ ghi không họp"),
    "roll_opened": say("Mở điểm danh"),
    "roll_closed": say("Khóa điểm danh muộn"),
    "roll_changed": say("Sửa điểm danh đã khóa"),
    "members": say("Nhập danh sách đảng viên"),
    "work": say("Giao việc hoặc ghi kết quả việc"),
    "minutes": say("Nhận hoặc bỏ biên bản"),
    "quality": say("Chấm điểm kỳ họp"),
    "classification": say("Xếp loại cuối năm"),
    "cells_moved": say("Chi bộ chuyển giữa các cấp ủy"),
    "rules": say("Quy định có hiệu lực thay đổi"),
    "recount": say("Tính lại từ sổ gốc"),
    "restored": say("Đưa về một bản sao lưu"),
}


def cause_words(cause: str) -> list[Say | str]:
    """The words of a stored cause, which is codes with commas between them; an unknown code stands as it is."""
    return [CAUSES.get(code, code) for code in cause.split(",") if code]


async def mark_dirty(month: date, *, onward: bool = False, cause: str) -> None:
    """Have the figures of the month of a day recomputed, with ``onward`` of every later month too, once this
    transaction in the current committee has committed. ``cause``: a key of CAUSES.
    """
    await sql(
        "INSERT INTO platform.rollup_dirty (month, onward, cause) VALUES ($1, $2, $3)",
        clock.month_of(month), onward, cause,
    )  # fmt: skip
    await later(JOB)


async def mark_committees_dirty(
    committees: Collection[UUID], month: date, *, onward: bool = False, cause: str
) -> None:
    """The same for several committees at once, from a platform transaction."""
    await sql(
        """WITH marked AS (
            INSERT INTO platform.rollup_dirty (schema_name, month, onward, cause)
            SELECT schema_name, $2, $3, $4 FROM platform.committee WHERE id = ANY ($1) RETURNING schema_name
        ) INSERT INTO platform.outbox (id, schema_name, job, arguments)
        SELECT gen_random_uuid(), schema_name, $5, '{}' FROM marked""",
        list(committees), clock.month_of(month), onward, cause, JOB,
    )  # fmt: skip
