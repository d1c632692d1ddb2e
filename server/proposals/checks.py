"""Where a paper contradicts itself, and where it differs from the roll call of the same meeting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date

from server.words import Say, say

from .counts import SUMS
from .fields import FIELDS, Proposal

Once = dict[str, Proposal]

RATE_SLACK = 0.1  # percentage points: papers round as they like


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Values of one paper that can't all be right: the sentence that says why, and the values with their places."""

    says: Say
    proposals: tuple[Proposal, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields concerned."""
        return tuple(proposal.name for proposal in self.proposals)


@dataclass(frozen=True, slots=True)
class Roll:
    """What the roll call of a meeting knows; None where it does not. ``kind`` is ``regular | thematic |
    regular+thematic``; ``present`` counts who came, late or not.
    """

    members_total: int | None = None
    official: int | None = None
    probationary: int | None = None
    exempt: int | None = None
    expected: int | None = None
    present: int | None = None
    absent_excused: int | None = None
    absent_unexcused: int | None = None
    held_on: date | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that the paper says otherwise than the roll; both in the canonical form of proposals."""

    name: str
    paper: str | int
    roll: str | int
    proposal: Proposal


def differences(proposals: Sequence[Proposal], roll: Roll | None) -> tuple[Difference, ...]:
    """Paper against roll call, where both say something and not the same, in the order of FIELDS."""
    if roll is None:
        return ()
    known: dict[str, str | int] = {}
    for told in fields(roll):
        value = getattr(roll, told.name)
        if value is not None:
            on = isinstance(value, date)
            known["meeting_date" if on else told.name] = value.isoformat() if on else value
    paper = {proposal.name: proposal for proposal in proposals}
    return tuple(
        Difference(name, paper[name].value, known[name], paper[name])
        for name in FIELDS
        if name in paper and name in known and paper[name].value != known[name]
    )


def contradictions(proposals: Sequence[Proposal]) -> tuple[Contradiction, ...]:
    """Where the values of one paper can't all be right."""
    once = {proposal.name: proposal for proposal in proposals if not proposal.of and "." not in proposal.name}
    return (
        *_sums(once),
        *_rate(once),
        *_hours(once),
        *_names(once, proposals),
        *_votes(once, proposals),
        *_dues(once, proposals),
    )


def _sums(once: Once) -> Iterator[Contradiction]:
    for whole, parts in SUMS:
        if {whole, *parts} <= once.keys():
            values = [_count(once[part]) for part in parts]
            if sum(values) != once[whole].value:
                says = _sum_said(parts[0], " + ".join(map(str, values)), sum(values), _count(once[whole]))
                yield Contradiction(says, (once[whole], *(once[part] for part in parts)))


def _sum_said(first: str, parts: str, found: int, whole: int) -> Say:
    """The whole sentence, because parts of sentences can't be translated."""
    told = {"parts": parts, "sum": found, "whole": whole}
    if first == "official":
        return say("Chính thức và dự bị {parts} cộng lại là {sum}, nhưng tổng số ghi {whole}.", **told)
    if first == "exempt":
        return say("Miễn và phải có mặt {parts} cộng lại là {sum}, nhưng tổng số ghi {whole}.", **told)
    return say("Có mặt và vắng {parts} cộng lại là {sum}, nhưng phải có mặt ghi {whole}.", **told)


def _count(proposal: Proposal) -> int:
    return int(proposal.value)


def _rate(once: Once) -> Iterator[Contradiction]:
    if not {"attendance_rate", "present", "expected"} <= once.keys() or not once["expected"].value:
        return
    present, expected = once["present"], once["expected"]
    rate, right = float(once["attendance_rate"].value), _count(present) / _count(expected) * 100
    if abs(rate - right) >= RATE_SLACK:
        says = say(
            "Tỷ lệ ghi {rate} %, nhưng {present}/{expected} là {right} %.",
            rate=_comma(rate), present=present.value, expected=expected.value, right=_comma(right),
        )  # fmt: skip
        yield Contradiction(says, (once["attendance_rate"], present, expected))


def _comma(rate: float) -> str:
    return f"{rate:.2f}".replace(".", ",")


def _hours(once: Once) -> Iterator[Contradiction]:
    if {"started_at", "ended_at"} <= once.keys():
        started, ended = once["started_at"], once["ended_at"]
        if str(ended.value) <= str(started.value):
            says = say(
                "Kết thúc lúc {ended}, không sau giờ bắt đầu {started}.",
                ended=ended.value,
                started=started.value,
            )
            yield Contradiction(says, (started, ended))


def _names(once: Once, proposals: Sequence[Proposal]) -> Iterator[Contradiction]:
    """As many are named as are said to be absent, where the paper names any."""
    for state in ("absent_excused", "absent_unexcused"):
        ofs = {p.of for p in proposals if p.name == "absence.state" and p.value == state}
        named = tuple(p for p in proposals if p.name == "absence.name" and p.of in ofs)
        if state in once and named and len(named) != once[state].value:
            told = {"count": once[state].value, "named": len(named)}
            if state == "absent_excused":
                says = say("Ghi {count} người vắng có lý do, nhưng nêu tên {named} người.", **told)
            else:
                says = say("Ghi {count} người vắng không lý do, nhưng nêu tên {named} người.", **told)
            yield Contradiction(says, (once[state], *named))


def _votes(once: Once, proposals: Sequence[Proposal]) -> Iterator[Contradiction]:
    for of in sorted({proposal.of for proposal in proposals if proposal.name == "vote.in_favour"}):
        vote = {p.name: p for p in proposals if p.of == of and p.name.startswith("vote.")}
        cast = [vote[part] for part in ("vote.in_favour", "vote.against", "vote.no_opinion") if part in vote]
        total, out_of = sum(map(_count, cast)), vote.get("vote.out_of")
        if out_of and total > _count(out_of):
            says = say(
                "Biểu quyết: {total} ý kiến, nhiều hơn {out_of} người được tính.",
                total=total,
                out_of=out_of.value,
            )
            yield Contradiction(says, (out_of, *cast))
        elif "present" in once and total > _count(once["present"]):
            present = once["present"]
            says = say(
                "Biểu quyết: {total} ý kiến, nhiều hơn {present} người có mặt.",
                total=total,
                present=present.value,
            )
            yield Contradiction(says, (present, *cast))
        if out_of and "official" in once and _count(out_of) > _count(once["official"]):
            official = once["official"]
            says = say(
                "Biểu quyết tính trên {out_of}, nhiều hơn {official} đảng viên chính thức.",
                out_of=out_of.value, official=official.value,
            )  # fmt: skip
            yield Contradiction(says, (out_of, official))


def _dues(once: Once, proposals: Sequence[Proposal]) -> Iterator[Contradiction]:
    day = once.get("meeting_date")
    for due in proposals:
        if day and due.name == "assignment.due" and due.value and str(due.value) < str(day.value):
            yield Contradiction(say("Thời hạn {due} là trước ngày họp.", due=due.printed), (due, day))
