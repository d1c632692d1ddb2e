"""What the office of a committee with 330 cells sees of them, on a phone and at a desk."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import SignIn
from e2e.phones import Phones

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
sizes = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
RATE = re.compile(r"^([\d.]+)/([\d.]+) = (\d+),(\d) %$")


def at(phone: Phones, size: dict[str, int]) -> Page:
    """A phone, or the screen on a desk."""
    return (
        phone()
        if size is PHONE
        else phone(viewport=size, is_mobile=False, has_touch=False, device_scale_factor=1)
    )


def figures(page: Page) -> dict[str, str]:
    """The figures at the head of a page by their words."""
    lines = [
        text.replace("\xa0", " ").split("\n", 1) for text in page.locator(".figs .fig").all_inner_texts()
    ]
    return {line[0].strip(): " ".join(line[1].split()) for line in lines}


def adds_up(rate: str) -> tuple[int, int]:
    """Its two numbers, where the rate is the one that they give."""
    told = RATE.match(rate)
    assert told, rate
    part, base = (int(told[n].replace(".", "")) for n in (1, 2))
    assert (2000 * part + base) // (2 * base) == int(told[3] + told[4]), rate
    return part, base


def without_accents(text: str) -> str:
    """As somebody types who has no Vietnamese keyboard."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


@sizes
def test_the_office_sees_its_cells_and_what_each_of_them_did_this_month(
    phone: Phones, sign_in: SignIn, size: dict[str, int]
) -> None:
    page = sign_in(at(phone, size), "office")
    page.get_by_role("link", name="Chi bộ", exact=True).click()
    page.wait_for_url("**/cells")

    told, rows = figures(page), page.locator("tbody tr")
    states = Counter(page.locator("tbody .st").evaluate_all("found => found.map(one => one.dataset.s)"))
    held, due = adds_up(told[next(words for words in told if words.startswith("Chi bộ đã họp"))])
    assert (held, due) == (states["held"], rows.count()) == (held, 330)
    assert told["Đảng viên"] == "9.623"
    row = rows.filter(has=page.get_by_role("rowheader", name="Chi bộ Tổ dân phố 5, phường Thắng Lợi"))
    expect(row).to_contain_text("28")
    assert _cells_add_up(rows) == 9623


def _cells_add_up(rows: Locator) -> int:
    told = rows.locator("[data-label='Đảng viên']").all_inner_texts()
    return sum(int(number) for words in told for number in re.findall(r"\d+", words.replace(".", "")))


@sizes
def test_the_office_finds_members_by_names_typed_without_accents(
    phone: Phones, sign_in: SignIn, size: dict[str, int]
) -> None:
    page = sign_in(at(phone, size), "office", to="/pleiku/members")
    names = page.locator(".people .person").all_inner_texts()
    wanted = next(name for name in names if without_accents(name) != name.lower())

    page.get_by_label("Tìm theo tên").press_sequentially(without_accents(wanted))
    expect(page.locator("#results .person").first).to_have_text(wanted)
    expect(page).to_have_url(re.compile("q="))
    found = page.locator("#results .person").all_inner_texts()
    assert all(without_accents(wanted) in without_accents(name) for name in found), found
    assert re.fullmatch(r"[\d.]+ đồng chí", page.locator("#results > p").first.inner_text())

    page.get_by_label("Tìm theo tên").fill("không ai tên thế này")
    expect(page.locator("#results")).to_contain_text("Không tìm thấy ai")


@sizes
def test_the_office_sees_which_cells_met_which_did_not_and_which_have_not_reported(
    phone: Phones, sign_in: SignIn, size: dict[str, int]
) -> None:
    page = sign_in(at(phone, size), "office")
    page.get_by_role("link", name="Cuộc họp", exact=True).click()
    page.wait_for_url("**/meetings")
    assert {"held", "not_reported", "planned", "open"} <= _months_meetings(page)
    page.get_by_role("link", name="Tháng trước").click()
    page.wait_for_url(re.compile(r"month=\d{4}-\d\d"))
    assert {"held", "not_held"} <= _months_meetings(page)


def _months_meetings(page: Page) -> set[str]:
    """The states on the page of a month, whose rows give the figures above them."""
    rows = page.locator("tbody tr").evaluate_all(
        """rows => rows.map(row => [
             row.querySelector("th").innerText.split("\\n")[0], row.querySelector(".st").dataset.s,
             (row.querySelector('[data-label="Dự sinh hoạt"] span')?.textContent ?? "").replaceAll("\\u00a0", " "),
             row.innerText])"""
    )
    told = figures(page)
    assert adds_up(told["Chi bộ đã họp"])[0] == len({name for name, state, *_ in rows if state == "held"})
    pairs = [adds_up(rate) for _, state, rate, _ in rows if state == "held"]
    assert adds_up(told["Dự sinh hoạt"]) == (sum(part for part, _ in pairs), sum(base for _, base in pairs))
    silent = {name for name, state, *_ in rows if state == "not_reported"}
    assert adds_up(told["Chi bộ có kỳ chưa báo cáo"])[0] == len(silent)
    assert all(len(text.split("\n")) > 3 for _, state, _, text in rows if state == "not_held"), (
        "a reason is missing"
    )
    return {state for _, state, *_ in rows}


@sizes
def test_the_office_reads_a_cells_attendance_over_twelve_months_as_figures_and_as_a_chart(
    phone: Phones, sign_in: SignIn, size: dict[str, int]
) -> None:
    page = sign_in(at(phone, size), "office", to="/pleiku/cells")
    page.get_by_role("link", name="Chi bộ Tổ dân phố 5, phường Thắng Lợi").click()
    page.get_by_role("link", name="Chuyên cần").click()

    chart = page.get_by_role("img", name="Tỷ lệ dự sinh hoạt theo tháng")
    told = chart.locator("desc").text_content() or ""
    drawn = dict(month.split(": ", 1) for month in told.rstrip(".").split("; "))
    page.get_by_text("Xem bảng số liệu").click()
    table = page.get_by_role("table", name="Số đảng viên dự sinh hoạt theo tháng")
    months = table.get_by_role("rowheader").all_inner_texts()
    rates = [
        text.replace("\xa0", " ")
        for text in table.locator("td[data-label='Dự họp'] > span").all_inner_texts()
    ]
    assert len(months) == len(drawn) == 12
    for month, rate in zip(months, rates, strict=True):
        if rate == "chưa báo cáo":
            assert drawn[month] == rate
        else:
            assert drawn[month].split(" =")[0].replace(".", "") == "{}/{}".format(*adds_up(rate))
    assert sum(RATE.match(rate) is not None for rate in rates) >= 10
