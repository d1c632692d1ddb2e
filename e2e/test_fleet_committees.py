"""The province founds committees from a list, finds them again, gives one a limit, a name, a rest; and merges two."""

from __future__ import annotations

import re
from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.fleet import HOME, bring_in_eleven, look_at_table, path_of, row_of, run_through
from e2e.founding import REFUSED, accept, found, new_name, press
from e2e.phones import Phones

CLOSED = r"status of 423"


def invitations(page: Page, run: str) -> dict[str, str]:
    """The file that a run of founding gives once: the link of each committee's invitation, by path."""
    page.goto(run)
    with page.expect_download() as coming:
        press(page, "Tải các lời mời")
    rows = list(load_workbook(BytesIO(coming.value.path().read_bytes())).worksheets[0].values)
    told = {str(row[1]).strip("/"): str(row[3]) for row in rows[1:]}
    assert all("/invitations/" in link for link in told.values())
    return told


def test_a_list_becomes_committees_and_one_gets_another_name_and_a_rest(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(expected=(REFUSED,)), "province_administrator", "gia-lai")
    name = new_name()
    slugs = [f"{name.lower().replace(' ', '-')}-{n}" for n in (1, 2, 3)]
    good = [
        ("Đảng ủy xã", f"{name} {way}", slug, "Siu Hương")
        for way, slug in zip(("Thượng", "Đông", "Hạ"), slugs, strict=True)
    ]
    look_at_table(page, [*good, ("Liên xã", f"{name} Tây", "", "Kpă Thuý")])
    fault = page.locator("section[aria-labelledby=rejected] li")
    expect(fault).to_have_count(1)
    expect(fault).to_contain_text(f"Dòng 5: {name} Tây")
    expect(fault.locator(".err")).not_to_be_empty()
    press(page, "Lập 3 cấp ủy")
    run = run_through(page)
    expect(page.locator("#status")).to_contain_text("3/3")
    links = invitations(page, run)
    assert sorted(links) == slugs

    office = accept(phone(expected=(CLOSED,)), links[slugs[0]], f"quantri.{slugs[0]}")
    page.goto(path_of(slugs[0]))
    page.get_by_role("link", name="Đổi tên").tap()
    page.get_by_label("Tên mới", exact=True).fill(other := new_name())
    press(page, "Đổi tên")
    page.wait_for_url(f"**{path_of(slugs[0])}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Đảng ủy xã {other}")
    expect(page.locator("#status")).to_contain_text(f"{name} Thượng")
    office.goto(f"/{slugs[0]}/")
    expect(office.locator("header").first).to_contain_text(other)

    page.get_by_role("link", name="Lưu trữ").tap()
    page.get_by_label("Lý do lưu trữ").fill("Nghỉ để sắp xếp lại")
    page.get_by_label("Tôi đã đọc và đồng ý lưu trữ").check()
    press(page, "Lưu trữ")
    expect(page.locator("#status")).to_contain_text("đã lưu trữ")
    answer = office.goto(f"/{slugs[0]}/meetings")
    assert answer is not None
    assert answer.status == 423
    expect(office.locator("main")).to_contain_text("Nghỉ để sắp xếp lại")
    press(page, "Đưa trở lại")
    expect(page.locator("#status")).to_contain_text("đang hoạt động")
    office.goto(f"/{slugs[0]}/")
    expect(office.locator("header").first).to_contain_text(other)


def test_a_committee_is_found_without_accents_and_gets_a_limit(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(expected=(REFUSED,)), "province_administrator", "gia-lai", to=f"{HOME}/fleet")
    page.get_by_role("searchbox").fill("de gi")
    page.get_by_role("button", name="Tìm", exact=True).tap()
    page.wait_for_url(re.compile("q=de"))
    expect(page.get_by_role("rowheader").first).to_contain_text("Đảng ủy xã Đề Gi")
    attention = page.get_by_role("link", name=re.compile("Cần chú ý"))
    attention.tap()
    page.wait_for_url(re.compile("need=attention"))
    expect(attention).to_have_attribute("aria-current", "true")
    page.get_by_role("rowheader").get_by_role("link", name=re.compile("Không hoạt động 30 ngày")).first.tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sức khỏe và hạn mức")
    limit = page.get_by_label("Đảng viên nhiều nhất")
    limit.fill("không")
    press(page, "Lưu hạn mức")
    expect(limit).to_have_accessible_description(re.compile("Xin ghi một số"))
    expect(limit).to_have_value("không")
    limit.fill("19.000")
    press(page, "Lưu hạn mức")
    expect(page.locator(".facts")).to_contain_text("/ 19.000")
    limit.fill("")
    press(page, "Lưu hạn mức")
    expect(page.locator(".facts")).not_to_contain_text("/ 19.000")


def test_a_committee_merges_into_another_and_its_address_says_where(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai")
    old, new = found(page, new_name()), found(page, new_name())
    office = accept(phone(expected=(CLOSED,)), old.link, f"quantri.{old.slug}")
    bring_in_eleven(office, old.slug)

    page.goto(path_of(old.slug))
    page.get_by_role("link", name="Sáp nhập vào cấp ủy khác").tap()
    page.get_by_label("Sáp nhập vào").select_option(new.slug)
    press(page, "Xem trước")
    told = page.locator("section[aria-labelledby=told]")
    expect(told).to_contain_text(f"{old.title} vào {new.title}")
    # Eleven members, told in tens: exactly, they would tell what the figures hide.
    expect(told.locator(".figs")).to_contain_text("20")
    page.get_by_label("Tôi đã xem và đồng ý sáp nhập").check()
    press(page, "Sáp nhập")
    run_through(page)

    page.goto(path_of(old.slug))
    expect(page.locator("#status")).to_contain_text("đã lưu trữ")
    page.locator("#status").get_by_role("link", name=new.title).tap()
    expect(page.locator("#status")).to_contain_text(f"Nhận 1 chi bộ từ {old.title}")
    page.goto(f"{HOME}/fleet?q={new.title.removeprefix('Đảng ủy xã ')}")
    expect(row_of(page, new.slug)).to_be_visible()
    answer = office.goto(f"/{old.slug}/members")
    assert answer is not None
    assert answer.status == 423
    expect(office.locator("main")).to_contain_text(new.title)
    expect(office.locator(f"main a[href*='/{new.slug}']")).to_be_visible()
