"""Two sides measured by turns on the same machine and database: A B A B, medians, and their ratio."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.ground import ROOT
from tests.bench.town import House


@dataclass(frozen=True)
class Pace:
    """How long a run measures. ``warm`` seconds come first: a backend reads a committee's catalogue at first touch."""

    rounds: int
    warm: int
    seconds: int
    times: int
    connections: int = 16


def ask(
    what: str, port: int, houses: Sequence[House], numbers: tuple[int, int], pace: Pace
) -> dict[str, float]:
    """Run the load (``marks`` or ``pages``) against a port: rate a second, p50 and p99 in milliseconds."""
    order: dict[str, Any] = {
        "what": what, "port": port, "warm": pace.warm, "seconds": pace.seconds, "connections": pace.connections,
        "numbers": numbers, "rolls": [(h.ref.slug, str(h.meeting), h.token) for h in houses],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def by_turns(
    rounds: int, ours: Callable[[], dict[str, float]], *floors: Callable[[], float]
) -> tuple[dict[str, float], list[tuple[float, float]]]:
    """Ours (median of each value), and for each floor its median rate and the median of the rounds' ratios.

    Ratios are taken within a round: what else the machine does in that minute weighs on all sides alike.
    """
    seen = [(ours(), [floor() for floor in floors]) for _ in range(rounds)]
    values = {name: median(one[name] for one, _ in seen) for name in seen[0][0]}
    return values, [
        (median(rates[n] for _, rates in seen), median(one["rate"] / rates[n] for one, rates in seen))
        for n in range(len(floors))
    ]
