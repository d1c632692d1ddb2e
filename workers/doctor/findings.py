"""What a check finds, in a line each: how it stands, what it is, and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import asyncpg
from asyncpg.exceptions import QueryCanceledError

from infra.log import describe
from infra.objects import ObjectErrors
from infra.queue import QueueErrors

Level = Literal["ok", "warn", "fail"]
# One check, and all that asks a server at once.
CHECK_SECONDS = 10.0


@dataclass(frozen=True)
class Finding:
    """One line. ``check`` is the name of its check; ``todo`` is empty where all is well."""

    check: str
    level: Level
    what: str
    todo: str = ""

    def line(self) -> str:
        """For a person."""
        return f"{self.level:<5} {self.what}" + (f"  — {self.todo}" if self.todo else "")

    def facts(self) -> dict[str, str]:
        """For a machine."""
        return asdict(self)


Found: TypeAlias = tuple[Level, str, str]
Check: TypeAlias = Callable[[], AsyncIterator[Found]]


def ok(what: str) -> Found:
    """All is well."""
    return "ok", what, ""


def warn(what: str, todo: str) -> Found:
    """It works, and should be looked at."""
    return "warn", what, todo


def fail(what: str, todo: str) -> Found:
    """It does not work, or is dangerous."""
    return "fail", what, todo


async def run(name: str, check: Check) -> list[Finding]:
    """What a check finds; one that breaks or takes too long is a finding too."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            async for level, what, todo in check():
                found.append(Finding(name, level, what, todo))
    except TimeoutError:
        found.append(
            Finding(name, "fail", f"{name}: no answer within {CHECK_SECONDS:.0f} s", "see the lines above")
        )
    except QueryCanceledError:
        found.append(
            Finding(name, "fail", f"{name}: PostgreSQL took too long", "look at its load and its locks")
        )
    except (asyncpg.PostgresError, *QueueErrors, *ObjectErrors, asyncpg.InterfaceError) as error:
        found.append(
            Finding(name, "fail", f"{name}: {describe(error)}", "mend what the lines above say first")
        )
    except Exception as error:  # noqa: BLE001 - whatever a broken deployment does to a check, the others are still run
        found.append(
            Finding(name, "fail", f"{name}: the check itself broke ({describe(error)})", "please report this")
        )
    return found
