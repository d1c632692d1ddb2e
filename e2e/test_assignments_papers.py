"""Assigned work as paper: the list and an annex downloaded, a member's year printed on sheets of A4."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.axe import faults, tall_phone
from e2e.conftest import SignIn
from e2e.phones import Phones


def downloaded(page: Page, name: str) -> bytes:
    """What a link gives to keep."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).first.click()
    path = download.value.path()
    return Path(path).read_bytes()


def test_the_list_is_taken_home_in_three_ways(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary", to="/pleiku/assignments")
    page.get_by_text("Tải danh sách này về").click()

    kept = [downloaded(page, name) for name in ("Excel (.xlsx)", "Phụ lục Word (.docx)", "Phụ lục PDF")]

    assert [content[:4] for content in kept] == [b"PK\x03\x04", b"PK\x03\x04", b"%PDF"]


def test_a_year_is_found_from_the_cell_and_printed_without_what_can_only_be_pressed(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(), "secretary")
    page.get_by_role("link", name="Chi bộ", exact=True).click()
    person = page.locator(".people a.person").first
    name = " ".join(person.inner_text().split())
    person.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.locator(".months a").first.click()
    expect(page.locator(".months strong")).to_have_text(re.compile(r"^\d{4}$"))

    page.emulate_media(media="print")

    expect(page.get_by_text("Kết quả việc được giao")).to_be_visible()
    expect(page.get_by_text("Ghi một lần liên hệ")).to_be_hidden()
    expect(page.locator(".dock")).to_be_hidden()
    page.emulate_media(media="screen")


def test_the_pages_of_papers_are_for_everybodys_eyes(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "secretary")
    page.get_by_role("link", name="Chi bộ", exact=True).click()
    page.locator(".people a.person").first.click()
    page.get_by_text("Ghi một lần liên hệ").click()
    found = faults(page, "year")
    page.goto("/pleiku/resolutions")
    found += faults(page, "resolutions")
    page.get_by_role("link", name=re.compile(r"\d{4}")).first.click()
    found += faults(page, "resolution")

    assert found == []
