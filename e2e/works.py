"""A meeting's assignments as somebody with a phone sees and touches them."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from e2e.rolls import csrf_of

# How many changes of whoever is logged in the phone has not got through yet.
_WAITING = """() => new Promise((done, failed) => {
  const opening = indexedDB.open("nennep-work");
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const all = opening.result.transaction("changes").objectStore("changes").getAll();
    all.onsuccess = () => {
      opening.result.close();
      const mine = one => one.account === document.documentElement.dataset.account && one.status === "pending";
      done(all.result.filter(mine).length);
    };
  };
})"""
# Counts from now on how often a finger comes down.
COUNT_TAPS = "() => { window.taps = 0; addEventListener('pointerdown', () => (window.taps += 1), true); }"


def today(page: Page) -> date:
    """The day where the committees are."""
    return date.fromisoformat(
        page.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Ho_Chi_Minh'})")
    )


def post(page: Page, path: str, **form: str) -> str:
    """Sends a plain form as whoever is logged in; where it leads."""
    parts = urlsplit(page.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    sent = {"csrf": csrf_of(page), "nonce": str(uuid4()), **form}
    made = page.request.post(
        f"{origin}{path}", form=sent, headers={"Origin": origin}, max_redirects=0, fail_on_status_code=False
    )
    assert made.status == 303, made.text()
    return urlsplit(made.headers["location"]).path


def plan_on(page: Page, day: date, slug: str = "pleiku") -> str:
    """The path of a new meeting on a day, of the cell of whoever is logged in."""
    return post(page, f"/{slug}/meetings", kind="extraordinary", date=day.isoformat(), time="19:30")


class Work:
    """The page of one meeting's assignments on one phone."""

    def __init__(self, page: Page, meeting: str) -> None:
        self.page, self.meeting = page, meeting

    def visit(self) -> Work:
        self.page.goto(f"{self.meeting}/assignments")
        return self.ready()

    def ready(self) -> Work:
        expect(self.page.locator("#assignments[data-ready]")).to_be_attached()
        return self

    def kept(self) -> Work:
        """The page may be opened without network from now on."""
        expect(self.page.locator("#assignments > [data-kept]")).to_contain_text("Đã lưu")
        return self

    def given_before(self, texts: dict[int, str], due: date) -> None:
        """What was given to people (by number) at this meeting, on its own day, as plain forms."""
        for no, text in texts.items():
            post(
                self.page,
                f"{self.meeting}/assignments",
                member=str(no),
                text=text,
                due=due.isoformat(),
                area="other",
            )

    def people(self) -> list[int]:
        """The numbers of those who are neither exempt nor away, in the order of the page."""
        found = self.page.eval_on_selector_all(
            "#people li:not(:has(small)) input", "boxes => boxes.map(box => Number(box.value))"
        )
        assert len(found) > 10
        return found

    def person(self, no: int) -> Locator:
        return self.page.locator(f"#people li:has(input[value='{no}'])")

    def name(self, no: int) -> str:
        return self.person(no).locator(".person").inner_text()

    def load(self, no: int) -> int:
        found = re.search(r"\d+", self.person(no).locator(".load").inner_text())
        return int(found[0]) if found else 0

    @property
    def sheet(self) -> Locator:
        return self.page.locator("#sheet")

    def give(self, text: str, *numbers: int) -> None:
        """The first person is tapped; further ones are ticked after "Thêm người"."""
        first, *others = numbers
        self.person(first).tap()
        expect(self.sheet.locator("[name=text]")).to_be_focused()
        if others:
            self.sheet.get_by_role("button", name="Thêm người").tap()
            for no in others:
                self.person(no).tap()
            self.page.locator("#picked button").tap()
        self.page.keyboard.type(text)
        self.sheet.get_by_role("button", name="Giao", exact=True).tap()
        expect(self.given(text)).to_have_count(len(numbers))

    def given(self, text: str) -> Locator:
        return self.page.locator("#given > li", has=self.page.get_by_text(text, exact=True))

    def task(self, text: str) -> Locator:
        return self.page.locator("#review li.task", has=self.page.get_by_text(text, exact=True))

    def decide(self, text: str, words: str) -> None:
        self.task(text).locator(".moves").get_by_text(words, exact=True).tap()
        self.decided(text)

    def carry(self, text: str, words: str = "Một tuần") -> None:
        self.task(text).get_by_text("Chưa xong", exact=True).tap()
        self.page.locator("dialog.sheet[open] [data-move=carried]").get_by_role("button", name=words).tap()

    def decided(self, text: str) -> None:
        expect(self.task(text)).to_have_attribute("data-done", "")

    def unsent(self, count: int) -> None:
        if count:
            expect(self.page.locator("#sync .unsent")).to_contain_text(f"{count} việc")
        else:
            expect(self.page.locator("#sync .unsent")).to_have_count(0)

    def sent(self) -> None:
        """Nothing waits in the phone's store any more, and the page says so."""
        until = time.monotonic() + 30
        while left := self.page.evaluate(_WAITING):
            assert time.monotonic() < until, f"{left} still unsent"
            self.page.wait_for_timeout(50)
        expect(self.page.locator("#assignments [data-p]")).to_have_count(0)
        self.unsent(0)

    def done(self) -> str:
        return self.page.locator("#done").inner_text().replace("\xa0", " ")

    def history(self, row: Locator) -> list[str]:
        """What was said of a task as its own page tells it."""
        aside = self.page.context.new_page()
        aside.goto(row.locator("a[href*='/assignments/']").first.get_attribute("href") or "")
        told = aside.locator("ol.history > li").all_inner_texts()
        aside.close()
        return told


def ago(page: Page, days: int) -> date:
    return today(page) - timedelta(days=days)
