"""Votes: how many of how many were in favour, against, without an opinion, and of what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fields import Proposal
from .flow import Flow
from .numbers import PERCENT, number, rounds_to

REACH = 260  # letters behind those in favour within which the others are told
LONGEST_SUBJECT = 200  # letters
HEADING_REACH = 700  # letters above a vote within which its heading may stand
_NOT = r"(?:khong|chua|bat) "
_AGREED = r"(?:tan thanh|dong y|nhat tri|bieu quyet|dong thuan|thong qua)"
_FILLED = r"[^\d.;%]{0,40}?"
_SHARE = r"(?P<n>\d{1,4})\s?(?:/|tren(?: tong so)?)\s?(?P<of>\d{1,4})(?![\d/])"
_BEFORE = re.compile(rf"(?<!\w)(?P<not>{_NOT})?{_AGREED}\b{_FILLED}{_SHARE}")
_BEHIND = re.compile(rf"(?<![\d/.,]){_SHARE}{_FILLED}(?P<not>{_NOT})?{_AGREED}\b")
_ALONE = re.compile(
    r"(?<!khong )(?<!chua )\b(?:tan thanh|dong y)[^\d.;%]{0,25}?(?P<n>\d{1,4})(?= (?:phieu|dong chi|dang vien|y kien))"
    r"(?! (?:phieu|dong chi|dang vien|y kien)(?: co)? khong)"
)
_SAID = r"(?P<n>\d{1,4}(?![\d/%]|[.,]\d)|khong\b(?! (?:tan thanh|dong y|bieu quyet|co y))|o\b)"
_AGAINST_WORDS = r"(?:(?:khong|chua) (?:tan thanh|dong y|nhat tri)|phan doi)"
_ABSTAINED = (
    r"(?:khong bieu quyet|khong co y kien|y kien khac|(?:phieu|bo phieu) trang|khong tham gia bieu quyet)"
)
_PEOPLE = r"(?: (?:dong chi|dang vien|phieu|nguoi|y kien))?(?: co)?"
_DECIDED = re.compile(
    r"\b(?:nghi quyet|ket nap|cong nhan|cu dong chi|khen thuong|ky luat|mien|gioi thieu|bau|de nghi|chuyen|thong qua"
    r"|ket luan|xep loai)\b"
)
_LEAD = re.compile(
    r"(?:[-+]|\d{1,2}[.)])?\s*(?:(?:sau do|chi bo|cuoc hop|hoi nghi|buoi sinh hoat|dong chi chu tri|ket qua|co"
    r"|thao luan|va|da|tien hanh|lay|bieu quyet|thong qua|voi)\b[\s:,\-]*)*"
)
_TRAIL = re.compile(
    r"[\s:,;(\-]*(?:(?:ket qua|bieu quyet|chi bo|va|thao luan|da|duoc|voi|co|dat)\b[\s:,;(\-]*)*$"
)
_HEADING = re.compile(r"(?:^|\n)(?:\d{1,2}|[ivx]{1,4}|[a-e])[.)]\s?(?P<words>[^\n]{5,90})")


def votes(flow: Flow) -> Iterator[Proposal]:
    """Proposals of all votes, one ``of`` each, in the order of the paper."""
    anchors = _anchors(flow.text)
    for of, (found, sure) in enumerate(anchors):
        past = anchors[of + 1][0].start() if of + 1 < len(anchors) else len(flow.text)
        yield from _vote(flow, found, min(past, found.end() + REACH), sure, of)


def _anchors(text: str) -> list[tuple[re.Match[str], int]]:
    """Where votes are told, each once, and how sure: a share ``32/35`` beside a word of agreement, or a bare number."""
    found: list[tuple[re.Match[str], int]] = []
    taken = bytearray(len(text))
    for pattern, sure in ((_BEFORE, 92), (_BEHIND, 88), (_ALONE, 66)):
        for match in pattern.finditer(text):
            said = match.groupdict()
            if said.get("not") or ("of" in said and int(said["n"]) > int(said["of"])):
                continue
            start, past = match.span()
            if not any(taken[start:past]):
                taken[start:past] = bytes([1]) * (past - start)
                found.append((match, sure))
    return sorted(found, key=lambda anchor: anchor[0].start("n"))


def _vote(flow: Flow, found: re.Match[str], past: int, sure: int, of: int) -> Iterator[Proposal]:
    sure += _fits(flow.text, found)
    place = flow.span(found.start("n"), found.end("of") if "of" in found.groupdict() else found.end("n"))
    yield from _subject(flow, found, of)
    yield flow.propose("vote.in_favour", int(found["n"]), place, sure, of)
    if "of" in found.groupdict():
        yield flow.propose("vote.out_of", int(found["of"]), place, sure, of)
    past = _item_end(flow, found.end(), past)
    for name, words in (("vote.against", _AGAINST_WORDS), ("vote.no_opinion", _ABSTAINED)):
        if told := _told(flow.text, words, found.end(), past):
            value = number(told["n"])
            if value is not None:
                yield flow.propose(name, value, flow.span(told.start(), told.end()), 88, of)


def _told(text: str, words: str, start: int, past: int) -> re.Match[str] | None:
    """``không tán thành: 02`` or ``02 đồng chí không tán thành``."""
    behind = re.compile(rf"\b{words}\s?[:\-(]?\s?(?:co )?{_SAID}").search(text, start, past)
    return behind or re.compile(rf"(?<![\d/.,])(?P<n>\d{{1,4}}){_PEOPLE} {words}").search(text, start, past)


def _item_end(flow: Flow, start: int, past: int) -> int:
    """The end of the list's item that a vote stands in, two sentences further at most."""
    first = flow.sentence(start - 1)[1]
    second = flow.sentence(first)[1] if first < len(flow.text) else first
    new = re.compile(r"\n(?=[-+]|[ivx]+[.)]|\d{1,2}[.)])").search(flow.text, start, past)
    return min(past, second, new.start() if new else past)


def _fits(text: str, found: re.Match[str]) -> int:
    """Whether the percentage printed behind a share is that share's: a misread digit would not be."""
    percent = PERCENT.search(text, found.end(), found.end() + 60)
    if "of" not in found.groupdict() or percent is None or int(found["of"]) == 0:
        return 0
    right = rounds_to(int(found["n"]), int(found["of"]), float(percent["percent"].replace(",", ".")))
    return 6 if right else -15


def _subject(flow: Flow, found: re.Match[str], of: int) -> Iterator[Proposal]:
    """What was voted on: in the vote's own sentence, in the one before, or in the heading above."""
    start, _ = flow.sentence(found.start())
    own = _tidied(flow.text, start, found.start())
    before = _tidied(flow.text, flow.sentence(max(start - 1, 0))[0], start)
    heading = _heading(flow.text, start)
    # A heading like "Biểu quyết" says nothing of the matter.
    for place, sure in ((own, 80), (before, 62), (heading, 66)):
        if place and _DECIDED.search(flow.text[place[0] : place[1]]):
            words = flow.span(*place)
            yield flow.propose("vote.subject", flow.printed(words).strip(" :;,.-+"), words, sure, of)
            return


def _tidied(text: str, start: int, past: int) -> tuple[int, int] | None:
    lead = _LEAD.match(text, start, past)
    start = lead.end() if lead else start
    if past - start > LONGEST_SUBJECT:
        # A table's lines, or a full stop not read: the last line that says a matter.
        decided = [match.start() for match in _DECIDED.finditer(text, past - LONGEST_SUBJECT, past)]
        if not decided:
            return None
        start = max(text.rfind("\n", 0, decided[-1]) + 1, start)
    trail = _TRAIL.search(text[start:past])
    past = start + trail.start() if trail else past
    return (start, past) if 4 < past - start <= LONGEST_SUBJECT else None


def _heading(text: str, start: int) -> tuple[int, int] | None:
    """The numbered heading above an offset, without its number, not farther than a few paragraphs."""
    found = [*_HEADING.finditer(text, max(start - HEADING_REACH, 0), start + 1)]
    return found[-1].span("words") if found else None
