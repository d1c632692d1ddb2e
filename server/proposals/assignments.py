"""Who was given what to do until when: from a table, from a list below its heading, or from sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice, pairwise

from .dates import LATEST_DUE, Day, days
from .fields import Proposal
from .flow import Flow, Lines, Place, proposal
from .people import name_at, spelled, spoken_of, told
from .tables import Row, celled_rows, flow_text, open_due, plain_rows

MOST_SECTIONS = 12  # headings that speak of assigning, of which one has the list below it
_SECTION = re.compile(r"(?:^|\n)[^\n]{0,60}\bphan cong\b[^\n]{0,60}")
_END = re.compile(
    r"\n(?:[ivx]{1,4}[.)]|\d{1,2}[.)]\s?(?:bieu quyet|ket luan|ket thuc|thao luan|be mac)|bieu quyet|ket thuc|be mac)"
)
_GIVEN = re.compile(r"\b(?:giao|phan cong)(?: cho)? dong chi\b")
_DUE = re.compile(
    r"[\s,;.(\-]*\b(?:(?:co )?han(?: hoan thanh| chot)?|thoi (?:han|gian)(?: hoan thanh)?|hoan thanh|xong|nop|truoc|den"
    r"|trong|cham nhat)\b(?:\s(?:het|vao|truoc|den|trong|cham nhat))*[\s:]*(?:ngay\s)?(?P<when>[^.;,\n)]{3,40})"
    r"|[\s,;.\-]+(?P<open>thuong xuyen|hang (?:ngay|tuan|thang|quy))\b"
)
_MARK = re.compile(r"\n\s*(?:[-+]|\d{1,2}[.)]|[a-z][.)])\s*")
_TORN = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/\S{3,5}$")
_BARRED = re.compile(
    r"(?<!\d)(\d{1,2})/(\d{1,2}?)1(20\d\d)(?!\d)"
)  # the second stroke read as a figure: 25/7I2026
_SEP = re.compile(r"^[\s:\-,]*(?:(?:chiu trach nhiem|co nhiem vu|phu trach|thuc hien|se)\b:?\s*)?")


@dataclass(frozen=True, slots=True)
class Given:
    """An assignment by its words."""

    name: Sequence[Place]
    task: Sequence[Place]
    due: Sequence[Place]
    sure: int


def assignments(lines: Lines, flow: Flow, people: Sequence[str], met: date | None) -> Iterator[Proposal]:
    """Proposals of all assignments, one ``of`` each; from lists and sentences only where no table is."""
    spoken = spoken_of(flow)
    rows = [*celled_rows(lines)]
    given = [Given(row.name, row.task, row.due, 90) for row in rows if _whole(row)]
    if not given:
        given = [
            Given(row.name, row.task, row.due, 76)
            for row in plain_rows(lines, (*people, *spoken))
            if _whole(row)
        ]
    if not given:
        given = [*_listed(flow)] or [*_sentences(flow)]
    for of, one in enumerate(given):
        yield from _proposed(one, people, spoken, met, of)


def _whole(row: Row) -> bool:
    return bool(row.name) and bool(row.task)


def _proposed(
    given: Given, people: Sequence[str], spoken: Sequence[str], met: date | None, of: int
) -> Iterator[Proposal]:
    name, sure = told(given.name, people, given.sure)
    yield proposal("assignment.name", name if name in people else spelled(name, spoken), given.name, sure, of)
    task = " ".join(place.word.text.strip("|_¬") for place in given.task).strip(" :;,.-")
    yield proposal("assignment.task", task, given.task, given.sure - 4, of)
    if given.due:
        when, sure = _due(flow_text(given.due), met, given.sure)
        yield proposal("assignment.due", when, given.due, sure, of)


def _due(text: str, met: date | None, sure: int) -> tuple[str, int]:
    """(date or ``""``, how sure). A day long before or after the meeting was rather read wrongly."""
    for day in days(text):
        on = day.on(met.year if met else None)
        if on is None:
            continue
        if met and not day.year and on < met - timedelta(days=60):
            on = on.replace(year=on.year + 1) if (on.month, on.day) != (2, 29) else on
        if met is None or met <= on <= met + LATEST_DUE:
            return on.isoformat(), sure
        if on.year != met.year and (settled := _in_year_of(met, day)):
            return settled.isoformat(), sure - 25  # its year was rather misread than its day and month
        return on.isoformat(), sure - 45
    if barred := _BARRED.search(text):
        return _due(f"{barred[1]}/{barred[2]}/{barred[3]}", met, sure - 20)
    torn = _TORN.search(text)  # a day whose year could not be read has the meeting's year
    if torn and met:
        return _due(f"{torn[1]}/{torn[2]}", met, sure - 15)
    return "", sure - 10 if open_due(text) else 0


def _in_year_of(met: date, day: Day) -> date | None:
    """A day in the year of the meeting, if it was to come then."""
    on = replace(day, year=None).on(met.year)
    return on if on and on >= met else None


def _listed(flow: Flow) -> Iterator[Given]:
    """``+ Ung Văn Tám: đo lại mương. Hạn 15/6.`` below a heading that speaks of assigning."""
    for section in islice(_SECTION.finditer(flow.text), MOST_SECTIONS):
        end = _END.search(flow.text, section.end())
        found = [*_of_section(flow, section.end(), end.start() if end else len(flow.text))]
        if found:
            yield from found
            return


def _of_section(flow: Flow, start: int, past: int) -> Iterator[Given]:
    marks = [found.end() for found in _MARK.finditer(flow.text, start, past)]
    for first, last in pairwise([*marks, past]):
        name = name_at(flow, flow.at(first), flow.span(first, last).stop)
        if len(name) >= 2 or (name and flow.places[name.stop - 1].word.text.endswith(":")):
            yield from _given(flow, name, last, 78)


def _sentences(flow: Flow) -> Iterator[Given]:
    """``Giao đồng chí Nguyễn Văn An lập danh sách, hoàn thành trước ngày 20/11``."""
    for found in _GIVEN.finditer(flow.text):
        name = name_at(flow, flow.at(found.end() - 1))
        _, past = flow.sentence(found.start())
        if len(name) >= 2:
            yield from _given(flow, name, past, 70)


def _given(flow: Flow, name: range, past: int, sure: int) -> Iterator[Given]:
    """An assignment whose name is known, with its task up to where its due time is told."""
    start = flow.starts[name.stop] if name.stop < len(flow.starts) else past
    start += len(_SEP.match(flow.text[start:past])[0])  # type: ignore[index]  # matches the empty text too
    due = None
    for found in _DUE.finditer(flow.text, start, past):
        if found["open"] or next(days(found["when"]), None) or open_due(found["when"]):
            due = found
    task = flow.span(start, due.start() if due else past)
    if task.start < task.stop:
        when = flow.span(*due.span("open" if due["open"] else "when")) if due else range(0)
        who, what, until = (flow.places[words.start : words.stop] for words in (name, task, when))
        yield Given(who, what, until, sure)
