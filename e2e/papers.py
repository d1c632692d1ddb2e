"""The minutes of one meeting, as somebody at the office sees and touches them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from playwright.sync_api import Locator, Page, expect

from e2e.desks import PATIENCE, Desk

READY = "PDF đã sẵn sàng"


def send(page: Page, meeting: str, files: Sequence[Path], *, untouched: bool = False) -> str:
    """The secretary photographs these and sends them, if wanted as the camera made them; the path of the document."""
    desk = Desk(page, meeting).visit()
    if untouched:
        page.get_by_text("Tùy chọn").tap()
        page.get_by_label("Gửi nguyên ảnh gốc").check()
    desk.choose(files).send(len(files)).safe(len(files))
    return page.locator("#outcome .receipt a").get_attribute("href") or ""


class Paper:
    """One document in one browser."""

    def __init__(self, page: Page, path: str) -> None:
        self.page, self.path = page, path

    def visit(self, where: str = "") -> Paper:
        self.page.goto(self.path + where)
        return self

    def ready(self) -> Paper:
        """The page that waits tells it by itself."""
        expect(self.page.locator(".document")).to_contain_text(READY, timeout=PATIENCE)
        return self

    def reloaded_until_ready(self) -> Paper:
        """Without a script one looks again by oneself."""
        until = time.monotonic() + PATIENCE / 1000
        while READY not in self.page.locator(".document").inner_text():
            assert time.monotonic() < until, self.page.locator(".document").inner_text()
            self.page.wait_for_timeout(500)
            self.page.get_by_role("link", name="Xem lại").click()
        return self

    def leaf(self, number: int) -> Locator:
        """The link to a page of it."""
        return self.page.get_by_role("navigation", name="Các trang").locator("li").nth(number - 1)

    def correct(self, line: int, words: str) -> Paper:
        self.page.get_by_role("link", name="Sửa chữ").click()
        self.page.get_by_label(f"Dòng {line}", exact=True).fill(words)
        self.page.get_by_role("button", name="Ghi chữ đã sửa").click()
        row = self.page.locator(f"#t{line - 1}")
        expect(row).to_contain_text(words)
        expect(row).to_contain_text("đã sửa")
        return self

    def figure(self, name: str) -> Locator:
        """Where a figure stands, by its name in the form, with all that is told of it."""
        return self.page.locator(f"#u-{name}-0")

    def confirm(self, *names: str) -> Paper:
        """Tick these figures, or all, and write them."""
        for box in self.page.get_by_role("checkbox", name="Đúng").all():
            box.set_checked(not names)
        for name in names:
            self.figure(name).get_by_role("checkbox", name="Đúng").check()
        self.page.get_by_role("button", name="Ghi các mục đã đánh dấu").click()
        done = self.page.get_by_role("region", name="Đã xác nhận")
        expect(done).to_be_visible()
        for name in names:
            expect(done.locator(self.figure(name))).to_be_visible()
        return self

    def pdf(self) -> list[str]:
        """The text of each page of the PDF, its blanks made one."""
        with self.page.expect_download() as given:
            self.page.get_by_role("link", name="Tải PDF").click()
        made = pypdfium2.PdfDocument(given.value.path())
        try:
            return [" ".join(leaf.get_textpage().get_text_range().split()) for leaf in made]
        finally:
            made.close()

    def throw_away(self, reason: str) -> Paper:
        self.page.get_by_text("Xóa biên bản này").click()
        self.page.get_by_label("Lý do xóa").fill(reason)
        self.page.get_by_role("button", name="Xóa biên bản", exact=True).click()
        return self


def look_for(page: Page, words: str, path: str) -> Locator:
    """Search in all minutes that one may see; what was found in this document, page by page."""
    page.goto(f"/{path.split('/')[1]}/minutes/search")
    page.get_by_label("Từ cần tìm").fill(words)
    page.locator("main").get_by_role("button", name="Tìm").click()
    page.wait_for_url("**/search?q=*")
    return page.locator(f"#results .found[href^='{path}']")
