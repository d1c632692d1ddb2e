"""The pages of assigned work for each of their readers: axe-core finds nothing, none is wider than a small phone."""

from __future__ import annotations

import re

import pytest

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.founding import REFUSED
from e2e.phones import Phones
from e2e.test_assignments_desk import PHOTO, give, own_name


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
