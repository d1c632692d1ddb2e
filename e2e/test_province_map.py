"""The province on a map and its committees over months: by thumb, by keyboard, and without either drawing."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.phones import Phones

HOME = "/provinces/gia-lai"


def drawn(page: Page) -> Page:
    """The map is there: one shape a commune."""
    expect(page.locator("#map path.region")).to_have_count(135)
    return page


def focused(page: Page) -> str:
    """What the keyboard is on, as a screen reader says it."""
    name: str = page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")
    return name


def test_the_province_reads_a_commune_by_thumb_and_opens_it(phone: Phones, sign_in: SignIn) -> None:
    page = drawn(sign_in(phone(), "province_administrator", "gia-lai", to=f"{HOME}/map"))
    page.get_by_role("button", name="Phóng to").tap()
    placed = page.locator("#map path[role=link]")
    expect(placed.first).to_be_attached()

    placed.first.dispatch_event("click")
    told = page.locator(".map-told a")
    name, value = told.inner_text().split(": ", 1)
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))
    assert " ".join(row.locator("[data-value]").inner_text().split()) == " ".join(value.split())
    told.tap()
    page.wait_for_url(re.compile("/figures/"))
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_the_map_is_one_stop_of_the_keyboard_and_arrows_go_from_commune_to_commune(
    phone: Phones, sign_in: SignIn
) -> None:
    page = drawn(sign_in(phone(), "province_administrator", "gia-lai", to=f"{HOME}/map"))
    assert page.locator("#map path[tabindex='0']").count() == 1

    page.get_by_role("button", name="Thu nhỏ").focus()
    page.keyboard.press("Tab")
    first = focused(page)
    for key in ("ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    second = focused(page)
    page.keyboard.press("+")
    page.keyboard.press("Tab")

    assert ": " in first
    assert ": " in second
    assert first != second
    assert page.locator("#map path[tabindex='0']").count() == 1
    assert not page.evaluate("document.activeElement.closest('#map svg') !== null")


def test_every_class_of_the_map_has_a_pattern_and_a_number_of_its_own(phone: Phones, sign_in: SignIn) -> None:
    page = drawn(sign_in(phone(), "province_administrator", "gia-lai", to=f"{HOME}/map"))

    shapes = page.eval_on_selector_all(
        ".defs pattern", "all => all.map(one => [...one.children].map(c => c.outerHTML).join())"
    )
    assert len(set(shapes)) == len(shapes) == 7
    rows = page.get_by_role("row").filter(has=page.locator("[data-value]"))
    for row in rows.all()[:10]:
        fill = row.locator(".swatch rect").get_attribute("fill")
        group = row.locator("[data-label='Nhóm']").inner_text().strip()
        assert fill == (f"url(#p{int(group) - 1})" if group.isdigit() else fill)


def test_committees_are_compared_over_months(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai", to=f"{HOME}/comparison")
    page.get_by_label("Cấp ủy thứ 1").select_option(label="Thành ủy Pleiku")
    page.get_by_role("button", name="Xem").tap()
    page.wait_for_url(re.compile("c=pleiku"))

    chart = page.locator("#chart")
    expect(chart.locator(".legend li")).to_have_text(["Thành ủy Pleiku", "Toàn tỉnh"])
    expect(chart.locator("path.line.s0")).to_have_count(2)
    months = page.locator("#compared-table tbody tr")
    last = " ".join(months.last.get_by_role("cell").first.inner_text().split())
    expect(chart.locator(".map-told")).to_contain_text(last.replace(" ", "\xa0") if "\xa0" in last else last)
    chart.locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowLeft")
    before = months.nth(10)
    assert focused(page).startswith(before.get_by_role("rowheader").inner_text())
    assert chart.locator("[tabindex='0']").count() == 1


def test_without_script_the_tables_say_all(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(java_script_enabled=False), "province_administrator", "gia-lai", to=f"{HOME}/map")

    expect(page.locator("#map")).to_be_hidden()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Thành ủy Pleiku"))
    expect(row.locator("[data-value]")).to_contain_text("/330")
    page.goto(f"{HOME}/comparison?c=pleiku&indicator=met")
    expect(page.locator("#chart")).to_be_hidden()
    expect(page.locator("#compared-table tbody tr")).to_have_count(12)
