"""Who reads English better: the same pages, no Vietnamese word in the frame, and back again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.phones import Phones

# Letters that only Vietnamese has; names of people, places and groups stay as they are.
VIETNAMESE = re.compile(
    "[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE
)
NAMES = ("Thành ủy Pleiku", "Chi bộ Tổ dân phố 5, phường Thắng Lợi", "Gia Lai", "Tiếng Việt", "Nền Nếp")
FRAME = (
    ".nav a, main h1, main h2, main .btn, main label:not(.tick), main legend, main thead th, "
    "main .fig > span:first-child, main .st"
)


def in_english(page: Page) -> Page:
    """Choose English in the account's menu."""
    page.locator(".me summary").tap()
    page.get_by_role("button", name="English").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    return page


def left_in_vietnamese(page: Page, paths: list[str]) -> list[str]:
    """What is still Vietnamese in the frame of these pages."""
    found = []
    for path in paths:
        page.goto(path)
        given = page.locator(".me summary").inner_text().split()[-1]
        for text in page.locator(FRAME).all_inner_texts():
            bare = text.replace("\xa0", " ")
            for name in (*NAMES, given):
                bare = bare.replace(name, "")
            bare = re.sub(r"Tổ \d+", "", bare)
            if VIETNAMESE.search(bare):
                found.append(f"{path}: {' '.join(text.split())}")
    return sorted(set(found))


def test_the_office_reads_its_pages_in_english_and_goes_back(phone: Phones, sign_in: SignIn) -> None:
    page = in_english(sign_in(phone(), "office"))
    pages = ["", "/meetings", "/meetings/new", "/members", "/members/imports/new"]
    assert left_in_vietnamese(page, [f"/pleiku{path or '/'}" for path in pages]) == []

    page.locator(".me summary").tap()
    page.get_by_role("button", name="Tiếng Việt").tap()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator(".nav")).to_contain_text("Việc")


def test_the_secretary_reads_the_roll_in_english(phone: Phones, sign_in: SignIn) -> None:
    page = in_english(sign_in(phone(), "secretary"))
    meeting = page.locator("main a.btn.link").first.get_attribute("href") or ""
    assert left_in_vietnamese(page, ["/pleiku/", meeting, f"{meeting}/roll-call"]) == []


def test_the_province_reads_its_figures_in_english(phone: Phones, sign_in: SignIn) -> None:
    page = in_english(sign_in(phone(), "province_administrator", "gia-lai"))
    assert left_in_vietnamese(page, ["/provinces/gia-lai/", "/provinces/gia-lai/committees/pleiku"]) == []


def test_a_stranger_chooses_english_before_logging_in(phone: Phones) -> None:
    page = phone()
    page.goto("/login")
    page.get_by_role("button", name="English").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert left_in_vietnamese_without_menu(page) == []


def left_in_vietnamese_without_menu(page: Page) -> list[str]:
    """The same for the page of somebody who is not logged in."""
    return [text for text in page.locator(FRAME).all_inner_texts() if VIETNAMESE.search(text)]
