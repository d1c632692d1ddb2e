"""A committee from nothing: the province founds it, its administrator moves in, its first secretary calls the roll."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from e2e import qr_codes
from e2e.conftest import SignIn
from e2e.founding import (
    CELL_OF_151,
    NO_SUCH_PAGE,
    REFUSED,
    accept,
    bring_in_151,
    expected_of_151,
    found,
    founded,
    invite,
    new_name,
    press,
)
from e2e.phones import Phones
from e2e.rolls import Roll


def test_the_province_founds_a_committee_in_one_form_and_hands_its_invitation_over(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(expected=(REFUSED,)), "province_administrator", "gia-lai")
    page.locator("main").get_by_role("link", name="Thêm cấp ủy").tap()
    name, short = page.get_by_label("Tên địa phương hoặc cơ quan"), page.get_by_label("Địa chỉ ngắn")
    called = new_name()

    name.fill(called)
    page.get_by_label("Họ và tên người quản trị").fill("Rơ Châm Hiệp")
    short.fill("Xã Mới!")
    press(page, "Thêm cấp ủy")
    expect(short).to_have_attribute("aria-invalid", "true")
    expect(short).to_have_accessible_description(
        re.compile("gạch ngang.*(chữ|Địa chỉ|đường dẫn)", re.IGNORECASE)
    )
    assert (name.input_value(), short.input_value()) == (called, "Xã Mới!")
    short.fill("")
    page.locator("main").get_by_role("button", name="Thêm cấp ủy").dblclick()

    new = founded(page, called)
    assert new.slug == called.lower().replace(" ", "-")
    assert qr_codes.shows(page, new.link)
    page.goto("/provinces/gia-lai/")
    expect(page.get_by_role("link", name=new.title)).to_have_count(1)


def test_the_invited_administrator_moves_in_and_the_first_secretary_calls_the_roll_of_151(
    phone: Phones, sign_in: SignIn
) -> None:
    province = sign_in(phone(), "province_administrator", "gia-lai")
    new = found(province, new_name())
    office = phone(expected=(REFUSED,))
    _refuses_a_weak_password(office, new.link)
    accept(office, new.link, f"quantri.{new.slug}")
    expect(office).to_have_url(re.compile(f"/{new.slug}/$"))
    office.get_by_role("link", name="Nhập danh sách đảng viên từ Excel").first.tap()
    office.wait_for_url("**/members/imports/new")
    bring_in_151(office, new.slug)
    _looks_at_the_cell(office, new.slug)

    link = invite(office, new.slug, "Bí thư chi bộ")
    assert qr_codes.shows(office, link)
    secretary = accept(phone(), link, f"bithu.{new.slug}")
    secretary.get_by_role("link", name="Lên lịch sinh hoạt").tap()
    press(secretary, "Lên lịch")
    secretary.get_by_role("link", name="Điểm danh", exact=True).tap()
    roll = Roll(secretary, secretary.url.removesuffix("/roll-call")).ready().begin()
    due = expected_of_151()
    assert roll.rate() == f"0/{due} = 0,0 %"

    for group in range(1, 8):
        roll.rest(group)
    roll.sent()
    roll.close()
    # Of a single cell, 151 less who was expected would tell how many are exempt, some kinds of them few: told in tens.
    _sees(province, new.slug, "khoảng 100 %")


def _refuses_a_weak_password(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Tên đăng nhập").fill("hiep.rocham")
    page.get_by_label("Mật khẩu mới").fill("ngắn")
    press(page, "Tạo tài khoản")
    expect(page.get_by_label("Mật khẩu mới")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Mật khẩu mới")).to_have_accessible_description(
        re.compile(r"cần ít nhất \d+ ký tự")
    )
    expect(page.get_by_label("Tên đăng nhập")).to_have_value("hiep.rocham")


def _looks_at_the_cell(page: Page, slug: str) -> None:
    page.get_by_role("link", name="Chi bộ", exact=True).click()
    page.get_by_role("link", name=CELL_OF_151).click()
    expect(page.locator(".fig", has_text="Đảng viên")).to_contain_text("151")
    exempt = 151 - expected_of_151()
    expect(page.locator(".fig", has_text="Miễn sinh hoạt")).to_contain_text(str(exempt))
    groups = page.locator("section[aria-labelledby^='g']")
    expect(groups).to_have_count(7)
    expect(page.get_by_role("heading", name="Tổ 1")).to_contain_text("(24)")
    expect(groups.locator(".people > li")).to_have_count(151)


def _sees(province: Page, slug: str, attendance: str) -> None:
    """Five seconds after the roll was closed at the latest."""
    closed = time.monotonic()
    row = province.get_by_role("row").filter(has=province.locator(f"a[href$='/{slug}']"))
    province.goto("/provinces/gia-lai/")
    while attendance not in (text := row.inner_text().replace("\xa0", " ")):
        assert time.monotonic() < closed + 5, text
        province.reload()
    assert re.search(r"\b151\b", text), text
    assert "1/1" in text


def test_who_comes_second_with_a_used_link_is_told_so(phone: Phones, sign_in: SignIn) -> None:
    new = found(sign_in(phone(), "province_administrator", "gia-lai"), new_name())
    accept(phone(), new.link, f"quantri.{new.slug}")

    late = phone(expected=(NO_SUCH_PAGE,))
    late.goto(new.link)

    expect(late.get_by_role("heading", name="Lời mời này đã được nhận")).to_be_visible()
    expect(late.get_by_label("Mật khẩu mới")).to_have_count(0)


def test_the_administrator_takes_an_invitation_back_and_its_link_is_dead(
    phone: Phones, sign_in: SignIn
) -> None:
    office = sign_in(phone(), "committee_administrator", to="/pleiku/people")
    link = invite(office, "pleiku", "Văn phòng cấp ủy", cell="")
    # The newest stands last or first; all of them are taken back, since nobody waits for one.
    withdraw = office.get_by_role("button", name=re.compile("^Rút lại"))
    while withdraw.count():
        withdraw.first.click()

    stranger = phone(expected=(NO_SUCH_PAGE,))
    stranger.goto(link)

    expect(stranger.get_by_role("heading", name="Lời mời này không còn dùng được").last).to_be_visible()
