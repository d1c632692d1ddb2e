"""A member list on its way into the register of a committee that has one already."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Page, expect

from e2e.conftest import SignIn
from e2e.founding import LISTS, REFUSED, look_at_list
from e2e.phones import Phones
from e2e.test_office_pages import figures


def test_the_office_is_told_row_by_row_what_a_dirty_list_cannot_bring_in(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(), "office")
    look_at_list(page, "pleiku", LISTS / "dirty.xlsx")

    told = {words: int(number.replace(".", "")) for words, number in figures(page).items()}
    assert told["Sẽ ghi mới"] + told["Đã có trong sổ"] + told["Không nhận"] == 300
    rejected = page.get_by_role("table", name="Những dòng không nhận")
    expect(rejected.get_by_role("rowheader")).to_have_count(told["Không nhận"])
    _row_says(page, 13, "Họ và tên.*để trống")
    _row_says(page, 133, "31/09/1978.*không có trên lịch")
    _row_says(page, 227, "Trùng với dòng 65")
    page.get_by_text(re.compile("Cần xem lại \\(")).click()
    expect(page.get_by_role("table", name="Những dòng cần xem lại").get_by_role("rowheader")).to_have_count(
        told["Cần xem lại"]
    )
    expect(page.locator("main")).to_contain_text("Không đọc các cột: Số CMND/CCCD")


def _row_says(page: Page, row: int, reason: str) -> None:
    head = page.get_by_role("rowheader", name=re.compile(rf"\bDòng {row}\b"))
    expect(page.get_by_role("row").filter(has=head).first).to_contain_text(re.compile(reason))


def test_the_office_drops_a_list_and_nothing_of_it_stays(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "office", slug="cao-loc", to="/cao-loc/members")
    before = page.locator("#results > p").first.inner_text()
    look_at_list(page, "cao-loc", LISTS / "chi-bo-van-phong-11.xlsx")

    page.get_by_role("button", name="Bỏ, chọn tệp khác").tap()
    expect(page.get_by_label("Tệp danh sách")).to_be_visible()

    page.goto("/cao-loc/members")
    assert page.locator("#results > p").first.inner_text() == before


NO_LISTS = {
    "anh-chup.xlsx": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "bien-ban.pdf": b"%PDF-1.7\n%%EOF\n",
    "trong.xlsx": b"",
    "tho.csv": "Trăm năm trong cõi người ta\nChữ tài chữ mệnh khéo là ghét nhau\n".encode(),
}


def test_the_office_is_told_at_the_field_that_a_file_is_no_member_list(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(expected=(REFUSED,)), "office", slug="ayun-pa")
    for name, content in NO_LISTS.items():
        file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        look_at_list(page, "ayun-pa", file, create=False)

        field = page.get_by_label("Tệp danh sách")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile("Đồng chí (chọn|thêm|lưu|sao chép)"))
        page.locator("#errors a").first.tap()
        expect(field).to_be_focused()
