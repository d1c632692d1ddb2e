"""Minutes on the phone's desk: photographed, shared or dropped there, looked over, cut out, warned of.

The phone's own camera takes the picture and hands it over as a file, so a file chooser is all that a journey needs.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.cut import Cut
from e2e.desks import BLURRED, MINUTES, TYPED, Desk, arrangements, uploads, wait_for
from e2e.phones import Phones
from e2e.rolls import plan

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


def test_a_retake_that_was_given_up_replaces_nothing(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    desk = Desk(page, plan(page)).visit().photograph(BLURRED)
    with page.expect_file_chooser():
        page.get_by_role("button", name="Chụp lại trang 1").tap()
    desk.photograph(TYPED[2])
    expect(desk.sheets).to_have_count(2)


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


def test_an_old_browser_on_a_plain_address_sends_as_well(phone: Phones, sign_in: SignIn) -> None:
    page = phone()
    page.add_init_script("delete globalThis.OffscreenCanvas")
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")
    desk = Desk(sign_in(page, "secretary"), plan(page)).visit().photograph(BLURRED)
    assert desk.warnings() == ["Trang 1 bị mờ: xin chụp lại, giữ máy yên."]
    # The server compares the hash that it was told with what has arrived.
    desk.send(1).safe(1)


def test_files_are_dropped_onto_the_page_of_a_computer(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address, is_mobile=False, has_touch=False), "secretary")
    desk = Desk(page, plan(page)).visit()
    files = [TYPED[2], next(MINUTES.glob("a3-*/*.pdf"))]
    given = page.evaluate_handle(DROP, [[file.name, b64encode(file.read_bytes()).decode()] for file in files])
    page.dispatch_event("#desk", "drop", {"dataTransfer": given})
    desk.looked_at(2).send(2).safe(2)
    assert uploads(cut)[1] == files[1].read_bytes()


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
