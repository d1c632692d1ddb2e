"""How many there are, must come, came and stayed away, as the opening of minutes tells it, in either word order."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .fields import Proposal
from .flow import Flow
from .numbers import PERCENT, SPOKEN, number, rounds_to

BLOCK = 1100  # letters within which a document tells all its counts
TOO_MANY = 45  # what a count loses that is more than there are people
MANNERS = 260  # letters behind those absent within which it is told how many had a reason
_MANNER = r"(?:ly do|phep)"
_TOTAL = (
    r"\btong so (?:dang vien|dong chi)|\btong so(?=\W{0,3}\d+ (?:dang vien|dong chi))"
    r"|\bdang vien (?:trong|theo) danh sach|\b(?:si|quan) so\b|\btoan chi bo co"
    r"|\bchi bo (?:hien )?co(?=\W{0,3}\d+ (?:dang vien|dong chi)(?! (?:chinh thuc|du bi)))"
    r"|\bdang vien(?=\s?: ?\d+(?: (?:dong chi|nguoi))? ?\()"
)
_KEYS = re.compile(
    "|".join((
        rf"(?P<absent_unexcused>vang(?: mat)? (?:khong co|khong) {_MANNER})",
        rf"(?P<absent_excused>vang(?: mat)? co {_MANNER})",
        rf"(?P<unexcused>\b(?:khong co|khong) {_MANNER})",
        rf"(?P<excused>\bco {_MANNER})",
        r"(?P<absent>\bvang(?: mat)?\b)",
        r"(?P<expected>\b(?:(?:can|phai|duoc) (?:co mat|du hop|tham du|tham gia|trieu tap|sinh hoat|du)|trieu tap)\b)",
        r"(?P<present>\b(?:co mat|hien dien|(?:tham )?du (?:hop|sinh hoat)|tham du|so dang vien du(?= ?:))\b)",
        r"(?P<exempt>\bmien (?:cong tac(?:,| va)? )?sinh hoat(?: dang)?|\bmien cong tac\b)",
        rf"(?P<members_total>{_TOTAL})",
        r"(?P<official>\bchinh thuc\b)",
        r"(?P<probationary>\bdu bi\b)",
    ))
)  # fmt: skip
_RATIO = r"(?P<part>\d{1,3})\s?/\s?(?P<whole>\d{1,3})(?![\d/]|[.,]\d)"
_COUNT = r"(?P<count>\d{1,3})(?![\d/%]|[.,:]\d|\s?(?:gio|h\d|thang|nam)\b)"
_MARK = r"(?!(?<=\n)\d{1,2}[.)])"  # the number of a list's item
_ZERO = r"(?<=: )(?P<zero>khong|o|oo)(?= co\W|[\s.,;)]|$)(?! (?:co )?(?:ly do|phep))"
_WORDS = rf"(?<=[:\s])(?P<spoken>{SPOKEN})(?= (?:dong chi|dang vien|nguoi))"
_NAMED = "".join(rf"(?<!\b{word} )" for word in ("nam", "thang", "ngay", "quy", "thon", "to", "xom", "pho"))
_NUMBERED = r"(?:(?<=\btong so )|(?<=\bquan so )|(?<=\bsi so )|(?<!\bso ))"  # "lớp số 54" counts nothing
_VALUE = re.compile(rf"{_MARK}(?<![\d/.,\-]){_NAMED}{_NUMBERED}(?:{_RATIO}|{_COUNT})|{_ZERO}|{_WORDS}")
# Between a key and its number: words and a colon, no end of a thought. Between a number and its key: hardly anything.
_TO_VALUE = re.compile(r"[^\d.;,%]{0,45}")
_TO_KEY = re.compile(r"\s?(?:\((?:\w+ ?)+\) )?(?:(?:dong chi|dang vien|nguoi|la|duoc|da|so) ?){0,4}")
_GUESTS = re.compile(r"(khach|dai bieu|cap tren|quan chung)[^.;\n]{0,20}$")
# "Sĩ số toàn trường 612 học sinh": what is counted stands behind the number.
_NO_MEMBERS = re.compile(
    r" (?!dong chi|dang vien|nguoi|chinh thuc|du bi|co|trong|vang|mien|hien|va|dat)[a-z]"
)
_MUST_COME = re.compile(
    r" (?:dong chi|dang vien|nguoi)? ?(?:can|phai|duoc) (?:co mat|du|tham|trieu tap|sinh hoat)"
)
_VOTES = re.compile(r"tan thanh|dong y|nhat tri|bieu quyet|dang phi|thu nop")


@dataclass(frozen=True, slots=True)
class Count:
    """A number that a key tells: which words say it, from the key to the number."""

    name: str
    value: int
    start: int
    past: int
    sure: int


def counts(flow: Flow) -> Iterator[Proposal]:
    """Proposals of the counts and of the rate of attendance."""
    found = [count for count in _found(flow) if not _VOTES.search(_clause(flow.text, count))]
    block = _densest(found)
    seen: dict[str, Count] = {}
    for count in block:
        best = seen.get(count.name)
        if best is None or count.sure > best.sure:
            seen[count.name] = count
    chosen = dict(_manners(flow, seen))
    for name, count in chosen.items():
        sure = count.sure + _agreement(name, chosen)
        yield flow.propose(name, count.value, flow.span(count.start, count.past), sure)
    yield from _rate(flow, chosen)


def _clause(text: str, count: Count) -> str:
    """A count with what stands close behind it: ``32/35 đảng viên chính thức tán thành`` tells a vote."""
    end = re.search(r"[.;\n(]", text[count.past : count.past + 40])
    return text[max(count.start - 12, 0) : count.past + (end.start() if end else 40)]


def _found(flow: Flow) -> Iterator[Count]:
    keys = [*_KEYS.finditer(flow.text)]
    ends = [key.end() for key in keys]
    used: set[int] = set()
    for value in _VALUE.finditer(flow.text):
        before = bisect_left(ends, value.start() + 1) - 1
        if before >= 0 and before not in used and _TO_VALUE.fullmatch(flow.text, ends[before], value.start()):
            used.add(before)
            yield from _told(flow, keys[before], value, 90)
        elif before + 1 < len(keys) and _TO_KEY.fullmatch(flow.text, value.end(), keys[before + 1].start()):
            used.add(before + 1)
            yield from _told(flow, keys[before + 1], value, 84)


def _told(flow: Flow, key: re.Match[str], value: re.Match[str], sure: int) -> Iterator[Count]:
    name = str(key.lastgroup)
    start, past = min(key.start(), value.start()), max(key.end(), value.end())
    if name == "members_total" and _NO_MEMBERS.match(flow.text, value.end()):
        return
    if name == "present" and _GUESTS.search(flow.text[max(start - 40, 0) : start]):
        return
    if value["part"]:
        must_come = bool(_MUST_COME.match(flow.text, value.end()))
        yield from _ratio("expected" if must_come and name == "present" else name, value, start, past)
        return
    said = number(value["count"] or value["zero"] or value["spoken"])
    if said is not None:
        yield Count(name, said, start, past, sure - 8 * bool(value["spoken"] or value["zero"] == "o"))


def _ratio(name: str, value: re.Match[str], start: int, past: int) -> Iterator[Count]:
    """``Sĩ số 23/25`` has the whole list under the bar; what stands there otherwise may be those expected."""
    part, whole = int(value["part"]), int(value["whole"])
    if part > whole:
        return
    if name == "members_total":
        yield Count("present", part, start, past, 80)
        yield Count("members_total", whole, start, past, 60)
    elif name == "present":
        yield Count("present", part, start, past, 86)
        yield Count("under", whole, start, past, 78)
    elif name == "expected":
        yield Count("present", part, start, past, 80)
        yield Count("expected", whole, start, past, 80)


def _densest(found: Sequence[Count]) -> list[Count]:
    """The counts of the stretch of text that tells most different ones; the first such."""
    ordered = sorted(found, key=lambda count: count.start)
    starts = [count.start for count in ordered]
    blocks = [ordered[at : bisect_right(starts, start + BLOCK)] for at, start in enumerate(starts)]
    return max(blocks, key=lambda block: len({count.name for count in block}), default=[])


def _manners(flow: Flow, seen: Mapping[str, Count]) -> Iterator[tuple[str, Count]]:
    """The counts with ``vắng: 02 (có lý do: 01, …)`` and ``vắng 02, đều có lý do`` told as excused or not."""
    absent, under = seen.get("absent"), seen.get("under")
    if under and "expected" not in seen and _left_to_come(seen) == under.value:
        yield "expected", under
    for name, count in seen.items():
        if name in {"excused", "unexcused"}:
            if absent and 0 <= count.start - absent.past < MANNERS and f"absent_{name}" not in seen:
                yield f"absent_{name}", count
        elif name not in {"absent", "under"}:
            yield name, count
    unexcused = seen.get("absent_unexcused", seen.get("unexcused"))
    if absent and not seen.keys() & {"absent_excused", "excused"} and not (unexcused and unexcused.value):
        for name, count in _all_of_one_manner(flow, absent):
            if unexcused is None or (name == "absent_excused" and count.value):
                yield name, count


def _left_to_come(seen: Mapping[str, Count]) -> int | None:
    """The members without those exempt, where both are told."""
    told = {"members_total", "exempt"} <= seen.keys()
    return seen["members_total"].value - seen["exempt"].value if told else None


def _all_of_one_manner(flow: Flow, absent: Count) -> Iterator[tuple[str, Count]]:
    if absent.value == 0:
        yield "absent_excused", absent
        yield "absent_unexcused", absent
        return
    behind = flow.text[absent.past : absent.past + 60]
    manner = re.match(rf"[^.;]{{0,25}}?\b(?P<all>deu )?(?P<no>khong co |khong )?(?:co )?{_MANNER}", behind)
    if manner:
        excused = not manner["no"]
        past = absent.past + manner.end()
        yield "absent_excused", Count("", absent.value if excused else 0, absent.start, past, absent.sure)
        yield "absent_unexcused", Count("", 0 if excused else absent.value, absent.start, past, absent.sure)


def _agreement(name: str, seen: Mapping[str, Count]) -> int:
    """What the other counts add to or take from one: sums that come out are no chance, sums that do not are a doubt."""
    change = 0
    for whole, parts in SUMS:
        if name in (whole, *parts) and {whole, *parts} <= seen.keys():
            right = seen[whole].value == sum(seen[part].value for part in parts)
            change = max(change, 8) if right else change - 8
    return change - TOO_MANY * (name in _too_many(seen))


def _too_many(seen: Mapping[str, Count]) -> set[str]:
    """Counts that can't be: more than there are members; where several are, the total was rather read wrongly."""
    for whole in ("members_total", "expected"):
        if whole in seen:
            parts = {name for name, count in seen.items() if count.value > seen[whole].value}
            parts -= {"members_total", "official", "probationary", "exempt"} if whole == "expected" else set()
            if parts:
                return parts if len(parts) == 1 else {whole}
    return set()


SUMS = (
    ("members_total", ("official", "probationary")),
    ("members_total", ("exempt", "expected")),
    ("expected", ("present", "absent_excused", "absent_unexcused")),
)


def _rate(flow: Flow, seen: Mapping[str, Count]) -> Iterator[Proposal]:
    """The percentage printed close behind those present."""
    present, expected = seen.get("present"), seen.get("expected")
    found = PERCENT.search(flow.text, present.past, present.past + 45) if present else None
    if not present or not found or "." in flow.text[present.past : found.start()]:
        return
    rate = found["percent"].replace(",", ".")
    if float(rate) <= 100:
        fits = expected and rounds_to(present.value, expected.value, float(rate))
        words = flow.span(found.start(), found.end())
        yield flow.propose("attendance_rate", rate, words, 95 if fits else 82)
