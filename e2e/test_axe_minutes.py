"""The pages of minutes for each of their readers: axe-core finds nothing, and nothing is wider than a small phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.desks import wait_for
from e2e.founding import REFUSED, press
from e2e.papers import Paper
from e2e.phones import Phones

MINUTES = "/ayun-pa/minutes"


def first_read(page: Page) -> str:
    """The path of a document of the demonstration, once one has been read."""
    hits = page.locator("#results .hit h2 a")

    def any_hit() -> bool:
        page.goto(f"{MINUTES}/search?q=bien+ban")
        return hits.count() > 0

    wait_for(page, any_hit, "nothing has been read")
    path = hits.first.get_attribute("href") or ""
    Paper(page, path).visit().ready()
    return path


def test_the_office_finds_every_page_of_minutes_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone, expected=(REFUSED,)), "committee_administrator", "ayun-pa")
    paper = Paper(page, first_read(page))
    path = paper.path
    found = faults_of(
        page,
        [
            MINUTES,
            f"{MINUTES}?q=zzz",
            path,
            f"{path}?q=bien+ban&zoom=2",
            f"{path}?edit=1",
            f"{path}/figures",
            f"{MINUTES}/search?q=bien+ban",
            f"{MINUTES}/search?q=zzz&since=nonsense",
            f"{MINUTES}/bin",
            "/ayun-pa/looks",
        ],
    )
    page.goto(MINUTES)
    page.locator("main a", has_text="Tháng trước").click()
    page.wait_for_url("**month=*")
    found += faults(page, "the board of last month")
    paper.visit().throw_away(" ")
    expect(page.locator("[aria-invalid]")).to_be_visible()
    found += faults(page, "no reason for throwing away")
    page.get_by_label("Lý do xóa").fill("Chụp nhầm")
    press(page, "Xóa biên bản")
    page.wait_for_url("**/bin")
    found += faults(page, "the bin with minutes")
    found += faults_of(page, [path])
    press(page, "Khôi phục")
    expect(page.get_by_role("button", name="Khôi phục")).to_have_count(0)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", ["secretary", "member"])
def test_everybody_of_a_cell_finds_every_page_of_minutes_usable(
    phone: Phones, sign_in: SignIn, role: str
) -> None:
    page = sign_in(tall_phone(phone), role, "ayun-pa")
    path = first_read(page)
    found = faults_of(page, [MINUTES, path, f"{path}/figures", f"{MINUTES}/search"])
    assert not found, "\n".join(found)
