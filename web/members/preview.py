"""What the pages of a list show: each row's verdict in words, and in the end what became of them."""

from __future__ import annotations

import json
from typing import Any

from infra.postgres import Record
from server.members.sheet import Fault, sentence
from server.words import Say, say
from web.asking import Asked
from web.render import translate
from web.words import day

# More rows than anybody reads on one page; the figures above them count all.
MOST_SHOWN = 300


def preview_of(request: Asked, head: Record, rows: list[Record], found: list[Record]) -> dict[str, Any]:
    """The context of the preview: figures, and the rows that are refused, odd, and right."""
    matches = {row["row"]: row for row in found}
    rejected, warnings, accepted = [], [], []
    new = known = 0
    for row in rows:
        value, match = json.loads(row["value"]), matches.get(row["row"])
        faults = [Fault(*fault) for fault in value["faults"]]
        if match is None or match["card_taken"]:
            rejected.append(_refused(request, row["row"], faults, match))
            continue
        new, known = new + (match["member"] is None), known + (match["member"] is not None)
        shown = {"row": row["row"], "name": value["name"], "cell_name": value["cell"], "group_name": value["group"],
                 "known": match["member"] is not None}  # fmt: skip
        accepted.append(shown)
        if told := [*map(sentence, faults), *_oddities(match)]:
            warnings.append({**shown, "reasons": [translate(request, words) for words in told]})
    extras = json.loads(head["extras"])
    return {
        "job": {"id": head["id"], "filename": head["file_name"], "as_of": day(head["as_of"])},
        "tally": {"rows": len(rows), "new": new, "known": known, "warned": len(warnings), "rejected": len(rejected)},
        "rejected": rejected[:MOST_SHOWN], "warnings": warnings[:MOST_SHOWN], "accepted": accepted[:MOST_SHOWN],
        "new_cells": [cell["name"] for cell in extras["new_cells"]], "unread": extras["unread"],
        "notes": [translate(request, sentence(Fault(*note))) for note in extras["notes"]],
    }  # fmt: skip


def _refused(request: Asked, row: int, faults: list[Fault], match: Record | None) -> dict[str, Any]:
    if match is not None:
        words = [say("Số thẻ đã có trong sổ, ghi cho đồng chí {name}. Đồng chí đối chiếu thẻ của hai người.",
                     name=match["holder"])]  # fmt: skip
        return {"row": row, "column": "Số thẻ đảng", "reasons": [translate(request, one) for one in words]}
    columns = dict.fromkeys(fault.column for fault in faults if fault.column)
    reasons = [translate(request, sentence(fault)) for fault in faults]
    return {"row": row, "column": ", ".join(columns), "reasons": reasons}


def _oddities(match: Record) -> list[Say]:
    odd = []
    if match["at_cell"]:
        odd.append(
            say("Đã có trong sổ ở {cell}; nhập danh sách không chuyển sinh hoạt.", cell=match["at_cell"])
        )
    if match["other_card"]:
        odd.append(say("Đã có trong sổ với số thẻ khác; số thẻ trong sổ được giữ nguyên."))
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
