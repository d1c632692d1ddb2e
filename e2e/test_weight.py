"""What a phone on a weak signal has to load for the roll of 151 people."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from e2e.conftest import SignIn
from e2e.phones import Phones
from e2e.rolls import Roll, plan

KB = 1024


def test_a_first_visit_and_one_mark_are_light(phone: Phones, sign_in: SignIn, capsys) -> None:
    secretary = sign_in(phone(), "secretary")
    meeting = plan(secretary)
    Roll(secretary, meeting).visit().begin()
    page = phone(storage_state=secretary.context.storage_state())
    loaded = _weigh(page)

    roll = Roll(page, meeting).visit().kept()
    first = dict(loaded)
    no, *_ = roll.numbers()
    with page.expect_response(lambda answer: answer.url.endswith("/marks")) as answered:
        roll.present(no)
    roll.sent()
    told = answered.value.request.sizes()
    mark = told["responseHeadersSize"] + told["responseBodySize"]

    html = next(size for url, size in first.items() if url.endswith("/roll-call"))
    with capsys.disabled():
        print(
            f"\nfirst visit: {sum(first.values())} bytes, of them the page {html}; one mark's answer: {mark} bytes"
        )
    assert html <= 14 * KB, first
    assert sum(first.values()) <= 60 * KB, first
    assert mark <= 2 * KB


def _weigh(page: Page) -> dict[str, int]:
    """Bytes on the wire by address, headers and all, as they come; the event stream is not a file."""
    names: dict[str, str] = {}
    loaded: dict[str, int] = {}
    browser = page.context.new_cdp_session(page)

    def finished(event: dict[str, Any]) -> None:
        loaded[names[event["requestId"]]] = int(event["encodedDataLength"])

    browser.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]}))
    browser.on("Network.loadingFinished", finished)
    browser.send("Network.enable")
    return loaded
