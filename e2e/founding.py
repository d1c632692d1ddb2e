"""A committee that its province founds, and the people who are invited into it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import FilePayload, Page, expect

LISTS = Path(__file__).parent.parent / "tests" / "fixtures" / "members"
PASSWORD = "lúa chín vàng đồng"
# What the console says when a form comes back with its reasons, and when there is no such page.
REFUSED, NO_SUCH_PAGE = r"status of 422", r"status of 404"
CELL_OF_151 = "Chi bộ Tổ dân phố 5"


@dataclass(frozen=True)
class Founded:
    """A committee as the province's administrator sees it after pressing the button."""

    title: str
    slug: str
    link: str


def expected_of_151() -> int:
    """Who of the cell of 151 has to come today: not those exempt for health, nor those away for work on this day."""
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()
    told = json.loads((LISTS / "chi-bo-151.expected.json").read_text("utf-8"))
    away = sum(one["from"] <= today <= one["to"] for one in told["away_members"])
    return int(told["members"] - told["exempt"]["age_health"] - away)


def new_name() -> str:
    """A name that no earlier run has used: a product that is kept remembers its committees."""
    return f"Ia Hrung {secrets.randbelow(10**6):06}"


def found(province: Page, name: str) -> Founded:
    """The province's administrator fills in the one form and waits until the committee works."""
    province.goto("/provinces/gia-lai/committees/new")
    province.get_by_label("Tên địa phương hoặc cơ quan").fill(name)
    province.get_by_label("Họ và tên người quản trị").fill("Rơ Châm Hiệp")
    press(province, "Thêm cấp ủy")
    return founded(province, name)


def founded(province: Page, name: str) -> Founded:
    """What the page after the form shows, once the committee works."""
    expect(province.locator("#status")).to_contain_text("đang hoạt động")
    slug = province.locator("#status dd").first.inner_text().strip("/")
    return Founded(f"Đảng ủy xã {name}", slug, province.get_by_label("Đường dẫn của lời mời").input_value())


def press(page: Page, name: str) -> None:
    """Press the one button of this name in the page itself."""
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def accept(page: Page, link: str, login: str) -> Page:
    """Somebody opens an invitation and makes an account; the page where they begin."""
    page.goto(link)
    name = page.get_by_label("Họ và tên của đồng chí")
    name.fill(name.input_value() or "Siu Blah Hương")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    press(page, "Tạo tài khoản")
    page.wait_for_url(lambda url: "/invitations/" not in url)
    return page


def look_at_list(page: Page, slug: str, file: Path | FilePayload, *, create: bool = True) -> None:
    """Choose a member list and go on to its preview."""
    page.goto(f"/{slug}/members/imports/new")
    page.get_by_label("Tệp danh sách").set_input_files(file)
    page.get_by_label("Lập những chi bộ có trong tệp").set_checked(create)
    press(page, "Xem trước")


def bring_in_151(page: Page, slug: str) -> None:
    """The list of the cell of 151 is looked at and written."""
    look_at_list(page, slug, LISTS / "chi-bo-151.xlsx")
    press(page, "Ghi 151 đồng chí vào sổ")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã ghi vào sổ")


def invite(page: Page, slug: str, role: str, cell: str = CELL_OF_151) -> str:
    """The committee's administrator makes an invitation; its link."""
    page.goto(f"/{slug}/people")
    page.get_by_label("Công việc").select_option(role)
    page.get_by_label("Chi bộ", exact=False).first.select_option(cell)
    press(page, "Tạo lời mời")
    return page.get_by_label("Đường dẫn của lời mời").input_value()
