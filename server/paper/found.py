"""What is found out about a file, without the libraries that find it out: a web process has no use for those."""

from __future__ import annotations

from dataclasses import dataclass

Sizes = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Found:
    """A scan: its kind, the number of its pages, and each page's width and height (pixels; of a PDF points)."""

    kind: str
    pages: int
    sizes: Sizes


class Unusable(Exception):
    """This is no scan that we take. ``code``: empty | not_a_scan | damaged | too_many_pixels | too_many_pages |
    active_content | locked.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
