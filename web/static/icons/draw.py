"""Draws the PNG icons from the two SVG logos with Chromium: `python draw.py [path of chromium]`.

The pictures are committed, because a phone asks for them before anything of ours could be built for it.
"""
# A script beside its pictures, not a package.
# ruff: noqa: INP001

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
# name -> (logo, size): a maskable icon and Apple's are cut to the phone's own shape, so they fill the square.
ICONS = {
    "favicon-32.png": ("logo.svg", 32),
    "icon-192.png": ("logo.svg", 192),
    "icon-512.png": ("logo.svg", 512),
    "maskable-512.png": ("logo-maskable.svg", 512),
    "apple-touch-180.png": ("logo-maskable.svg", 180),
}


def draw(page: Page, name: str, logo: str, size: int) -> None:
    """Write one icon: a square of `size` pixels, clear where the logo draws nothing."""
    page.set_viewport_size({"width": size, "height": size})
    svg = (HERE / logo).read_text().replace("<svg ", f'<svg width="{size}" height="{size}" ', 1)
    page.set_content(f"<style>html,body{{margin:0;background:none}}svg{{display:block}}</style>{svg}")
    page.screenshot(path=HERE / name, omit_background=True)


def main() -> None:
    """Draw every icon again."""
    chromium = sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for name, (logo, size) in ICONS.items():
            draw(page, name, logo, size)
        browser.close()


if __name__ == "__main__":
    main()
