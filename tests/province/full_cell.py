"""A cell that has a row in every table that a cell can have rows in, made by the verbs where there are any."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from infra import objects
from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server import clock
from server.accounts.reader import Grant, Reader
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction
from tests.assignments.saying import CUC, change, give, said
from tests.cast import Cast
from tests.minutes.sending import picture, sent

Rows = dict[str, list[dict[str, Any]]]


def administrator(cast: Cast) -> Reader:
    """The province's administrator."""
    return Reader(uuid4(), "Quản trị tỉnh", (Grant("province_administrator", province=cast.province),))


async def province_slug(cast: Cast) -> str:
    async with platform_transaction(read_only=True):
        row = await one("SELECT slug FROM platform.province WHERE id = $1", cast.province)
    assert row is not None
    return str(row["slug"])


async def account(grants: list[tuple[str, UUID, UUID | None]]) -> UUID:
    """An account with (role, committee, cell)."""
    made = uuid4()
    async with platform_transaction():
        await sql(
            "INSERT INTO platform.account (id, login, name, password_hash) VALUES ($1, $2, 'Hòa', 'x')",
            made, f"hoa-{made.hex[:12]}",
        )  # fmt: skip
        for role, committee, cell in grants:
            await sql(
                """INSERT INTO platform.account_grant (id, account, committee, role, cell, cell_name)
                VALUES ($1, $2, $3, $4, $5, 'Chi bộ')""",
                uuid4(), made, committee, role, cell,
            )  # fmt: skip
    return made


async def fill(cast: Cast) -> UUID:
    """Let the cell live: a roll that was taken and closed, minutes, work with evidence, and everything else. The
    meeting whose roll it is.
    """
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    taps = [
        NewMark(uuid4(), no, "present", n, clock.now()) for n, no in enumerate(cast.numbers.values(), start=1)
    ]
    verdict = await record(meeting, taps, device=uuid4(), since=0, by=cast.hoa)
    assert len(verdict.acked) == len(taps)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)
    minutes, files = await sent(cast, picture(), picture(90))
    work = await give(cast)
    await said(change(work, "reported", 1, note="Đã xong hai hộ"), by=cast.hoa)
    member = await cast.member(CUC)
    key = f"{cast.pleiku.schema_name}/assignments/{work}/evidence"
    for name in (key, f"{key}.webp"):
        objects.client().put_object("nennep", name, io.BytesIO(b"anh"), 3)
    async with transaction():
        for statement, values in _ROWS.items():
            known = {
                "cell": cast.cell, "member": member, "minutes": minutes, "work": work, "meeting": meeting, "key": key,
                "file": files[0], "new": uuid4(), "other": uuid4(), "day": clock.today() - timedelta(days=400),
            }  # fmt: skip
            await sql(statement, *(known[name] for name in values))
    return meeting


_ROWS: dict[str, tuple[str, ...]] = {
    "INSERT INTO seat (id, member, cell, role, from_on) VALUES ($1, $2, $3, 'secretary', $4)":
        ("new", "member", "cell", "day"),
    """INSERT INTO contact (id, member, held_on, channel, account, by_name)
        VALUES ($1, $2, current_date, 'call', $3, 'Hòa')""": ("new", "member", "other"),
    """INSERT INTO reminder (member, on_day, assignments, soon, today, overdue)
        VALUES ($1, current_date, ARRAY[$2::uuid], 1, 0, 0)""": ("member", "work"),
    """INSERT INTO usual_work (id, cell, text, area, members, from_on, created_by)
        VALUES ($1, $2, 'Thu đảng phí', 'other', ARRAY[$3::uuid], $4, 'Hòa')""": ("new", "cell", "member", "day"),
    "INSERT INTO resolution (id, cell, year, created_by) VALUES ($1, $2, 2025, 'Hòa')": ("new", "cell"),
    """INSERT INTO classification (cell, year, grade, members, excellent, good, completed, failed, not_rated, told_by)
        VALUES ($1, 2025, 'good', 6, 1, 3, 1, 0, 1, 'Hòa')""": ("cell",),
    """INSERT INTO minutes_erased (minutes, meeting, cell, files, pages, bytes, sha256, sent_at, sent_by, binned_at,
        binned_by, reason) VALUES ($1, $2, $3, 1, 1, 9, '{}', now(), 'Hòa', now(), 'Hòa', 'nhầm')""":
        ("new", "meeting", "cell"),
    """INSERT INTO minutes_text (page, minutes, lines, folded) SELECT p.id, p.minutes, '[]', 'ban ghi'
        FROM minutes_page p WHERE p.minutes = $1 LIMIT 1""": ("minutes",),
    "INSERT INTO minutes_field (minutes, name, proposed) VALUES ($1, 'present', '5')": ("minutes",),
    """INSERT INTO assignment_file (id, assignment, sha256, bytes, kind, pages, object_key, account, by_name)
        VALUES ($1, $2, repeat('0', 64), 3, 'jpeg', 1, $3, $4, 'Hòa')""": ("new", "work", "key", "other"),
    """INSERT INTO member_import (id, file_name, sha256, as_of, tally, created_by)
        VALUES ($1, 'a.csv', '', current_date, '{}', 'Hòa')""": ("new",),
    "INSERT INTO member_import_row (member_import, row, verdict) SELECT id, 1, 'new' FROM member_import": (),
    "INSERT INTO setting (name, value) VALUES ('test', '1')": (),
    # The committee's own resolution, to which the work belongs.
    """WITH own AS (INSERT INTO resolution (id, cell, year, number, created_by) VALUES ($1, NULL, 2026, '05-NQ', 'Hòa')
        RETURNING id) UPDATE assignment SET resolution = (SELECT id FROM own) WHERE id = $2""": ("new", "work"),
    "UPDATE member SET card_number = '099000000001', phone = '0900000001' WHERE id = $1": ("member",),
}  # fmt: skip


async def everything(servers: Servers, ref: CommitteeRef) -> Rows:
    """{table: rows} of a whole committee, as the owner sees them."""
    owner = await connect(servers.owner_url)
    tables = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY 1",
        ref.schema_name,
    )
    found = {
        table["relname"]: [
            json.loads(row["r"])
            for row in await owner.fetch(
                f"SELECT to_jsonb(t) AS r FROM {ref.schema_name}.{table['relname']} t ORDER BY 1"
            )
        ]
        for table in tables
    }
    await owner.close()
    return found


async def second_cell(ref: CommitteeRef, name: str, *, day: date = date(2020, 1, 1)) -> UUID:
    """Another cell of a committee, with one member who was in it all the time."""
    cell, member = uuid4(), uuid4()
    with using(ref):
        async with transaction():
            await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, $2, '2')", cell, name)
            await sql(
                "INSERT INTO member (id, name, sort_key, folded, phone) VALUES ($1, 'Siu Bình', 'b', 'siu binh', '09')",
                member,
            )
            await sql(
                "INSERT INTO membership (id, member, cell, from_on) VALUES ($1, $2, $3, $4)",
                uuid4(), member, cell, day,
            )  # fmt: skip
    return cell
