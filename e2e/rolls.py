"""A roll call as somebody with a phone sees and touches it."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

# How many marks and wishes to open a roll of whoever is logged in the phone has not got through yet.
_WAITING = """() => new Promise((done, failed) => {
  const opening = indexedDB.open("nennep");
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const store = opening.result.transaction(["marks", "rolls"]);
    const marks = store.objectStore("marks").getAll(), rolls = store.objectStore("rolls").getAll();
    store.oncomplete = () => {
      opening.result.close();
      const mine = one => one.account === document.documentElement.dataset.account;
      const waiting = one => one.status === "pending" || one.opening;
      done([...marks.result, ...rolls.result].filter(mine).filter(waiting).length);
    };
  };
})"""


def csrf_of(page: Page) -> str:
    """What the forms of whoever is logged in carry."""
    parts = urlsplit(page.url)
    found = re.search(
        r'name="csrf" value="([^"]+)"', page.request.get(f"{parts.scheme}://{parts.netloc}/places").text()
    )
    assert found is not None
    return found[1]


def plan(page: Page, slug: str = "pleiku") -> str:
    """The path of a new meeting today, of the cell of whoever is logged in: each journey has its own."""
    form = {
        "csrf": csrf_of(page),
        "nonce": str(uuid4()),
        "kind": "extraordinary",
        "date": _today(page),
        "time": "19:30",
    }
    parts = urlsplit(page.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    # Only the address that the redirect names is wanted.
    made = page.request.post(
        f"{origin}/{slug}/meetings",
        form=form,
        headers={"Origin": origin},
        max_redirects=0,
        fail_on_status_code=False,
    )
    assert made.status == 303, made.text()
    return urlsplit(made.headers["location"]).path


def _today(page: Page) -> str:
    return page.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Ho_Chi_Minh'})")


class Roll:
    """The roll-call page of one meeting on one phone."""

    def __init__(self, page: Page, meeting: str) -> None:
        self.page, self.meeting = page, meeting

    def visit(self) -> Roll:
        self.page.goto(f"{self.meeting}/roll-call")
        return self.ready()

    def ready(self) -> Roll:
        # Set when the script has taken the page over.
        expect(self.page.locator("#roll[style*='--head']")).to_be_attached()
        return self

    def begin(self) -> Roll:
        self.page.locator("#opening button").click()
        expect(self.page.locator("#roll")).to_have_attribute("data-state", "open")
        # Opening is queued like a mark: it works without network, and is sent with the first chance.
        self.sent()
        return self

    def kept(self) -> Roll:
        """The page may be opened without network from now on."""
        expect(self.page.locator("[data-kept]")).to_contain_text("Đã lưu")
        return self

    def numbers(self, base: str = "expected") -> list[int]:
        """Of the people on the page in its order: all who are expected, or all who are exempt."""
        found = self.page.eval_on_selector_all(f"#marks li[data-b={base}]", "rows => rows.map(row => row.id)")
        return [int(row[1:]) for row in found]

    def row(self, no: int) -> Locator:
        return self.page.locator(f"#m{no}")

    def present(self, *numbers: int) -> None:
        for no in numbers:
            self.row(no).locator("> button").tap()
            self.shows(no, "present")

    def sheet(self, no: int) -> Locator:
        self.row(no).locator("> a").tap()
        return self.page.locator("#sheet")

    def choose(self, no: int, state: str) -> None:
        self.sheet(no).locator(f".choices button[value={state}]").tap()
        self.shows(no, state)

    def excused(self, no: int, reason: str) -> None:
        sheet = self.sheet(no)
        sheet.locator("button[value=absent_excused]").first.tap()
        sheet.locator(f"button[data-reason='{reason}']").tap()
        self.shows(no, "absent_excused")

    def rest(self, group: int) -> int:
        """Everybody of a group who was not called is here; how many that were."""
        self.page.locator(f"section[data-group='{group}'] .rest").tap()
        yes = self.page.locator("dialog.ask button[value=yes]")
        counted = re.search(r"\d+", yes.inner_text())
        yes.tap()
        expect(self.page.locator(f"section[data-group='{group}'] li[data-s=not_called]")).to_have_count(0)
        assert counted is not None
        return int(counted[0])

    def shows(self, no: int, state: str) -> None:
        expect(self.row(no)).to_have_attribute("data-s", state)

    def conflict(self, no: int) -> None:
        expect(self.row(no)).to_have_attribute("data-w", "")

    def unsent(self, count: int) -> None:
        expect(self.page.locator("#bar [data-unsent]")).to_have_attribute("data-count", str(count))

    def sent(self) -> None:
        """Nothing waits in the phone's store any more, and the page says so. (What the page says alone may still be
        the word of before the tap.)
        """
        until = time.monotonic() + 30
        while left := self.page.evaluate(_WAITING):
            assert time.monotonic() < until, f"{left} still unsent"
            self.page.wait_for_timeout(50)
        expect(self.page.locator("#bar [data-unsent]")).to_have_attribute("data-state", "none")

    def count(self, state: str) -> int:
        return int(self.page.locator(f"[data-f={state}] b").inner_text())

    def rate(self) -> str:
        return self.page.locator("#rate").inner_text().replace("\xa0", " ")

    def close(self, answer: str = "lock") -> None:
        """answer: "lock" when everybody was called, "rest" to write the others down as absent."""
        self.page.locator("#closing button").tap()
        self.page.locator(f"dialog.ask button[value={answer}]").tap()
        self.page.wait_for_url(f"**{self.meeting}")

    def history(self, no: int) -> list[str]:
        """The marks of one person as the history page tells them, oldest first."""
        aside = self.page.context.new_page()
        aside.goto(f"{self.meeting}/entries/{no}")
        told = aside.locator("ol.rows > li").all_inner_texts()
        aside.close()
        return told


def percent(part: int, whole: int) -> str:
    """As the page says it: one decimal, half up, a comma."""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{part}/{whole} = {tenths // 10},{tenths % 10} %"
