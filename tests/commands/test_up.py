"""`nennep up` from nothing to an address, through deaths of its parts, to its end and back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from infra.embedded.process import free_ports
from workers.commands.children import ROOT


class Up:
    """One `nennep up`."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        given = {name: value for name, value in os.environ.items() if not name.startswith("NENNEP_")}
        data.parent.mkdir(parents=True, exist_ok=True)
        self.out = data.with_suffix(f".{port}.{time.monotonic_ns()}.txt")
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers.commands", "up", "--no-demo"],
                env=given | {"PORT": str(port), "DATA_DIR": str(data)}, cwd=ROOT,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                # A suite that runs in the background ignores Ctrl-C, and what it starts would inherit that.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.out.read_text("utf-8")

    def says(self, words: str, seconds: float = 30) -> None:
        wait(
            lambda: words in self.text or self.process.poll() is not None, seconds, f"{words!r}: {self.text}"
        )
        assert words in self.text

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def named(self) -> dict[str, psutil.Process]:
        """Our own children by command, of those that run."""
        found = {}
        for process in self.family():
            with suppress(psutil.Error, IndexError):
                found[process.cmdline()[-1]] = process
        return found

    def ends(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)

    def clean(self) -> None:
        if self.process.poll() is None:
            self.ends(signal.SIGTERM)


def wait(true: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def ready(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/health/ready")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def whole(port: int) -> bool:
    """Whether web, database, queue and store are all there."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/health/ready")
        return json.loads(line.getresponse().read()) == {
            "state": "ready", "database": "ok", "queue": "ok", "objects": "ok",
        }  # fmt: skip
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        line.close()


def gone(family: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("up") / "data", free_ports(1)[0])
    yield up
    up.clean()


def nennep(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """A command of somebody at a second terminal, who has set nothing but the folder."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("NENNEP_")}
    return subprocess.run(
        [sys.executable, "-m", "workers.commands", *arguments],
        env=given | {"DATA_DIR": str(data)}, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_from_nothing_to_an_address(first: Up) -> None:
    first.says("is ready after", 60)

    assert ready(first.port)
    made = nennep("province", "create", "Gia Lai", data=first.data)
    assert made.stdout == "gia-lai\n", made.stderr


def test_a_second_one_is_told_about_the_folder_and_the_port(first: Up, tmp_path: Path) -> None:
    same_folder, same_port = Up(first.data, free_ports(1)[0]), Up(tmp_path / "other", first.port)

    assert same_folder.process.wait(20) == 1
    assert f"in use by process {first.process.pid}" in same_folder.text
    assert same_port.process.wait(20) == 1
    assert f"Port {first.port}" in same_port.text
    assert "Traceback" not in same_folder.text + same_port.text


def test_parts_that_are_killed_come_back(first: Up) -> None:
    servers = json.loads((first.data / "servers.json").read_text("utf-8"))
    queue = next(p for p in first.family() if p.name() == "valkey-server")
    for name in ("web", "worker", "dispatcher"):
        first.named()[name].kill()
    queue.kill()

    first.says("queue has ended; starting it again")
    first.says("web has ended (SIGKILL); starting it again in 0.5 s")
    time.sleep(0.3)
    wait(lambda: ready(first.port), 20, first.text)
    wait(lambda: {"worker", "dispatcher"} <= set(first.named()), 10, first.text)
    assert json.loads((first.data / "servers.json").read_text("utf-8")) == servers


VICTIMS: dict[str, Callable[[str], bool]] = {
    "web": lambda line: line.endswith("workers.commands web"),
    "worker": lambda line: line.endswith("workers.commands worker"),
    "dispatcher": lambda line: line.endswith("workers.commands dispatcher"),
    "PostgreSQL": lambda line: "/postgres -D" in line,
    "one of PostgreSQL's backends": lambda line: line.startswith("postgres: nennep_app"),
    "Valkey": lambda line: "valkey-server" in line,
    "SeaweedFS": lambda line: "/weed " in line,
}


@pytest.mark.parametrize("victim", VICTIMS)
def test_whichever_is_killed_all_is_there_again_with_what_was_acknowledged(
    first: Up, victim: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wait(lambda: whole(first.port), 60, first.text)
    wait(lambda: any(map(VICTIMS[victim], lines_of(first))), 30, f"{victim}: {lines_of(first)}")
    before = nennep("province", "create", f"Before {victim}", data=first.data).stdout
    struck = next(p for line, p in lines_of(first).items() if VICTIMS[victim](line))
    had = struck.pid

    began = time.monotonic()
    struck.kill()
    wait(lambda: not struck.is_running() or struck.status() == psutil.STATUS_ZOMBIE, 10, victim)
    wait(lambda: whole(first.port) and any(map(VICTIMS[victim], lines_of(first))), 60, first.text)
    seconds = time.monotonic() - began

    assert all(p.pid != had for p in lines_of(first).values())
    assert before in nennep("province", "list", data=first.data).stdout.replace("\t0\t", "\n")
    with capsys.disabled():
        print(f"\n  killed {victim}: all there again after {seconds:.1f} s", end=" ")


def lines_of(up: Up) -> dict[str, psutil.Process]:
    """What runs, by command line."""
    found = {}
    for process in up.family():
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                found[" ".join(process.cmdline()).strip()] = process
    return found


def test_a_deployment_of_ones_own_is_well(first: Up) -> None:
    wait(lambda: whole(first.port), 60, first.text)

    found = nennep("doctor", data=first.data)

    assert found.returncode == 0, found.stdout
    assert "fail" not in found.stdout


def test_killed_without_a_word_it_takes_everything_along_and_comes_back_with_its_data(first: Up) -> None:
    family = first.family()
    assert len(family) >= 6

    first.ends(signal.SIGKILL)
    wait(lambda: gone(family), 15, str(family))

    again = Up(first.data, first.port)
    try:
        again.says("is ready after", 30)
        assert "gia-lai\t0\tGia Lai\n" in nennep("province", "list", data=first.data).stdout
        family = again.family()
        assert again.ends(signal.SIGINT) == 0
        wait(lambda: gone(family), 1, str(family))
    finally:
        again.clean()
    assert "Traceback" not in again.text
    assert not (first.data / "servers.json").exists()
