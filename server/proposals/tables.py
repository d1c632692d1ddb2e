"""Rows of the table of assignments: from cells, or from plain lines where no table was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from server.names import fold
from server.paper.shapes import Line

from .dates import days
from .flow import Flow, Lines, Place, flow_of
from .people import LONGEST, capital, clean, known, name_before_task

_HEADINGS = {
    "name": re.compile(
        r"ho va ten|ho ten|\bnguoi\b|dong chi|phan cong|dang vien|phu trach|chu tri|\b(?:can|giao) cho\b|^thuc hien"
    ),
    "task": re.compile(r"noi dung|\bviec\b|nhiem vu"),
    "due": re.compile(r"thoi|\bhan\b|hoan thanh|\bngay\b|\bxong\b"),
}
_FIRST = re.compile(r"\W*(?:s?tt\w?|so tt|ho va ten|ho ten|nguoi)\b")
_ROW = re.compile(r"^(\d{1,2}|o\d)[.)|\]]?$")
_GLUED = re.compile(r"^(\d{1,2})\s*[|.)\]]\s*(?=[^\W\d])")
_DONE = re.compile(
    r"^\W*(?:\d{1,2}\s?[.)]\s)?\W*(?:bieu quyet|ket thuc|be mac|ket luan|nghi quyet|thong qua|phan ket"
    r"|[ivx]{1,4}[.)]|[b-f][.)]\s)"
)
_OPEN_DUE = re.compile(
    r"thuong xuyen|(?:hang|moi) (?:ngay|tuan|thang|quy)|(?:trong|cuoi|het) (?:thang|quy|nam)(?: \w+)?"
)
LONGEST_HEADING = 45  # letters
GAP = 0.9  # of the height of a line: a wider blank parts two columns of a table


@dataclass(slots=True)
class Row:
    """A row of the table: the words of each column, in reading order."""

    name: list[Place] = field(default_factory=list)
    task: list[Place] = field(default_factory=list)
    due: list[Place] = field(default_factory=list)


def celled_rows(lines: Lines) -> Iterator[Row]:
    """Rows of tables of assignments whose cells were found; a row without a name goes on with the one before."""
    columns: dict[int, str] = {}
    last: Row | None = None
    for cells in _by_row(lines):
        heading = _columns(cells)
        if heading or _FIRST.match(flow_text(next(iter(cells.values())))):
            columns = heading  # none, if this is the heading of a table of something else
            continue
        used = columns if set(cells) & set(columns) else _guessed(cells)
        row = Row()
        for column, places in cells.items():
            if column in used:
                getattr(row, used[column]).extend(places)
        if row.name:
            last = row
            yield row
        elif last is not None:
            last.task.extend(row.task)
            last.due.extend(row.due)


def _by_row(lines: Lines) -> Iterator[dict[int, list[Place]]]:
    """{column: words} of each row of cells."""
    cells: dict[int, list[Place]] = {}
    where: tuple[int, int] | None = None
    for at, (page, line) in enumerate(lines):
        if line.role != "cell":
            continue
        if where is not None and (page, line.row) != where:
            yield cells
            cells = {}
        where = (page, line.row)
        cells.setdefault(line.column, []).extend(Place(word, page, at) for word in line.words)
    if cells:
        yield cells


def _columns(cells: dict[int, list[Place]]) -> dict[int, str]:
    """{column: name | task | due} if a row is a table's heading."""
    texts = {column: flow_text(places) for column, places in cells.items()}
    if any(next(days(text), None) for text in texts.values()):
        return {}
    found: dict[int, str] = {}
    for kind, pattern in _HEADINGS.items():
        hits = [
            column for column, text in sorted(texts.items()) if column not in found and pattern.search(text)
        ]
        if hits and len(texts[hits[0]]) < LONGEST_HEADING:
            found[hits[0]] = kind
    return found if len(found) >= 2 and {"name", "task"} & set(found.values()) else {}


def _guessed(cells: dict[int, list[Place]]) -> dict[int, str]:
    """Columns of a row without a heading, if it is a number, a name and a task in either order, and a due time."""
    texts = [flow_text(cells[column]) for column in sorted(cells)]
    due = len(texts) == 4 and (next(days(texts[3]), None) or open_due(texts[3]))
    if not due or not _ROW.match(texts[0]):
        return {}
    _, one, two, when = sorted(cells)
    named = [_all_name(cells[column]) for column in (one, two)]
    if named == [True, False]:
        return {one: "name", two: "task", when: "due"}
    return {one: "task", two: "name", when: "due"} if named == [False, True] else {}


def _all_name(places: Sequence[Place]) -> bool:
    """Whether a cell holds a name and nothing else."""
    return 2 <= len(places) <= LONGEST and all(capital(place.word.text) for place in places)


def flow_text(places: Sequence[Place]) -> str:
    """The folded text of some words, letters among digits made digits."""
    return re.sub(r"\s+", " ", flow_of_places(places).text)


def flow_of_places(places: Sequence[Place]) -> Flow:
    """These words as a text of one line."""
    words = tuple(place.word for place in places)
    return flow_of([(places[0].page, Line(words, words[0].box, 0))]) if words else flow_of([])


def plain_rows(lines: Lines, people: Sequence[str]) -> Iterator[Row]:
    """Rows of a table that came as plain lines: below its heading, each from its number to the next."""
    row: list[list[Place]] = []
    expected, inside = 1, False
    for at, (page, line) in enumerate(lines):
        places = [Place(word, page, at) for word in line.words if word.text.strip("|[]_—-.¬°”“'\"")]
        text = flow_text(places)
        if _is_heading(text):
            inside = True
            continue
        if not inside or not places or (row and text == "han"):
            continue
        number = None if _DONE.match(text) else _row_number(places)
        if number is not None and (number == expected or (not row and expected == 1 and number < 30)):
            yield from _split(row, people)
            row, expected = [_without_number(places)], number + 1
        elif _DONE.match(text):
            yield from _split(row, people)
            row, inside, expected = [], False, 1
        elif row:
            row.append(places)
    yield from _split(row, people)


def _is_heading(text: str) -> bool:
    told = [kind for kind, pattern in _HEADINGS.items() if pattern.search(text)]
    return (
        len(text) < 70
        and len(told) >= 2
        and (len(told) == 3 or bool(_FIRST.match(text)))
        and text[-1:] not in ".;,"
    )


def _row_number(places: Sequence[Place]) -> int | None:
    """The number that a row begins with, before a capital; ``02|Y`` has it glued to the name."""
    word = flow_text(places[:1])
    if glued := _GLUED.match(word):
        return int(glued[1])
    follows = len(places) > 1 and capital(places[1].word.text)
    return int(word.strip(".)|]")) if _ROW.match(word) and follows and word.strip(".)|]").isdigit() else None


def _without_number(places: Sequence[Place]) -> list[Place]:
    first = places[0]
    rest = re.sub(r"^\W*\d{1,2}\s*[|.)\]]\s*", "", first.word.text)
    glued = rest != first.word.text and rest
    return (
        [Place(first.word._replace(text=rest), first.page, first.line), *places[1:]]
        if glued
        else [*places[1:]]
    )


def _split(row: list[list[Place]], people: Sequence[str]) -> Iterator[Row]:
    """The columns of a row of plain lines: a name, a task, and when it is due at the end of a line."""
    if not row or not row[0]:
        return
    found = Row()
    lines = [_take_due(line, found) for line in _with_due_joined(row, found)]
    edge = _edge(lines[0])
    if edge is None:
        words = [place for line in lines for place in line]
        count = _known_length(words, people) or name_before_task(words)
        found.name, found.task = words[:count], words[count:]
    else:
        for line in lines:
            for place in line:
                (found.name if _right(place) <= edge else found.task).append(place)
    yield found


def _with_due_joined(row: list[list[Place]], found: Row) -> list[list[Place]]:
    """The lines without ``thường`` and ``xuyên`` at the ends of two of them, which are when the task is due."""
    ends = [fold(line[-1].word.text).strip("|_ ") if line else "" for line in row]
    for at, pair in enumerate(pairwise(ends)):
        if pair == ("thuong", "xuyen"):
            found.due = [row[at][-1], row[at + 1][-1]]
            return [line[:-1] if index in (at, at + 1) else line for index, line in enumerate(row)]
    return row


def _right(place: Place) -> int:
    return place.word.box.right


def _edge(line: Sequence[Place]) -> float | None:
    """Where the name's column ends, if a blank wider than those between words parts it from the task; in pixels."""
    bar = [place.word.text[:1] in "|[" for place in line]
    for at, (one, two) in enumerate(pairwise(line), 1):
        gap = two.word.box.x - one.word.box.right
        if at >= 2 and capital(two.word.text) and (gap > GAP * one.word.box.height or bar[at]):
            return two.word.box.x - min(gap, one.word.box.height) / 4
    return None


def _take_due(line: list[Place], row: Row) -> list[Place]:
    """A line without the due time at its end, which goes to the row; the last one told counts."""
    for count in (1, 2, 3):
        tail = line[-count:]
        text = flow_text(tail).strip(" .")
        day = next(days(text), None)
        alone = count == len(line)
        whole = (
            day is not None and (day.start, day.past) == (0, len(text)) and (day.year is not None or alone)
        )
        if whole or (alone and _OPEN_DUE.fullmatch(text)):
            row.due = [*tail]
            return line[: len(line) - len(tail)]
    return line


def _known_length(words: Sequence[Place], people: Sequence[str]) -> int:
    """How many of the first words are the name of somebody known; a reading without a slip counts before others."""
    names = {count: clean(words[:count]) for count in range(min(LONGEST, len(words)), 1, -1)}
    exact = next((count for count, name in names.items() if name in people), 0)
    return exact or next((count for count, name in names.items() if known(name, people)), 0)


def open_due(text: str) -> bool:
    """Whether a folded text says when a task is due without naming a day: ``thường xuyên``, ``hằng tuần``."""
    return bool(_OPEN_DUE.search(text))
