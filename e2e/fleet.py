"""The long work of a province as its administrator sees it: committees from a list, a run, a committee's verbs."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator, Page, expect

from e2e.founding import LISTS, look_at_list, press

HOME = "/provinces/gia-lai"
ELEVEN = LISTS / "chi-bo-van-phong-11.xlsx"
# How long a run may take beside other work on a slow machine.
RUN_PATIENCE = 120_000
_HEADINGS = "Loại cấp ủy;Tên địa phương hoặc cơ quan;Địa chỉ ngắn;Người quản trị"


def path_of(slug: str) -> str:
    """The province's page of a committee."""
    return f"{HOME}/committees/{slug}"


def table_of(rows: list[tuple[str, str, str, str]]) -> FilePayload:
    """A list of committees as a spreadsheet program saves it: kind, name, path, administrator."""
    lines = [_HEADINGS, *(";".join(row) for row in rows)]
    return {
        "name": "danh-sach-cap-uy.csv",
        "mimeType": "text/csv",
        "buffer": "\r\n".join(lines).encode("utf-8-sig"),
    }


def look_at_table(page: Page, rows: list[tuple[str, str, str, str]]) -> None:
    """Choose a list of committees and go on to its preview."""
    page.goto(f"{HOME}/committees/many")
    page.get_by_label("Tệp danh sách cấp ủy").set_input_files(table_of(rows))
    press(page, "Xem trước")


def run_through(page: Page) -> str:
    """Wait on a run's page until all of it is done, without touching anything; the address of the run."""
    page.wait_for_url(re.compile("/runs/"))
    status = page.locator("#status")
    expect(status).to_contain_text("đã xong", timeout=RUN_PATIENCE)
    bar = status.get_by_role("progressbar")
    assert bar.get_attribute("value") == bar.get_attribute("max")
    return page.url


def suspend(page: Page, slug: str, reason: str) -> None:
    """Close a committee's doors."""
    page.goto(path_of(slug))
    page.get_by_text("Tạm ngừng cấp ủy này").click()
    page.get_by_label("Lý do tạm ngừng").fill(reason)
    press(page, "Tạm ngừng")
    expect(page.locator("#status")).to_contain_text("tạm ngừng")


def bring_in_eleven(office: Page, slug: str) -> None:
    """One cell of eleven members comes into a committee's register."""
    look_at_list(office, slug, ELEVEN)
    press(office, "Ghi 11 đồng chí vào sổ")
    expect(office.get_by_role("heading", level=1)).to_have_text("Đã ghi vào sổ")


def row_of(page: Page, slug: str) -> Locator:
    """A committee's row in one of the province's tables."""
    return page.get_by_role("row").filter(has=page.locator(f"a[href$='/{slug}']"))
