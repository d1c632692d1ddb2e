"""The list of assigned work as a Word document that an office may go on writing in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from server.assignments.annex import COLUMNS, PARTY, Annex
from server.assignments.annex_layout import Layout

LONG_SIDE, SHORT_SIDE = 297, 210  # mm of A4
_CENTRED = (0, 3, 4)  # columns of numbers, areas and days


def write(annex: Annex) -> bytes:
    """A .docx on A4, its long side across: a real table whose heading repeats, whose rows stay whole."""
    document = Document()
    document.core_properties.author = document.core_properties.comments = ""
    document.core_properties.title = " ".join(annex.title[:2])
    document.core_properties.language = "vi-VN"
    _page(document, annex.layout)
    wide = LONG_SIDE - annex.layout.left - annex.layout.right
    _sides(document, wide, annex.left, (PARTY, annex.place_and_day))
    for n, line in enumerate(annex.title):
        _line(document.add_paragraph(), line, bold=n < 2, italic=n > 1)
    _line(document.add_paragraph(), "-----")
    _table(document, annex.rows(), wide)
    if annex.note:
        _line(document.add_paragraph(), annex.note, italic=True)
    document.add_paragraph()
    _sides(document, wide, *annex.signed)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _page(document: Any, layout: Layout) -> None:
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = (
        WD_ORIENT.LANDSCAPE,
        Mm(LONG_SIDE),
        Mm(SHORT_SIDE),
    )
    section.top_margin, section.bottom_margin = Mm(layout.top), Mm(layout.bottom)
    section.left_margin, section.right_margin = Mm(layout.left), Mm(layout.right)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = layout.typeface, Pt(layout.size)
    # Word takes the typeface of letters with marks from other entries than that of plain ones.
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        normal.element.rPr.rFonts.set(qn(name), layout.typeface)
    spacing = normal.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(layout.line)
    section.different_first_page_header_footer = True
    _numbered(section.header.paragraphs[0])


def _numbered(paragraph: Any) -> None:
    """The number of the page, which Word counts."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()._r
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text
        run.append(part)


def _line(
    paragraph: Any, text: str, *, bold: bool = False, italic: bool = False, under: bool = False
) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold, run.italic, run.underline = bold, italic, under


def _sides(document: Any, wide: int, left: Sequence[str], right: Sequence[str]) -> None:
    """Two blocks of lines side by side in a table without lines; an empty line is room for a signature."""
    table = document.add_table(rows=1, cols=2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for cell, lines in zip(table.rows[0].cells, (left, right), strict=True):
        cell.width = Mm(wide // 2)
        for n, line in enumerate(lines):
            paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
            place = line.startswith(("(", "*")) or "ngày" in line
            _line(paragraph, line, bold=not place, italic="ngày" in line, under=line == PARTY)
    _whole(table.rows[0])


def _table(document: Any, rows: Iterable[Sequence[str]], wide: int) -> None:
    table = document.add_table(rows=2, cols=len(COLUMNS))
    table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    head, model = table.rows
    for n, (words, share) in enumerate(COLUMNS):
        for row in (head, model):
            row.cells[n].width = Mm(wide * share // 100)
        _line(head.cells[n].paragraphs[0], words, bold=True)
        paragraph = model.cells[n].paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if n in _CENTRED else WD_ALIGN_PARAGRAPH.LEFT
        paragraph.add_run("x")
    _whole(head)
    _whole(model)
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    # Rows are copies of one: asking a table for its cells takes longer with every row that it has.
    pattern = model._tr
    pattern.getparent().remove(pattern)
    texts = [*range(len(COLUMNS))]
    for row in rows:
        made = deepcopy(pattern)
        for n, text in zip(texts, made.iter(qn("w:t")), strict=True):
            text.text = row[n]
        table._tbl.append(made)


def _whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
