"""The neighbour: who works for another committee or province learns nothing, not even that there is something."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.founding import LISTS, NO_SUCH_PAGE, look_at_list
from e2e.phones import Phones
from e2e.rolls import csrf_of

CELL_OF_151 = "Chi bộ Tổ dân phố 5, phường Thắng Lợi"


def addresses_of_pleiku(page: Page) -> tuple[list[str], set[str]]:
    """Every kind of address that Pleiku's office has in its pages, and the names that stand behind them."""
    look_at_list(page, "pleiku", LISTS / "chi-bo-van-phong-11.xlsx")
    preview = page.url[page.url.index("/pleiku") :]
    page.goto("/pleiku/cells")
    cell = page.get_by_role("link", name=CELL_OF_151).get_attribute("href") or ""
    page.goto(cell)
    names = set(page.locator(".person").all_inner_texts())
    page.goto(f"{cell}?view=meetings")
    meeting = page.locator("main a.row", has_text="đã họp").first.get_attribute("href") or ""
    page.goto(f"{meeting}/roll-call")
    entry = (page.locator("#marks li").first.get_attribute("id") or "")[1:]
    inside = [cell, f"{cell}?view=meetings", f"{cell}?view=attendance", meeting, f"{meeting}/roll-call",
              f"{meeting}/entries/{entry}", f"{meeting}/changes?since=0", f"{meeting}/events?since=0",
              preview]  # fmt: skip
    roots = ["", "/", "/meetings", "/meetings/new", "/cells", "/members", "/members?q=le", "/members/export.xlsx",
             "/members/imports/new", "/members/imports/template.xlsx", "/people"]  # fmt: skip
    addresses = [*inside, *addresses_of_work(page, cell, meeting), *(f"/pleiku{path}" for path in roots)]
    return addresses, names | {CELL_OF_151, "Thành ủy Pleiku"}


def addresses_of_work(page: Page, cell: str, meeting: str) -> list[str]:
    """The same of assigned work: of a cell, a meeting, one piece of it, a member's year."""
    page.goto("/pleiku/assignments?state=all")
    one = page.locator(".rows.work a").first.get_attribute("href") or ""
    page.goto(f"{cell}/usual-work")
    usual = page.locator("main .rows a").first.get_attribute("href") or ""
    page.goto(cell)
    year = page.locator(".people a.person").first.get_attribute("href") or ""
    assert all((one, usual, year))
    roots = ["/work", "/assignments", "/assignments/new", "/assignments/figures", "/assignments/reminding",
             "/assignments/list.xlsx", "/assignments/list.pdf", "/reminders", "/resolutions"]  # fmt: skip
    inside = [f"{cell}/usual-work", f"{cell}/assignments", f"{cell}/assignments?by=person",
              f"{meeting}/assignments", f"{meeting}/assignments/annex.docx"]  # fmt: skip
    return [one, usual, year, *inside, *(f"/pleiku{path}" for path in roots)]


@pytest.mark.parametrize(
    ("role", "slug", "title"),
    [("office", "ayun-pa", "Thị ủy Ayun Pa"), ("secretary", "nghe-an", "Đảng ủy Khối Các cơ quan tỉnh")],
)
def test_the_neighbour_finds_nothing_under_any_address_of_pleiku(
    phone: Phones, sign_in: SignIn, role: str, slug: str, title: str
) -> None:
    addresses, names = addresses_of_pleiku(sign_in(phone(), "office"))
    neighbour = sign_in(phone(expected=(NO_SUCH_PAGE,)), role, slug)

    # Also with the ids of Pleiku under the neighbour's own address.
    own = [path.replace("/pleiku/", f"/{slug}/") for path in addresses if re.search(r"[0-9a-f]{8}-", path)]
    for path in [*addresses, *own]:
        answer = neighbour.request.get(path, headers={"Accept": "text/html"}, max_redirects=0)
        assert answer.status == 404, path
        told = answer.text()
        assert "Không tìm thấy" in told, path
        assert not [name for name in names if name in told], path
    neighbour.goto(addresses[0])
    expect(neighbour.get_by_role("heading", level=1)).to_contain_text("Không tìm thấy")
    neighbour.get_by_role("link", name="Về trang chính").tap()
    expect(neighbour.locator("header")).to_contain_text(title)


def test_the_secretary_of_ayun_pa_changes_nothing_in_pleiku(
    phone: Phones, sign_in: SignIn, address: str
) -> None:
    addresses, _ = addresses_of_pleiku(sign_in(phone(), "office"))
    meeting = next(path for path in addresses if re.fullmatch(r"/pleiku/meetings/[0-9a-f-]{36}", path))
    neighbour = sign_in(phone(), "secretary", "ayun-pa")

    csrf = csrf_of(neighbour)
    one = next(path for path in addresses if re.fullmatch(r"/pleiku/assignments/\d+", path))
    for path in (f"{meeting}/opening", f"{meeting}/closing", f"{meeting}/marks", f"{meeting}/not-held",
                 "/pleiku/meetings", "/pleiku/invitations", "/pleiku/assignments", f"{one}/changes",
                 f"{meeting}/assignments", "/pleiku/assignments/changes", "/pleiku/reminders/telling"):  # fmt: skip
        for mine in (path, path.replace("/pleiku/meetings/", "/ayun-pa/meetings/")):
            if mine.startswith("/pleiku/") or mine != path:
                form: dict[str, str | float | bool] = {
                    "reason": "thử",
                    "m": "1.present",
                    "role": "office",
                    "csrf": csrf,
                }
                answer = neighbour.request.post(mine, form=form, headers={"Origin": address}, max_redirects=0)
                assert answer.status == 404, mine


def test_who_is_not_logged_in_is_sent_to_the_log_in_page_and_back(phone: Phones, sign_in: SignIn) -> None:
    addresses, names = addresses_of_pleiku(sign_in(phone(), "office"))
    stranger = phone()
    for path in addresses:
        answer = stranger.request.get(path, headers={"Accept": "text/html"}, max_redirects=0)
        assert answer.status in (303, 401), path
        assert answer.status == 401 or answer.headers["location"].startswith("/login?next="), path
        assert not [name for name in names if name in answer.text()], path

    stranger.goto(addresses[0])
    expect(stranger).to_have_url(re.compile(re.escape("/login?next=" + quote(addresses[0]))))


def test_the_administrator_of_lang_son_sees_neither_other_provinces_nor_any_committees_register(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(phone(expected=(NO_SUCH_PAGE,)), "province_administrator", "lang-son")
    for path in ("/provinces/gia-lai/", "/provinces/gia-lai/committees/new", "/provinces/gia-lai/committees/pleiku",
                 "/provinces/lang-son/committees/pleiku", "/pleiku/", "/pleiku/cells", "/cao-loc/",
                 "/cao-loc/members", "/cao-loc/assignments", "/provinces/nghe-an/", "/nghe-an/",
                 "/nghe-an/assignments"):  # fmt: skip
        page.goto(path)

        expect(page.get_by_role("heading", level=1)).to_contain_text("Không tìm thấy")
        assert not re.search("Gia Lai|Pleiku|Cao Lộc|Nghệ An", page.locator("main").inner_text())
