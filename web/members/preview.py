"""What the pages of a list show: each row's verdict in words, and in the end what became of them."""

from __future__ import annotations

import json
from typing import Any

from infra.postgres import Record
from server.members.sheet import Fault, sentence
from server.members.sheet_shown import LABELS, one_line, stored
from server.words import Say, say
from web.asking import Asked
from web.render import translate
from web.words import day

# More rows than anybody reads on one page; the figures above them count all.
MOST_SHOWN = 300


def preview_of(request: Asked, head: Record, rows: list[Record], found: list[Record]) -> dict[str, Any]:
    """The context of the preview: figures, and each row once: refused, odd, stored in another spelling, or as it is."""
    matches = {row["row"]: row for row in found}
    groups: dict[str, list[dict[str, Any]]] = {"error": [], "warning": [], "changed": [], "accepted": []}
    known = 0
    for row in rows:
        shown = _row(request, row, matches.get(row["row"]))
        known += shown["known"]
        groups[shown["state"]].append(shown)
    extras = json.loads(head["extras"])
    tally = {name: len(shown) for name, shown in groups.items()}
    return {
        "job": {"id": head["id"], "filename": head["file_name"], "as_of": day(head["as_of"])},
        "tally": {"rows": len(rows), "new": len(rows) - tally["error"] - known, "known": known, **tally},
        "groups": {name: shown[:MOST_SHOWN] for name, shown in groups.items()},
        "new_cells": [cell["name"] for cell in extras["new_cells"]], "unread": extras["unread"],
        "notes": [translate(request, sentence(Fault(*note))) for note in extras["notes"]],
    }  # fmt: skip


# The states of a cell, the worst first; a row is as its worst cell.
_STATES = ("error", "warning", "changed", "accepted")


def _row(request: Asked, row: Record, match: Record | None) -> dict[str, Any]:
    """One row: its cells with something to tell, and those that are taken as they stand."""
    value = json.loads(row["value"])
    refused = match is None or bool(match["card_taken"])
    reasons = _reasons(value, match)
    told = value.get("cells", {})
    cells, quiet = [], []
    for role, label in LABELS.items():
        kept = stored(role, value)
        if role in told or role in reasons:
            cells.append(
                _cell(
                    request, role, told.get(role, {}).get("raw", kept), kept, reasons.get(role, []), refused
                )
            )
        elif match is not None and kept:
            quiet.append((translate(request, label), translate(request, kept)))
    if refused:
        cells = [cell for cell in cells if cell["state"] == "error"]
    return {
        "row": row["row"], "name": value["name"], "cells": cells, "quiet": quiet,
        "known": not refused and match is not None and match["member"] is not None,
        "state": min((cell["state"] for cell in cells), key=_STATES.index, default="accepted"),
    }  # fmt: skip


def _cell(
    request: Asked, role: str, raw: str, kept: str, reasons: list[Say], refused: bool
) -> dict[str, Any]:
    state = "changed" if not reasons else "error" if refused else "warning"
    if state == "changed" and one_line(raw) == kept:
        reasons = [say("Đã bỏ dấu cách thừa hoặc sửa mã chữ; nhìn qua vẫn như cũ.")]
    return {
        "label": translate(request, LABELS[role]), "state": state, "raw": one_line(raw),
        "kept": translate(request, kept),
        "reasons": [translate(request, reason) for reason in reasons],
    }  # fmt: skip


def _reasons(value: dict[str, Any], match: Record | None) -> dict[str, list[Say]]:
    """{role: what is told of that cell}: the faults found in the file, and what the register says against it."""
    faults = [Fault(*fault) for fault in value["faults"]]
    told = {
        role: [sentence(faults[i]) for i in cell["faults"]] for role, cell in value.get("cells", {}).items()
    }
    if match is not None and match["card_taken"]:
        return {"card": [say("Số thẻ đã có trong sổ, ghi cho đồng chí {name}. Đồng chí đối chiếu thẻ của hai người.",
                             name=match["holder"])]}  # fmt: skip
    for role, reason in _oddities(match).items() if match is not None else ():
        told.setdefault(role, []).append(reason)
    return {role: reasons for role, reasons in told.items() if reasons}


def _oddities(match: Record) -> dict[str, Say]:
    odd = {}
    if match["at_cell"]:
        odd["cell"] = say(
            "Đã có trong sổ ở {cell}; nhập danh sách không chuyển sinh hoạt.", cell=match["at_cell"]
        )
    if match["other_card"]:
        odd["card"] = say("Đã có trong sổ với số thẻ khác; số thẻ trong sổ được giữ nguyên.")
    return odd


def done_of(head: Record, outcomes: dict[str, int]) -> dict[str, Any]:
    """The context of the page after the writing: how many became what."""
    tally = {
        "written": outcomes.get("written", 0), "updated": outcomes.get("updated", 0),
        "unchanged": outcomes.get("known", 0) + outcomes.get("elsewhere", 0),
        "rejected": outcomes.get("", 0) + outcomes.get("card_taken", 0),
    }  # fmt: skip
    return {
        "tally": tally,
        "filename": head["file_name"],
        "new_cells": len(json.loads(head["extras"])["new_cells"]),
    }
