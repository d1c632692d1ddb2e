"""How a paper has to look, from the rulebook of its day, and the typeface that PDFs of ours are printed in."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from server.rulebook import UnknownRule, lookup

# Whatever a paper of ours is written in: Latin with everything Vietnamese and of the highlands, and its signs.
LETTERS = (*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x1E00, 0x1F00), *range(0x2010, 0x2050))
_KNOWN = frozenset(map(chr, LETTERS))
# As narrow as the typefaces that offices write in (the axis "wdth" of Noto Serif, in percent).
_NARROW = 85


@dataclass(frozen=True, slots=True)
class Layout:
    """Margins in millimetres, sizes in points; ``line`` is the exact height of one."""

    top: int
    bottom: int
    left: int
    right: int
    size: int
    line: int
    typeface: str
    cell_signs: str


def layout_on(day: date) -> Layout:
    """The layout in force on the day of a paper; for papers older than any known rule, the present one."""
    try:
        lookup("document_font_size", day)
    except UnknownRule:
        day = date.max
    top, bottom, left, right = (
        lookup("document_margin", day, side).number for side in ("top", "bottom", "left", "right")
    )
    size, line = lookup("document_font_size", day).number, lookup("document_line", day).number
    typeface, signs = lookup("document_typeface", day), lookup("document_signed_for", day, "cell")
    return Layout(top, bottom, left, right, size, line, str(typeface.value), str(signs.value))


def day_words(day: date | None, year: int) -> str:
    """``ngày 03 tháng 02 năm 2026``: a zero before days below 10 and before months 1 and 2, as 05-HD/VPTW writes it;
    for no day yet, room to write one in.
    """
    if day is None:
        return f"ngày      tháng      năm {year}"
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def printable(text: str) -> str:
    """One line of text that every paper can carry: NFC, without controls and marks of direction."""
    plain = (c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(plain).split())


def in_typeface(text: str) -> str:
    """Text with a question mark for each letter that the typeface of our PDFs does not have."""
    return "".join(c if c in _KNOWN else "?" for c in text)


@lru_cache(maxsize=2)
def typeface(*, bold: bool) -> bytes:
    """Noto Serif as TrueType, cut down to LETTERS: 85 KB, made once in a process (0.7 s)."""
    # Heavy, and most processes never write a PDF.
    from fontTools.subset import Options, Subsetter  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415

    path = files("fontpkg_noto_serif") / "files" / "NotoSerif[wdth,wght].ttf"
    font = TTFont(io.BytesIO(path.read_bytes()))
    wanted = Options()
    wanted.layout_features, wanted.hinting, wanted.notdef_outline = [], False, True
    subset = Subsetter(wanted)
    subset.populate(unicodes=LETTERS)
    subset.subset(font)
    instantiateVariableFont(font, {"wght": 700 if bold else 400, "wdth": _NARROW}, inplace=True)
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()
