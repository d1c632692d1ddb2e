"""Logs are one line an event and name nobody."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import asyncpg
import pytest

from infra import log
from infra.log import Outage, about, describe, facts_from, set_up


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged from now on; pytest's own handlers come back afterwards."""
    root = logging.getLogger()
    before, level, hook = root.handlers[:], root.level, sys.excepthook
    known = log._known_elsewhere[:]
    out = io.StringIO()
    set_up("worker", "INFO", out)
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    log._known_elsewhere[:] = known
    sys.excepthook = hook


def test_a_failure_is_told_with_its_place_and_without_what_somebody_typed(lines: io.StringIO) -> None:
    try:
        int("Nguyễn Văn An")
    except ValueError:
        logging.getLogger("workers").exception("job failed", extra={"job": "recompute_rollup"})

    line = json.loads(lines.getvalue())
    assert (line["message"], line["level"], line["process"]) == ("job failed", "error", "worker")
    assert (line["error"], line["job"]) == ("ValueError", "recompute_rollup")
    assert "test_log.py" in line["at"]
    assert "An" not in lines.getvalue()


def test_what_the_database_refused_is_told_by_its_code() -> None:
    error = asyncpg.UniqueViolationError("duplicate key")
    error.detail = "Key (name)=(Nguyễn Văn An) already exists."
    error.constraint_name = "account_login"

    assert describe(error) == "UniqueViolationError 23505 account_login"
    assert describe(ConnectionRefusedError("no answer\nat all")) == "ConnectionRefusedError: no answer"


def test_what_the_doors_know_stands_in_every_line_below_them(lines: io.StringIO) -> None:
    facts_from(_elsewhere)
    with about(request="A", job="1"), about(job="2"):
        logging.getLogger("workers").warning("inside", extra={"rows": 3})
    logging.getLogger("workers").warning("outside")

    inside, outside = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (inside["request"], inside["job"], inside["rows"], inside["known"]) == ("A", "2", 3, "elsewhere")
    assert {"request", "job"}.isdisjoint(outside)


def _elsewhere() -> dict[str, str]:
    return {"known": "elsewhere"}


def test_a_text_that_nobody_caught_is_not_told(lines: io.StringIO) -> None:
    error = ValueError("Nguyễn Văn An")
    logging.getLogger("asyncio").error(
        "Task exception was never retrieved\nfuture: <Task exception=%r>", error
    )
    sys.excepthook(ValueError, error, None)

    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["message"] for line in told] == ["Task exception was never retrieved", "uncaught"]
    assert told[1]["error"] == "ValueError"
    assert "An" not in lines.getvalue()


def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(lines: io.StringIO) -> None:
    outage = Outage(logging.getLogger("workers"), "the queue")
    for _ in range(5):
        outage.began(ConnectionRefusedError("no answer"))
    outage.over()
    outage.over()

    told = [json.loads(line)["message"] for line in lines.getvalue().splitlines()]
    assert told == ["the queue does not answer; going on without it", "the queue answers again"]


def test_what_a_library_repeats_is_told_once(lines: io.StringIO) -> None:
    for _ in range(3):
        logging.getLogger("dramatiq.worker").critical("Consumer encountered a connection error")

    assert len(lines.getvalue().splitlines()) == 1
