"""No signal in the hall: a closed browser, a lost answer, a server that fails, a roll that was closed meanwhile."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from e2e.conftest import SignIn
from e2e.cut import Asked, Cut, plain_answer
from e2e.phones import NO_NETWORK, Phones
from e2e.rolls import Roll, percent, plan


def test_the_secretary_closes_the_browser_without_signal_and_goes_on(
    phone: Phones, sign_in: SignIn, cut: Cut, tmp_path: Path
) -> None:
    page = sign_in(phone(cut.address, profile=tmp_path, expected=(NO_NETWORK,)), "secretary")
    roll = Roll(page, plan(page)).visit().begin().kept()
    a, b, c, d, e, f, *_ = roll.numbers()
    roll.present(a, b)
    roll.sent()
    cut.off()
    page.context.set_offline(True)
    roll.present(c, d)
    roll.excused(e, "việc gia đình")
    roll.unsent(3)
    page.context.close()

    page = phone(cut.address, profile=tmp_path, expected=(NO_NETWORK,))
    page.context.set_offline(True)
    roll = Roll(page, roll.meeting).visit()
    for no in (a, b, c, d):
        roll.shows(no, "present")
    roll.shows(e, "absent_excused")
    roll.unsent(3)
    roll.present(f)
    page.goto("/pleiku/meetings")
    expect(page.locator("main")).to_contain_text("Chưa có mạng")
    page.locator(f"#kept a[href='{roll.meeting}/roll-call']").tap()
    roll.ready().unsent(4)

    # The server takes the marks, but its first answer does not arrive: the phone has to ask again.
    lost: list[Asked] = []
    cut.loses = lambda asked: asked.path.endswith("/marks") and not lost and not lost.append(asked)
    cut.on()
    page.context.set_offline(False)
    roll.sent()
    assert lost
    assert roll.rate() == percent(5, 123)
    for no in (a, b, c, d, e, f):
        assert len(roll.history(no)) == 1


def test_a_mark_of_before_the_closing_that_comes_after_is_refused_and_stays_in_sight(
    phone: Phones, sign_in: SignIn, cut: Cut
) -> None:
    secretary = sign_in(phone(), "secretary")
    recorder = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "recorder")
    meeting = plan(secretary)
    roll, far = Roll(secretary, meeting).visit().begin(), Roll(recorder, meeting).visit()
    no, *_ = roll.numbers()
    cut.off()
    recorder.context.set_offline(True)
    far.present(no)
    roll.close("rest")

    cut.on()
    recorder.context.set_offline(False)
    refused = recorder.locator("#refused [data-refused]")
    expect(refused).to_contain_text("khóa")
    expect(refused.get_by_role("button", name="Ghi lại")).to_have_count(0)
    far.shows(no, "absent_unexcused")
    expect(recorder.locator("#roll > .locked")).to_be_visible()
    expect(recorder.locator("#closing")).to_have_count(0)
    expect(far.row(no).locator("> a")).to_be_hidden()
    recorder.goto("/pleiku/meetings")
    expect(recorder.locator("#notice-refused")).to_contain_text("1 lượt")
    recorder.locator("#notice-refused a").tap()
    refused.get_by_role("button", name="Đã xem").tap()
    expect(refused).to_have_count(0)
    far.visit()
    expect(recorder.locator("#refused")).to_be_hidden()
    assert len(roll.history(no)) == 1


def test_a_phone_does_not_hammer_a_server_that_fails(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address, expected=("status of 500",)), "secretary")
    roll = Roll(page, plan(page)).visit().begin()
    taken = roll.numbers()[:3]
    before = cut.count("POST", "/marks")
    cut.answer = lambda asked: plain_answer(500, b"out of order") if asked.path.endswith("/marks") else None

    roll.present(*taken)
    page.wait_for_timeout(10_000)
    asked = cut.count("POST", "/marks") - before
    roll.unsent(3)
    cut.answer = lambda asked: None
    page.evaluate("dispatchEvent(new Event('online'))")
    roll.sent()

    # One a tap, the background's one, and four that wait longer and longer.
    assert 1 <= asked <= 9
    for no in taken:
        assert len(roll.history(no)) == 1
