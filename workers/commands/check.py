"""``nennep check``: asks a running deployment over its own pages, as people do."""

from __future__ import annotations

import re
import time
from pathlib import Path

import click

from workers.commands.ground import Failed, say
from workers.commands.visitor import Unexpected, Visitor, take_roll_call

# Whoever counts committees must know these from the others, and nobody may take a roll call in somebody's real one.
COMMITTEE = re.compile(r"kiem-tra(-[a-z0-9]+)*")
_URL = click.option(
    "--url", default="http://127.0.0.1:8000", show_default=True, help="Where the product answers."
)


@click.group()
def command() -> None:
    """Check a running deployment from outside, over HTTP."""


@command.command(epilog="Example: nennep check health --url http://nennep-web")
@_URL
def health(url: str) -> None:
    """Ask whether it lives and whether it can serve."""
    visitor = Visitor(url)
    try:
        visitor.get("/health/live")
        visitor.get("/health/ready")
    except Unexpected as fault:
        raise Failed(str(fault)) from None
    say("alive and ready")


@command.command(
    "roll-call",
    epilog="Example: nennep check roll-call --url http://nennep-web --account /run/secrets/check",
)
@_URL
@click.option(
    "--committee",
    default="kiem-tra",
    show_default=True,
    help="Path of a committee that is there for checks: kiem-tra, or kiem-tra-…",
)
@click.option(
    "--account",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help='A folder with two files, "login" and "password": a secretary of the only cell there.',
)
def roll_call(url: str, committee: str, account: Path) -> None:
    """Plan a meeting, open its roll, mark everybody twice, lock it and read it back.

    Every run leaves one meeting in that committee, which should stand in a province of its own: its figures are
    figures like all others.
    """
    if not COMMITTEE.fullmatch(committee):
        raise Failed(f"{committee} is no committee for checks: its path must begin with kiem-tra.")
    login, password = ((account / name).read_text("utf-8").strip() for name in ("login", "password"))
    begun = time.perf_counter()
    try:
        people = take_roll_call(Visitor(url), committee, login, password, say)
    except Unexpected as fault:
        raise Failed(str(fault)) from None
    say(f"roll call of {people} taken in {time.perf_counter() - begun:.2f} s")
