"""A cell or a group has one name and one number, however lists write it."""

from __future__ import annotations

import pytest

from server.cells.rules import Group, cell_order, full_name, group_key, kind_of, number_groups, short_body


@pytest.mark.parametrize(
    ("cell", "organisation", "name"),
    [
        ("Chi bộ Tổ dân phố 1", "Đảng bộ phường An Lạc", "Chi bộ Tổ dân phố 1, phường An Lạc"),
        ("CB thôn 3", "", "Chi bộ Thôn 3"),
        ("Chi bộ Ban Tổ chức", "Chi bộ Ban Tổ chức", "Chi bộ Ban Tổ chức"),
        ("Chi bộ Thôn 1", "Đảng bộ xã Tân Phú", "Chi bộ Thôn 1"),
        ("Chi bộ Trường THCS xã Ia Nhô", "Đảng bộ xã Ia Nhô", "Chi bộ Trường THCS xã Ia Nhô"),
    ],
)
def test_a_cell_is_called_with_the_body_above_it_unless_that_says_nothing(
    cell: str, organisation: str, name: str
) -> None:
    assert full_name(cell, short_body(organisation, own="xã Tân Phú")) == name


def test_cells_stand_by_body_and_number() -> None:
    names = [
        ("Chi bộ Thôn 10", "xã A"),
        ("Chi bộ Thôn 9", "xã A"),
        ("Chi bộ Thôn 1", "xã B"),
        ("Chi bộ Ấp", ""),
    ]

    assert [name for name, _ in sorted(names, key=lambda pair: cell_order(*pair))] == [
        "Chi bộ Ấp", "Chi bộ Thôn 9", "Chi bộ Thôn 10", "Chi bộ Thôn 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Chi bộ Tổ dân phố 5", "residential"), ("Chi bộ Bản Mường", "residential"), ("Chi bộ Ban Dân vận", "office"),
        ("Chi bộ Trường Tiểu học", "office"), ("Chi bộ Plei Bông", "residential"),
    ],
)  # fmt: skip
def test_an_office_is_told_from_a_village_by_its_accents(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_one_group_however_it_is_written() -> None:
    assert len({group_key(text) for text in ("Tổ 1", "TỔ ĐẢNG SỐ 01", "1", "tổ đảng 1")}) == 1
    assert group_key("Tổ 1") != group_key("Tổ 10")


def test_groups_keep_the_number_in_their_name_where_it_is_free() -> None:
    numbered = number_groups([Group(2, "Tổ Đồi Thông")], ["Tổ 3", "Tổ 2", "1", "Tổ Suối", "tổ 03"])

    assert sorted((group.number, group.name) for group in numbered.values()) == [
        (1, "Tổ 1"), (2, "Tổ Đồi Thông"), (3, "Tổ 3"), (4, "Tổ 2"), (5, "Tổ Suối"),
    ]  # fmt: skip
