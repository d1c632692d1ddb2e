"""How many of a document's printed values are proposed rightly, wrongly, or not at all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.proposals.fields import Proposal

MINUTES = Path(__file__).parents[1] / "fixtures" / "minutes"
FIGURES = (
    "members_total",
    "official",
    "probationary",
    "exempt",
    "expected",
    "present",
    "absent_excused",
    "absent_unexcused",
)
HEADS = (
    "meeting_date",
    "kind",
    "resolution_number",
    "number",
    "started_at",
    "ended_at",
    "chair",
    "secretary",
)
VOTE = ("in_favour", "out_of", "against", "no_opinion")
# In the truth as what follows from the paper, but not printed on it.
UNPRINTED = {
    "a2": {"official"},
    "a5": {"official", "probationary", "number"},
}
UNPRINTED_VOTES = {
    "a3": {(20, "no_opinion")},
    "a4": {("Lữ Thị Cúc", "no_opinion")},
    "a5": {(11, "no_opinion")},
}


def document(which: str) -> dict[str, Any]:
    """The truth of the document whose folder begins with ``which``."""
    (path,) = MINUTES.glob(f"{which}-*/document.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def key_values(which: str, proposals: Sequence[Proposal]) -> dict[str, bool | None]:
    """{value: right, None if nothing is proposed} for day, kind, numbers, times, people in charge, counts and votes."""
    truth = document(which)
    once = {proposal.name: proposal.value for proposal in proposals if "." not in proposal.name}
    wanted = {name: truth.get(name) for name in HEADS} | {name: truth["counts"][name] for name in FIGURES}
    printed = {
        name: value
        for name, value in wanted.items()
        if value is not None and name not in UNPRINTED.get(which, set())
    }
    result = {name: once[name] == value if name in once else None for name, value in printed.items()}
    if rate := truth["counts"]["attendance_rate_printed"]:
        value = rate.rstrip("%").replace(",", ".")
        result["attendance_rate"] = once["attendance_rate"] == value if "attendance_rate" in once else None
    return result | _votes(which, truth["votes"], proposals)


def _votes(
    which: str, truth: Sequence[dict[str, Any]], proposals: Sequence[Proposal]
) -> dict[str, bool | None]:
    """Votes are found by their share; a vote that is not there misses all its values."""
    found: dict[int, dict[str, int]] = {}
    for proposal in proposals:
        if proposal.name.removeprefix("vote.") in VOTE:
            found.setdefault(proposal.of, {})[proposal.name.removeprefix("vote.")] = int(proposal.value)
    left = list(found.values())
    result: dict[str, bool | None] = {}
    for number, vote in enumerate(truth):
        printed = [part for part in VOTE if not _unprinted(which, vote, part)]
        alike = {
            at: (sum(mine.get(part) == vote[part] for part in printed), -len(mine))
            for at, mine in enumerate(left)
        }
        mine = left.pop(max(alike, key=alike.__getitem__)) if alike else {}
        result |= {
            f"vote {number} {part}": mine[part] == vote[part] if part in mine else None for part in printed
        }
    for extra, _ in enumerate(left):
        result[f"vote that is not there {extra}"] = False
    return result


def _unprinted(which: str, vote: dict[str, Any], part: str) -> bool:
    return any(
        part == name and (key == vote["in_favour"] or str(key) in vote["subject"])
        for key, name in UNPRINTED_VOTES.get(which, set())
    )


def assignments(which: str, proposals: Sequence[Proposal]) -> tuple[int, int, int]:
    """(right person and day, on the paper, proposed though not on the paper)."""
    truth = Counter((task["name"], task["due_on"] or "") for task in document(which)["assignments"])
    found = Counter(
        (group.get("name", ""), group.get("due", "")) for group in groups("assignment", proposals).values()
    )
    right = sum((truth & found).values())
    return right, sum(truth.values()), sum(found.values()) - right


def absences(which: str, proposals: Sequence[Proposal]) -> tuple[int, int, int]:
    """(right name, reason and state, on the paper, proposed though not on the paper)."""
    truth = Counter(
        (away["name"], away["reason"] or "", "absent_excused" if away["excused"] else "absent_unexcused")
        for away in document(which)["absences"]
    )
    found = Counter(
        (group.get("name", ""), group.get("reason", ""), group.get("state", ""))
        for group in groups("absence", proposals).values()
    )
    right = sum((truth & found).values())
    return right, sum(truth.values()), sum(found.values()) - right


def groups(of: str, proposals: Sequence[Proposal]) -> dict[int, dict[str, Any]]:
    """{ordinal: {part: value}} of the repeated proposals ``of`` a kind."""
    found: dict[int, dict[str, Any]] = {}
    for proposal in proposals:
        if proposal.name.startswith(f"{of}."):
            found.setdefault(proposal.of, {})[proposal.name.removeprefix(f"{of}.")] = proposal.value
    return found


def shares(which: str, proposals: Sequence[Proposal]) -> dict[str, Any]:
    """Right, wrong and missing values of a document, and its assignments and absences."""
    values = key_values(which, proposals)
    right = sum(value is True for value in values.values())
    return {
        "right": right,
        "printed": len(values),
        "share": right / len(values),
        "wrong": [name for name, value in values.items() if value is False],
        "missing": [name for name, value in values.items() if value is None],
        "assignments": assignments(which, proposals),
        "absences": absences(which, proposals),
    }
