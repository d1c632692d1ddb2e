"""The pages of assigned work in English: no sentence of the product is left in Vietnamese, in any corner."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from e2e.conftest import SignIn
from e2e.phones import Phones
from e2e.test_english import NAMES, VIETNAMESE, in_english

# What people are called and what they wrote: it stays as it is, here and wherever else a page shows it.
WRITTEN = (
    "option, textarea, .person, .what, .of-what, .said, .saying .muted, .tick > span, .row strong, .row .muted b, "
    ".row > span > span:not(.muted), .board a, .task h3, .told, .assignment .facts dd, .history b, .facts dd a, "
    ".facts dd b, section:has(> .board) h2, .me .name"
)
PLACE = "Nhà văn hóa Tổ dân phố 5"
_READ = """written => {
  const plain = text => text.replace(/\\s+/g, " ").trim();
  const known = [...document.querySelectorAll(written)].map(one => plain(one.textContent));
  const told = [...document.querySelectorAll("main [aria-label], main [placeholder]")]
    .flatMap(one => [one.ariaLabel, one.placeholder]).filter(Boolean);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    if (at.closest("main, .nav") && !at.closest(`script, style, ${written}`)) told.push(walk.currentNode.textContent);
  }
  return [known, told.map(plain)];
}"""


def left_in_vietnamese(page: Page, paths: list[str]) -> list[str]:
    """What is still Vietnamese anywhere on these pages; names that a page doesn't mark were marked on one before."""
    found, known = set(), {*NAMES, PLACE, "Comrade " + page.locator(".me summary").inner_text().split()[-1]}
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
        written, told = page.evaluate(_READ, WRITTEN)
        known |= {words for words in written if VIETNAMESE.search(words) and " " in words}
        # Lists stress the given name, so that the names before it stand by themselves.
        known |= {words.rsplit(" ", 1)[0] for words in known}
        found |= {f"{path}: {text}" for text in told if VIETNAMESE.search(without(text, known))}
    return sorted(found)


def without(text: str, known: set[str]) -> str:
    """The text without these names and without numbers of groups."""
    if VIETNAMESE.search(text):
        for words in sorted(known, key=len, reverse=True):
            text = text.replace(words, "")
    return re.sub(r"Tổ \d+", "", text)


def first(page: Page, path: str, link: str) -> str:
    """Where the first of these links of a page leads."""
    page.goto(path)
    return page.locator(f"main {link}").first.get_attribute("href") or ""


def test_the_secretary_reads_all_of_the_cells_work_in_english(phone: Phones, sign_in: SignIn) -> None:
    page = in_english(sign_in(phone(), "secretary"))
    meeting = page.locator("main a.btn.link").first.get_attribute("href") or ""
    cell = page.locator(".nav a[href*='/cells/']").get_attribute("href") or ""
    rivals = first(page, f"{cell}/assignments", ".board li:has-text('different') a")
    paths = [
        cell,
        "/pleiku/assignments?state=all&q=zzz",
        "/pleiku/assignments?state=live&due=overdue&since=x",
        "/pleiku/assignments",
        "/pleiku/assignments/new",
        f"{cell}/assignments?by=person",
        f"{cell}/assignments",
        "/pleiku/work",
        first(page, "/pleiku/assignments", ".rows.work a"),
        rivals,
        f"{cell}/usual-work",
        first(page, f"{cell}/usual-work", ".rows a"),
        "/pleiku/reminders",
        "/pleiku/resolutions",
        first(page, "/pleiku/resolutions", "a[href*='/resolutions/2']"),
        first(page, cell, ".people a.person"),
        f"{meeting}/assignments",
        "/pleiku/",
        meeting,
    ]
    assert left_in_vietnamese(page, paths) == []


def test_the_office_reads_all_of_the_committees_work_in_english(phone: Phones, sign_in: SignIn) -> None:
    page = in_english(sign_in(phone(), "committee_administrator"))
    link = first(page, "/pleiku/people", "a[href$='/member']")
    cell = first(page, "/pleiku/cells", "tbody th a")
    paths = [
        f"/pleiku/assignments?cell={cell.rsplit('/', 1)[-1]}",
        "/pleiku/assignments/new",
        first(page, "/pleiku/assignments", ".rows.work a"),
        "/pleiku/assignments/figures",
        "/pleiku/assignments/reminding",
        "/pleiku/reminders",
        "/pleiku/resolutions",
        first(page, "/pleiku/resolutions", "a[href*='/resolutions/2']"),
        link,
        "/pleiku/",
    ]
    assert left_in_vietnamese(page, paths) == []


def test_a_member_reads_the_own_work_in_english(phone: Phones, sign_in: SignIn) -> None:
    page = in_english(sign_in(phone(), "member"))
    task = first(page, "/pleiku/work", ".task h3 a")
    assert left_in_vietnamese(page, ["/pleiku/work", task, "/account/password"]) == []
