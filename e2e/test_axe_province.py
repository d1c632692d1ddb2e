"""The province's pages of figures: axe-core finds nothing in light and dark, none is wider than a small phone."""

from __future__ import annotations

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.phones import Phones

HOME = "/provinces/gia-lai"


def test_the_province_finds_every_page_of_figures_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "province_administrator", "gia-lai")
    page.goto(f"{HOME}/")
    for summary in page.locator("main summary").all():
        summary.evaluate("summary => { summary.parentElement.open = true }")
    found = faults(page, "figures, all of it opened")
    found += faults_of(
        page,
        [f"{HOME}/?show={group}" for group in ("members", "meetings", "work", "quality")]
        + [f"{HOME}/?q=zzz", f"{HOME}/?month=2020-01"],
    )
    page.goto(f"{HOME}/figures/pleiku?months=24")
    for summary in page.locator("main summary").all():
        summary.evaluate("summary => { summary.parentElement.open = true }")
    found += faults(page, "one committee, all of it opened")
    assert not found, "\n".join(found)


def test_the_province_finds_its_map_and_its_comparison_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "province_administrator", "gia-lai")
    page.goto(f"{HOME}/map?indicator=attendance")
    page.locator("#map path.region").last.focus()
    found = faults(page, "map")
    page.goto(f"{HOME}/comparison?c=pleiku")
    page.locator("#chart [tabindex='0']").focus()
    found += faults(page, "comparison")
    assert not found, "\n".join(found)
