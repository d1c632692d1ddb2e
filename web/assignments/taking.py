"""The confirmed work of minutes, put into the register: beside the figures of a document, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from infra.postgres import Record
from server.assignments import from_minutes, rules
from server.assignments.from_minutes import Candidate, Row, Taking
from server.minutes.figures import Unit
from server.words import Refused, say
from tenants.current import current
from web.asking import Asked, date_in
from web.render import translate
from web.words import day

# How the fields of a row are called: take.<of>, member.<of>, text.<of>, area.<of>, due.<of>.
_FIELDS = ("member", "text", "area", "due")
# Paper does not say of which area work is.
_AREA = "other"


async def section(
    request: Asked, held: Record, units: Sequence[Unit], typed: Mapping[str, str], faults: Mapping[str, str]
) -> dict[str, Any] | None:
    """What the page of the figures shows of it; None where no work has been confirmed. In a transaction.

    ``typed``: a form that was refused, with its faults by field (member-0).
    """
    rows, people = await from_minutes.confirmed_rows(held, units)
    if not rows:
        return None
    return {
        "rows": [_row(request, row, typed, faults) for row in rows if row.taken is None],
        "taken": [_taken(row) for row in rows if row.taken is not None],
        "people": [(one.no, one.name) for one in people],
        "areas": [(code, translate(request, words)) for code, words in rules.AREAS.items()],
        "longest": rules.LONGEST_TEXT,
    }


def _row(request: Asked, row: Row, typed: Mapping[str, str], faults: Mapping[str, str]) -> dict[str, Any]:
    usual = {
        "member": str(row.member.no) if row.member else "", "text": row.text, "area": _AREA,
        "due": row.due.isoformat() if row.due else "",
    }  # fmt: skip
    here = f"take.{row.of}" in typed or f"member.{row.of}" in typed
    return {
        "of": row.of, "name": row.name, "ticked": f"take.{row.of}" in typed if typed else row.member is not None,
        "typed": {name: typed.get(f"{name}.{row.of}", "") for name in _FIELDS} if here else usual,
        "errors": {name: faults[f"{name}-{row.of}"] for name in (*_FIELDS, "take") if f"{name}-{row.of}" in faults},
        "hint": None if row.member else _hint(request, row.name, row.likely),
    }  # fmt: skip


def _hint(request: Asked, name: str, likely: Candidate | None) -> str:
    if likely:
        words = say("Trên giấy ghi “{name}”. Có phải đồng chí {likely} không?", name=name, likely=likely.name)
    else:
        words = say("Trên giấy ghi “{name}”, chưa rõ là đồng chí nào.", name=name or "—")
    return translate(request, words)


def _taken(row: Row) -> dict[str, Any]:
    return {
        "href": f"/{current().slug}/assignments/{row.taken}", "no": row.taken, "name": row.name, "text": row.text,
        "due": day(row.due) if row.due else None,
    }  # fmt: skip


def read_takings(data: Mapping[str, str]) -> list[Taking]:
    """The rows that are ticked in a form. Raises Refused(due-0=…) for a day that is none."""
    ticked = sorted(
        int(key[5:]) for key in data if key.startswith("take.") and key[5:].isdecimal() and len(key) < 9
    )
    faults = {}
    takings = []
    for of in ticked:
        typed = {name: data.get(f"{name}.{of}", "").strip() for name in _FIELDS}
        due = date_in(typed["due"])
        if typed["due"] and due is None:
            faults[f"due-{of}"] = say("Ngày không đúng, xin ghi như 03/11/2026.")
        takings.append(_taking(of, typed, due))
    if faults:
        raise Refused(**faults)
    if not takings:
        raise Refused(taking=say("Xin đánh dấu những việc cần ghi vào danh sách."))
    return takings


def _taking(of: int, typed: Mapping[str, str], due: date | None) -> Taking:
    no = typed["member"]
    member = int(no) if no.isascii() and no.isdigit() and len(no) < 10 else None
    return Taking(of, member, " ".join(typed["text"].split()), typed["area"], due)
