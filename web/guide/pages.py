"""The guide's pages out of their Markdown. README.md is the first; its links say which there are, in what order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from web.assets import DIST, asset, manifest

if TYPE_CHECKING:
    from markdown_it.token import Token

HERE = Path(__file__).parent
FIRST = "README"
# In the Markdown, so that code hosts show the pictures too.
PICTURES = "../static/guide/"
# Pictures have two dots a point.
DENSITY = 2


@dataclass(frozen=True)
class Page:
    """One page, and the names and titles of those before and after it."""

    title: str
    html: str
    previous: tuple[str, str] | None
    next: tuple[str, str] | None


def names() -> list[str]:
    """The pages by the names in their addresses, in order, without the first."""
    first = (HERE / f"{FIRST}.md").read_text(encoding="utf-8")
    return [*dict.fromkeys(re.findall(r"\]\(([\w-]+)\.md\)", first))]


@lru_cache(maxsize=1)
def pages() -> dict[str, Page]:
    """All pages by name; "" is the first."""
    order = names()
    read = {name: (HERE / f"{name or FIRST}.md").read_text(encoding="utf-8") for name in ("", *order)}
    titles = {name: text.split("\n", 1)[0].removeprefix("# ").strip() for name, text in read.items()}
    beside = dict(zip(order, zip([None, *order], [*order[1:], None], strict=False), strict=True))

    def link(name: str | None) -> tuple[str, str] | None:
        return (name, titles[name]) if name else None

    return {
        name: Page(titles[name], html(text), *map(link, beside.get(name, (None, None))))
        for name, text in read.items()
    }


def html(text: str) -> str:
    """One page's Markdown as HTML. Links between pages become addresses; pictures wait until they come into sight."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - for the few who read the guide

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[at + 1].content))
        for inner in token.children or ():
            _point(inner)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def anchor(heading: str) -> str:
    """A heading's name in an address, as code hosts make it: the same link works here and there."""
    plain = unicodedata.normalize("NFC", re.sub(r"[`*]", "", heading)).lower()
    return re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")


def _point(token: Token) -> None:
    if token.type == "link_open":
        page, _, part = str(token.attrGet("href")).partition("#")
        if page.endswith(".md"):
            address = "/guide" if page == f"{FIRST}.md" else f"/guide/{page.removesuffix('.md')}"
            token.attrSet("href", f"{address}#{part}" if part else address)
    elif token.type == "image":
        name = str(token.attrGet("src")).removeprefix(PICTURES)
        width, height = size(DIST / manifest()[f"guide/{name}"])
        told = {"src": asset(f"guide/{name}"), "width": width // DENSITY, "height": height // DENSITY}
        for key, value in (told | {"loading": "lazy", "decoding": "async"}).items():
            token.attrSet(key, str(value))


def size(picture: Path) -> tuple[int, int]:
    """Width and height of a lossy WebP in dots, read from its head: no library of pictures for twenty bytes."""
    head = picture.read_bytes()[:30]
    if head[8:16] != b"WEBPVP8 ":
        raise ValueError(f"{picture.name} is no lossy WebP")
    return tuple(int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (26, 28))  # type: ignore[return-value]
