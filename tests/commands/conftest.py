"""Commands run as a person runs them, against the suite's servers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.embedded import Servers
from workers.commands.children import ROOT


@dataclass
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


Nennep = Callable[..., Awaitable[Outcome]]


@pytest.fixture(scope="package")
def quick() -> Iterator[subprocess.Popen[str]]:
    """The process that runs commands; see quick.py."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.commands.quick"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def nennep(
    database: Servers, quick: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory
) -> Nennep:
    """Run `nennep …` and wait for it; ``environment`` is added to the suite's settings, ``without`` taken away."""

    def run(folder: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> Outcome:
        assert quick.stdin is not None
        assert quick.stdout is not None
        asked = {"arguments": arguments, "environment": environment, "folder": str(folder)}
        quick.stdin.write(json.dumps(asked) + "\n")
        quick.stdin.flush()
        code = int(quick.stdout.readline())
        return Outcome(code, (folder / "out").read_text("utf-8"), (folder / "err").read_text("utf-8"))

    async def start(
        *arguments: str,
        typed: str = "",
        environment: dict[str, str] | None = None,
        without: Sequence[str] = (),
    ) -> Outcome:
        folder = tmp_path_factory.mktemp("command")
        (folder / "typed").write_text(typed, "utf-8")
        given = {name: value for name, value in os.environ.items() if name not in without}
        outcome = await asyncio.to_thread(run, folder, arguments, given | (environment or {}))
        assert "Traceback" not in outcome.err, outcome.err
        return outcome

    return start
