"""Minutes photographed with a phone: no signal, a closed browser, a store that is down, a page that is refused.

The phone's own camera takes the picture and hands it over as a file, so a file chooser is all that a journey needs.
"""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.cut import Cut, plain_answer
from e2e.desks import BLURRED, FIXTURES, MINUTES, TYPED, Desk, arrangements, uploads, wait_for
from e2e.phones import NO_NETWORK, Phones
from e2e.product import Login
from e2e.rolls import plan

LARGEST_PAGE = 700_000  # bytes that leave the phone for one photograph
STORE_AWAY = plain_answer(503, '{"message": "Kho ảnh chưa trả lời."}'.encode(), "application/json")
DROP = """files => {
  const given = new DataTransfer();
  for (const [name, text] of files) {
    given.items.add(new File([Uint8Array.from(atob(text), sign => sign.charCodeAt(0))], name));
  }
  return given;
}"""
SHARE = """async files => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: "/share"});
  form.enctype = "multipart/form-data";
  const input = Object.assign(document.createElement("input"), {type: "file", name: "pages", multiple: true});
  const given = new DataTransfer();
  for (const [name, text] of files) {
    const bytes = Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
    given.items.add(new File([bytes], name, {type: "image/jpeg"}));
  }
  input.files = given.files;
  form.append(input);
  document.body.append(form);
  form.submit();
}"""


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


def test_only_what_is_wrong_is_warned_of(phone: Phones, sign_in: SignIn) -> None:
    photos = sorted(MINUTES.glob("*/*.jpg"))
    page = sign_in(phone(), "secretary")
    desk = Desk(page, plan(page)).visit().choose(photos)
    blurred, cut_off = (
        photos.index(BLURRED) + 1,
        [photo.name for photo in photos].index("IMG20260804201641.jpg") + 1,
    )
    assert desk.warnings() == [
        f"Trang {blurred} bị mờ: xin chụp lại, giữ máy yên.",
        f"Trang {cut_off} có góc nằm ngoài ảnh: xin chụp lại, lùi máy ra để thấy cả tờ giấy.",
    ]
    expect(page.locator("#outcome .note.warn")).to_contain_text(f"trang {blurred}, {cut_off}.")


def test_a_page_is_turned_cut_out_retaken_and_removed(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address), "secretary")
    desk = Desk(page, plan(page)).visit()
    desk.choose([TYPED[0], BLURRED])
    assert not _is_wide(desk)
    page.get_by_role("button", name="Sửa trang 1").tap()
    corner = page.get_by_role("button", name="Góc trên bên trái")
    before = corner.bounding_box()
    corner.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    after = corner.bounding_box()
    assert before is not None
    assert after is not None
    assert min(before["width"], before["height"]) >= 44
    assert after["x"] > before["x"]
    assert after["y"] > before["y"]
    page.get_by_role("button", name="Xoay 90°").tap()
    page.get_by_role("button", name="Xong").tap()
    expect(page.locator("#crop")).to_have_count(0)
    wait_for(page, lambda: _is_wide(desk), "the page was not turned")

    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Sửa trang 2").tap()
        page.locator("#crop").get_by_role("button", name="Chụp lại").tap()
    opened.value.set_files(TYPED[2])
    desk.looked_at(2)
    expect(page.locator("#pages .note.warn")).to_have_count(0)
    page.get_by_role("button", name="Sửa trang 1").tap()
    page.get_by_role("button", name="Xóa trang").tap()
    page.locator("dialog.ask button[value=yes]").tap()
    expect(desk.sheets).to_have_count(1)
    desk.send(1).safe(1)
    assert arrangements(cut)[-1] == desk.ids()


def _is_wide(desk: Desk) -> bool:
    box = desk.sheets.nth(0).locator("img").bounding_box()
    return box is not None and box["width"] > box["height"]


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


def test_a_phone_without_room_says_so_and_keeps_what_it_has(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    desk = Desk(page, plan(page)).visit().photograph(TYPED[2])
    page.evaluate(
        """() => { IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); }; }"""
    )
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Chụp trang 2").tap()
    opened.value.set_files(TYPED[0])
    expect(page.locator("#notice-store")).to_contain_text("Bộ nhớ của máy đã đầy")
    expect(desk.sheets).to_have_count(1)
    desk.visit().looked_at(1).send(1).safe(1)


def test_what_another_app_shares_waits_for_its_meeting(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    Desk(page, plan(page)).visit().kept()
    _share(page, TYPED[2])
    page.wait_for_url("**/share")
    page.goto("/pleiku/")
    expect(page.locator("#notice-shared")).to_contain_text("1 tệp được chia sẻ")
    page.locator("#notice-shared a").tap()
    offered = page.locator("main .rows a").first
    meeting = (offered.get_attribute("href") or "").removesuffix("/minutes/new#shared")
    offered.tap()
    desk = Desk(page, meeting).ready().looked_at(1)
    expect(desk.sheets.locator("img")).to_have_count(1)
    desk.send(1).safe(1)
    page.goto("/pleiku/")
    expect(page.locator("#notice-shared")).to_have_count(0)


def test_a_share_that_the_phone_could_not_take_is_told(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(service_workers="block"), "secretary")
    _share(page, TYPED[2])
    expect(page.get_by_role("heading", name="Chưa nhận được tệp")).to_be_visible()


def _share(page: Page, *files: Path) -> None:
    page.evaluate(SHARE, [[file.name, b64encode(file.read_bytes()).decode()] for file in files])


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


def test_an_old_browser_on_a_plain_address_sends_as_well(phone: Phones, sign_in: SignIn) -> None:
    page = phone()
    page.add_init_script("delete globalThis.OffscreenCanvas")
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")
    desk = Desk(sign_in(page, "secretary"), plan(page)).visit().photograph(BLURRED)
    assert desk.warnings() == ["Trang 1 bị mờ: xin chụp lại, giữ máy yên."]
    # The server compares the hash that it was told with what has arrived.
    desk.send(1).safe(1)


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


def test_files_are_dropped_onto_the_page_of_a_computer(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address, is_mobile=False, has_touch=False), "secretary")
    desk = Desk(page, plan(page)).visit()
    files = [TYPED[2], next(MINUTES.glob("a3-*/*.pdf"))]
    given = page.evaluate_handle(DROP, [[file.name, b64encode(file.read_bytes()).decode()] for file in files])
    page.dispatch_event("#desk", "drop", {"dataTransfer": given})
    desk.looked_at(2).send(2).safe(2)
    assert uploads(cut)[1] == files[1].read_bytes()


def test_the_secretary_sends_minutes_without_javascript(phone: Phones, sign_in: SignIn) -> None:
    meeting = plan(sign_in(phone(), "secretary"))
    page = sign_in(phone(java_script_enabled=False), "secretary")
    page.goto(f"{meeting}/minutes/new")
    page.get_by_label("Các trang biên bản").set_input_files([TYPED[0], TYPED[2]])
    page.get_by_role("button", name="Gửi biên bản").tap()
    page.wait_for_url(re.compile("/minutes/[0-9a-f-]{36}$"))
    page.goto(meeting)
    expect(page.locator("main")).to_contain_text("2/2 trang đã an toàn")


def test_everybody_finds_the_desk_usable(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(tall_phone(phone), "secretary", "ayun-pa")
    meeting = plan(page, "ayun-pa")
    found = faults_of(page, [meeting, f"{meeting}/minutes/new", "/share"])
    desk = Desk(page, meeting).visit().choose([TYPED[0], BLURRED])
    found += faults(page, "two pages on the desk")
    page.get_by_role("button", name="Sửa trang 2").click()
    expect(page.locator("#crop .handle")).to_have_count(4)
    found += faults(page, "the corners of a page")
    page.get_by_role("button", name="Quay lại").click()
    desk.send(2).safe(2)
    found += faults(page, "a receipt")
    assert not found, "\n".join(found)
