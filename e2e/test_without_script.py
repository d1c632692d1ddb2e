"""An old phone that runs no script."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.conftest import SignIn
from e2e.phones import Phones
from e2e.rolls import Roll, percent, plan


def test_the_secretary_takes_the_roll_without_javascript(phone: Phones, sign_in: SignIn) -> None:
    planner = sign_in(phone(), "secretary")
    meeting = plan(planner)
    a, b, *_ = Roll(planner, meeting).visit().numbers()
    page = sign_in(phone(java_script_enabled=False, expected=("status of 422",)), "secretary")
    page.goto(f"{meeting}/roll-call")
    roll = page.locator("#roll")

    page.get_by_role("button", name="Mở điểm danh").tap()
    expect(roll).to_have_attribute("data-state", "open")
    page.locator(f"#m{a} > button").tap()
    expect(page.locator(f"#m{a}")).to_have_attribute("data-s", "present")
    page.locator(f"#m{b} > a").tap()
    page.get_by_label("vắng có lý do").check()
    page.locator("[name=reason]").fill("ốm")
    page.get_by_role("button", name="Ghi", exact=True).tap()
    expect(page.locator(f"#m{b}")).to_contain_text("vắng có lý do: ốm")
    page.locator("section[data-group='1'] .rest").tap()
    expect(page.locator("section[data-group='1'] li[data-s=not_called]")).to_have_count(0)

    page.get_by_role("button", name="Khóa điểm danh").tap()
    expect(page.get_by_role("alert")).to_contain_text("chưa gọi")
    page.locator("[name=rest_absent]").check()
    page.get_by_role("button", name="Khóa điểm danh").tap()
    page.wait_for_url(f"**{meeting}")
    page.goto(f"{meeting}/roll-call")
    expect(roll).to_have_attribute("data-state", "closed")
    attending = page.locator("#marks li[data-s=present]").count()
    assert page.locator("#rate").inner_text().replace("\xa0", " ") == percent(attending, 123)
