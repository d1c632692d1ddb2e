"""A list says who of a cell's committee is a cadre of the commune."""

from __future__ import annotations

import pytest

from infra.postgres import sql
from server import clock
from server.members.actions import Upload
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.members.office import imported


@pytest.mark.parametrize(
    ("post", "seats"),
    [
        ("Chi ủy viên, công chức xã", {"committee_member": True}),
        ("BÍ THƯ CHI BỘ, CÁN BỘ PHƯỜNG", {"secretary": True}),
        ("Phó Bí thư, cán bộ, công chức xã, Tổ trưởng", {"deputy_secretary": True, "group_leader": False}),
        ("Chi ủy viên, nguyên cán bộ xã", {"committee_member": False}),
        ("Chi ủy viên", {"committee_member": False}),
    ],
)
async def test_a_seat_of_the_committee_tells_whether_a_commune_cadre_holds_it(
    ref: CommitteeRef, post: str, seats: dict[str, bool]
) -> None:
    content = f"Họ và tên;Ngày sinh;Ngày vào Đảng;Chi bộ;Chức vụ\nNguyễn Văn An;21/01/1962;15/01/1990;Chi bộ 1;{post}\n"
    await imported(ref, Upload(content.encode(), "so.csv", clock.today(), None, create=True))

    with using(ref):
        async with transaction(read_only=True):
            rows = await sql("SELECT role, commune_cadre FROM seat")
    assert {row["role"]: row["commune_cadre"] for row in rows} == seats
