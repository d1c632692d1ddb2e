"""Who stayed away, and why, in the sentences behind ``Vắng có lý do`` and ``Vắng không lý do``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.names import fold

from .fields import Proposal
from .flow import Flow
from .people import capital, name_at, titled, told

_HOW = r"(?P<{}>khong co |khong )?(?:co )?(?:ly do|phep)\b"
_MANNER = re.compile(
    rf"\bvang(?: mat)?\b[^.;]{{0,30}}?\b{_HOW.format('no')}|\bvang(?: mat)?(?: \d{{1,2}}(?: dong chi| dang vien)?)?\s?:"
    rf"|(?<=[;:(,.]\s){_HOW.format('none')}\s?:?\s?\d"
)
_NO_REASON = re.compile(r"khong (?:co )?(?:ly do|phep)")
_OTHERS = re.compile(
    r"\bvang\b|[;(,]\s?khong (?:co )?(?:ly do|phep)\s?[:\d]"
    r"|\b(?:chu tri|chu toa|thu ky|dai bieu|khach|cap tren|dang phi)\b"
)
_LEADS = {"chi", "d/c", "a/c", "dc", "dic", "dlc", "gom", "va", "la", "ong", "ba"}
_LED = re.compile(r"^(?:với )?lý do\s*[:\-]?\s*", re.IGNORECASE)
LONGEST_LIST = 500  # letters
OPENING = 2200  # letters from the start in which the roll is told; later a task may speak of who was away


@dataclass(frozen=True, slots=True)
class Away:
    """A person who stayed away: the words of the name and of the reason, which may be none."""

    name: range
    reason: range


def absences(flow: Flow, people: Sequence[str]) -> Iterator[Proposal]:
    """Proposals of names, reasons and states (``absent_excused | absent_unexcused``), one ``of`` each."""
    number = 0
    done = 0
    for found in _MANNER.finditer(flow.text, 0, OPENING):
        if found.start() < done or not re.search(
            r"\bvang\b", flow.text[max(found.start() - 160, 0) : found.end()]
        ):
            continue
        done = _list_end(flow, found.end())
        away = [*_named(flow, found.end(), done)]
        how = flow.span(found.start(), found.end()) if re.search("ly do|phep", found[0]) else range(0)
        unexcused = bool(found["no"] or found["none"])
        for person, reason in zip(away, _shared(away), strict=True):
            name, sure = told(flow.places[person.name.start : person.name.stop], people, 84)
            if " " in name:
                yield flow.propose("absence.name", name, person.name, sure, number)
                yield from _why(flow, reason, how, number, unexcused=unexcused)
                number += 1


def _why(flow: Flow, reason: range, how: range, of: int, *, unexcused: bool) -> Iterator[Proposal]:
    """The reason, and whether there is one: ``(không lý do)`` behind a name is none."""
    printed = _LED.sub("", _plain(flow.printed(reason)))
    if _NO_REASON.fullmatch(fold(printed)):
        how, unexcused = reason, True
    elif reason:
        yield flow.propose("absence.reason", printed, reason, 80, of)
    if how:
        yield flow.propose(
            "absence.state", "absent_unexcused" if unexcused else "absent_excused", how, 86, of
        )


def _list_end(flow: Flow, start: int) -> int:
    """Where the list ends: with its sentence, or where something else is told."""
    _, past = flow.sentence(start - 1)
    again = _OTHERS.search(flow.text, start, past)
    return min(again.start() if again else past, start + LONGEST_LIST)


def _named(flow: Flow, start: int, past: int) -> Iterator[Away]:
    words = flow.span(start, past)
    at = max(words.start, flow.pasts[flow.at(start - 1)])
    while at < words.stop:
        if not _begins(flow, at):
            at += 1
            continue
        name = name_at(flow, at, words.stop)
        within = "(" in flow.printed(range(words.start, name.stop)).rpartition(")")[2]
        reason = _reason(flow, name, words.stop, within=within) if name else range(0)
        if name:
            yield Away(name, reason)
        at = max(name.stop, reason.stop, at + 1)


def _begins(flow: Flow, at: int) -> bool:
    """Whether a name may begin here: a capital, behind a sign or a word that leads up to a name."""
    before = flow.places[at - 1].word.text if at else ":"
    led = (
        before[-1:] in ":,;-("
        or flow.places[at].word.text.startswith("(")
        or fold(before).strip("(:,") in _LEADS
    )
    return capital(flow.places[at].word.text) and (led or before[-1:].isdigit() or before.endswith(")"))


def _reason(flow: Flow, name: range, past: int, *, within: bool) -> range:
    """The words behind a name that say why: within brackets, or up to the next comma or semicolon. In a list that is
    ``within`` brackets as a whole a comma may stand before them: ``(Mai Văn Bách, đi học; …)``.
    """
    bracket = flow.places[name.stop - 1].word.text.endswith("(") or (
        name.stop < past and flow.places[name.stop].word.text.startswith("(")
    )
    last = flow.places[name.stop - 1].word.text[-1:]
    if not bracket and last in ",;.":
        return _behind_comma(flow, name, past) if within and last == "," else range(0)
    stop = name.stop
    while stop < past:
        text = flow.places[stop].word.text
        stop += 1
        if (")" in text) if bracket else text[-1:] in ",;" or ")" in text:
            break
    reason = range(name.stop, stop)
    return range(0) if _plain(flow.printed(reason)).lower() in {"", "và"} or _joins(flow, name) else reason


def _behind_comma(flow: Flow, name: range, past: int) -> range:
    """The small words behind a name and its comma, up to the next name: no title, nobody else."""
    stop = name.stop
    while stop < past and not _begins(flow, stop):
        text = flow.places[stop].word.text
        if fold(text).strip("(:,") in _LEADS or (stop == name.stop and titled(flow.places[stop : stop + 2])):
            return range(0) if stop == name.stop else range(name.stop, stop)
        stop += 1
        if text[-1:] == ";" or ")" in text:
            break
    return range(name.stop, stop)


def _joins(flow: Flow, name: range) -> bool:
    return name.stop < len(flow.places) and fold(flow.places[name.stop].word.text) == "va"


def _shared(away: Sequence[Away]) -> list[range]:
    """The reasons of those named; ``A và B (ốm)`` gives both the reason behind the second."""
    reasons = [person.reason for person in away]
    for at in reversed(range(len(away) - 1)):
        if not reasons[at] and away[at + 1].name.start - away[at].name.stop == 1:
            reasons[at] = reasons[at + 1]
    return reasons


def _plain(reason: str) -> str:
    return reason.strip(" ().,;:-")
