"""The province's page: how many, out of how many, counted when; never who."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from e2e.conftest import SignIn
from e2e.founding import found, new_name
from e2e.phones import Phones
from e2e.test_office_pages import adds_up, figures

_FIGURES = (
    "/provinces/gia-lai/figures/pleiku",
    "/provinces/gia-lai/map",
    "/provinces/gia-lai/comparison?c=pleiku",
)
AT = re.compile(r"\d\d:\d\d, \d\d/\d\d/\d{4}")


def row_of(page: Page, committee: str) -> Locator:
    """A committee's row."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=committee, exact=True))


def value(row: Locator, words: str) -> str:
    """One value of a row by the words of its column."""
    return row.locator(f"[data-label='{words}']").inner_text().replace("\xa0", " ").strip()


def test_the_province_sees_counts_with_their_base_and_when_they_were_counted(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai")

    row = row_of(page, "Thành ủy Pleiku")
    held, cells = adds_up(value(row, "Chi bộ đã họp"))
    assert cells == 330
    assert value(row, "Đảng viên") == "9.623"
    silent, of = adds_up(value(row, "Chi bộ chưa báo cáo"))
    assert of == cells
    assert silent <= cells - held
    part, base = adds_up(value(row, "Dự sinh hoạt"))
    assert 0 < part < base < 9623
    assert AT.search(value(row, "Tính lúc"))
    total = adds_up(figures(page)["Dự sinh hoạt"])
    others = [
        row_of(page, name) for name in page.get_by_role("rowheader").get_by_role("link").all_inner_texts()
    ]
    rates = [adds_up(told) for told in (_maybe(one, "Dự sinh hoạt") for one in others) if "=" in told]
    assert total == (sum(a for a, _ in rates), sum(b for _, b in rates))
    page.get_by_text("Cách tính", exact=True).tap()
    expect(page.get_by_role("definition").filter(has_text="Lượt có mặt và đến muộn")).to_be_visible()

    page.get_by_role("link", name="Đảng viên", exact=True).tap()
    page.wait_for_url(re.compile("show=members"))
    # Hidden where it is the one that covers a small number of another committee.
    probationary = value(row_of(page, "Thành ủy Pleiku"), "Đảng viên dự bị")
    assert probationary == "ẩn" or adds_up(probationary) == (57, 9623)


def test_the_province_finds_a_committee_and_reads_its_year(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai")
    attendance = value(row_of(page, "Thành ủy Pleiku"), "Dự sinh hoạt")

    page.get_by_label("Tìm cấp ủy").fill("pleiku")
    page.get_by_label("Xếp theo").select_option(label="Dự sinh hoạt: cao đến thấp")
    page.get_by_role("button", name="Xem").tap()
    page.wait_for_url(re.compile("q=pleiku"))
    link = page.get_by_role("rowheader").get_by_role("link", name="Thành ủy Pleiku")
    link.tap()
    page.wait_for_url(re.compile("/figures/pleiku"))

    expect(page.get_by_role("heading", name="Thành ủy Pleiku")).to_be_visible()
    mine = page.get_by_role("row").filter(has=page.get_by_text("Dự sinh hoạt", exact=True)).first
    assert value(mine, "Cấp ủy này") == attendance
    months = page.get_by_role("table", name="Số liệu từng tháng").get_by_role("rowheader")
    expect(months).to_have_count(12)
    page.get_by_role("link", name="24 tháng").tap()
    expect(months).to_have_count(24)


def _maybe(row: Locator, words: str) -> str:
    return value(row, words) if row.locator(f"[data-label='{words}']").count() else ""


def test_the_province_goes_back_month_by_month_to_where_nobody_had_reported(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai")
    this_month = value(row_of(page, "Thành ủy Pleiku"), "Dự sinh hoạt")

    page.get_by_role("link", name="Tháng trước").tap()
    page.wait_for_url(re.compile(r"month="))
    assert value(row_of(page, "Thành ủy Pleiku"), "Dự sinh hoạt") != this_month
    assert row_of(page, "Thành ủy Pleiku").locator("[data-label='Báo cáo']").count() == 0

    page.goto("/provinces/gia-lai/?month=2020-01")
    # Nobody was here then: nobody owes anything, and nothing of nobody is a zero.
    expect(page.locator("main")).to_contain_text("Tháng này chưa cấp ủy nào dùng hệ thống")
    expect(page.get_by_role("row")).to_have_count(0)
    assert not re.search(r"\b0/|\b0,0 %", page.locator("main").inner_text())
    expect(page.get_by_role("link", name="Tháng sau")).to_be_visible()


def test_the_province_tells_a_committee_without_members_from_one_that_has_not_reported(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai")
    new = found(page, new_name())

    page.goto("/provinces/gia-lai/")
    row = page.get_by_role("row").filter(has=page.locator(f"a[href$='/{new.slug}']"))
    # Before its first cell there is nothing to be counted, and no rate of nothing.
    expect(row).to_contain_text(re.compile("chưa (báo cáo|có số liệu|có chi bộ)"))
    assert not re.search(r"\d+/\d+ =|%", row.inner_text())


def test_the_province_sees_no_members_name(phone: Phones, sign_in: SignIn) -> None:
    secretary = sign_in(phone(), "secretary")
    secretary.get_by_role("link", name="Chi bộ", exact=True).tap()
    people = secretary.locator("section[aria-labelledby^='g'] .people .person")
    expect(people).to_have_count(151)
    names = people.all_inner_texts()

    page = sign_in(phone(), "province_administrator", "gia-lai")
    for path in ("/provinces/gia-lai/", "/provinces/gia-lai/committees/pleiku", *_FIGURES):
        page.goto(path)
        expect(page.locator("main")).to_contain_text("Pleiku")
        told = page.locator("main").inner_html()
        assert not [name for name in names if name in told]
