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
    rounds: int, ours: Callable[[], dict[str, float]], floor: Callable[[], float]
) -> tuple[dict[str, float], float, float]:
    """Ours (median of each value), the floor's median rate, and the median of the rounds' ratios.

    The ratio is taken within a round: what else the machine does in that minute weighs on both sides alike.
    """
    pairs = [(ours(), floor()) for _ in range(rounds)]
    values = {name: median(one[name] for one, _ in pairs) for name in pairs[0][0]}
    return values, median(rate for _, rate in pairs), median(one["rate"] / rate for one, rate in pairs)
