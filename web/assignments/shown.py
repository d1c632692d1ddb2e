"""Assigned work as pages tell it: how it stands, when it is due, what happened to it, each in a person's words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from server import clock, names, versions
from server.accounts.reader import Reader
from server.assignments import rules, saying
from server.assignments.fold import LIVE, Standing
from server.assignments.queries import Told
from server.words import Say, say
from tenants.current import current
from web.words import day, moment

# Sign and colour (data-s, see parts.css) and word of a state; done is told by its result.
_STATES: dict[str, tuple[str, str, Say]] = {
    "open": ("planned", "○", rules.STATES["open"]),
    "reported": ("pending", "◔", rules.STATES["reported"]),
    "not_done": ("rejected", "✕", rules.STATES["not_done"]),
    "cancelled": ("ended", "⊘", rules.STATES["cancelled"]),
    "better": ("active", "★", rules.RESULTS["better"]),
    "on_time": ("active", "✓", rules.RESULTS["on_time"]),
    "late": ("late", "◔", rules.RESULTS["late"]),
}
Chip = tuple[str, str, Say]


def standing(row: Mapping[str, Any], today: date) -> Chip:
    """How an assignment stands: data-s, sign, word."""
    if row["rivals"]:
        return "rejected", "≠", say("Ghi khác nhau")
    if row["state"] == "open" and row["asked_due"]:
        return "pending", "◔", rules.MOVES["asked_time"].word
    if row["state"] == "open" and row["due_on"] and row["due_on"] < today:
        return "rejected", "!", late_words(row["due_on"], today)
    return _STATES[row["result"] or row["state"]]


def late_words(due: date, today: date) -> Say:
    """Quá hạn 3 ngày."""
    return say("Quá hạn {n} ngày", n=(today - due).days)


def due_words(row: Mapping[str, Any], today: date) -> Say:
    """When it is due, and how far that is while it is not done, unless its chip says so."""
    due, live = row["due_on"], row["state"] in LIVE
    if due is None:
        return say("việc thường xuyên")
    if not live:
        return say("hạn {day}", day=day(due))
    if row["state"] == "reported":
        return say("hạn {day}, báo xong {on}", day=day(due), on=day(row["reported_on"]))
    if due < today:
        return say("hạn {day}", day=day(due)) if _chip_tells_late(row) else _late_by(due, today)
    ahead = say("hạn {day}, còn {n} ngày", day=day(due), n=(due - today).days)
    return ahead if due > today else say("hạn hôm nay, {day}", day=day(due))


def _chip_tells_late(row: Mapping[str, Any]) -> bool:
    """Whether nothing goes before being overdue in ``standing``."""
    return not row["rivals"] and not row["asked_due"]


def _late_by(due: date, today: date) -> Say:
    return say("hạn {day}, quá hạn {n} ngày", day=day(due), n=(today - due).days)


def card(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    """A line of a list: what, who, due, how it stands."""
    family, given = names.split(row["member_name"])
    return {
        "no": row["no"], "id": str(row["id"]), "v": versions.told(row["version"]), "state": row["state"],
        "href": f"/{current().slug}/assignments/{row['no']}", "text": row["text"], "family": family, "given": given,
        "area": rules.AREAS[row["area"]], "due": due_words(row, today), "due_iso": row["due_on"],
        "standing": standing(row, today), "cell_name": row["cell_name"], "rivals": bool(row["rivals"]),
    }  # fmt: skip


def standing_of(row: Mapping[str, Any]) -> Standing:
    """How an assignment stands, as the rules ask for it, from its row."""
    disagreed = json.loads(row["rivals"]) if row["rivals"] else {}
    return Standing(
        row["member"], row["text"], row["area"], row["check_by"], row["due_on"], row["state"], row["result"],
        row["asked_due"], dict.fromkeys(disagreed, ()),
    )  # fmt: skip


def dates(row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The earliest and the latest date that a field of an assignment takes (yyyy-mm-dd)."""
    today = clock.today()
    earliest = min(row["given_on"], today) if row is not None else today
    return {"min": earliest.isoformat(), "max": (today + saying.AHEAD).isoformat()}


def places(reader: Reader, here: str, cells: Collection[UUID] = ()) -> list[tuple[str, Say, bool]]:
    """The pages of assigned work for somebody of a cell, as links: (address, words, whether it is ``here``).

    ``cells``: those whose work this reader sees all of.
    """
    if reader.sees_all:
        return []
    base, board = f"/{current().slug}", next(iter(sorted(reader.cells() & set(cells))), None)
    found = [("work", f"{base}/work", say("Việc của tôi"))]
    if board or reader.has("group_leader"):
        found.append(("list", f"{base}/assignments", say("Danh sách")))
    if board:
        found.append(("board", f"{base}/cells/{board}/assignments", say("Bảng việc")))
    return [(href, words, name == here) for name, href, words in found]


_NO_DUE = say("việc thường xuyên")


def history(changes: Sequence[Told]) -> list[dict[str, Any]]:
    """Every change in words, oldest first: did, note, by, when, on which meeting's day it counts (None: none), and for
    whom it was written on behalf (None: nobody).
    """
    people = {str(told.change.sets["who"]): told.who for told in changes if told.who}
    shown, who = [], ""
    for told in changes:
        who = told.who or who
        shown.append({
            "did": _did(told.change.kind, told.change.sets, people), "note": told.change.note, "by": told.change.by,
            "when": moment(told.received_at), "said_on": day(told.change.said_on) if told.meeting else None,
            "behalf": who if told.behalf else None,
        })  # fmt: skip
    return shown


def _did(kind: str, sets: Mapping[str, Any], people: Mapping[str, str]) -> Say:
    """What a change did: the name of the move, with what it sets where that is more than the name says."""
    word = rules.MOVES[kind].word
    if kind == "given":
        who, text, due = people.get(str(sets["who"]), ""), sets["what"]["text"], _due(sets["due"])
        return say("{move} cho đồng chí {who}: “{text}”, hạn: {due}", move=word, who=who, text=text, due=due)
    telling = next(iter(sets)) if kind == "settled" else _TELLING.get(kind)
    if telling is None or telling not in sets:
        return word
    return say("{move}: {value}", move=word, value=value_words(telling, sets[telling], people))


# The register that says more than the name of a move does.
_TELLING = {
    "asked_time": "asked", "time_given": "due", "accepted": "state", "reassigned": "who", "rescheduled": "due",
    "carried": "due", "reworded": "what",
}  # fmt: skip


def _due(iso: str | None) -> Say | str:
    return day(date.fromisoformat(iso)) if iso else _NO_DUE


def value_words(register: str, value: Any, people: Mapping[str, str]) -> Say | str:
    """What a change says of one register: the person, the wording, the due date, the state."""
    if register == "who":
        return say("đồng chí {who}", who=people.get(str(value), ""))
    if register == "what":
        return say("“{text}”", text=value["text"])
    if register == "state":
        return _STATES[value.removeprefix("done:")][2]
    return _due(value)


def file_row(file: Mapping[str, Any], base: str) -> dict[str, Any]:
    """A piece of evidence as pages show it; ``base``: the address of the assignment's files."""
    href = f"{base}/{file['id']}"
    return {
        "id": file["id"], "href": href, "thumb": f"{href}?small=1", "size": _size(file), "by": file["by_name"],
        "name": file["name"] or (say("Tệp PDF") if file["kind"] == "pdf" else say("Ảnh")),
        "when": moment(file["created_at"]),
    }  # fmt: skip


def _size(file: Mapping[str, Any]) -> Say:
    megabytes = f"{max(file['bytes'], 50_000) / 10**6:.1f}".replace(".", ",")
    if file["pages"] > 1:
        return say("{pages} trang, {size} MB", pages=file["pages"], size=megabytes)
    return say("{size} MB", size=megabytes)
