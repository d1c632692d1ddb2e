"""The province's first page is light, and does all of its work where no script runs."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.conftest import SignIn
from e2e.cut import Cut
from e2e.fleet import HOME
from e2e.phones import Phones

HEAVIEST = 30 * 1024


def test_the_provinces_first_page_is_light(phone: Phones, sign_in: SignIn, cut: Cut, capsys) -> None:
    known = sign_in(phone(), "province_viewer", "gia-lai")
    page = phone(cut.address, storage_state=known.context.storage_state())

    page.goto(f"{HOME}/")
    expect(page.get_by_role("table").first).to_be_visible()

    rows, html = page.get_by_role("rowheader").count(), cut.size(f"{HOME}/")
    with capsys.disabled():
        print(f"\nfirst page of a province with {rows} rows: {html} bytes")
    assert rows > 20
    assert html <= HEAVIEST


def test_the_province_finds_and_goes_back_without_javascript(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(java_script_enabled=False), "province_viewer", "gia-lai")

    page.get_by_label("Tìm cấp ủy").fill("PLEIKU")
    page.get_by_role("button", name="Xem").tap()
    page.wait_for_url(re.compile("q=PLEIKU"))
    expect(page.get_by_role("rowheader").get_by_role("link", name="Thành ủy Pleiku")).to_be_visible()
    page.get_by_role("link", name="Tháng trước").tap()
    page.wait_for_url(re.compile("month="))
    expect(page.get_by_role("rowheader").get_by_role("link", name="Thành ủy Pleiku")).to_be_visible()
    for path in ("silent", "reports", "bulletins"):
        page.goto(f"{HOME}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("Không tìm thấy trang này")
