"""What commands stand on: settings, a database that answers, progress, and failures in one line."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import click

from infra.addresses import host_and_port
from infra.log import set_up
from infra.memory import keep_little
from infra.postgres import Away, Behind, Wrong, close_pool, open_pool
from infra.settings import Settings, settings, unknown
from infra.starting import knock
from server.words import Refused

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
SERVERS_FILE = "servers.json"
_BAR = 24  # blocks

_NO_ENTRY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError)


class Failed(click.ClickException):
    """The command did not do what it was asked for; the text is for the person at the terminal."""

    exit_code = 1


def say(line: str) -> None:
    """One line for the person at the terminal, beside the command's result."""
    click.echo(line, err=True)


def progress(what: str) -> Callable[[int, int], None]:
    """A callback (done, of) that shows "what 37/200" with a bar, the rate and the time that is left: rewritten on a
    terminal, each tenth elsewhere.
    """
    first: list[tuple[float, int]] = []
    told = 0

    def show(done: int, of: int) -> None:
        nonlocal told
        # What had been done before this run says nothing of how quick it is.
        if not first:
            first.append((time.monotonic(), done))
        line = f"{what} {done}/{of}{pace(time.monotonic() - first[0][0], done - first[0][1], of - done)}"
        if sys.stderr.isatty():
            full = _BAR * done // max(1, of)
            click.echo(f"\r\x1b[K{'█' * full}{'░' * (_BAR - full)} {line}", nl=done >= of, err=True)
        elif done >= of or done * 10 // max(1, of) > told:
            told = done * 10 // max(1, of)
            click.echo(line, err=True)

    return show


def pace(seconds: float, done: int, left: int) -> str:
    """Such as ", 18.2/s, 2:45 left"; "" while nothing is known yet."""
    if done <= 0 or seconds <= 0:
        return ""
    rate = done / seconds
    remaining = round(left / rate)
    return f", {rate:.1f}/s" + (f", {remaining // 60}:{remaining % 60:02} left" if left > 0 else "")


def data_dir() -> Path:
    """The folder of the embedded servers: DATA_DIR, else .local."""
    return Path(os.environ.get("DATA_DIR") or ".local")


def chosen() -> Settings:
    """The settings of this process; where none are given and `nennep up` runs here, those of its servers."""
    given = any(f"NENNEP_DATABASE_URL{suffix}" in os.environ for suffix in ("", "_FILE"))
    file = data_dir() / SERVERS_FILE
    if not given and file.exists():
        os.environ.update(
            {
                k: v
                for k, v in json.loads(file.read_text("utf-8")).items()
                if not {k, f"{k}_FILE"} & set(os.environ)
            }
        )
        settings.cache_clear()
    return settings()


def logging_for(process: str) -> Settings:
    """The settings, with memory and logging set up for a process that runs for long."""
    keep_little()
    given = chosen()
    set_up(process, given.log_level)
    if strange := unknown(os.environ):
        log.warning(
            "variables that this version does not know are passed over", extra={"names": " ".join(strange)}
        )
    return given


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a command's work to its end, with what the database and the rules refuse told in one line."""
    try:
        return asyncio.run(work)
    except Exception as error:
        if (told := _told(error)) is None:
            raise
        raise told from None


def _told(error: Exception) -> Failed | None:
    """What an error of the servers or the rules is to the person at the terminal; None for any other."""
    if isinstance(error, ExceptionGroup):  # of several at once: one is enough to mend
        return _told(error.exceptions[0])
    if isinstance(error, Refused):
        return Failed(" ".join(f"{field}: {reason}" for field, reason in error.reasons.items()))
    if isinstance(error, Behind):
        return Failed("The database does not have this version's tables. Run: nennep migrate")
    if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
        return Failed(f"PostgreSQL: {_first_line(error)}")
    if isinstance(error, ConnectionError | TimeoutError):
        return Failed(f"A server went away in the middle: {_first_line(error)}. Run the command again.")
    return None


@asynccontextmanager
async def database(size: int = 4) -> AsyncIterator[Settings]:
    """The pool of the application's role for the length of a block. Raises Failed if PostgreSQL can't be had."""
    given = chosen()
    try:
        await open_pool(given.database_url, size=size, queries=given.database_connection_queries)
    except _NO_ENTRY as error:
        raise unreachable("NENNEP_DATABASE_URL", given.database_url, error) from None
    try:
        yield given
    finally:
        await close_pool()


async def owner_url() -> str:
    """The address of the database for its owner, tried. Raises Failed where it is not set or does not answer."""
    url = chosen().owner_database_url
    if url is None:
        raise Failed("NENNEP_OWNER_DATABASE_URL must be set: this command builds or changes schemas.")
    try:
        await knock(url)
    except _NO_ENTRY as error:
        raise unreachable("NENNEP_OWNER_DATABASE_URL", url, error) from None
    return url


def let_in(variable: str, url: str) -> None:
    """Raises Failed where the way into PostgreSQL is wrong for good; where it is only away, who starts will wait."""
    try:
        asyncio.run(knock(url))
    except Wrong as error:
        raise unreachable(variable, url, error) from None
    except (asyncpg.PostgresError, *Away):
        return


def unreachable(variable: str, url: str, error: BaseException) -> Failed:
    """A server that can't be had, with where, why, and what to do; never with the password."""
    wrong = isinstance(error, asyncpg.PostgresError) or "Authentication" in type(error).__name__
    help_ = "Check the address and the password" if wrong else "Start the server"
    return Failed(
        f"No way into {host_and_port(url)} ({variable}): {_first_line(error)}. {help_}, or correct the setting."
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
