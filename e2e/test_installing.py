"""On the home screen: what Chromium asks of an app, and a new version that is offered, never forced."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from playwright.sync_api import expect

from e2e.conftest import SignIn
from e2e.cut import Cut, plain_answer
from e2e.phones import Phones
from e2e.rolls import Roll, plan

# Resolves once a service worker answers for the page. (The page's policy forbids what wait_for_function does.)
_CONTROLLED = """() => new Promise(done => {
  const workers = navigator.serviceWorker;
  if (workers.controller) done();
  else workers.addEventListener("controllerchange", () => done(), {once: true});
})"""


def test_the_product_can_be_installed(phone: Phones, sign_in: SignIn, tmp_path: Path) -> None:
    page = sign_in(phone(profile=tmp_path), "secretary")
    page.evaluate(_CONTROLLED)

    browser = page.context.new_cdp_session(page)
    manifest = browser.send("Page.getAppManifest")
    assert manifest["errors"] == []
    told = json.loads(manifest["data"])
    assert (told["short_name"], told["display"], told["scope"]) == ("Nền Nếp", "standalone", "/")
    assert browser.send("Page.getInstallabilityErrors")["installabilityErrors"] == []


def test_a_new_version_is_offered_and_waits_until_it_is_wanted(
    phone: Phones, sign_in: SignIn, cut: Cut, address: str
) -> None:
    page = sign_in(phone(cut.address), "secretary")
    roll = Roll(page, plan(page)).visit().begin().kept()
    no, *_ = roll.numbers()
    offer = page.locator("#update")
    expect(offer).to_be_hidden()

    with urllib.request.urlopen(f"{address}/sw.js") as worker:
        newer = plain_answer(
            200, worker.read() + b"\n// newer\n", "text/javascript", "Cache-Control: no-cache"
        )
    cut.answer = lambda asked: newer if asked.path == "/sw.js" else None
    page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => {})")
    expect(offer).to_be_visible()
    page.evaluate("globalThis.sameVisit = true")
    roll.present(no)
    assert page.evaluate("sameVisit")

    with page.expect_event("domcontentloaded"):
        offer.get_by_role("button", name="Dùng bản mới").tap()
    roll.ready().shows(no, "present")
    expect(offer).to_be_hidden()
