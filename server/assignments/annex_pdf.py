"""The list of assigned work as a PDF/A to print, sign and keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fpdf import FPDF

from server.assignments.annex import COLUMNS, PARTY, Annex
from server.assignments.annex_layout import Layout, in_typeface, typeface

FONT = "NenNepSerif"
LONG_SIDE, SHORT_SIDE = 297.0, 210.0  # mm of A4
POINT = 25.4 / 72  # mm
# mm between a cell's edge and its words.
_AIR = 1.5
_CENTRED = (0, 3, 4)  # columns of numbers, areas and days
Columns = Sequence[tuple[str, int]]


def write(annex: Annex) -> bytes:
    """PDF/A-2u on A4, its long side across; the heading of the table repeats, rows stay whole."""
    pen = Pen(annex.layout, " ".join(annex.title[:2]))
    pen.sides(annex.left, (PARTY, annex.place_and_day))
    pen.gap()
    for n, line in enumerate(annex.title):
        pen.centred(line, bold=n < 2)
    pen.centred("-----", bold=False)
    pen.gap()
    pen.table(COLUMNS, annex.rows(), centred=_CENTRED)
    if annex.note:
        pen.gap()
        pen.centred(annex.note, bold=False)
    pen.gap()
    pen.sides(*annex.signed)
    return bytes(pen.pdf.output())


class Pen:
    """Writes down a page (PDF/A-2u, A4, its long side across) and takes the next when it is full; ``pdf`` is what
    becomes of it.
    """

    def __init__(self, layout: Layout, title: str) -> None:
        self._long: dict[tuple[str, bool], float] = {}
        self.layout, self.step = layout, layout.line * POINT
        self.wide = LONG_SIDE - layout.left - layout.right
        self.pdf = pdf = FPDF("landscape", "mm", "A4", enforce_compliance="PDF/A-2U")
        pdf.set_auto_page_break(False)
        pdf.set_title(title)
        pdf.set_lang("vi")
        # The heights of letters that fpdf reads from the font it needs as a file.
        with TemporaryDirectory() as folder:
            for style in ("", "B"):
                path = Path(folder) / f"{FONT}{style}.ttf"
                path.write_bytes(typeface(bold=bool(style)))
                pdf.add_font(FONT, style, path)
        self._new_page()

    def gap(self) -> None:
        """An empty line."""
        self._y += self.step

    def centred(self, text: str, *, bold: bool) -> None:
        """A text in the middle, on as many lines as it needs."""
        self.lines(text, bold=bold, middle=True)

    def lines(self, text: str, *, bold: bool = False, middle: bool = False) -> None:
        """A text from the left edge on, or in the middle."""
        for line in self._wrapped(text, self.wide, bold=bold):
            self._room(self.step)
            self._put(line, self.layout.left, self.wide, bold=bold, middle=middle)
            self._y += self.step

    def sides(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Two blocks of lines side by side; an empty line is room for a signature."""
        half = self.wide / 2
        blocks = [[(part, line) for line in side for part in self._wrapped(line, half, bold=True) or [""]]
                  for side in (left, right)]  # fmt: skip
        height = self.step * max(map(len, blocks))
        self._room(height)
        for x, block in zip((self.layout.left, self.layout.left + half), blocks, strict=True):
            for n, (part, line) in enumerate(block):
                bold = not line.startswith(("(", "*")) and "ngày" not in line
                self._put(part, x, half, bold=bold, under=line == PARTY, down=n * self.step)
        self._y += height

    def table(
        self, columns: Columns, rows: Sequence[Sequence[str]], *, centred: Collection[int], title: str = ""
    ) -> None:
        """A table, with a line of title before it or none; columns are (heading, share of the width in percent), those
        of ``centred`` have their words in the middle. Its heading repeats on each page; neither it nor the title ever
        stands alone at the foot of one: at least the first row stands below them.
        """
        head = self._cells(columns, [words for words, _ in columns], bold=True)
        first = self._cells(columns, rows[0], bold=False) if rows else [[""]]
        self._room(self._height(head) + self._height(first) + (self.step if title else 0))
        if title:
            self.lines(title, bold=True)
        self._row(columns, head, centred, bold=True)
        for row in rows:
            cells = self._cells(columns, row, bold=False)
            if self._room(self._height(cells)):
                self._row(columns, head, centred, bold=True)
            self._row(columns, cells, centred, bold=False)

    def _widths(self, columns: Columns) -> list[float]:
        return [self.wide * share / 100 for _, share in columns]

    def _cells(self, columns: Columns, row: Sequence[str], *, bold: bool) -> list[list[str]]:
        return [
            self._wrapped(text, width - 2 * _AIR, bold=bold)
            for text, width in zip(row, self._widths(columns), strict=True)
        ]

    def _height(self, cells: Sequence[Sequence[str]]) -> float:
        return self.step * max(map(len, cells)) + 2 * _AIR

    def _row(
        self, columns: Columns, cells: Sequence[Sequence[str]], centred: Collection[int], *, bold: bool
    ) -> None:
        x, height = float(self.layout.left), self._height(cells)
        for column, (lines, width) in enumerate(zip(cells, self._widths(columns), strict=True)):
            self.pdf.rect(x, self._y, width, height)
            middle, room = bold or column in centred, width - 2 * _AIR
            for n, line in enumerate(lines):
                self._put(line, x + _AIR, room, bold=bold, middle=middle, down=_AIR + n * self.step)
            x += width
        self._y += height

    def _put(
        self, text: str, x: float, width: float, *, bold: bool, middle: bool = True, under: bool = False,
        down: float = 0,
    ) -> None:  # fmt: skip
        self._style(bold=bold)
        long = self.pdf.get_string_width(text)
        at = x + (width - long) / 2 if middle else x
        base = self._y + down + self.step * 0.72
        self.pdf.text(at, base, text)
        if under:
            self.pdf.line(at, base + 0.9, at + long, base + 0.9)

    def _wrapped(self, text: str, width: float, *, bold: bool) -> list[str]:
        """The lines of a text; a word wider than the room is cut where it has to be."""
        self._style(bold=bold)
        lines: list[str] = []
        used, blank = width, self._length(" ", bold=bold)
        for word in in_typeface(text).split():
            long = self._length(word, bold=bold)
            if used + blank + long <= width:
                lines[-1] += f" {word}"
                used += blank + long
                continue
            parts = [word] if long <= width else self._cut(word, width)
            lines += parts
            used = self._length(parts[-1], bold=bold)
        return lines

    def _cut(self, word: str, width: float) -> list[str]:
        parts = [""]
        for letter in word:
            if parts[-1] and self.pdf.get_string_width(parts[-1] + letter) > width:
                parts.append("")
            parts[-1] += letter
        return parts

    def _length(self, word: str, *, bold: bool) -> float:
        """The length of a word, measured once: a list says the same words over and over."""
        if (word, bold) not in self._long:
            self._long[word, bold] = self.pdf.get_string_width(word)
        return self._long[word, bold]

    def _style(self, *, bold: bool) -> None:
        style = "B" if bold else ""
        if (self.pdf.font_family, self.pdf.font_style) != (FONT.lower(), style):
            self.pdf.set_font(FONT, style, self.layout.size)

    def _room(self, height: float) -> bool:
        """Take a new page where this one has no room; whether it did."""
        if self._y + height <= SHORT_SIDE - self.layout.bottom:
            return False
        self._new_page()
        return True

    def _new_page(self) -> None:
        self.pdf.add_page()
        number = self.pdf.page_no()
        if number > 1:
            self._y = self.layout.top / 2
            self._put(str(number), self.layout.left, self.wide, bold=False)
        self._y = float(self.layout.top)
