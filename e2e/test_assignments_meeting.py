"""Assignments from meeting to meeting on a phone: given and gone through without signal, by two people, once each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.cut import Asked, Cut
from e2e.phones import NO_NETWORK, Phones
from e2e.product import Login
from e2e.works import COUNT_TAPS, Work, ago, plan_on, post, today

KB = 1024
OLD = ("Vận động hộ ông Páo làm chuồng", "Sửa đường vào làng", "Viết bài phát thanh", "Thu quỹ quý ba")


def told(texts: Sequence[str]) -> list[str]:
    """Each text as no other journey says it."""
    return [f"{text} ({uuid4().hex[:6]})" for text in texts]


def prepared(page: Page, texts: Sequence[str] = OLD) -> tuple[Work, list[str]]:
    """Today's meeting, and what an earlier one has given that is due."""
    own = told(texts)
    before = Work(page, plan_on(page, ago(page, 20))).visit()
    before.given_before(dict(zip(before.people(), own, strict=False)), ago(page, 2))
    return Work(page, plan_on(page, today(page))), own


def test_from_meeting_to_meeting_with_no_signal_in_between(
    phone: Phones, sign_in: SignIn, cut: Cut, tmp_path: Path, capsys
) -> None:
    page = sign_in(phone(cut.address, profile=tmp_path, expected=(NO_NETWORK,)), "secretary")
    work, old = prepared(page)
    work.visit().kept()
    first, second, third, *_ = work.people()
    visit, duty, check = told(
        ("Đến thăm gia đình chính sách", "Trực trạm y tế tuần này", "Kiểm tra hồ sơ kết nạp")
    )
    loads = [work.load(no) for no in (first, second, third)]
    before = work.done()
    cut.off()
    page.context.set_offline(True)

    # Tap, sentence, tap.
    page.evaluate(COUNT_TAPS)
    begun = time.monotonic()
    work.give(visit, first)
    taken, taps = time.monotonic() - begun, page.evaluate("window.taps")
    work.give(duty, second, third)
    work.give(check, first)
    work.decide(old[0], "Xong đúng hạn")
    work.carry(old[1])
    work.decided(old[1])
    assert taps == 2
    assert work.done() != before
    assert [work.load(no) - load for no, load in zip((first, second, third), loads, strict=True)] == [2, 1, 1]
    work.unsent(6)
    page.context.close()

    page = phone(cut.address, profile=tmp_path, expected=(NO_NETWORK,))
    page.context.set_offline(True)
    work = Work(page, work.meeting).visit()
    work.unsent(6)
    for text, count in ((visit, 1), (duty, 2)):
        expect(work.given(text)).to_have_count(count)
    work.decided(old[0])
    expect(work.task(old[1]).locator(".says")).to_contain_text("làm tiếp đến")

    # The server takes the changes, but its first answer does not arrive: the phone has to ask again.
    lost: list[Asked] = []
    cut.loses = lambda asked: asked.path.endswith("/changes") and not lost and not lost.append(asked)
    cut.on()
    page.context.set_offline(False)
    work.sent()
    assert lost
    said = [work.history(row) for text in (visit, duty)
            for row in work.given(text).all()]  # fmt: skip
    assert [len(lines) for lines in said] == [1, 1, 1]
    assert [len(work.history(work.task(old[n]))) for n in (0, 1)] == [2, 2]
    work.visit()
    expect(page.locator("#given > li")).to_have_count(4)

    following = Work(page, plan_on(page, ago(page, -40))).visit()
    for text in (visit, check):
        expect(following.task(text)).to_have_count(1)
    with capsys.disabled():
        print(
            f"\none assignment: {taps} taps and a sentence, {taken:.1f} s of a script that types without a pause"
        )


def test_a_review_of_twenty_takes_twenty_taps_without_scrolling(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    work, _ = prepared(page, [f"Việc số {n} của kỳ trước, đi từng nhà vận động bà con" for n in range(20)])
    work.visit()
    left = page.locator("#review li.task:not([data-done])")
    total = left.count()
    assert total >= 20
    left.first.evaluate("row => scrollBy(0, row.getBoundingClientRect().top - 200)")
    tops = []
    for n in range(1, 21):
        tops.append(left.first.evaluate("row => row.getBoundingClientRect().top"))
        left.first.locator("button").first.tap()
        expect(left).to_have_count(total - n)
        expect(page.locator("#review")).not_to_have_attribute("data-settling", "")
    work.sent()
    # The next one comes to where the thumb is.
    assert max(tops) - min(tops) <= 2
    assert page.locator("#left").inner_text() == (str(total - 20) if total > 20 else "✓")


def test_a_slip_of_the_thumb_is_taken_back_and_the_history_says_so(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    work, old = prepared(page)
    work.visit()
    work.decide(old[0], "Xong, chậm hạn")
    work.task(old[0]).get_by_role("button", name="Hoàn tác").tap()
    expect(work.task(old[0])).not_to_have_attribute("data-done", "")
    work.decide(old[0], "Hơn yêu cầu")
    work.give("Việc ghi nhầm người", work.people()[0])
    work.given("Việc ghi nhầm người").get_by_role("button", name="Sửa").tap()
    work.sheet.locator("[name=text]").fill("Việc đã sửa lời")
    work.sheet.get_by_role("button", name="Ghi lại").tap()
    work.given("Việc đã sửa lời").get_by_role("button", name="Hủy việc").tap()
    page.locator("dialog.ask button[value=yes]").tap()
    expect(work.given("Việc đã sửa lời")).to_contain_text("đã hủy", ignore_case=True)
    work.sent()

    assert len(work.history(work.task(old[0]))) == 4
    assert any("Bấm nhầm" in line for line in work.history(work.task(old[0])))
    assert len(work.history(work.given("Việc đã sửa lời"))) == 3


def test_two_who_say_different_things_are_both_shown_and_one_tap_settles(
    phone: Phones, sign_in: SignIn, cut: Cut
) -> None:
    near = sign_in(phone(), "secretary")
    far = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "deputy")
    work, old = prepared(near)
    work.visit()
    other = Work(far, work.meeting).visit().kept()
    cut.off()
    far.context.set_offline(True)
    other.decide(old[2], "Xong đúng hạn")
    work.carry(old[2])
    work.decided(old[2])
    work.sent()
    cut.on()
    far.context.set_offline(False)
    other.sent()

    # Whoever comes later hears of it with the answer; the other when the page is loaded.
    for here in (other, work.visit()):
        sayings = here.task(old[2]).locator(".rivals button")
        expect(sayings).to_have_count(2)
        expect(here.task(old[2]).locator(".rivals")).to_contain_text("đ/c")
    other.task(old[2]).locator(".rivals button", has_text="đúng hạn").tap()
    other.decided(old[2])
    other.sent()
    work.visit().decided(old[2])
    assert len(work.history(work.task(old[2]))) == 4


def test_two_tabs_of_one_phone_say_everything_once(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "secretary")
    work, old = prepared(page)
    work.visit().kept()
    tab = Work(page.context.new_page(), work.meeting).visit()
    cut.off()
    page.context.set_offline(True)
    number = work.people()[5]
    work.give("Việc của thẻ thứ nhất", number)
    expect(tab.given("Việc của thẻ thứ nhất")).to_have_count(1)
    tab.give("Việc của thẻ thứ hai", number)
    tab.decide(old[0], "Xong đúng hạn")
    work.decided(old[0])
    cut.on()
    page.context.set_offline(False)
    work.sent()
    tab.sent()
    for text in ("Việc của thẻ thứ nhất", "Việc của thẻ thứ hai"):
        assert len(work.history(work.given(text))) == 1
    assert len(work.history(work.task(old[0]))) == 2


def test_what_the_server_does_not_take_stays_readable_and_is_said_anew_or_dropped(
    phone: Phones, sign_in: SignIn, cut: Cut
) -> None:
    page = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "secretary")
    work, _ = prepared(page)
    work.visit().kept()
    cut.off()
    page.context.set_offline(True)
    first, second, *_ = work.people()
    work.give("Việc thứ nhất khi mất mạng", first)
    work.give("Việc thứ hai khi mất mạng", second)
    # Meanwhile somebody writes that the meeting was not held.
    other = sign_in(phone(), "deputy")
    post(other, f"{work.meeting}/not-held", reason="Mưa bão, hoãn họp")
    cut.on()
    page.context.set_offline(False)

    refused = page.locator("#refused [data-refused]")
    expect(refused).to_have_count(2)
    expect(refused.first).to_contain_text("không họp")
    expect(refused.first).to_contain_text("Việc thứ nhất khi mất mạng")
    page.goto("/pleiku/meetings")
    page.locator("#notice-work a").tap()
    page.wait_for_url("**/assignments#refused")
    post(other, f"{work.meeting}/planned")
    work.visit()
    refused.first.get_by_role("button", name="Ghi lại").tap()
    expect(work.sheet.locator("[name=text]")).to_have_value("Việc thứ nhất khi mất mạng")
    work.sheet.get_by_role("button", name="Giao", exact=True).tap()
    expect(refused).to_have_count(1)
    refused.get_by_role("button", name="Bỏ lượt ghi này").tap()
    expect(refused).to_have_count(0)
    work.sent()
    work.visit()
    expect(page.locator("#given > li")).to_have_count(1)
    assert len(work.history(work.given("Việc thứ nhất khi mất mạng"))) == 1


def test_a_session_that_ends_loses_nothing_and_logging_out_asks(
    phone: Phones, sign_in: SignIn, logins: dict[tuple[str, str], Login]
) -> None:
    page = sign_in(phone(expected=("status of 401",)), "secretary")
    work, _ = prepared(page)
    work.visit()
    page.context.clear_cookies()
    work.give("Việc khi phiên đã hết", work.people()[0])
    notice = page.locator("#notice-login")
    expect(notice).to_contain_text("Đăng nhập lại để gửi 1 việc")
    page.locator("details.me summary").tap()
    page.locator("#logout button").tap()
    expect(page.locator("dialog.ask")).to_contain_text("Còn 1 việc chưa gửi")
    page.locator("dialog.ask button[value=stay]").tap()
    page.locator("details.me summary").tap()
    notice.get_by_role("link", name="Đăng nhập lại").tap()
    who = logins["secretary", "pleiku"]
    page.get_by_label("Tên đăng nhập").fill(who.login)
    page.get_by_label("Mật khẩu").fill(who.password)
    page.get_by_role("button", name="Đăng nhập").tap()

    page.wait_for_url(f"**{work.meeting}/assignments")
    work.ready().sent()
    assert len(work.history(work.given("Việc khi phiên đã hết"))) == 1


def test_the_page_of_a_large_cell_is_light(phone: Phones, sign_in: SignIn, cut: Cut, capsys) -> None:
    secretary = sign_in(phone(), "secretary")
    # So long ago that no other journey has anything due.
    before = Work(secretary, plan_on(secretary, ago(secretary, 700))).visit()
    texts = told([f"Việc số {n}: đi từng nhà vận động bà con, báo lại bằng ảnh" for n in range(30)])
    before.given_before(dict(zip(before.people(), texts, strict=False)), ago(secretary, 695))
    work = Work(secretary, plan_on(secretary, ago(secretary, 690)))
    page = phone(cut.address, storage_state=secretary.context.storage_state(), service_workers="block")
    Work(page, work.meeting).visit()
    page.wait_for_load_state("networkidle")
    loaded = [(asked.path, size) for asked, size in cut.told]

    html, whole = cut.size("/assignments"), sum(size for _, size in loaded)
    with capsys.disabled():
        print(f"\na meeting's assignments: {html} bytes, with everything {whole} bytes")
    assert page.locator("#people li").count() > 100
    assert page.locator("#review li.task").count() >= 30
    assert html <= 20 * KB, loaded
    assert whole <= 60 * KB, loaded
