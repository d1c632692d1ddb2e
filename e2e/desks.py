"""The desk on which minutes are photographed, as somebody with a phone sees and touches it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from e2e.cut import Cut

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
MINUTES = FIXTURES / "minutes"
# Three photographed pages of one document; the second is blurred on purpose.
TYPED = [MINUTES / "a1-to-dan-pho-7" / f"20261003_2115{end}.jpg" for end in ("02", "17", "31")]
BLURRED = TYPED[1]
# How long a picture may take to be looked at on a slow machine, and a page to be sent.
PATIENCE = 120_000


class Desk:
    """The page of one meeting where its minutes are photographed, on one phone."""

    def __init__(self, page: Page, meeting: str) -> None:
        self.page, self.meeting = page, meeting

    @property
    def path(self) -> str:
        return f"{self.meeting}/minutes/new"

    def visit(self) -> Desk:
        self.page.goto(self.path)
        return self.ready()

    def ready(self) -> Desk:
        expect(self.page.locator("#desk")).to_be_visible()
        return self

    def kept(self) -> Desk:
        """The page may be opened without network from now on."""
        expect(self.page.locator("[data-kept]")).to_contain_text("Đã lưu")
        return self

    def photograph(self, file: Path) -> Desk:
        """As the phone's camera does it: one picture that comes back through the file chooser."""
        number = self.sheets.count() + 1
        with self.page.expect_file_chooser() as opened:
            self.page.get_by_role("button", name=f"Chụp trang {number}").click()
        opened.value.set_files(file)
        return self.looked_at(number)

    def choose(self, files: Sequence[Path]) -> Desk:
        number = self.sheets.count() + len(files)
        with self.page.expect_file_chooser() as opened:
            self.page.get_by_role("button", name="Chọn ảnh").click()
        opened.value.set_files(list(files))
        return self.looked_at(number)

    def looked_at(self, count: int) -> Desk:
        """So many pages lie here, and each has been looked at."""
        expect(self.sheets).to_have_count(count, timeout=PATIENCE)
        expect(self.page.get_by_text("đang xem ảnh")).to_have_count(0, timeout=PATIENCE)
        return self

    @property
    def sheets(self) -> Locator:
        return self.page.locator("#pages > li")

    def warnings(self) -> list[str]:
        return self.page.locator("#pages .note.warn span").all_inner_texts()

    def send(self, count: int) -> Desk:
        self.page.get_by_role("button", name=f"Gửi {count} trang").click()
        expect(self.page.locator("#send")).to_be_hidden()
        return self

    def unsent(self, words: str) -> Desk:
        expect(self.page.locator("#bar [data-unsent]")).to_contain_text(f"{words} chưa gửi")
        return self

    def safe(self, count: int) -> Desk:
        """The receipt: the server has said it of every page."""
        words = f"{count}/{count} trang đã an toàn"
        expect(self.page.locator("#outcome .receipt")).to_contain_text(words, timeout=PATIENCE)
        return self

    def ids(self) -> list[str]:
        found: list[str] = self.page.eval_on_selector_all(
            "#pages > li", "rows => rows.map(row => row.dataset.page)"
        )
        return found

    def receipt(self) -> dict[str, list[str]]:
        """What the server says of the document behind the link."""
        link = self.page.locator("#outcome .receipt a").get_attribute("href")
        told: dict[str, list[str]] = self.page.request.get(f"{link}/receipt").json()
        return told


def uploads(cut: Cut) -> list[bytes]:
    """The bodies of all files that went over a wire so far."""
    return [one.body for one in cut.asked if one.method == "PUT" and "/files/" in one.path]


def arrangements(cut: Cut) -> list[list[str]]:
    """The orders of pages that went over a wire so far."""
    asked = [
        one for one in cut.asked if one.method == "PUT" and re.search(r"/minutes/[0-9a-f-]{36}$", one.path)
    ]
    return [json.loads(one.body)["files"] for one in asked]


def wait_for(page: Page, true: object, what: str, seconds: float = 60) -> None:
    """Until ``true()`` is."""
    assert callable(true)
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        page.wait_for_timeout(100)
