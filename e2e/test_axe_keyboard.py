"""Without a pointer: the keyboard reaches the main action of a page soon, and one always sees where one is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e.conftest import SignIn
from e2e.phones import Phones
from e2e.rolls import Roll, plan
from e2e.test_assignments_meeting import told
from e2e.works import Work

# The focused element: its name, whether an outline is drawn round it, and whether anything lies over its middle.
_FOCUS = """() => {
  const focused = document.activeElement;
  // A box that is drawn as its whole label is seen by its label.
  const one = getComputedStyle(focused).opacity === "0" ? focused.closest("label") : focused;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const name = focused.textContent || focused.getAttribute("aria-label") || focused.name || focused.tagName;
  return [name.trim().replace(/\\s+/g, " "),
          style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
          !!over && (one.contains(over) || over.contains(one))];
}"""


def at_a_desk(phone: Phones) -> Page:
    """A phone-sized window with a keyboard."""
    return phone(is_mobile=False, has_touch=False, service_workers="block")


def walk(page: Page, to: str, most: int) -> list[str]:
    """Press Tab until the focus is on what begins with ``to``; what was passed. Each stop has to be seen."""
    passed: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name, outlined, seen = page.evaluate(_FOCUS)
        assert outlined, f"no outline round {name!r}"
        assert seen, f"something covers {name!r}"
        if name.startswith(to):
            return passed
        passed.append(name)
    raise AssertionError(f"{to!r} is not among the first {most}: {passed}")


def test_the_secretary_opens_the_roll_with_the_keyboard_alone(phone: Phones, sign_in: SignIn) -> None:
    page = sign_in(at_a_desk(phone), "secretary")
    page.goto("/pleiku/")
    assert walk(page, "Đến nội dung chính", 1) == []
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    walk(page, "Điểm danh", 2)
    page.keyboard.press("Enter")
    page.wait_for_url("**/roll-call")

    meeting = plan(page)
    roll = Roll(page, meeting).visit()
    walk(page, "Mở điểm danh", 5)
    page.keyboard.press("Enter")
    expect(page.locator("#roll")).to_have_attribute("data-state", "open")
    roll.sent()
    page.locator("#find").focus()
    walk(page, "Có mặt", 12)
    page.keyboard.press("Enter")
    marked = page.locator("#marks li[data-s=present]")
    expect(marked).to_have_count(1)
    walk(page, "Khác", 1)
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_have_count(0)
    assert page.evaluate(_FOCUS)[0] == "Khác", "the focus is lost when the sheet closes"


def test_the_secretary_walks_down_the_roll_and_nothing_covers_where_one_is(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(at_a_desk(phone), "secretary")
    Roll(page, plan(page)).visit().begin()

    page.locator("#marks li button").nth(3).focus()
    for _ in range(24):
        walk(page, "", 1)
    page.keyboard.press("Shift+Tab")
    for _ in range(10):
        page.keyboard.press("Shift+Tab")
        name, outlined, seen = page.evaluate(_FOCUS)
        assert outlined, name
        assert seen, name


def test_the_secretary_gives_work_at_a_meeting_with_the_keyboard_alone(
    phone: Phones, sign_in: SignIn
) -> None:
    page = sign_in(at_a_desk(phone), "secretary")
    work = Work(page, plan(page)).visit()
    page.locator("#find").focus()
    walk(page, "member", 12)
    page.keyboard.press("Space")
    expect(work.sheet.locator("[name=text]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(work.sheet).to_be_hidden()
    assert page.evaluate(_FOCUS)[0] == "member", "the focus is lost when the sheet closes"

    page.keyboard.press("Space")
    text = told(["Việc giao bằng bàn phím"])[0]
    page.keyboard.type(text)
    walk(page, "Giao", 4)
    page.keyboard.press("Enter")
    expect(work.given(text)).to_have_count(1)
    work.sent()
    assert page.evaluate(_FOCUS)[0] == "member", "the focus is lost when the sheet closes"
