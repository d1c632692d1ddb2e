"""``python -m tests.bench.memory``: what each process of the demonstration weighs idle, and the web after a load run.

PSS (proportional set size): memory that several processes share is divided among them, so that the sum is what the
machine really gives. RSS, which counts shared pages for everybody, stands beside it for the web process alone.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from infra.embedded.process import free_ports
from tests.bench import sides
from tests.bench.__main__ import OURS, QUICK, _in_pool, town_of
from tests.bench.ground import ROOT, ground
from tests.bench.report import Figure, heading, tell

MB = 2**20
START_SECONDS, CALM_SECONDS = 900.0, 20.0
# What a command line says of whose it is; the first that fits.
WHOSE = (
    ("postgres", "PostgreSQL"), ("valkey", "Valkey"), ("/weed", "SeaweedFS"), ("commands web", "web"),
    ("commands worker", "worker"), ("commands dispatcher", "dispatcher"), ("multiprocessing", "worker's forks"),
    ("commands up", "supervisor"),
)  # fmt: skip


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the demonstration without its people")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="nennep-bench-") as folder:
        Path(folder).chmod(0o755)
        _idle(Path(folder) / "data", demo=not given.quick)
    _loaded(20 if given.quick else 200)


def _idle(data: Path, *, demo: bool) -> None:
    port = free_ports(1)[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NENNEP_")}
    heading("The demonstration, idle (PSS); after its first start, and after a second")
    for _ in range(2):
        up = subprocess.Popen(
            [sys.executable, "-m", "workers.commands", "up", *([] if demo else ["--no-demo"])],
            cwd=ROOT, env=environment | {"PORT": str(port), "DATA_DIR": str(data)}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            assert up.stdout is not None
            said = ""
            for line in up.stdout:
                said += line
                if "is ready after" in line:
                    break
            else:
                raise RuntimeError(said)
            _calm(psutil.Process(up.pid))
            found = weights(psutil.Process(up.pid))
            tell(*(Figure(name, size, "MB") for name, size in sorted(found.items(), key=lambda one: -one[1])))
            tell(Figure("all of it", sum(found.values()), "MB", most=700))
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)


def _calm(root: psutil.Process) -> None:
    """Wait until what the first start left to do is done: for a while all but the store, which is never quite still,
    take no tenth of a core.
    """
    until, last = time.monotonic() + START_SECONDS, _spent(root)
    while time.monotonic() < until:
        time.sleep(CALM_SECONDS)
        now = _spent(root)
        if now - last < CALM_SECONDS / 10:
            return
        last = now


def _spent(root: psutil.Process) -> float:
    spent = 0.0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.Error):
            spent += 0.0 if "/weed" in " ".join(process.cmdline()) else sum(process.cpu_times()[:2])
    return spent


def weights(root: psutil.Process) -> dict[str, float]:
    """PSS in MB of a process and all below it, by whose it is."""
    found: defaultdict[str, float] = defaultdict(float)
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.Error):
            line = " ".join(process.cmdline())
            found[next((who for word, who in WHOSE if word in line), line)] += (
                process.memory_full_info().pss / MB
            )
    return found


def _loaded(committees: int) -> None:
    with ground() as made:
        houses = _in_pool(made, lambda: town_of(made, committees))
        port = made.serve("web", "workers.commands", "web")
        web = psutil.Process(made.processes["web"].pid)
        before = web.memory_info().rss / MB
        heading(f"The web process, {committees} committees, 16 connections (RSS)")
        for what in ("marks", "pages"):
            sides.ask(what, port, houses, OURS, QUICK)
        tell(
            Figure("before", before, "MB"),
            Figure("after a load of marks and pages", web.memory_info().rss / MB, "MB", most=150),
        )


if __name__ == "__main__":
    main()
