"""What a phone shows of work with its own unsent changes is what the server will make of them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from server import clock
from server.assignments import rules, saying
from server.assignments.fold import Change, Standing, fold, rivals_of
from server.assignments.saying import Ground, NewChange
from tests.web.test_fold_parity import node

ROOT = Path(__file__).parents[2]
CASES = 400
# standing.js imports nothing, so its text is a module by itself, whatever the folder says of the kind of its files.
PROGRAM = """
import { readFileSync } from "node:fs";
const text = readFileSync(process.argv[1], "utf8");
const { standing, isNews } = await import("data:text/javascript," + encodeURIComponent(text));
const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(({ row, changes }) => changes.map((change, n) => ({
  news: isNews(standing(row, changes.slice(0, n)), change), stands: standing(row, changes.slice(0, n + 1)),
})))));
"""
DAY = date(2026, 11, 3)
MANAGER = rules.Part(manages=True)
KINDS = ("reported", "taken_back", "asked_time", "accepted", "not_done", "returned", "carried", "cancelled",
         "rescheduled", "reworded", "settled", "progress")  # fmt: skip


def first(chance: Random) -> list[Change]:
    """Something given and, now and then, two people who spoke at once."""
    due = (DAY + timedelta(days=chance.randrange(40))).isoformat()
    what = {"text": "Thu quỹ", "area": "other", "check_by": ""}
    sets = {"who": str(uuid4()), "what": what, "due": due, "state": "open", "asked": None}
    said = [Change(uuid4(), 1, "given", sets, DAY)]
    if chance.random() < 0.5:
        said.append(Change(uuid4(), 2, "accepted", {"state": "done:late"}, DAY, seen=1, by="A"))
        said.append(Change(uuid4(), 3, "not_done", {"state": "not_done"}, DAY, seen=1, by="B"))
    return said


def drawn(chance: Random, stands: Standing) -> NewChange:
    """Anything that a phone may say, sensible or not."""
    kind = chance.choice(KINDS)
    told = rivals_of(stands)
    register = chance.choice(sorted(told)) if told else "state"
    due = chance.choice([None, DAY + timedelta(days=chance.randrange(90))])
    return NewChange(
        uuid4(), uuid4(), kind, clock.now(), note="lý do", result=chance.choice(list(rules.RESULTS)), due=due,
        text=f"Việc {chance.randrange(3)}", area="economy", check_by="", register=register,
        value=chance.choice(told[register])["value"] if told else "open",
    )  # fmt: skip


def sent(new: NewChange) -> dict[str, Any]:
    """The change as the phone keeps it."""
    due = new.due.isoformat() if new.due else None
    return {"kind": new.kind, "result": new.result, "due": due, "text": new.text, "area": new.area,
            "check_by": new.check_by, "register": new.register, "value": new.value}  # fmt: skip


def shown(stands: Standing) -> dict[str, Any]:
    """A standing as the phone has it, but for the name and the person."""
    return {
        "text": stands.text, "area": stands.area, "check": stands.check_by, "state": stands.state,
        "result": stands.result,
        "due": stands.due.isoformat() if stands.due else None, "rivals": rivals_of(stands),
        "asked": stands.asked.isoformat() if stands.asked else None,
    }  # fmt: skip


def case(chance: Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a phone is given, and how the server stands after each of its changes."""
    said = first(chance)
    row, changes, stood = shown(fold(said)), [], []
    for _ in range(chance.randrange(1, 6)):
        stands = fold(said)
        new = drawn(chance, stands)
        ground = Ground(stands, MANAGER, DAY, DAY)
        if saying.faults(new, ground):
            continue
        change = Change(new.id, len(said) + 1, new.kind, saying.sets(new, ground), DAY, seen=len(said))
        said.append(replace(change, after=(UUID(int=0),)))
        changes.append(sent(new))
        stood.append(shown(fold(said)))
    return {"row": row, "changes": changes}, stood


def test_the_phone_and_the_server_agree_on_what_was_said_here() -> None:
    chance = Random(4)
    cases = [case(chance) for _ in range(CASES)]
    command = [
        node(),
        "--input-type=module",
        "--eval",
        PROGRAM,
        str(ROOT / "web/static/src/assignments/standing.js"),
    ]
    given = json.dumps([given for given, _ in cases])
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr

    kinds = set()
    for (sent_, stood), told in zip(cases, json.loads(done.stdout), strict=True):
        for change, expected, one in zip(sent_["changes"], stood, told, strict=True):
            assert one["news"], change
            assert expected["asked"] is None or one["stands"]["asked"] == expected["asked"]
            live = expected["state"] in ("open", "reported")
            compared = {k: v for k, v in one["stands"].items() if k != "asked" or live}
            assert compared == {k: v for k, v in expected.items() if k != "asked" or live}, change
            kinds.add(change["kind"])
    assert kinds == set(KINDS)
