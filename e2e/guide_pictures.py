"""The pictures of the user guide, taken of the demonstration with a phone of 360 × 740: ``make guide``.

Not part of ``make test``: pictures change with every day of the calendar, and a person looks them over before they go
into the repository. The checks of the house see to it that the guide and the pictures fit each other.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, Page, expect

from e2e.conftest import SignIn
from e2e.cut import Cut
from e2e.desks import TYPED, Desk
from e2e.founding import invite
from e2e.papers import Paper
from e2e.phones import NO_NETWORK, Phones
from e2e.rolls import Roll, plan
from e2e.works import Work, ago, plan_on, today

PICTURES = Path(__file__).parent.parent / "web" / "static" / "guide"
# Of 100: letters stay sharp, and a page is about 25 KB.
QUALITY = 55
OLD = ("Vận động hộ gia đình làm chuồng trại xa nhà", "Sửa đường vào nhà sinh hoạt cộng đồng")


def shoot(page: Page, name: str, top: str = "", *, above: int = 90, height: int = 740) -> None:
    """One screen of the phone, or its upper ``height`` points; ``top``: what is scrolled to its head."""
    if top:
        page.locator(top).first.evaluate(
            "(found, above) => scrollTo(0, found.getBoundingClientRect().top + scrollY - above)", above
        )
    else:
        page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(300)
    clip = FloatRect(x=0, y=0, width=360, height=height)
    drawn = Image.open(BytesIO(page.screenshot(animations="disabled", clip=clip))).convert("RGB")
    PICTURES.mkdir(exist_ok=True)
    drawn.save(PICTURES / f"{name}.webp", quality=QUALITY, method=6)


def test_logging_in_and_the_first_page(phone: Phones, sign_in: SignIn) -> None:
    page = phone()
    page.goto("/login")
    shoot(page, "log-in")
    sign_in(page, "secretary", to="/pleiku/")
    shoot(page, "home")
    page.locator("details.me summary").click()
    shoot(page, "menu")


def test_an_invitation(phone: Phones, sign_in: SignIn) -> None:
    office = sign_in(phone(), "committee_administrator", to="/pleiku/people")
    link = invite(office, "pleiku", "Phó bí thư chi bộ", "Chi bộ Tổ dân phố 5, phường Thắng Lợi")
    page = phone()
    page.goto(link)
    page.get_by_label("Họ và tên của đồng chí").fill("Siu Blah Hương")
    page.get_by_label("Tên đăng nhập").fill("0900 055 264")
    shoot(page, "invitation", "form")
    shoot(office, "people", "#invite")


def test_a_meeting_is_planned_and_opened(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    page.goto("/pleiku/meetings")
    shoot(page, "meetings")
    page.goto("/pleiku/meetings/new")
    # The field for the date is drawn by the browser, in the language of the machine.
    shoot(page, "plan", height=405)
    meeting = plan(page)
    page.goto(meeting)
    shoot(page, "meeting")
    roll = Roll(page, meeting).visit()
    shoot(page, "roll-before")
    roll.begin().kept()
    shoot(page, "roll-open")
    a, b, c, d, *_ = roll.numbers()
    roll.present(a, b)
    roll.choose(c, "late")
    roll.sheet(d)
    expect(page.locator("#sheet")).to_be_visible()
    shoot(page, "roll-other")
    page.locator("#sheet button[value=absent_excused]").first.tap()
    shoot(page, "roll-reason")
    page.locator("#sheet button[data-reason='ốm']").first.tap()
    roll.sent()
    shoot(page, "roll-marked", f"#m{a}", above=290)


def test_without_signal_and_two_who_differ(phone: Phones, sign_in: SignIn, cut: Cut) -> None:
    page = sign_in(phone(cut.address, expected=(NO_NETWORK,)), "secretary")
    deputy = sign_in(phone(), "deputy")
    meeting = plan(page)
    roll = Roll(page, meeting).visit().begin().kept()
    other = Roll(deputy, meeting).visit()
    a, b, c, *_ = roll.numbers()
    cut.off()
    page.context.set_offline(True)
    roll.present(a, b, c)
    roll.unsent(3)
    shoot(page, "roll-offline", f"#m{a}", above=290)
    page.goto("/pleiku/cells")
    shoot(page, "offline")
    other.excused(c, "ốm")
    roll.visit()
    cut.on()
    page.context.set_offline(False)
    roll.conflict(c)
    shoot(page, "roll-differs", f"#m{c}", above=330)


def test_closing_and_mending(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    meeting = plan(page)
    roll = Roll(page, meeting).visit().begin()
    a, b, *_ = roll.numbers()
    for group in range(1, 8):
        roll.rest(group)
    roll.excused(b, "đi công tác")
    roll.sent()
    page.locator("#closing button").scroll_into_view_if_needed()
    shoot(page, "roll-close", "#closing", above=380)
    page.locator("#closing button").tap()
    shoot(page, "roll-sure")
    page.locator("dialog.ask button[value=lock]").tap()
    page.wait_for_url(f"**{meeting}")
    shoot(page, "meeting-closed")
    roll.visit()
    sheet = roll.sheet(a)
    sheet.locator("button[value=late]").tap()
    sheet.locator("#sheet-late").fill("Đến sau giờ khóa, có đồng chí phó bí thư xác nhận")
    shoot(page, "roll-mend")
    sheet.locator("button[value=late]").tap()
    roll.sent()
    page.goto(f"{meeting}/entries/{a}")
    shoot(page, "history")


def test_minutes(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    desk = Desk(page, plan(page)).visit()
    shoot(page, "minutes-empty")
    desk.choose(TYPED)
    shoot(page, "minutes-pages", "#pages", above=200)
    shoot(page, "minutes-send", "#outcome", above=420)
    desk.send(3).safe(3)
    shoot(page, "minutes-safe", "#outcome", above=300)
    paper = Paper(page, page.locator("#outcome .receipt a").get_attribute("href") or "").visit().ready()
    shoot(page, "minutes-read")
    page.goto(f"{paper.path}/figures")
    shoot(page, "minutes-figures")


def test_work(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "secretary")
    before = Work(page, plan_on(page, ago(page, 20))).visit()
    before.given_before(dict(zip(before.people(), OLD, strict=False)), ago(page, 2))
    work = Work(page, plan_on(page, today(page))).visit()
    shoot(page, "work-review")
    first, *_ = work.people()
    work.person(first).tap()
    page.keyboard.type("Đến thăm gia đình chính sách")
    shoot(page, "work-give")
    page.keyboard.press("Escape")
    page.goto("/pleiku/assignments")
    shoot(page, "work-list")
    member = sign_in(phone(), "member")
    member.goto("/pleiku/work")
    shoot(member, "work-own")


def test_the_office(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "office", to="/pleiku/")
    shoot(page, "office-home")
    page.goto("/pleiku/members/imports/new")
    shoot(page, "office-import", height=460)
    page.goto("/pleiku/minutes")
    shoot(page, "office-minutes")
    page.goto("/pleiku/assignments")
    shoot(page, "office-work")


def test_the_province(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(phone(), "province_administrator", "gia-lai", to="/provinces/gia-lai/")
    shoot(page, "province-figures")
    page.goto("/provinces/gia-lai/map")
    expect(page.locator("main svg path").first).to_be_attached()
    shoot(page, "province-map", "main h2", above=90)
    for name, path in (
        ("committees", "fleet"), ("new", "committees/new"), ("people", "people"), ("reports", "reports"),
    ):  # fmt: skip
        page.goto(f"/provinces/gia-lai/{path}")
        shoot(page, f"province-{name}")
