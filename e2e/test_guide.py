"""The user guide on a phone: found in the menu, readable, at home in light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.axe import faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.phones import Phones


def test_a_secretary_finds_the_guide_and_goes_from_page_to_page(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary", to="/pleiku/")
    page.locator("details.me summary").click()
    page.get_by_role("link", name="Hướng dẫn").tap()
    page.get_by_role("link", name="Điểm danh khi mất sóng").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Điểm danh khi mất sóng")
    picture = page.get_by_role("img", name="Mất kết nối")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("shown => shown.naturalWidth") == 720

    page.locator("a[rel=next]").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sửa khi bấm nhầm")
    page.get_by_role("link", name="Nền Nếp").first.tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chào đồng chí")


def test_the_guide_is_usable_by_everybody(phone: Phones) -> None:
    page = tall_phone(phone)
    found = faults_of(page, ["/guide", "/guide/roll-call", "/guide/minutes", "/guide/province"])

    assert not found, "\n".join(found)


def test_each_line_of_the_contents_is_wide_enough_for_a_thumb(phone: Phones, address: str) -> None:
    page = phone()
    page.goto(f"{address}/guide")

    heights = page.locator("main li > a").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) >= 14
    assert min(heights) >= 44
