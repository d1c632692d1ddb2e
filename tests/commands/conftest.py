"""Commands run as a person runs them, against the suite's servers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

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


@pytest.fixture
def nennep(database: Servers) -> Nennep:
    """Run `nennep …` and wait for it; ``environment`` is added to the suite's settings."""

    async def run(*arguments: str, typed: str = "", environment: dict[str, str] | None = None) -> Outcome:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "workers.commands", *arguments, cwd=ROOT,
            env=dict(os.environ) | (environment or {}), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(typed.encode()), 30)
        assert "Traceback" not in err.decode(), err.decode()
        assert process.returncode is not None
        return Outcome(process.returncode, out.decode(), err.decode())

    return run
