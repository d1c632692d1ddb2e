"""Member lists as text (CSV): encoding and separator found by what reads best."""

import csv
import io
from collections.abc import Iterator

from server.members import sheet_words
from server.members.sheet_columns import find_header
from server.members.sheet_types import Cells, Grid, Limits
from server.words import Refused

_SEPARATORS = ",;\t|"
_SAMPLE = 80


def read_text(content: bytes, name: str, limits: Limits) -> Grid:
    """
    The table in a text file; UTF-8 and UTF-16 are certain, code pages are told apart by the headings they
    give.
    """
    texts = list(_decoded(content))
    if not texts:
        raise Refused(file=sheet_words.not_a_spreadsheet())
    tried = [(text, separator) for text in texts for separator in _SEPARATORS]
    text, separator = max(tried, key=lambda way: _sense(way[0], way[1], limits))
    rows: list[Cells] = []
    filled = 0
    for row in _table(text, separator, limits):
        filled += any(row)
        if filled > limits.rows or len(rows) > 4 * limits.rows:
            raise Refused(file=sheet_words.too_many_rows(limits.rows))
        rows.append(row)
    return Grid(name, rows)


def _decoded(content: bytes) -> Iterator[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif content[1::2].count(0) > len(content) // 8:  # UTF-16 without its mark
        encodings = ["utf-16-le"]
    else:
        encodings = ["utf-8-sig"]
    yield from _try(content, encodings)
    if encodings == ["utf-8-sig"] and not _is_utf8(content):
        yield from _try(content, ["cp1258", "latin-1"])


def _try(content: bytes, encodings: list[str]) -> Iterator[str]:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        controls = sum(1 for character in text[:20_000] if character < " " and character not in "\t\r\n\f\v")
        if "\0" not in text and controls <= len(text[:20_000]) // 100:
            yield text


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _sense(text: str, separator: str, limits: Limits) -> tuple[int, int]:
    """(known columns named, cells in the widest row) of the first rows, read this way."""
    rows: list[Cells] = []
    for row in _table(text, separator, limits):
        rows.append(row)
        if len(rows) == _SAMPLE:
            break
    header = find_header(Grid("", rows))
    return len(header.columns) if header else 0, max((len(row) for row in rows), default=0)


def _table(text: str, separator: str, limits: Limits) -> Iterator[Cells]:
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield [cell[: limits.letters] or None for cell in row[: limits.columns]]
    except csv.Error:  # a cell of more than 131,072 letters: a quote that never ends
        raise Refused(file=sheet_words.damaged()) from None
