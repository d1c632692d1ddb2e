"""A phone asks whether it may tell of work: not at a first visit, by a tap, until somebody says no; and it tells."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from e2e.axe import faults, faults_of, tall_phone
from e2e.conftest import SignIn
from e2e.founding import REFUSED
from e2e.phones import Phones
from e2e.test_assignments_desk import give, own_name

WORK = "/pleiku/work"
# A browser of a test has no push service: in its place one that gives what a real one gives.
_PUSH_SERVICE = """(() => {
  if (location.protocol === "about:") return;
  const keys = {auth: "BTBZMqHH6r4Tts7J_aSIgg",
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"};
  let made = null;
  window.asked = 0;
  const subscription = endpoint => ({endpoint, toJSON: () => ({endpoint, keys}),
    unsubscribe: async () => { made = null; sessionStorage.removeItem("made"); return true; }});
  const kept = sessionStorage.getItem("made");
  if (kept) made = subscription(kept);
  PushManager.prototype.subscribe = async options => {
    if (new Uint8Array(options.applicationServerKey).length !== 65) throw new Error("not a key");
    const endpoint = "https://fcm.googleapis.com/fcm/send/" + crypto.randomUUID();
    sessionStorage.setItem("made", endpoint);
    return (made = subscription(endpoint));
  };
  PushManager.prototype.getSubscription = async () => made;
  Notification.requestPermission = async () => { window.asked += 1; return "granted"; };
})()"""
_NOTIFIED = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const shown = await registration.getNotifications();
  return shown.map(({title, body, tag, data}) => ({title, body, tag, url: data.url}));
}"""


def with_work(page: Page) -> Page:
    """Whoever is logged in, a secretary, has given themselves something to do."""
    give(page, "Soạn kế hoạch quý tới", own_name(page))
    return page


def another_visit(page: Page) -> Page:
    """The next tab of the same phone, on one's own work."""
    tab = page.context.new_page()
    tab.goto(WORK)
    return tab


def test_a_phone_asks_at_a_second_visit_and_by_a_tap_and_stops_when_told(
    phone: Phones, sign_in: SignIn
) -> None:
    first = phone()
    first.context.add_init_script(_PUSH_SERVICE)
    with_work(sign_in(first, "secretary"))
    first.goto(WORK)
    expect(first.get_by_role("heading", name="Việc của tôi")).to_be_visible()
    first.reload()
    first.wait_for_load_state("networkidle")
    expect(first.locator("#push-card")).to_be_hidden()

    second = another_visit(first)
    card = second.locator("#push-card")
    expect(card).to_be_visible()
    assert second.evaluate("asked") == 0
    card.get_by_role("button", name="Bật nhắc việc").tap()
    expect(card.get_by_role("status")).to_have_text("Đã bật: máy này nhận nhắc việc.")
    assert second.evaluate("asked") == 1

    second.goto("/account/password")
    switch = second.locator("#push-switch")
    expect(switch.get_by_role("status")).to_have_text("Máy này đang nhận nhắc việc.")
    expect(second.get_by_text("đang nhận nhắc việc trên 1 máy")).to_be_visible()
    switch.get_by_role("button", name="Thôi nhận trên máy này").tap()
    expect(switch.get_by_role("status")).to_have_text("Máy này thôi nhận nhắc việc.")
    second.reload()
    expect(second.get_by_text("Chưa máy nào nhận nhắc việc")).to_be_visible()

    switch.get_by_role("button", name="Bật nhắc việc trên máy này").tap()
    expect(switch.get_by_role("status")).to_have_text("Máy này đang nhận nhắc việc.")
    second.locator(".me summary").tap()
    second.get_by_role("button", name="Đăng xuất", exact=True).tap()
    second.wait_for_url("**/login")
    sign_in(second, "secretary", to="/account/password")
    expect(second.get_by_text("Chưa máy nào nhận nhắc việc")).to_be_visible()


def test_whoever_does_not_want_it_is_not_asked_again(phone: Phones, sign_in: SignIn) -> None:
    first = phone()
    first.context.add_init_script(_PUSH_SERVICE)
    with_work(sign_in(first, "secretary")).goto(WORK)
    expect(first.get_by_role("heading", name="Việc của tôi")).to_be_visible()
    first.wait_for_load_state("networkidle")
    card = (second := another_visit(first)).locator("#push-card")
    expect(card).to_be_visible()

    card.get_by_role("button", name="Không nhắc lại").tap()

    expect(card).to_be_hidden()
    assert second.evaluate("asked") == 0
    third = another_visit(first)
    third.wait_for_load_state("networkidle")
    expect(third.locator("#push-card")).to_be_hidden()


def told(wire: CDPSession, page: Page, registration: str, data: str) -> list[dict[str, Any]]:
    """What stands on the phone after its push service has handed this over."""
    origin = page.evaluate("location.origin")
    wire.send(
        "ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": registration, "data": data}
    )
    page.wait_for_timeout(500)
    found: list[dict[str, Any]] = page.evaluate(_NOTIFIED)
    return found


def test_what_the_phone_is_told_it_shows_and_a_repeat_takes_its_place(phone: Phones, sign_in: SignIn) -> None:
    page = phone(permissions=["notifications"])
    sign_in(page, "secretary")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    wire, registrations = page.context.new_cdp_session(page), []
    wire.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    wire.send("ServiceWorker.enable")
    page.wait_for_timeout(500)
    message = {"title": "Nhắc việc", "body": "2 việc quá hạn", "url": WORK, "tag": "reminder pleiku"}

    once = told(wire, page, registrations[-1], json.dumps(message))
    again = told(wire, page, registrations[-1], json.dumps(message | {"body": "3 việc quá hạn"}))
    strange = told(wire, page, registrations[-1], "not of ours")

    assert once == [message]
    assert again == [message | {"body": "3 việc quá hạn"}]
    assert {one["title"] for one in strange} == {"Nhắc việc", "Nền Nếp"}


def test_everybody_finds_the_pages_of_reminding_usable(phone: Phones, sign_in: SignIn) -> None:
    office = sign_in(tall_phone(phone, expected=(REFUSED,)), "office")
    settings = "/pleiku/assignments/reminding"
    found = faults_of(office, ["/pleiku/reminders", f"{settings}?saved=1", settings])
    office.get_by_label("Nhắc trước hạn (ngày)").fill("ba ngày")
    office.get_by_role("button", name="Lưu").click()
    office.locator("#e-days_before").wait_for()
    found += faults(office, "settings refused")
    secretary = with_work(sign_in(tall_phone(phone), "secretary"))
    found += faults_of(secretary, ["/pleiku/reminders", "/pleiku/reminders?day=2020-01-01"])
    for path, part in ((WORK, "#push-card"), ("/account/password", "#push-switch")):
        secretary.goto(path)
        secretary.locator(part).evaluate(
            "part => [part, ...part.querySelectorAll('[hidden]')].forEach(one => (one.hidden = false))"
        )
        found += faults(secretary, f"{path} with all of {part}")
    assert not found, "\n".join(found)
