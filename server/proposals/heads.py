"""What the head, the opening, the close and the signatures say: day, kind, numbers, times, chair and recorder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from .dates import TIME, Day, clock, days
from .fields import Proposal
from .flow import Flow
from .numbers import digits
from .people import LONGEST, capital, name_at, told

OPENING = 1500  # letters from the start in which day, kind and roll are told
_STARTS = re.compile(r"\b(hoi|luc|vao luc|thoi gian|bat dau|khai mac|hom nay|ngay hop)\b[^.;]{0,45}$")
_CLOSE = re.compile(r"\b(ket thuc|be mac|hop xong|giai tan|xong)\b")
_NUMBER = re.compile(
    r"\bso\s*[:.]?\s*(?P<n>(?=[oli]*\d)[\doli]{1,3})\s*[-/.]?\s*bb\s*[-/.]?\s*c[be8](?P<cell>\w*)"
)
_RESOLUTION = re.compile(
    r"\b(?P<n>(?=[oli]*\d)[\doli]{1,3})\s*(?P<form>[-/.])?\s*n[qoa09g]\s*[-/.1l]\s*c[be8](?P<cell>\w*)"
)
_OLDER = re.compile(r"thuc hien|ket qua|danh gia|ky truoc|thang truoc|can cu|theo")
_KINDS = {
    "regular": re.compile(
        r"thuong ky|dinh ky|hang thang|thuong le\b|\bhop le thang"
    ),  # "hợp lệ" is folded to hop le
    "thematic": re.compile(r"(?:sinh hoat|hop|ket hop|va)\W+(?:chi bo )?(?:theo )?chuyen de"),
    "extraordinary": re.compile(r"\b(?:hop|sinh hoat|hoi nghi)\b[^.;]{0,25}?\b(?:bat thuong|dot xuat)\b"),
}
_MEETING = r"(?: ghi bien ban| hoi nghi| cuoc hop| buoi hop| buoi sinh hoat)?"
_ROLES = {
    "chair": re.compile(rf"\b(?:chu tri|chu toa){_MEETING}\s*[:\-]"),
    "secretary": re.compile(rf"\b(?:thu ky|ghi bien ban){_MEETING}\s*[:\-]"),
}
# "Đồng chí Bùi Đức Long, Bí thư chi bộ, chủ trì cuộc họp": the role behind the name.
_BEHIND = {
    "chair": re.compile(
        r"\bdong chi (?P<gap>(?:(?!dong chi)[^.;:\d]){5,70}?)\b(?:chu tri|chu toa|dieu hanh)\b"
    ),
    "secretary": re.compile(
        r"\bdong chi (?P<gap>(?:(?!dong chi)[^.;:\d]){5,70}?)\b(?:thu ky|ghi bien ban)\b"
    ),
}
_SIGNED = {
    "chair": re.compile(r"\b(chu tri|chu toa)(?: hoi nghi| cuoc hop)?\b"),
    "secretary": re.compile(r"\b(nguoi ghi bien ban|thu ky)\b"),
}


def heads(flow: Flow, people: Sequence[str], meeting_on: date | None) -> Iterator[Proposal]:
    """Proposals of what there is once in a document, without its counts."""
    day = meeting_day(flow, meeting_on)
    if day:
        yield day
    yield from _kind(flow)
    yield from _numbers(flow)
    yield from _times(flow)
    for role in _ROLES:
        yield from _person(flow, role, people)


def meeting_day(flow: Flow, meeting_on: date | None) -> Proposal | None:
    """The day of the meeting: told in the opening or, less sure, as the day of the paper."""
    title = re.search(r"thang (\d{1,2})(?: nam|/) ?(\d{4})", flow.text[:OPENING])
    year = int(title[2]) if title else meeting_on.year if meeting_on else None
    told = ((_day_sure(flow, day), -day.start, day.on(year), day) for day in days(flow.text[:OPENING]))
    found = [(sure, at, on, day) for sure, at, on, day in told if sure and on]
    if not found:
        return None
    sure, _, on, best = max(found)
    others = {other for value, _, other, day in found if value >= 60 and day is not best}
    sure = sure + 4 if on in others or on == meeting_on else sure - 12 * bool(others)
    return flow.propose("meeting_date", on.isoformat(), flow.span(best.start, best.past), sure)


def _day_sure(flow: Flow, day: Day) -> int:
    before = flow.text[max(day.start - 60, 0) : day.start]
    loss = 0 if day.year else 20
    if _STARTS.search(before):
        return 94 - loss
    line = flow.text.rfind("\n", 0, day.start)
    dateline = day.year and re.fullmatch(r"\n?[^\n\d]{3,40}, ?|\n?", flow.text[max(line, 0) : day.start])
    return 80 if dateline and "dia diem" not in before else 0


def _kind(flow: Flow) -> Iterator[Proposal]:
    title = re.search(r"bien ban", flow.text[:OPENING])
    start = title.end() if title else 0
    end = re.search(r"tong so|co mat|\bvang\b|trong danh sach", flow.text[start:OPENING])
    opening = flow.text[start : start + end.start() if end else OPENING]
    found = {kind: pattern.search(opening) for kind, pattern in _KINDS.items()}
    regular, thematic, extraordinary = (found[kind] for kind in ("regular", "thematic", "extraordinary"))
    monthly = None if thematic else re.search(r"(?:hop|sinh hoat) chi bo thang", opening)
    if extraordinary and not regular and not thematic:
        words = flow.span(start + extraordinary.start(), start + extraordinary.end())
        yield flow.propose("kind", "extraordinary", words, 90)
    if re.search(r"bat thuong|dot xuat", opening):
        return
    for match, kind, sure in ((regular, "regular", 92), (thematic, "thematic", 92), (monthly, "regular", 62)):
        if match:
            both = regular is not None and thematic is not None
            words = flow.span(start + match.start(), start + match.end())
            yield flow.propose("kind", "regular+thematic" if both else kind, words, 88 if both else sure)
            return


def _numbers(flow: Flow) -> Iterator[Proposal]:
    if found := _NUMBER.search(flow.text[:OPENING]):
        words = flow.span(found.start("n"), found.end())
        yield flow.propose("number", f"{digits(found['n'])}-BB/CB{found['cell'].upper()}", words, 92)
    resolutions = [(_resolution_sure(flow, found), found) for found in _RESOLUTION.finditer(flow.text)]
    if resolutions:
        sure, found = max(resolutions, key=lambda pair: (pair[0], pair[1].start()))
        number = digits(found["n"])
        cell = f"CB{found['cell'].upper()}"  # the papers of a school's cell may be signed NQ/CBTHCS
        value = f"{number}/NQ-{cell}" if found["form"] == "/" else f"{number}-NQ/{cell}"
        if len({digits(match["n"]) for _, match in resolutions}) > 1:
            sure -= 10
        yield flow.propose("resolution_number", value, flow.span(found.start("n"), found.end()), sure)


def _resolution_sure(flow: Flow, found: re.Match[str]) -> int:
    """A resolution that is put to the vote is this meeting's; one whose results are told is an older one."""
    start, past = flow.sentence(found.start())
    sentence = flow.text[start:past]
    if re.search(r"bieu quyet|tan thanh|dong y|nhat tri|thong qua|ban hanh", sentence):
        return 93
    return 40 if _OLDER.search(sentence) else 75


def _times(flow: Flow) -> Iterator[Proposal]:
    for found in TIME.finditer(flow.text[:OPENING]):
        before = flow.text[max(found.start() - 40, 0) : found.start()]
        if _STARTS.search(before) or re.match(r"[\s,]*(ngay|den)\b", flow.text[found.end() :]):
            yield flow.propose("started_at", clock(found), flow.span(found.start(), found.end()), 92)
            until = TIME.match(flow.text, found.end() + len(" den ")) if _until(flow, found) else None
            if until:
                yield flow.propose("ended_at", clock(until), flow.span(until.start(), until.end()), 80)
            break
    for close in reversed([*_CLOSE.finditer(flow.text)]):
        if end := TIME.search(flow.text, close.end(), close.end() + 45):
            yield flow.propose("ended_at", clock(end), flow.span(end.start(), end.end()), 92)
            return


def _until(flow: Flow, found: re.Match[str]) -> bool:
    return flow.text[found.end() :].startswith((" den ", " - "))


def _person(flow: Flow, role: str, people: Sequence[str]) -> Iterator[Proposal]:
    """Who is named after ``Chủ trì:``; surer if the same name is signed at the end."""
    signed = _signature(flow, role)
    for found in _ROLES[role].finditer(flow.text):
        words = name_at(flow, flow.pasts[flow.at(found.end() - 1)])
        if words:
            name, sure = told(flow.places[words.start : words.stop], people, 88)
            mine = told(flow.places[signed.start : signed.stop], people, 88)[0] if signed else ""
            yield flow.propose(role, name, words, min(sure + 6, 99) if mine == name else sure)
            return
    for found in _BEHIND[role].finditer(flow.text, 0, OPENING):
        words = name_at(flow, flow.at(found.start()))
        if len(words) > 1:
            name, sure = told(flow.places[words.start : words.stop], people, 72)
            yield flow.propose(role, name, words, sure)
            return
    if signed:
        name, sure = told(flow.places[signed.start : signed.stop], people, 70)
        yield flow.propose(role, name, signed, sure)


def _signature(flow: Flow, role: str) -> range:
    """The name within three lines below the word of a role (ink is read as noise), where that stands alone last."""
    for found in reversed([*_SIGNED[role].finditer(flow.text)]):
        whole = flow.text[flow.text.rfind("\n", 0, found.start()) + 1 : found.end() + 1].strip("\n")
        if whole == found[0] and flow.text[found.end() : found.end() + 1] == "\n":
            first = flow.pasts[flow.at(found.end() - 1)]
            return next((words for words in _lines(flow, first, 3) if _like_a_name(flow, words)), range(0))
    return range(0)


def _lines(flow: Flow, first: int, most: int) -> Iterator[range]:
    """The words of the lines from word ``first`` on."""
    for _ in range(most):
        if first >= len(flow.places):
            return
        past = first
        while past < len(flow.places) and flow.places[past].line == flow.places[first].line:
            past += 1
        yield range(first, past)
        first = past


def _like_a_name(flow: Flow, words: range) -> bool:
    texts = [flow.places[at].word.text.replace("'", "").replace("’", "") for at in words]
    return 2 <= len(texts) <= LONGEST and all(text.isalpha() and capital(text) for text in texts)
