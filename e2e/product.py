"""The product as a person starts it: one process, an address, log-ins, and an end that leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.pooler.bouncer import EVERYTHING

ROOT = Path(__file__).parent.parent
# `make test-pgbouncer` starts the same with PgBouncer between the product and PostgreSQL.
UP = ("tests.pooler.up",) if EVERYTHING else ("workers.commands", "up")
# The first start builds the demonstration: half a minute on two idle cores, more beside other work.
READY_SECONDS, STOP_SECONDS = 240.0, 40.0


@dataclass(frozen=True)
class Login:
    """One line of demo-logins.json."""

    role: str
    province: str
    committee: str | None
    cell: str | None
    login: str
    password: str
    url: str

    @property
    def slug(self) -> str:
        """Of the committee or, for its administrator, of the province."""
        return self.url.rstrip("/").rsplit("/", 1)[-1]


class Product:
    """``nennep up`` on a folder of its own; ``address`` once it is ready."""

    def __init__(self, data: Path) -> None:
        self.data, self.log = data, data.with_suffix(".log")
        given = {name: value for name, value in os.environ.items() if not name.startswith("NENNEP_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *UP, "--port", "0", "--data", str(data)],
                env=given | {"PYTHONUTF8": "1"}, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            self.address = self._ready()
        except BaseException:
            self.stop()
            raise

    def _ready(self) -> str:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            printed = re.search(r"is ready after .*: (http://\S+)", self.text)
            if printed and _answers(printed[1] + "/health/ready"):
                return printed[1]
            time.sleep(0.1)
        raise AssertionError(f"nennep up did not get ready:\n{self.text}")

    @property
    def text(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def logins(self) -> dict[tuple[str, str], Login]:
        """By (role, slug of the committee or province)."""
        found = [Login(**one) for one in json.loads((self.data / "demo-logins.json").read_text("utf-8"))]
        return {(one.role, one.slug): one for one in found}

    def stop(self) -> None:
        """SIGTERM once; everything that it started has to go with it."""
        if self.process.poll() is not None:
            return
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
            _, left = psutil.wait_procs(family, timeout=5)
        finally:
            for process in [psutil.Process(self.process.pid)] if self.process.poll() is None else family:
                with suppress(psutil.Error):
                    process.kill()
        assert not left, f"still running: {left}\n{self.text}"
        assert code == 0, self.text


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False
