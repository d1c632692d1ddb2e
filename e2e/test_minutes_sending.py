"""Photographed minutes on their way: no signal, a closed browser, a store that is down, a page that is refused."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from e2e.conftest import SignIn
from e2e.cut import Cut, plain_answer
from e2e.desks import BLURRED, FIXTURES, MINUTES, TYPED, Desk, uploads, wait_for
from e2e.phones import NO_NETWORK, Phones
from e2e.product import Login
from e2e.rolls import Roll, plan

LARGEST_PAGE = 700_000  # bytes that leave the phone for one photograph
STORE_AWAY = plain_answer(503, '{"message": "Kho ảnh chưa trả lời."}'.encode(), "application/json")


def test_four_pages_wait_in_a_closed_phone_and_go_out_later(
    phone: Phones, sign_in: SignIn, cut: Cut, tmp_path: Path
) -> None:
    page = sign_in(phone(cut.address, profile=tmp_path, expected=(NO_NETWORK,)), "secretary")
    meeting = plan(page)
    page.goto(meeting)
    page.get_by_role("link", name="Chụp biên bản").tap()
    desk = Desk(page, meeting).ready().kept()
    desk.photograph(TYPED[0])
    cut.off()
    page.context.set_offline(True)
    desk.choose([BLURRED, TYPED[2], MINUTES / "a5-viet-tay" / "IMG_20260603_211221.jpg"])
    assert desk.warnings() == ["Trang 2 bị mờ: xin chụp lại, giữ máy yên."]
    page.get_by_role("button", name="Đưa trang 4 lên trước").tap()
    desk.unsent("4 trang").send(4).unsent("4 trang")
    expect(page.locator("#outcome")).to_contain_text("0/4 trang đã an toàn")
    order = desk.ids()
    page.context.close()

    page = phone(cut.address, profile=tmp_path, expected=(NO_NETWORK, "status of 503"))
    page.context.set_offline(True)
    page.goto("/pleiku/meetings")
    page.locator(f"#kept a[href='{meeting}/minutes/new']").tap()
    desk = Desk(page, meeting).ready().unsent("4 trang")
    assert desk.ids() == order
    # There is a signal again, but no store: the server says so, and the phone keeps its pages.
    cut.answer = lambda asked: STORE_AWAY if "/files/" in asked.path else None
    cut.on()
    page.context.set_offline(False)
    wait_for(page, lambda: uploads(cut), "no page was tried")
    desk.unsent("4 trang")
    cut.answer = lambda asked: None
    tried = len(uploads(cut))
    page.evaluate("dispatchEvent(new Event('online'))")
    desk.safe(4)

    expect(page.locator("#bar [data-unsent]")).to_have_attribute("data-state", "none")
    told = desk.receipt()
    assert told["wanted"] == told["safe"] == order
    went = uploads(cut)[tried:]
    assert len(went) >= 4
    assert max(len(body) for body in went) <= LARGEST_PAGE
    assert not any(b"Exif" in body[:2000] for body in went)
    page.goto(meeting)
    expect(page.locator("main")).to_contain_text("4/4 trang đã an toàn")


def test_the_worker_sends_pages_while_no_page_is_open(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address, expected=("status of 503",)), "secretary")
    desk = Desk(page, plan(page)).visit().kept()
    cut.answer = lambda asked: STORE_AWAY if "/files/" in asked.path else None
    desk.photograph(TYPED[2]).send(1)
    wait_for(page, lambda: uploads(cut), "the page was not tried")
    browser, registered = page.context.new_cdp_session(page), []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: registered.extend(told["registrations"])
    )
    browser.send("ServiceWorker.enable")
    wait_for(page, lambda: registered, "no worker is registered")
    page.goto("about:blank")
    cut.answer = lambda asked: None
    tried = len(uploads(cut))

    # What Android does when the signal is back.
    wake = {"origin": cut.address, "registrationId": registered[0]["registrationId"], "tag": "minutes"}
    browser.send("ServiceWorker.dispatchSyncEvent", wake | {"lastChance": False})
    wait_for(page, lambda: len(uploads(cut)) > tried, "nothing was sent")
    asked = len(cut.asked)
    desk.visit().safe(1)
    assert not [one for one in cut.asked[asked:] if "/files/" in one.path]


def test_a_refused_page_stays_in_sight_until_it_is_retaken(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(expected=("status of 422",)), "secretary")
    desk = Desk(page, plan(page)).visit()
    desk.choose([TYPED[2], FIXTURES / "hostile" / "program.jpg"]).send(2)
    refused = page.locator("#pages li[data-s=refused]")
    expect(refused.locator(".note.bad")).to_contain_text("không phải ảnh chụp")
    expect(page.locator("#outcome")).to_contain_text("1/2 trang đã an toàn")
    page.goto("/pleiku/meetings")
    expect(page.locator("#notice-pages")).to_contain_text("không nhận 1 trang biên bản")
    page.locator("#notice-pages a").tap()
    desk.ready()

    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Chụp lại trang 2").tap()
    opened.value.set_files(BLURRED)
    desk.looked_at(2).send(1).safe(2)
    expect(refused).to_have_count(0)


def test_a_session_that_ends_and_a_second_person_lose_nothing(
    phone: Phones, sign_in: SignIn, logins: dict[tuple[str, str], Login]
) -> None:
    page = sign_in(phone(expected=("status of 401",)), "secretary")
    desk = Desk(page, plan(page)).visit().kept().photograph(TYPED[2])
    page.context.clear_cookies()
    desk.send(1)
    expect(page.locator("#notice-login")).to_contain_text("Đăng nhập lại để gửi 1 trang")
    sign_in(page, "deputy")
    expect(page.locator("#notice-others")).to_contain_text("1 trang chưa gửi của tài khoản khác")
    page.locator("details.me summary").tap()
    page.locator("#logout button").tap()
    page.wait_for_url("**/login")
    sign_in(page, "secretary", to=desk.path)
    desk.ready().safe(1)


def test_logging_out_asks_about_pages_too(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    desk = Desk(page, plan(page)).visit().photograph(TYPED[2])
    page.locator("details.me summary").tap()
    page.locator("#logout button").tap()
    expect(page.locator("dialog.ask")).to_contain_text("Còn 1 trang chưa gửi")
    page.locator("dialog.ask button[value=stay]").tap()
    desk.send(1).safe(1)


def test_originals_go_untouched_where_somebody_asks_for_it(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address), "secretary")
    desk = Desk(page, plan(page)).visit().photograph(TYPED[2])
    page.get_by_text("Tùy chọn").tap()
    page.get_by_label("Gửi nguyên ảnh gốc").check()
    scan = next(MINUTES.glob("a3-*/*.pdf"))
    desk.choose([scan]).send(2).safe(2)
    assert uploads(cut) == [TYPED[2].read_bytes(), scan.read_bytes()]


def test_the_same_picture_twice_is_told_at_once(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    desk = Desk(page, plan(page)).visit().choose([TYPED[2], TYPED[2]]).send(2).safe(2)
    told = desk.sheets.nth(1).locator(".note")
    expect(told).to_contain_text("giống hệt một trang đã gửi")
    document = re.compile("^/pleiku/minutes/[0-9a-f-]{36}$")
    expect(told.get_by_role("link", name="Xem biên bản đã gửi")).to_have_attribute("href", document)
    told.get_by_role("link", name="Chọn giữ hay bỏ").click()
    page.get_by_role("button", name="Bỏ trang này").click()
    expect(page.get_by_text("Trang này đã bỏ").first).to_be_visible()
    desk.visit()
    expect(desk.sheets.nth(1).locator(".note")).to_contain_text("Đã chọn bỏ trang này")


def test_a_tab_that_holds_the_older_database_hinders_nothing(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    desk = Desk(page, plan(page))
    older = page.context.new_page()
    older.goto("/pleiku/meetings")
    older.evaluate(
        """() => new Promise((done, failed) => {
          const held = indexedDB.open("nennep", 1);
          held.onsuccess = () => done(Boolean(globalThis.held = held.result));
          held.onerror = () => failed(held.error);
        })"""
    )
    desk.visit().photograph(TYPED[2]).send(1).safe(1)
    assert desk.receipt()["safe"] == desk.ids()
    roll = Roll(page, desk.meeting).visit().begin()
    no, *_ = roll.numbers()
    roll.present(no)
    roll.sent()
    assert older.evaluate("held.version") == 1


def test_the_secretary_sends_minutes_without_javascript(phone: Phones, sign_in: SignIn) -> None:
    meeting = plan(sign_in(phone(), "secretary"))
    page = sign_in(phone(java_script_enabled=False), "secretary")
    page.goto(f"{meeting}/minutes/new")
    page.get_by_label("Các trang biên bản").set_input_files([TYPED[0], TYPED[2]])
    page.get_by_role("button", name="Gửi biên bản").tap()
    page.wait_for_url(re.compile("/minutes/[0-9a-f-]{36}$"))
    page.goto(meeting)
    expect(page.locator("main")).to_contain_text("2/2 trang đã an toàn")
