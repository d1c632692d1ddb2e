"""One line an event, on stderr: plain for a terminal, JSON for a machine. Never a person's data.

Texts of exceptions may quote what somebody typed, so only those that come from the network or are our own are kept;
of any other the kind and the place in the code remain. What a line is about (request, committee, job, run, trace) is
set once at the doors and stands in every line below them.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any, TextIO

import asyncpg

# Exceptions of these floors, and of redis (not imported here: it takes long, and commands do without), are harmless.
_KNOWN = ("infra.", "tenants.", "workers.", "redis.")
_HARMLESS = (OSError, asyncpg.InterfaceError)
# What a record has whether or not somebody gave it something extra.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_REPEATED_SECONDS = 60.0
# Libraries that tell much, or whatever they are given: the last is dramatiq's, named after our actor.
_CHATTY = ("dramatiq", "asyncio", "urllib3", "opentelemetry", "fontTools", "PIL", "workers.actors.run")

_about: ContextVar[Mapping[str, object]] = ContextVar("about", default=MappingProxyType({}))
# What other floors know of the present task, asked for when a line is written and not before.
_known_elsewhere: list[Callable[[], Mapping[str, object]]] = []


def describe(error: BaseException) -> str:
    """An exception in one line without a person's data: its kind, PostgreSQL's code, its text if that is harmless."""
    kind = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        return " ".join(filter(None, (kind, error.sqlstate, getattr(error, "constraint_name", None))))
    text = str(error).strip().splitlines()
    if text and (isinstance(error, _HARMLESS) or type(error).__module__.startswith(_KNOWN)):
        return f"{kind}: {text[0][:200]}"
    return kind


def set_up(process: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logging of this process to ``stream`` (stderr); ``process`` is its name in each line."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Plain(process) if out.isatty() else _Json(process))
    handler.addFilter(_Repeated())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Otherwise Python writes the text of what nobody caught beside the log.
    sys.excepthook = _uncaught


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Every line of this task says ``facts`` for the length of a block: ids and kinds, never a person's data."""
    token = _about.set({**_about.get(), **facts})
    try:
        yield
    finally:
        _about.reset(token)


def facts_from(source: Callable[[], Mapping[str, object]]) -> None:
    """Have ``source()`` asked for more facts whenever a line is written."""
    if source not in _known_elsewhere:
        _known_elsewhere.append(source)


class Outage:
    """Says once that something does not answer and once that it does again, however often it is tried."""

    def __init__(self, log: logging.Logger, what: str, meanwhile: str = "going on without it") -> None:
        self._log, self._what, self._meanwhile = log, what, meanwhile
        self._since: float | None = None

    def began(self, error: BaseException) -> None:
        """It does not answer."""
        if self._since is None:
            self._since = time.monotonic()
            self._log.warning(
                "%s does not answer; %s", self._what, self._meanwhile, extra={"error": describe(error)}
            )

    @property
    def lasts(self) -> float:
        """For how many seconds it has not answered; 0 while it does."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def over(self) -> None:
        """It answers."""
        if self._since is not None:
            seconds, self._since = time.monotonic() - self._since, None
            self._log.warning("%s answers again", self._what, extra={"seconds": round(seconds, 1)})


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("nennep").critical("uncaught", exc_info=(kind, error, trace))


class _Repeated(logging.Filter):
    """Drops what a library says again and again: dramatiq's consumers, each three seconds, while the queue is down."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(("dramatiq", "opentelemetry")):
            return True
        key, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._last.get(key, -_REPEATED_SECONDS) < _REPEATED_SECONDS:
            return False
        self._last[key] = now
        return True


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts = dict(_about.get())
    for source in _known_elsewhere:
        facts |= source()
    facts |= {key: value for key, value in vars(record).items() if key not in _USUAL and key[0] != "_"}
    if record.exc_info and record.exc_info[1]:
        facts["error"] = describe(record.exc_info[1])
        frames = traceback.extract_tb(record.exc_info[2])
        facts["at"] = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames[-6:]))
    return facts


class _Plain(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {key}={value}" for key, value in _facts(record).items())
        clock = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        return f"{clock} {self._process} {record.levelname.lower()}: {_one_line(record)}{facts}"


class _Json(_Plain):
    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": when, "level": record.levelname.lower(), "process": self._process, "logger": record.name,
                "message": _one_line(record)}  # fmt: skip
        return json.dumps(line | _facts(record), ensure_ascii=False, default=str)


def _one_line(record: logging.LogRecord) -> str:
    told = record.getMessage()
    # What asyncio says of a task that nobody waits for goes on with the exception and its text.
    return told.split("\n")[0] if record.name == "asyncio" else told.replace("\n", " | ")
