"""The forms by which an assignment is moved on: which there are, what each asks for, what somebody typed into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from server import clock, versions
from server.assignments import rules
from server.assignments.saying import NewChange
from server.words import Refused, Say, say
from tenants.current import current
from web.asking import date_in, uuid_in
from web.assignments.dues import a_month_later

# What a form asks for beside a word: the words of its fields, by the kind of move.
_NEW_DUE = say("Hạn mới")
_FIELDS: dict[str, dict[str, Say]] = {
    "asked_time": {"due": say("Xin làm đến ngày")},
    "accepted": {"result": say("Kết quả")},
    "time_given": {"due": _NEW_DUE},
    "carried": {"due": _NEW_DUE},
    "rescheduled": {"due": _NEW_DUE},
    "reassigned": {"member": say("Đồng chí nhận việc")},
    "reworded": {
        "text": say("Nội dung việc"),
        "area": say("Lĩnh vực"),
        "check_by": say("Cách kiểm tra kết quả"),
    },
}
_MAY_BE_EMPTY = frozenset({("carried", "due"), ("rescheduled", "due"), ("reworded", "check_by")})
_NOTES = {"progress": say("Đã làm đến đâu"), "reported": say("Kết quả thế nào")}
_REASON, _WORD = say("Lý do"), say("Ghi thêm")
_WORDLESS = frozenset({"taken_back"})
# In the order of the page; settling has a form of its own.
KINDS = (
    "progress", "reported", "taken_back", "asked_time", "accepted", "time_given", "time_refused", "returned",
    "not_done", "carried", "rescheduled", "reassigned", "reworded", "cancelled", "restored",
)  # fmt: skip
# What stands in sight without opening anything: the likeliest, by how the work stands and who looks.
_FIRST = {
    "reported": ("accepted", "taken_back"),
    "asked": ("time_given", "time_refused"),
    "open": ("reported", "progress", "asked_time"),
    "led": ("accepted", "progress", "rescheduled"),
}


def forms(
    row: Mapping[str, Any], kinds: Sequence[str], *, typed: Mapping[str, str], errors: Mapping[str, str], key: str = "",
    own: bool = False,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:  # fmt: skip
    """The forms of these kinds for one assignment: those in sight, and the others.

    ``typed`` and ``errors`` belong to the one form that was refused (``typed["kind"]``); ``key`` tells the fields of
    one assignment from those of others on the page; ``own``: somebody looks at their own work.
    """
    stands = row["state"]
    if not own and row["asked_due"]:
        stands = "asked"
    elif not own and stands == "open" and "accepted" in kinds:
        stands = "led"
    first = [kind for kind in _FIRST.get(stands, ()) if kind in kinds]
    others = [kind for kind in KINDS if kind in kinds and kind not in first]
    kinds = [kind for kind in kinds if kind in KINDS]
    made = {kind: _form(row, kind, typed if typed.get("kind") == kind else {}, errors, key) for kind in kinds}
    return [made[kind] for kind in first], [made[kind] for kind in others]


def _form(
    row: Mapping[str, Any], kind: str, typed: Mapping[str, str], errors: Mapping[str, str], key: str
) -> dict[str, Any]:
    return {
        "kind": kind, "button": rules.MOVES[kind].word, "danger": kind == "cancelled", "open": bool(typed),
        "action": f"/{current().slug}/assignments/{row['no']}/changes",
        "change": typed.get("change") or str(uuid4()), "seen": typed.get("seen") or versions.told(row["version"]),
        "fields": [
            {
                "name": name, "key": f"{key}{kind}-{name}", "label": words, "required": required,
                "value": typed[name] if name in typed else _usual(row, kind, name),
                "error": errors.get(name) if typed else None,
            }
            for name, words, required in _fields(kind)
        ],
    }  # fmt: skip


def _fields(kind: str) -> list[tuple[str, Say, bool]]:
    """What a form asks for: (field, words, whether it must be filled in)."""
    asked = [
        (name, words, (kind, name) not in _MAY_BE_EMPTY) for name, words in _FIELDS.get(kind, {}).items()
    ]
    if kind in _WORDLESS:
        return asked
    must = rules.MOVES[kind].note
    return [*asked, ("note", _NOTES.get(kind, _REASON if must else _WORD), must)]


def _usual(row: Mapping[str, Any], kind: str, name: str) -> Any:
    """What a field says before anybody has typed."""
    if name == "due":
        # Work carried over with no date would go on for ever.
        dated = {"time_given": row["asked_due"], "rescheduled": row["due_on"]}
        return a_month_later(clock.today()) if kind == "carried" else dated.get(kind, "")
    if name == "result":
        said = row["reported_on"] or clock.today()
        return "late" if row["due_on"] and said > row["due_on"] else "on_time"
    return row[name] if name in ("text", "area", "check_by") else ""


def read(row: Mapping[str, Any], typed: Mapping[str, str]) -> NewChange:
    """The change that a form says. Raises Refused at its field for what can't be read."""
    kind = typed.get("kind", "")
    if kind not in KINDS:
        raise Refused(**{"": say("Việc này không làm được ở đây. Xin mở lại trang.")})
    asked = _FIELDS.get(kind, {})
    given: dict[str, Any] = {}
    if "due" in asked:
        given["due"] = _due(typed.get("due", ""), must=(kind, "due") not in _MAY_BE_EMPTY)
    if "member" in asked:
        given["member"] = _member(typed.get("member", ""))
    given |= {
        name: typed.get(name, "").strip() for name in ("text", "area", "check_by", "result") if name in asked
    }
    return NewChange(
        id=id_in(typed.get("change", "")), assignment=row["id"], kind=kind, seen=_seen(typed, row),
        note=typed.get("note", "").strip(), at=clock.now(), **given,
    )  # fmt: skip


def read_settling(
    row: Mapping[str, Any], rivals: Mapping[str, Sequence[Mapping[str, Any]]], typed: Mapping[str, str]
) -> NewChange:
    """The change by which one of two sayings is chosen. Raises Refused for a saying that is not there any more."""
    for register, sayings in rivals.items():
        for saying in sayings:
            if saying["change"] == typed.get("chosen"):
                return NewChange(
                    id=id_in(typed.get("change", "")), assignment=row["id"], kind="settled", seen=_seen(typed, row),
                    register=register, value=saying["value"], at=clock.now(),
                )  # fmt: skip
    raise Refused(**{"": say("Đồng chí khác vừa chốt chỗ ghi khác nhau này.")})


def _due(text: str, *, must: bool) -> date | None:
    found = date_in(text)
    if found is None and (must or text.strip()):
        raise Refused(due=say("Ngày không đúng, xin ghi như 03/11/2026."))
    return found


def _member(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(member=say("Xin chọn đồng chí nhận việc."))
    return int(text)


def _seen(typed: Mapping[str, str], row: Mapping[str, Any]) -> int:
    seen = seen_in(typed.get("seen", ""))
    return int(row["version"]) if seen is None else seen


def seen_in(text: str) -> int | None:
    """What a form's reader had seen of an assignment, as ``versions.seen``; None for a text that is no version."""
    good = text.isascii() and text.isdigit() and len(text) <= len(str(versions.MOST))
    return versions.seen(int(text)) if good else None


def id_in(text: str) -> UUID:
    """The id that a form carries, or a new one."""
    return uuid_in(text) or uuid4()
