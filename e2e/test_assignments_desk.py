"""Work given at a desk, told from a phone that runs no script, accepted by the secretary, found by the office."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.phones import Phones

PHOTO = (
    Path(__file__).parent.parent
    / "tests"
    / "fixtures"
    / "minutes"
    / "a1-to-dan-pho-7"
    / "20261003_211531.jpg"
)


def give(page: Page, text: str, name: str, *, slug: str = "pleiku") -> str:
    """The secretary gives a piece of work to a member by the form; its address."""
    page.goto(f"/{slug}/assignments")
    page.get_by_role("link", name="Giao việc", exact=True).click()
    page.get_by_label("Nội dung việc").fill(text)
    page.get_by_label("Lĩnh vực").select_option("Kinh tế")
    page.get_by_label("Ngày khác…").check()
    page.get_by_label("Ngày khác", exact=True).fill(
        page.evaluate("new Date(Date.now() + 9 * 864e5).toISOString().slice(0, 10)")
    )
    person = page.locator("label.tick", has_text=re.compile(rf"^\s*{name} ")).first
    page.locator("details", has=person).locator("summary").click()
    person.get_by_role("checkbox").check()
    page.get_by_role("button", name="Giao việc").click()
    page.wait_for_url(re.compile(r"/assignments/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    return page.url


def own_name(page: Page) -> str:
    """The whole name of who is logged in, as the member list has it."""
    return " ".join((page.locator("html").locator(".me .name b").text_content() or "").split())


def test_work_goes_from_the_desk_to_a_phone_without_script_and_back(phone: Phones, sign_in: SignIn) -> None:
    member = sign_in(phone(java_script_enabled=False), "member")
    secretary = sign_in(phone(), "secretary")
    text = f"Vận động ba hộ hiến đất mở đường {uuid4().hex[:6]}"
    address = give(secretary, text, own_name(member))

    member.goto("/pleiku/work")
    mine = member.locator(".task", has_text=text)
    mine.locator("summary", has_text="Báo tiến độ").click()
    mine.get_by_label("Đã làm đến đâu").fill("Hai hộ đã đồng ý")
    mine.get_by_role("button", name="Báo tiến độ").click()
    mine.get_by_role("link", name=re.compile("Thêm ảnh")).click()
    member.get_by_label("Đính kèm ảnh hoặc tệp PDF").set_input_files(PHOTO)
    member.get_by_role("button", name="Gửi tệp").click()
    picture = member.locator(".evidence img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.getAttribute('src')").endswith("small=1")
    member.goto("/pleiku/work")
    mine.locator("summary", has_text="Báo xong").click()
    mine.get_by_role("button", name="Báo xong").click()
    expect(mine).to_contain_text("Đã báo xong")

    secretary.goto("/pleiku/")
    secretary.get_by_role("link", name=re.compile("Xem tất cả việc đang chờ")).click()
    secretary.get_by_label("Tìm theo việc hoặc tên").fill(text[-6:])
    secretary.get_by_label("Tìm theo việc hoặc tên").press("Enter")
    secretary.locator(".rows.work a", has_text=text).click()
    secretary.wait_for_url(address)
    expect(secretary.locator(".history")).to_contain_text("Hai hộ đã đồng ý")
    secretary.get_by_label("Tốt hơn yêu cầu").check()
    secretary.get_by_role("button", name="Nhận kết quả").click()
    expect(secretary.locator(".assignment .st").first).to_have_text(re.compile("Tốt hơn yêu cầu"))

    member.goto("/pleiku/work")
    expect(member.locator("[data-part=ended] .task", has_text=text)).to_be_visible()


def test_the_office_filters_all_work_and_comes_back_to_the_same_list(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "office", to="/pleiku/assignments")
    page.locator("summary", has_text="Lọc và sắp xếp").click()
    page.get_by_label("Tình trạng").select_option("Chưa xong (đang làm, đã báo xong)")
    page.get_by_label("Hạn", exact=True).select_option("Quá hạn")
    page.get_by_role("button", name="Áp dụng").click()
    page.wait_for_url("**state=live**due=overdue**")
    rows = page.locator(".rows.work > li")
    expect(rows.first).to_contain_text("Quá hạn")
    first = rows.first.inner_text()
    page.get_by_role("link", name="Sau").click()
    page.wait_for_url("**after=*")
    assert rows.first.inner_text() != first
    page.get_by_role("link", name="Trước").click()
    page.wait_for_url("**before=*")
    assert rows.first.inner_text() == first
    rows.first.get_by_role("link").click()
    page.go_back()
    expect(page.get_by_label("Hạn", exact=True)).to_have_value("overdue")
    with page.expect_download() as given:
        page.locator("summary", has_text="Tải danh sách này về").click()
        page.get_by_role("link", name="Excel (.xlsx)").click()
    assert given.value.suggested_filename.endswith(".xlsx")


def test_the_cells_board_shows_its_work_by_state_and_by_person(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary", to="/pleiku/assignments")
    page.get_by_role("link", name="Bảng việc").click()
    by_state = page.locator(".board li").count()
    assert by_state
    page.get_by_role("link", name="Theo người").click()
    page.wait_for_url("**by=person")
    expect(page.locator(".board li")).to_have_count(by_state)
    page.locator(".board a").first.click()
    page.wait_for_url(re.compile(r"/assignments/\d+$"))
    expect(page.get_by_role("heading", name=re.compile("Đã ghi"))).to_be_visible()
