"""The roll of a cell of 151: one secretary, then two people at once, then what comes after closing."""

from __future__ import annotations

import json
import re
import time

from playwright.sync_api import Locator, Page, expect

from e2e.conftest import SignIn
from e2e.cut import Cut
from e2e.phones import NO_NETWORK, Phones
from e2e.rolls import Roll, percent, plan


def test_the_secretary_takes_the_roll_of_151_through_a_dead_spot(
    phone: Phones, sign_in: SignIn, cut: Cut
) -> None:
    page = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "secretary", to="/pleiku/meetings/new")
    page.get_by_label("Họp bất thường").check()
    page.get_by_role("button", name="Lên lịch").tap()
    page.get_by_role("link", name="Điểm danh", exact=True).tap()
    roll = Roll(page, page.url.removeprefix(cut.address).removesuffix("/roll-call")).ready().begin()
    expected, exempt = roll.numbers(), roll.numbers("exempt")
    assert (len(expected), len(exempt)) == (123, 28)

    cut.off()
    page.context.set_offline(True)
    roll.excused(expected[0], "ốm")
    roll.choose(expected[1], "late")
    roll.choose(expected[2], "absent_unexcused")
    roll.present(expected[3], exempt[0])
    first = roll.rest(1)
    roll.unsent(5 + first)
    cut.on()
    page.context.set_offline(False)
    roll.sent()
    for group in range(2, 8):
        roll.rest(group)
    roll.sent()

    assert roll.rate() == percent(122, 124)
    counts = {
        state: roll.count(state)
        for state in ("present", "late", "absent_excused", "absent_unexcused", "exempt")
    }
    assert counts == {"present": 121, "late": 1, "absent_excused": 1, "absent_unexcused": 1, "exempt": 27}
    province = sign_in(phone(), "province_administrator", "gia-lai")
    before = _attendance(province)
    roll.close()
    closed = time.monotonic()
    expect(page.locator("main")).to_contain_text("đã khóa điểm danh")
    assert percent(122, 124) in page.locator("main").inner_text().replace("\xa0", " ")
    after = (before[0] + 122, before[1] + 124)
    while _attendance(province) != after:
        assert time.monotonic() < closed + 5, f"the province still sees {_attendance(province)}, not {after}"
        province.reload()


def _attendance(province: Page) -> tuple[int, int]:
    """(attending, base) of Pleiku on the province's page."""
    row = province.get_by_role("row").filter(has=province.get_by_role("link", name="Thành ủy Pleiku"))
    told = re.search(r"([\d.]+)/([\d.]+)", _cell(row, "Dự sinh hoạt").inner_text())
    assert told is not None
    return int(told[1].replace(".", "")), int(told[2].replace(".", ""))


def _cell(row: Locator, label: str) -> Locator:
    return row.locator(f"td[data-label='{label}']")


def test_151_taps_one_by_one(phone: Phones, sign_in: SignIn, capsys) -> None:
    page = sign_in(phone(), "secretary")
    roll = Roll(page, plan(page)).visit().begin()
    everybody = roll.numbers() + roll.numbers("exempt")

    began = time.monotonic()
    for no in everybody:
        roll.row(no).locator("> button").tap()
    tapped = time.monotonic() - began
    expect(page.locator("#marks li[data-s=present]")).to_have_count(151)
    roll.sent()

    assert roll.rate() == "151/151 = 100,0 %"
    with capsys.disabled():
        print(
            f"\n151 taps: {tapped:.1f} s; all acknowledged {time.monotonic() - began:.1f} s after the first"
        )


def test_the_deputy_marks_on_a_second_phone_and_a_difference_is_settled_by_one_tap(
    phone: Phones, sign_in: SignIn, cut: Cut
) -> None:
    secretary = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "secretary")
    deputy = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "deputy")
    meeting = plan(secretary)
    one, other = Roll(secretary, meeting).visit().begin(), Roll(deputy, meeting)
    other.visit()
    a, b, c, *_ = one.numbers()

    one.present(a)
    other.shows(a, "present")
    other.excused(b, "đi công tác")
    one.shows(b, "absent_excused")

    cut.off()
    for page in (secretary, deputy):
        page.context.set_offline(True)
    one.present(c)
    other.excused(c, "ốm")
    cut.on()
    for page in (secretary, deputy):
        page.context.set_offline(False)
    for roll in (one, other):
        roll.conflict(c)
        expect(roll.row(c).locator("div button")).to_have_count(2)
        expect(roll.row(c)).to_contain_text("vắng có lý do: ốm")

    one.row(c).locator("div button[value$='.absent_excused']").tap()
    for roll in (one, other):
        roll.shows(c, "absent_excused")
        expect(roll.row(c)).not_to_have_attribute("data-w", "")
        expect(roll.row(c).locator("> span")).to_contain_text("ốm")
        roll.sent()
    assert one.rate() == other.rate() == percent(1, 123)


def test_a_change_after_closing_needs_a_reason_that_stands_in_the_history(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(), "secretary")
    roll = Roll(page, plan(page)).visit().begin()
    no, *_ = roll.numbers()
    roll.close("rest")
    roll.visit().shows(no, "absent_unexcused")

    sheet = roll.sheet(no)
    sheet.locator("button[value=late]").tap()
    expect(sheet).to_be_visible()
    sheet.locator("#sheet-late").fill("Đến sau giờ khóa, có đồng chí phó bí thư xác nhận")
    sheet.locator("button[value=late]").tap()
    roll.shows(no, "late")
    roll.sent()

    first, last = roll.history(no)
    assert "vắng không lý do" in first
    assert "đến muộn" in last
    assert "Đến sau giờ khóa" in last


def test_what_was_closed_on_one_phone_is_closed_on_the_other(phone: Phones, sign_in: SignIn) -> None:
    secretary, deputy = sign_in(phone(), "secretary"), sign_in(phone(), "deputy")
    meeting = plan(secretary)
    one, other = Roll(secretary, meeting).visit().begin(), Roll(deputy, meeting).visit()
    no, *_ = one.numbers()
    expect(deputy.locator("#closing")).to_be_visible()

    one.close("rest")

    expect(deputy.locator("#roll > .locked")).to_contain_text("Muốn sửa")
    other.shows(no, "absent_unexcused")
    expect(deputy.locator("#closing")).to_be_hidden()
    expect(other.row(no).locator("> button")).to_be_hidden()
    expect(other.sheet(no).locator("#sheet-late")).to_be_visible()


def test_a_roll_that_is_planned_again_is_shown_as_one_that_nobody_called(
    phone: Phones, sign_in: SignIn
) -> None:
    """As after a committee went back to a backup: what the server tells then stands in tests/backup/test_phones.py."""
    page = sign_in(phone(), "secretary")
    roll = Roll(page, plan(page)).visit().begin()
    called = roll.numbers()[:3]
    roll.present(*called)
    roll.sent()
    assert roll.rate() == percent(3, 123)

    told = json.dumps({"version": 2**50, "state": "planned", "entries": []})
    page.context.route(
        "**/events?since=*",
        lambda route: route.fulfill(
            content_type="text/event-stream", body=f"event: changes\ndata: {told}\n\n"
        ),
    )
    roll.visit()

    expect(page.locator("#roll")).to_have_attribute("data-state", "planned")
    for no in called:
        roll.shows(no, "not_called")
    assert roll.rate() == percent(0, 123)
