"""Pleiku lets somebody of the province look for an hour, sees what was opened, and ends it at once."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.axe import faults, tall_phone
from e2e.conftest import SignIn
from e2e.phones import Phones
from e2e.rolls import csrf_of

CLOSED = r"status of 40[34]"


def test_the_committee_lets_the_auditor_look_and_sees_every_page(
    phone: Phones, sign_in: SignIn, address: str
) -> None:
    office = sign_in(tall_phone(phone), "committee_administrator", to="/pleiku/support")
    auditor = office.get_by_label("Người của tỉnh").locator("option").filter(has_text="Kiểm tra nhật ký tỉnh")
    office.get_by_label("Người của tỉnh").select_option(auditor.first.get_attribute("value"))
    office.get_by_label("Trong bao lâu").select_option(label="1 giờ")
    office.get_by_label("Để làm gì").fill("Xem giúp danh sách chi bộ")
    office.get_by_role("button", name="Cho xem", exact=True).click()
    expect(office.get_by_role("heading", name="Đang được xem")).to_be_visible()

    helper = sign_in(tall_phone(phone, expected=(CLOSED,)), "province_auditor", "gia-lai", to="/pleiku/cells")
    expect(helper.get_by_role("note")).to_contain_text("Chỉ xem; mỗi trang mở ra đều được ghi")
    found = faults(helper, "/pleiku/cells for support")
    helper.goto("/pleiku/meetings/new")
    expect(helper.get_by_role("heading", level=1)).to_have_text("Quyền hỗ trợ không mở được trang này")
    form = {"csrf": csrf_of(helper), "title": "Thử"}
    tried = helper.request.post("/pleiku/meetings", form=form, headers={"Origin": address})
    assert tried.status == 403
    assert "Quyền hỗ trợ không mở được trang này" in tried.text()

    office.reload()
    expect(office.get_by_role("table")).to_contain_text("Các chi bộ")
    found += faults(office, "/pleiku/support")
    office.get_by_role("button", name="Ngừng ngay").click()
    expect(office.get_by_role("heading", name="Đã ngừng", exact=True)).to_be_visible()
    helper.goto("/pleiku/cells")
    expect(helper.get_by_role("heading", level=1)).to_have_text("Không tìm thấy trang này")
    assert not found, "\n".join(found)
