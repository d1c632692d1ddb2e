"""A phone whose session ends, and a phone that two people use."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.cut import Cut, plain_answer
from e2e.phones import Phones
from e2e.product import Login
from e2e.rolls import Roll, percent, plan


def test_a_session_that_ends_under_queued_marks_loses_nothing(
    phone: Phones, sign_in: SignIn, logins: dict[tuple[str, str], Login]
) -> None:
    page = sign_in(phone(expected=("status of 401",)), "secretary")
    roll = Roll(page, plan(page)).visit().begin()
    a, b, *_ = roll.numbers()

    page.context.clear_cookies()
    roll.present(a)
    notice = page.locator("#notice-login")
    expect(notice).to_contain_text("Đăng nhập lại để gửi 1 lượt")
    roll.present(b)
    roll.unsent(2)
    notice.get_by_role("link", name="Đăng nhập lại").tap()
    who = logins["secretary", "pleiku"]
    page.get_by_label("Tên đăng nhập").fill(who.login)
    page.get_by_label("Mật khẩu").fill(who.password)
    page.get_by_role("button", name="Đăng nhập").tap()

    page.wait_for_url(f"**{roll.meeting}/roll-call")
    roll.ready().sent()
    expect(notice).to_have_count(0)
    assert roll.rate() == percent(2, 123)


def test_what_one_person_left_unsent_waits_for_that_person(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address, expected=("status of 500",)), "secretary")
    # Kept before anybody logs out: else a slow phone would still be keeping the page while it is asked below.
    roll = Roll(page, plan(page)).visit().kept().begin()
    no, other, *_ = roll.numbers()
    cut.answer = lambda asked: plain_answer(500) if asked.path.endswith("/marks") else None
    roll.present(no)
    roll.unsent(1)

    _log_out(page)
    page.locator("dialog.ask button[value=send]").tap()
    expect(page.locator("dialog.ask")).to_contain_text("vẫn đang đăng nhập")
    page.locator("dialog.ask button").tap()
    page.locator("#logout button").tap()
    page.locator("dialog.ask button[value=keep]").tap()
    page.wait_for_url("**/login")
    assert not page.evaluate("caches.keys().then(names => names.filter(name => name.startsWith('pages-')))")

    cut.answer = lambda asked: None
    sign_in(page, "deputy")
    expect(page.locator("#notice-others")).to_contain_text("1 lượt chưa gửi của tài khoản khác")
    roll.visit().shows(no, "not_called")
    roll.present(other)
    roll.sent()
    assert roll.history(no) == []

    _log_out(page)
    page.wait_for_url("**/login")
    sign_in(page, "secretary")
    roll.visit().shows(no, "present")
    roll.sent()
    assert len(roll.history(no)) == 1


def _log_out(page: Page) -> None:
    page.locator("details.me summary").tap()
    page.locator("#logout button").tap()
