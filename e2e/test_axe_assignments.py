"""The pages of assigned work for each of their readers: axe-core finds nothing, none is wider than a small phone."""

from __future__ import annotations

import re

import pytest

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.founding import REFUSED
from e2e.phones import Phones
from e2e.test_assignments_desk import PHOTO, give, own_name
from e2e.test_assignments_meeting import prepared


def test_the_secretary_finds_every_page_of_work_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone, expected=(REFUSED,)), "secretary")
    member = sign_in(tall_phone(phone), "member")
    address = give(page, "Rà soát danh sách hộ nghèo của tổ", own_name(member))
    for summary in page.locator("summary", has_text=re.compile("^(?!.*Tài khoản)")).all():
        summary.evaluate("summary => { summary.parentElement.open = true }")
    found = faults(page, "one piece of work, all of it opened")
    page.get_by_label("Đính kèm ảnh hoặc tệp PDF").set_input_files(PHOTO)
    page.get_by_role("button", name="Gửi tệp").click()
    page.wait_for_url("**#files")
    found += faults(page, "with evidence")
    page.goto(address)
    page.get_by_label("Đính kèm ảnh hoặc tệp PDF").set_input_files(__file__)
    page.get_by_role("button", name="Gửi tệp").click()
    page.locator("#e-file").wait_for()
    found += faults(page, "a file that was refused")
    page.goto("/pleiku/assignments")
    page.get_by_role("link", name="Bảng việc").click()
    board = page.url
    paths = [
        board,
        f"{board}?by=person",
        "/pleiku/",
        "/pleiku/work",
        "/pleiku/assignments",
        "/pleiku/assignments?q=zzz",
        "/pleiku/assignments?state=live&due=overdue&since=x",
        "/pleiku/assignments/new",
    ]
    found += faults_of(page, paths)
    page.get_by_role("button", name="Giao việc").evaluate(
        "button => { button.form.noValidate = true; button.click() }"
    )
    page.locator("#errors").wait_for()
    found += faults(page, "giving refused")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", ["member", "group_leader", "office"])
def test_everybody_finds_their_pages_of_work_usable(phone: Phones, sign_in: SignIn, role: str) -> None:
    page = sign_in(tall_phone(phone), role)
    found = faults_of(
        page, ["/pleiku/", "/pleiku/work", "/pleiku/assignments", "/pleiku/assignments?state=live"]
    )
    line = page.locator(".rows.work a")
    if line.count():
        line.first.click()
        page.wait_for_url(re.compile(r"/assignments/\d+$"))
        found += faults(page, f"a piece of work, by {role}")
    assert not found, "\n".join(found)


def test_the_secretary_finds_a_meetings_work_usable_with_each_sheet_open(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(tall_phone(phone), "secretary")
    work, old = prepared(page)
    work.visit()
    found = faults(page, "a meeting's work")
    work.visit()
    work.person(work.people()[0]).locator("label").click()
    work.sheet.locator("[name=due]").select_option("other")
    found += faults(page, "giving")
    work.visit()
    work.task(old[1]).get_by_text("Chưa xong", exact=True).click()
    page.locator("dialog.sheet[open]").wait_for()
    found += faults(page, "not done")
    assert not found, "\n".join(found)


def test_what_was_told_in_two_ways_and_usual_work_are_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone, expected=(REFUSED,)), "secretary")
    page.goto("/pleiku/assignments")
    page.get_by_role("link", name="Bảng việc").click()
    cell = page.url.removesuffix("/assignments")
    page.locator(".board li", has_text="Ghi khác nhau").first.get_by_role("link").click()
    page.locator(".conflict").first.wait_for()
    found = faults(page, "told in two ways")
    found += faults_of(page, [f"{cell}/usual-work"])
    page.goto(f"{cell}/usual-work")
    page.locator("summary", has_text="Thêm việc thường kỳ").click()
    found += faults(page, "new usual work")
    page.goto(f"{cell}/usual-work")
    page.locator("summary", has_text="Thêm việc thường kỳ").click()
    page.get_by_role("button", name="Ghi lại").evaluate(
        "button => { button.form.noValidate = true; button.click() }"
    )
    page.locator("#errors").wait_for()
    found += faults(page, "usual work refused")
    page.goto(f"{cell}/usual-work")
    page.locator("main .rows a").first.click()
    page.wait_for_url("**/usual-work/*")
    for summary in page.locator("main summary").all():
        summary.evaluate("summary => { summary.parentElement.open = true }")
    found += faults(page, "one usual work, all of it opened")
    assert not found, "\n".join(found)


def test_the_office_finds_figures_resolutions_and_links_to_members_usable(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(tall_phone(phone), "committee_administrator")
    page.goto("/pleiku/people")
    page.get_by_label("Công việc").select_option("Bí thư chi bộ")
    page.get_by_label("Chi bộ", exact=False).first.select_option(index=3)
    page.get_by_role("button", name="Tạo lời mời").click()
    page.get_by_label("Đường dẫn của lời mời").wait_for()
    page.goto("/pleiku/people")
    links = [
        page.locator(f"main a[href*='/{kind}/'][href$='/member']").first.get_attribute("href") or ""
        for kind in ("grants", "invitations")
    ]
    page.goto("/pleiku/resolutions")
    year = page.evaluate("new Date().getFullYear()")
    cell = page.get_by_label(re.compile("của một chi bộ")).locator("option").nth(1).get_attribute("value")
    found = faults_of(
        page,
        [
            "/pleiku/people",
            *links,
            "/pleiku/assignments/figures",
            "/pleiku/assignments/figures?month=2020-01",
            "/pleiku/resolutions",
            f"/pleiku/resolutions/{year}",
            f"/pleiku/resolutions/{year}?cell={cell}",
        ],
    )
    assert not found, "\n".join(found)
