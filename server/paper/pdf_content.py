"""A PDF that is nothing but pages: no scripts, no programs, no files inside, no forms that compute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from server.paper.found import Sizes, Unusable

# Actions that run, send or open something. GoTo and URI (a link) do nothing by themselves.
_ACTIONS = frozenset(
    ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute", "/Movie", "/Sound",
     "/GoToE", "/GoToR", "/GoTo3DView")
)  # fmt: skip
_ANNOTATIONS = frozenset(("/RichMedia", "/Movie", "/Sound", "/Screen", "/FileAttachment", "/3D"))
_KEYS = ("/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/AA")
# The last line of a PDF stands within so many bytes of its end; one that was cut off has none there.
_TAIL_BYTES = 4096


def sizes(path: Path, pages: int, pixels: int) -> Sizes:
    """Width and height of each page in points (1/72 inch). Raises Unusable."""
    if b"%%EOF" not in _tail(path):
        raise Unusable("damaged")
    try:
        with pikepdf.open(path) as pdf:
            _check(pdf, pages, pixels)
            found = tuple(_size(page) for page in pdf.pages)
        with pypdfium2.PdfDocument(path) as shown:
            if len(shown) != len(found):
                raise Unusable("damaged")
    except pikepdf.PasswordError:
        raise Unusable("locked") from None
    except (
        pikepdf.PdfError,
        pypdfium2.PdfiumError,
        AttributeError,
        TypeError,
        ValueError,
        KeyError,
    ) as error:
        raise Unusable("damaged") from error
    return found


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read()


def _check(pdf: pikepdf.Pdf, pages: int, pixels: int) -> None:
    # Whatever reaches the file by a page is an object of its own; the trailer leads to what belongs to no page.
    for entry in (*pdf.objects, pdf.trailer):
        for inner in _dictionaries(entry):
            if _active(inner):
                raise Unusable("active_content")
            if inner.get("/Subtype") == "/Image" and _area(inner) > pixels:
                raise Unusable("too_many_pixels")
    if not len(pdf.pages):
        raise Unusable("damaged")
    if len(pdf.pages) > pages:
        raise Unusable("too_many_pages")


def _dictionaries(entry: Any) -> Iterator[Any]:
    """The dictionaries inside one object, down to references: those are objects of their own."""
    waiting = [entry]
    while waiting:
        held = waiting.pop()
        inner: list[Any] = []
        if isinstance(held, pikepdf.Dictionary | pikepdf.Stream):
            yield held
            inner = [held.get(key) for key in held.keys()]  # noqa: SIM118  not a mapping
        elif isinstance(held, pikepdf.Array):
            inner = list(held)
        waiting += [one for one in inner if not getattr(one, "is_indirect", False)]


def _active(held: Any) -> bool:
    return (
        any(key in held for key in _KEYS)
        or str(held.get("/S")) in _ACTIONS
        or str(held.get("/Subtype")) in _ANNOTATIONS
        or str(held.get("/Type")) == "/EmbeddedFile"
    )


def _area(image: Any) -> int:
    return int(image.get("/Width", 0)) * int(image.get("/Height", 0))


def _size(page: pikepdf.Page) -> tuple[int, int]:
    left, bottom, right, top = (float(side) for side in page.mediabox)
    return max(1, round(abs(right - left))), max(1, round(abs(top - bottom)))
