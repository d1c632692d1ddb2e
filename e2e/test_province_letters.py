"""What the province sends its committees: a document with its receipt, taken back; a reminder with its cells."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.fleet import HOME, bring_in_eleven, row_of
from e2e.founding import Founded, accept, found, new_name, press
from e2e.phones import Phones

# How long the figures may take to say that a new committee's cell is silent.
COUNTED_SECONDS = 30.0


def publish(page: Page, new: Founded, title: str) -> str:
    """A document goes to one committee; its address for the province."""
    page.goto(f"{HOME}/bulletins/new")
    page.get_by_label("Trích yếu").fill(title)
    page.get_by_label("Nội dung", exact=False).fill("Các chi bộ lập danh sách trước ngày 15.")
    page.get_by_label("Chỉ các cấp ủy được đánh dấu").check()
    page.get_by_text("Chọn từng cấp ủy").click()
    page.get_by_label(new.title, exact=True).check()
    press(page, "Gửi")
    page.wait_for_url(re.compile("/bulletins/[0-9a-f-]{36}"))
    return page.url


def test_a_document_is_sent_opened_and_taken_back(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai")
    new = found(page, new_name())
    office = accept(phone(), new.link, f"quantri.{new.slug}")
    sent = publish(page, new, "Về việc lập danh sách cuối năm")
    expect(page.locator("main")).to_contain_text("chưa nhận")

    office.goto(f"/{new.slug}/")
    office.locator("main").get_by_role("link", name=re.compile("Tỉnh gửi 1 văn bản chưa mở")).tap()
    page.reload()
    expect(page.locator("main")).not_to_contain_text("chưa nhận")
    expect(page.locator("main")).to_contain_text("chưa mở")
    office.get_by_role("link", name=re.compile("Về việc lập danh sách cuối năm")).tap()
    expect(office.locator("main")).to_contain_text("trước ngày 15")
    opened = office.url
    page.reload()
    expect(page.locator("main")).not_to_contain_text("chưa mở")

    page.get_by_text("Thu hồi", exact=True).first.click()
    page.get_by_label("Lý do thu hồi").fill("Sai ngày nộp")
    press(page, "Thu hồi")
    page.wait_for_url(sent)
    office.goto(opened)
    expect(office.locator("main")).to_contain_text("Lý do: Sai ngày nộp")
    expect(office.locator("main")).not_to_contain_text("trước ngày 15")


def test_the_office_of_a_silent_committee_is_reminded(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai")
    new = found(page, new_name())
    office = accept(phone(), new.link, f"quantri.{new.slug}")
    bring_in_eleven(office, new.slug)

    silent(page, new)
    row = row_of(page, new.slug)
    row.get_by_role("button", name=re.compile("Nhắc")).tap()
    expect(row).to_contain_text("văn phòng chưa xem")
    expect(row.get_by_role("button")).to_have_count(0)

    office.goto(f"/{new.slug}/")
    office.get_by_role("link", name=re.compile("Tỉnh nhắc báo cáo")).tap()
    expect(office.get_by_role("heading", level=1)).to_contain_text("Chi bộ chưa báo cáo")
    expect(office.locator("main .rows a")).to_have_count(1)
    page.reload()
    expect(row).to_contain_text("văn phòng đã xem")


def silent(page: Page, new: Founded) -> None:
    """The province's page of who has not reported, once the new committee's cell is counted."""
    until = time.monotonic() + COUNTED_SECONDS
    page.goto(f"{HOME}/silent")
    while "1/1" not in (told := " ".join(row_of(page, new.slug).all_inner_texts())):
        assert time.monotonic() < until, told
        page.reload()
