"""A committee leaves as a file that anybody can open, and is erased when two administrators of the province want it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.fleet import HOME, bring_in_eleven, path_of, run_through, suspend
from e2e.founding import NO_SUCH_PAGE, REFUSED, Founded, accept, found, new_name, press
from e2e.phones import Phones


def second_administrator(page: Page, guest: Page, name: str) -> Page:
    """Somebody comes to the province by an invitation from its page of people."""
    page.goto(f"{HOME}/people")
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("Vai trò").select_option("province_administrator")
    press(page, "Tạo lời mời")
    link = page.get_by_label("Đường dẫn của lời mời").input_value()
    return accept(guest, link, f"tinh.{name.rsplit(maxsplit=1)[-1]}")


def exported(page: Page, new: Founded) -> Path:
    """Ask for an export, wait for it, and take the file."""
    page.goto(f"{path_of(new.slug)}/exports")
    press(page, "Xuất dữ liệu")
    run_through(page)
    page.goto(f"{path_of(new.slug)}/exports")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Tải về").click()
    return Path(coming.value.path())


def test_a_committee_is_taken_out_as_a_file_and_erased_by_two(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(expected=(REFUSED,)), "province_administrator", "gia-lai")
    name = new_name()
    new = found(page, name)
    office = accept(phone(expected=(NO_SUCH_PAGE,)), new.link, f"quantri.{new.slug}")
    bring_in_eleven(office, new.slug)

    with zipfile.ZipFile(exported(page, new)) as file:
        assert file.testzip() is None
        manifest = file.read("manifest.json")
        names = file.namelist()
    assert json.loads(manifest)
    assert any(one.endswith("member.csv") for one in names)
    expect(page.locator("main code").first).to_have_text(hashlib.sha256(manifest).hexdigest())

    suspend(page, new.slug, "Chuyển sang hệ thống khác")
    page.goto(f"{path_of(new.slug)}/erasure")
    page.get_by_label("Lý do xóa hẳn").fill("Đã chuyển sang hệ thống khác")
    page.get_by_label("Gõ lại địa chỉ ngắn").fill("nhầm")
    press(page, "Đề nghị xóa hẳn")
    expect(page.get_by_label("Lý do xóa hẳn")).to_have_value("Đã chuyển sang hệ thống khác")
    page.get_by_label("Gõ lại địa chỉ ngắn").fill(new.slug)
    press(page, "Đề nghị xóa hẳn")
    expect(page.locator("main")).to_contain_text("Đang chờ một quản trị viên khác")
    expect(page.get_by_role("button", name="Xác nhận xóa hẳn")).to_have_count(0)

    other = second_administrator(page, phone(), f"Nay Thư {name.split()[-1]}")
    other.goto(f"{path_of(new.slug)}/erasure")
    other.get_by_label("Gõ lại địa chỉ ngắn").fill(new.slug)
    press(other, "Xác nhận xóa hẳn")
    run_through(other)

    other.goto(f"{HOME}/fleet/erased")
    other.get_by_role("link", name=new.title).click()
    stone = other.locator("section[aria-labelledby=stone]")
    expect(stone).to_contain_text("Đã chuyển sang hệ thống khác")
    expect(stone).to_contain_text("Nay Thư")
    answer = office.goto(f"/{new.slug}/members")
    assert answer is not None
    assert answer.status == 404
    expect(office.locator("main")).not_to_contain_text(new.title)
