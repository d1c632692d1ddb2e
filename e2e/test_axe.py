"""Every page for every reader: axe-core finds nothing, in light and dark, and nothing is wider than a small phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.founding import LISTS, NO_SUCH_PAGE, REFUSED, accept, found, look_at_list, new_name, press
from e2e.phones import Phones
from e2e.rolls import Roll, plan

CLOSED = r"status of 423"


def test_who_is_not_logged_in_finds_every_page_usable(phone: Phones) -> None:
    page = tall_phone(phone, expected=(NO_SUCH_PAGE, REFUSED))
    paths = [
        "/login",
        "/offline",
        "/invitations/nothing-behind-it",
        "/static/nothing",
        "/login?next=/pleiku/",
    ]
    found = faults_of(page, paths)
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill("ai-đó")
    page.get_by_label("Mật khẩu").fill("sai mật khẩu")
    press(page, "Đăng nhập")
    found += faults(page, "/login refused")
    assert not found, "\n".join(found)


def test_the_province_finds_every_page_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone, expected=(NO_SUCH_PAGE, REFUSED)), "province_administrator", "gia-lai")
    home = "/provinces/gia-lai/"
    found_ = faults_of(
        page,
        [
            "/places",
            home,
            f"{home}?month=2020-01",
            f"{home}committees/new",
            f"{home}committees/pleiku",
            "/pleiku/",
        ],
    )
    page.goto(f"{home}committees/new")
    press_without_checks(page, "Thêm cấp ủy")
    found_ += faults(page, "new committee refused")
    new = found(page, new_name())
    found_ += faults(page, "committee with its invitation")
    guest = tall_phone(phone, expected=(CLOSED,))
    found_ += faults_of(guest, [new.link])
    accept(guest, new.link, f"quantri.{new.slug}")
    found_ += faults_of(
        guest,
        [
            f"/{new.slug}{path}"
            for path in ("/", "/meetings", "/cells", "/members", "/members/imports/new", "/people")
        ],
    )
    page.goto(f"{home}committees/{new.slug}")
    page.get_by_text("Tạm ngừng cấp ủy này").click()
    found_ += faults(page, "about to suspend")
    page.get_by_label("Lý do tạm ngừng").fill("Sáp nhập xã")
    press(page, "Tạm ngừng")
    found_ += faults(page, "suspended")
    found_ += faults_of(guest, [f"/{new.slug}/"])
    assert not found_, "\n".join(found_)


def press_without_checks(page: Page, name: str) -> None:
    """The browser's own checks are off, so that the server's answer is what is looked at."""
    page.locator("main form").first.evaluate("form => form.noValidate = true")
    press(page, name)


def test_the_office_finds_every_page_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone, expected=(REFUSED,)), "committee_administrator", "ayun-pa")
    page.locator(".me summary").click()
    found = faults(page, "the account's menu")
    home = "/ayun-pa"
    page.goto(f"{home}/cells")
    cell = page.locator("tbody th a").first.get_attribute("href") or ""
    places = [
        "/",
        "/meetings",
        "/cells",
        "/meetings/new",
        "/members",
        "/members?q=zzz",
        "/members/imports/new",
        "/people",
    ]
    found += faults_of(page, [*(home + path for path in places), cell, f"{cell}?view=meetings"])
    page.goto(f"{cell}?view=attendance")
    page.get_by_text("Xem bảng số liệu").click()
    found += faults(page, "attendance")
    page.goto(f"{home}/meetings/new")
    page.get_by_label("Ngày").fill("")
    press_without_checks(page, "Lên lịch")
    found += faults(page, "meeting refused")
    look_at_list(page, "ayun-pa", LISTS / "dirty.xlsx")
    found += faults(page, "import preview")
    page.goto(f"{home}/people")
    page.get_by_label("Công việc").select_option("Văn phòng cấp ủy")
    press(page, "Tạo lời mời")
    found += faults(page, "people with an invitation")
    assert not found, "\n".join(found)


def test_the_secretary_finds_every_page_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone, expected=(REFUSED,)), "secretary", "ayun-pa")
    meeting = plan(page, "ayun-pa")
    cell = page.get_by_role("link", name="Chi bộ", exact=True).get_attribute("href") or ""
    found = faults_of(
        page,
        ["/ayun-pa/", "/ayun-pa/meetings", "/ayun-pa/meetings/new", cell, meeting, f"{meeting}/roll-call"],
    )
    roll = Roll(page, meeting).visit().begin()
    first, second, *_ = roll.numbers()
    roll.row(first).locator("> button").click()
    roll.sent()
    found += faults(page, "an open roll")
    roll.visit()
    roll.row(second).locator("> a").click()
    page.locator("#sheet button[value=absent_excused]").first.click()
    found += faults(page, "one person's sheet")
    found += faults_of(page, [f"{meeting}/entries/{first}"])
    roll.visit()
    page.locator("#closing button").click()
    found += faults(page, "the question before closing")
    page.locator("dialog.ask button[value=rest]").click()
    page.wait_for_url(re.compile(f"{meeting}$"))
    found += faults(page, "a closed meeting")
    found += faults_of(page, [f"{meeting}/roll-call", f"{meeting}/entries/{first}"])
    assert not found, "\n".join(found)


def test_everybody_else_of_a_cell_finds_every_page_usable(phone: Phones, sign_in: SignIn) -> None:
    found = []
    for role in ("group_leader", "member"):
        page = sign_in(tall_phone(phone), role)
        meeting = page.get_by_role("link", name="Xem chi tiết").first.get_attribute("href") or ""
        assert re.fullmatch("/pleiku/meetings/[0-9a-f-]{36}", meeting), role
        found += faults_of(page, ["/pleiku/", meeting, f"{meeting}/roll-call"])
    assert not found, "\n".join(found)
