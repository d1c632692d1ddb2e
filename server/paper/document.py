"""The document of all pages: one PDF/A that looks like the paper and is searched and copied from like a text."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fpdf import FPDF
from fpdf.enums import TextMode
from PIL import Image

from server.paper import stored
from server.paper.shapes import Box, Word

if TYPE_CHECKING:
    from server.paper.child import Leaf

# 150 dpi of A4 keeps stamps, ink and small print; measured 170 to 230 KB a page.
PICTURE_SIDE, PICTURE_BYTES, QUALITIES = 1754, 250_000, (60, 50, 40, 30)
SHORT_SIDE, LONG_SIDE = 595.28, 841.89  # points of A4
FONT, EM, ADVANCE = "NenNepKhongHinh", 1000, 500
# Whatever a page of minutes can be read as: Latin with everything Vietnamese, signs, Greek, arrows, mathematics.
LETTERS = (*range(0x20, 0x7F), *range(0xA0, 0x400), *range(0x1E00, 0x1F00), *range(0x2000, 0x2070),
           *range(0x20A0, 0x20C0), *range(0x2100, 0x2300), *range(0x2500, 0x2700))  # fmt: skip
_KNOWN = frozenset(map(chr, LETTERS))


def write(leaves: Sequence[Leaf], path: Path, *, title: str) -> None:
    """One page of A4 for each leaf: its picture, and over it the text without shape, word by word in its place.

    PDF/A-2u. The metadata hold the title and the language, nothing of a person.
    """
    pdf = FPDF(unit="pt", enforce_compliance="PDF/A-2U")
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_lang("vi")
    font = path.with_suffix(".ttf")
    font.write_bytes(invisible_font())
    pdf.add_font(FONT, "", font)
    for leaf in leaves:
        _add(pdf, leaf)
    pdf.output(str(path))


def _add(pdf: FPDF, leaf: Leaf) -> None:
    with Image.open(leaf.picture) as image:
        shape, jpeg = image.size, _as_jpeg(image.convert("RGB"))
    wide, high = (SHORT_SIDE, LONG_SIDE) if shape[1] >= shape[0] else (LONG_SIDE, SHORT_SIDE)
    scale = min(wide / shape[0], high / shape[1])
    left, top = (wide - shape[0] * scale) / 2, (high - shape[1] * scale) / 2
    pdf.add_page(format=(wide, high))
    pdf.image(jpeg, left, top, shape[0] * scale, shape[1] * scale)
    if leaf.reading:
        points = shape[0] * scale / leaf.reading["size"][0]
        for text, box in _words(leaf):
            _place(pdf, text, left + box.x * points, top + box.bottom * points, box, points)


def _as_jpeg(image: Image.Image) -> io.BytesIO:
    image.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS)
    for quality in QUALITIES:
        jpeg = io.BytesIO()
        image.save(jpeg, "JPEG", quality=quality, optimize=True)
        if jpeg.tell() <= PICTURE_BYTES:
            break
    return jpeg


def _words(leaf: Leaf) -> Iterator[tuple[str, Box]]:
    assert leaf.reading is not None
    for number, line in enumerate(stored.from_json(leaf.reading).lines):
        corrected = leaf.corrected.get(str(number))
        if corrected is None:
            yield from ((word.text, word.box) for word in line.words)
        else:
            yield from spread(corrected, line.words, line.box)


def spread(corrected: str, words: Sequence[Word], line: Box) -> Iterator[tuple[str, Box]]:
    """Words of a corrected line with a place for each: those of the words read, where their number has not changed,
    else shares of the line by their length.
    """
    put = corrected.split()
    if len(put) == len(words):
        yield from ((text, word.box) for text, word in zip(put, words, strict=True))
        return
    letter, x = line.width / max(len(" ".join(put)), 1), float(line.x)
    for text in put:
        yield text, Box(round(x), line.y, max(round(letter * len(text)), 1), line.height)
        x += letter * (len(text) + 1)


def _place(pdf: FPDF, text: str, x: float, bottom: float, box: Box, points: float) -> None:
    known = "".join(letter if letter in _KNOWN else " " for letter in text).strip()
    if not known:
        return
    size = max(box.height * points, 1)
    pdf.set_font(FONT, size=size)
    pdf.text_mode = TextMode.INVISIBLE
    pdf.set_stretching(100 * box.width * points / (size * len(known) * ADVANCE / EM))
    # The blank makes words of the words where a reader of the file joins what stands close together.
    pdf.text(x, bottom - size / 5, f"{known} ")


@lru_cache(maxsize=1)
def invisible_font() -> bytes:
    """A TrueType font in which every letter is as wide as half its height and has no shape: embedded it is 3 KB."""
    names = {code: f"uni{code:04X}" for code in LETTERS}
    order = [".notdef", *names.values()]
    build = FontBuilder(EM, isTTF=True)
    build.setupGlyphOrder(order)
    build.setupCharacterMap(names)
    build.setupGlyf({name: Glyph() for name in order})
    build.setupHorizontalMetrics(dict.fromkeys(order, (ADVANCE, 0)))
    build.setupHorizontalHeader(ascent=800, descent=-200)
    build.setupNameTable({"familyName": FONT, "styleName": "Regular", "psName": FONT})
    build.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    build.setupPost()
    file = io.BytesIO()
    build.save(file)
    return file.getvalue()
