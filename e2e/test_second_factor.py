"""The province's auditor sets up two-step log-in on an old phone, comes back with a code, and leaves it off again."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect
from pyotp import TOTP

from e2e.axe import faults, tall_phone
from e2e.conftest import SignIn
from e2e.phones import Phones
from e2e.product import Login

REFUSED = "status of 422"
STEP_SECONDS = 30


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def begin(page: Page, who: Login) -> None:
    """The first step: name and password."""
    page.goto("/login?next=/provinces/gia-lai/log")
    page.get_by_label("Tên đăng nhập").fill(who.login)
    page.get_by_label("Mật khẩu").fill(who.password)
    press(page, "Đăng nhập")
    expect(page.get_by_role("heading", name="Mã xác nhận")).to_be_visible()


def test_two_steps_without_javascript(
    phone: Phones, sign_in: SignIn, logins: dict[tuple[str, str], Login]
) -> None:
    page = sign_in(phone(java_script_enabled=False), "province_auditor", "gia-lai")
    page.goto("/account/second-factor")
    secret = re.findall(r"secret=(\w+)", page.content())[0]
    page.get_by_label("Mã 6 chữ số").fill(TOTP(secret).now())
    press(page, "Bật xác nhận hai bước")
    codes = page.locator("main code").all_inner_texts()
    assert len(codes) == 10

    back = phone(java_script_enabled=False, expected=(REFUSED,))
    who = logins["province_auditor", "gia-lai"]
    begin(back, who)
    back.goto("/provinces/gia-lai/log")
    assert "/login/code" in back.url
    back.get_by_label("Mã xác nhận").fill("000 000")
    press(back, "Đăng nhập")
    expect(back.get_by_label("Mã xác nhận")).to_have_accessible_description(re.compile("không đúng"))
    # The code that was typed on the other page opens nothing a second time; the one after it does.
    back.get_by_label("Mã xác nhận").fill(TOTP(secret).at(time.time() + STEP_SECONDS))
    press(back, "Đăng nhập")
    back.wait_for_url("**/provinces/gia-lai/log")

    lost = phone(java_script_enabled=False)
    begin(lost, who)
    lost.get_by_label("Mã xác nhận").fill(codes[0].upper())
    press(lost, "Đăng nhập")
    lost.wait_for_url("**/provinces/gia-lai/log")
    expect(lost.locator("main")).to_contain_text("dùng một mã dự phòng")

    back.goto("/account/second-factor")
    back.get_by_text("Bỏ điện thoại đang dùng").click()
    back.get_by_label("Mã đang hiện, hoặc một mã dự phòng").fill(codes[1])
    press(back, "Bỏ điện thoại này")
    expect(back.get_by_role("heading", name="1. Quét mã bằng ứng dụng tạo mã")).to_be_visible()


def test_its_pages_and_the_provinces_people_and_record_are_clean(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "province_administrator", "gia-lai")
    found = []
    for path in ("/account/second-factor", "/provinces/gia-lai/people", "/provinces/gia-lai/log"):
        page.goto(path)
        found += faults(page, path)

    assert not found, "\n".join(found)
