"""The pages on which a province runs its committees, and what a committee sees of it: axe-core finds nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.fleet import HOME, look_at_table, path_of, run_through, suspend
from e2e.founding import REFUSED, found, new_name, press
from e2e.phones import Phones

PLEIKU = path_of("pleiku")


def opened(page: Page, path: str) -> list[str]:
    """A page with everything unfolded that it has folded."""
    page.goto(path)
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    return faults(page, f"{path} unfolded")


def test_the_fleet_and_a_committees_own_pages_are_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "province_administrator", "gia-lai")
    found_ = opened(page, f"{HOME}/fleet")
    found_ += faults_of(page, [f"{HOME}/fleet?q=zzz", f"{HOME}/fleet/erased", f"{HOME}/runs"])
    verbs = (
        "health",
        "name",
        "kind",
        "archiving",
        "merger",
        "merger?into=ayun-pa",
        "split",
        "exports",
        "erasure",
    )
    found_ += faults_of(page, [PLEIKU, *(f"{PLEIKU}/{verb}" for verb in verbs)])
    assert not found_, "\n".join(found_)


def test_founding_many_and_a_committee_on_its_way_out_are_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone, expected=(REFUSED,)), "province_administrator", "gia-lai")
    found_ = faults_of(page, [f"{HOME}/committees/many"])
    look_at_table(page, [("Đảng ủy xã", new_name(), "", "Siu Hương"), ("Liên xã", "Ia Sai", "", "Kpă Thuý")])
    found_ += faults(page, "preview of a list with a fault")
    press(page, "Lập 1 cấp ủy")
    found_ += opened(page, run_through(page))
    new = found(page, new_name())
    page.goto(f"{path_of(new.slug)}/exports")
    press(page, "Xuất dữ liệu")
    run_through(page)
    found_ += faults_of(page, [f"{path_of(new.slug)}/exports"])
    suspend(page, new.slug, "Chuyển hệ thống")
    page.goto(f"{path_of(new.slug)}/erasure")
    page.get_by_label("Lý do xóa hẳn").fill("—")
    page.get_by_label("Gõ lại địa chỉ ngắn").fill("nhầm")
    press(page, "Đề nghị xóa hẳn")
    found_ += faults(page, "erasure refused")
    assert not found_, "\n".join(found_)


def test_what_the_province_reads_and_sends_is_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "province_administrator", "gia-lai")
    found_ = opened(page, f"{HOME}/bulletins/new")
    found_ += faults_of(
        page,
        [
            f"{HOME}/{path}"
            for path in ("bulletins", "rules/new", "silent", "checks", "reports", "log?who=&action=")
        ],
    )
    page.goto(f"{HOME}/reports")
    month = page.locator("main a.row").first.get_attribute("href") or ""
    assert re.search(r"/reports/\d{4}-\d\d$", month)
    found_ += opened(page, month)
    assert not found_, "\n".join(found_)


def test_what_a_committee_sees_of_its_province_is_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "committee_administrator", "ayun-pa")
    found_ = opened(page, "/ayun-pa/figures")
    found_ += faults_of(
        page, [f"/ayun-pa/{path}" for path in ("classification", "bulletins", "silent", "support", "looks")]
    )
    page.goto("/ayun-pa/classification")
    form = page.get_by_role("rowheader").get_by_role("link").first.get_attribute("href") or ""
    found_ += faults_of(page, [form])
    assert not found_, "\n".join(found_)


def test_the_country_is_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "country_viewer", "country")
    assert not (found_ := opened(page, "/country")), "\n".join(found_)
