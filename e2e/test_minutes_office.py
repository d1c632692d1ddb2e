"""Minutes after they left the phone: read by the workers, put right, confirmed, found, thrown away, fetched back."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from e2e.conftest import SignIn
from e2e.desks import BLURRED, MINUTES, TYPED, Desk
from e2e.founding import NO_SUCH_PAGE, REFUSED, accept, invite
from e2e.papers import Paper, look_for, send
from e2e.phones import Ear, Phones
from e2e.rolls import Roll, plan

DESK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "is_mobile": False,
    "has_touch": False,
    "device_scale_factor": 1,
}
ONE_PAGE_TWICE = sorted((MINUTES / "a4-khu-pho-12").glob("IMG20260804*.jpg"))[:2]
# Told of the typed page by its list of figures; of the roll by who was marked here.
ON_PAPER, ON_ROLL = "33", "3"
# In no other document of a product that is kept from run to run.
LATEST = f"{secrets.randbelow(10**6):06}"
CORRECTED, WITHOUT_ACCENTS = f"Trồng {LATEST} cây phượng dọc kè", f"trong {LATEST} cay phuong doc ke"
PLAINLY = f"Đường đèn số {LATEST}"


@dataclass(frozen=True)
class Sent:
    """The addresses of two documents of one cell: a typed page with one that is too blurred, and one page twice."""

    typed: str
    twice: str


@pytest.fixture(scope="module")
def sent(browser: Browser, browser_type: BrowserType, address: str, sign_in: SignIn) -> Sent:
    """The secretary takes a roll, and sends both from a phone; the workers begin to read."""
    phones = Phones(browser, browser_type, address, Ear())
    page = sign_in(phones(), "secretary")
    meeting = plan(page)
    roll = Roll(page, meeting).visit().begin()
    roll.present(*roll.numbers()[: int(ON_ROLL)])
    roll.sent()
    roll.close("rest")
    page.get_by_role("link", name="Chụp biên bản").tap()
    Desk(page, meeting).ready()
    typed = send(page, meeting, [TYPED[0], BLURRED])
    made = Sent(typed, send(page, plan(page), ONE_PAGE_TWICE, untouched=True))
    phones.close()
    assert not phones.ear.faults()
    return made


def test_the_office_reads_corrects_confirms_and_finds_what_a_cell_has_sent(
    phone: Phones, sign_in: SignIn, sent: Sent
) -> None:
    page = sign_in(phone(**DESK), "office", to="/pleiku/minutes")
    page.locator("main").get_by_role("link", name="Tất cả").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Biên bản")
    paper = Paper(page, sent.typed).visit().ready()
    page.goto("/pleiku/minutes?standing=ready")
    page.locator(f"main a[href='{sent.typed}']").click()
    _zooms(page)
    _finds_a_line_in_the_picture(page)
    paper.correct(5, CORRECTED).ready()
    first, _ = paper.pdf()
    assert CORRECTED in first
    assert "BIÊN BẢN" in first

    page.get_by_role("link", name="Xác nhận số liệu").click()
    present = paper.figure("present")
    expect(present).to_contain_text(f"Giấy: {ON_PAPER}")
    expect(present).to_contain_text(f"Điểm danh: {ON_ROLL}")
    expect(present.get_by_role("img")).to_be_visible()
    paper.confirm("present", "members_total").confirm()
    page.goto("/pleiku/minutes?standing=confirmed")
    expect(page.locator(f"main a[href='{sent.typed}']")).to_be_visible()

    found = look_for(page, WITHOUT_ACCENTS, sent.typed)
    expect(found).to_have_count(1)
    found.click()
    expect(page.locator(".lines li.hit mark").first).to_be_visible()
    expect(page.locator(".lines li.hit")).to_contain_text(CORRECTED)
    expect(page.locator(".paper rect.hit")).to_be_in_viewport()


def _zooms(page: Page) -> None:
    """Larger without a new page."""
    width = page.locator(".paper").evaluate("one => one.offsetWidth")
    page.evaluate("globalThis.same = true")
    page.get_by_role("link", name="2×").click()
    expect(page.locator(".pane")).to_have_class("pane z2")
    assert page.locator(".paper").evaluate("one => one.offsetWidth") > 1.9 * width
    assert page.evaluate("globalThis.same")


def _finds_a_line_in_the_picture(page: Page) -> None:
    """The number before a line leads to its place."""
    line = page.locator(".lines li").last
    number = (line.get_attribute("id") or "").removeprefix("t")
    line.get_by_role("link").click()
    place = page.locator(f"#l{number}")
    expect(place).to_be_in_viewport()
    assert place.evaluate("one => one.matches(':target')")


def test_a_page_too_blurred_to_be_read_is_said_to_be_so(phone: Phones, sign_in: SignIn, sent: Sent) -> None:
    paper = Paper(sign_in(phone(), "deputy"), sent.typed).visit().ready()
    expect(paper.leaf(2)).to_contain_text("chỉ có ảnh")
    paper.leaf(2).get_by_role("link").tap()
    told = paper.page.locator(".note.warn", has_text="Không đọc được chữ trên trang này")
    expect(told).to_be_visible()
    expect(paper.page.locator(".pane img")).to_be_visible()


def test_one_page_photographed_twice_is_told_and_dropped(phone: Phones, sign_in: SignIn, sent: Sent) -> None:
    paper = Paper(sign_in(phone(), "secretary"), sent.twice).visit().ready()
    assert len(paper.pdf()) == 2
    paper.leaf(2).get_by_role("link").tap()
    told = paper.page.locator(".note", has_text="Trang này giống")
    # A product that is kept has seen these pages before.
    expect(told).to_contain_text(re.compile("trang 1 của biên bản này|một trang của biên bản ngày"))
    told.get_by_role("button", name="Bỏ trang này").tap()
    expect(paper.leaf(2)).to_contain_text("đã bỏ")
    paper.ready()
    assert len(paper.pdf()) == 1


def test_the_secretary_of_another_cell_sees_nothing_of_it(phone: Phones, sign_in: SignIn, sent: Sent) -> None:
    office = sign_in(phone(), "committee_administrator", to="/pleiku/people")
    cell = office.get_by_label("Chi bộ", exact=False).first.locator("option").nth(20).inner_text()
    stranger = phone(expected=(NO_SUCH_PAGE,))
    accept(stranger, invite(office, "pleiku", "Bí thư chi bộ", cell), f"bithu.{secrets.token_hex(4)}")
    stranger.goto(sent.typed)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Không tìm thấy")
    for part in ("/figures", "/document.pdf", "/receipt"):
        assert stranger.request.get(sent.typed + part).status == 404
    stranger.goto("/pleiku/minutes")
    expect(stranger.locator(f"main a[href='{sent.typed}']")).to_have_count(0)
    look_for(stranger, "Diên Hồng", sent.typed)
    expect(stranger.locator("#results")).to_contain_text("Không tìm thấy biên bản nào")


def test_all_of_it_works_without_javascript(phone: Phones, sign_in: SignIn, sent: Sent) -> None:
    page = sign_in(phone(java_script_enabled=False, expected=(REFUSED,)), "deputy", to="/pleiku/minutes")
    page.locator(f"main a[href='{sent.twice}']").click()
    paper = Paper(page, sent.twice).reloaded_until_ready()
    page.get_by_role("link", name="3×").click()
    expect(page.locator(".pane")).to_have_class("pane z3")
    paper.correct(3, PLAINLY).reloaded_until_ready()
    page.get_by_role("link", name="Xác nhận số liệu").click()
    paper.confirm("present")
    expect(look_for(page, PLAINLY, sent.twice)).to_have_count(1)

    paper.visit().throw_away(" ")
    expect(page.locator("[name=reason]")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Lý do xóa").fill("Chụp nhầm sổ")
    page.get_by_role("button", name="Xóa biên bản", exact=True).click()
    row = page.locator("main li", has=page.locator(f"form[action='{sent.twice}/restoring']"))
    expect(row).to_contain_text("Chụp nhầm sổ")
    expect(look_for(page, PLAINLY, sent.twice)).to_have_count(0)
    page.goto("/pleiku/minutes/bin")
    row.get_by_role("button").click()
    expect(page.locator(".pane img")).to_be_visible()
    expect(look_for(page, PLAINLY, sent.twice)).to_have_count(1)


def test_the_administrator_sees_who_has_opened_a_document(phone: Phones, sign_in: SignIn, sent: Sent) -> None:
    reader = sign_in(phone(), "recorder", to=sent.typed)
    reader.locator("details.me summary").tap()
    name = reader.locator("details.me .name").inner_text()
    page = sign_in(phone(), "committee_administrator", to=f"/pleiku/looks?about={sent.typed.rsplit('/')[-1]}")
    opened = page.locator("tbody tr", has_text=name).filter(has_text="mở biên bản")
    expect(opened.locator(f"a[href='{sent.typed}']")).to_be_visible()
