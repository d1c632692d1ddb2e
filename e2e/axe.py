"""axe-core over a page as it stands, in light and in dark, at 360 and at 320 pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from e2e.phones import Phones

AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Tall, so that what sticks to an edge covers nothing that axe would then call hard to read.
TALL = 6000
LOOKS = [("light", 360), ("dark", 320)]
# Rows repeat: the first of a long list stand for all, and the look at 330 cells stays short.
_LATER_ROWS = (
    "tbody > tr:nth-child(n+16), .many tbody > tr:nth-child(n+9):not(.total), "
    ".people > li:nth-child(n+9), #marks li:nth-child(n+6), "
    ".lines > li:nth-child(n+16), .fixes > li:nth-child(n+9), .units > li:nth-child(n+4), "
    ".card.first ~ .card.first ~ .card.first ~ .card.first, .board > li:nth-child(n+6), .tasks > .task:nth-child(n+6), "
    ".rows.work > li:nth-child(n+9), section:has(> .board) ~ section:has(> .board) ~ section:has(> .board), "
    "fieldset :is(label, div).tick:nth-of-type(n+9), ul.stack > li.row:nth-child(n+9)"
)
_SHORTEN = "rows => document.querySelectorAll(rows).forEach(row => row.remove())"
_RUN = """async tags => {
  const found = await axe.run(document, {runOnly: tags, resultTypes: ["violations"], elementRef: false});
  const why = node => node.any.concat(node.all, node.none).map(check => check.message).join("; ");
  const nodes = rule => rule.nodes.slice(0, 3).map(node => `${node.target.join(" ")} ${why(node)}`).join(" | ");
  return found.violations.map(rule => `${rule.id}: ${rule.help}: ${nodes(rule)}`);
}"""


def tall_phone(phones: Phones, **options: Any) -> Page:
    """A page that axe can look at: no touch zoom, nothing kept from an earlier page. The policy stays in force."""
    desk: dict[str, Any] = {
        "service_workers": "block",
        "is_mobile": False,
        "viewport": {"width": 360, "height": TALL},
    }
    return phones(**desk, **options)


def faults(page: Page, where: str) -> list[str]:
    """What axe finds on the page as it is now, and whether it is wider than a phone of 320 pixels."""
    page.wait_for_load_state()
    page.evaluate(_SHORTEN, _LATER_ROWS)
    page.evaluate(AXE.read_text("utf-8"))
    found = []
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": TALL})
        found += [f"{where} ({scheme}, {width}): {fault}" for fault in page.evaluate(_RUN, TAGS)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{where}: {wide} px wide at {width}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": TALL})
    return found


def faults_of(page: Page, paths: list[str]) -> list[str]:
    """The same for each of these addresses."""
    found = []
    for path in paths:
        page.goto(path)
        found += faults(page, path)
    return found
