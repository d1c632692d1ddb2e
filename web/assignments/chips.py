"""The sign and word of every state, for pages whose script draws what was said without network."""

from __future__ import annotations

from typing import Any

from server import clock
from web.assignments.shown import Chip, standing

# As a change says a state; done with its result.
_KEYS = ("open", "reported", "done:better", "done:on_time", "done:late", "not_done", "cancelled")


def chips() -> list[tuple[str, Chip]]:
    """(name, sign and word) of every state, and of work about which people disagree (``rivals``)."""
    found: dict[str, dict[str, Any]] = {key: _stood(key) for key in _KEYS}
    found["rivals"] = {**_stood("open"), "rivals": True}
    return [(key, standing(row, clock.today())) for key, row in found.items()]


def _stood(key: str) -> dict[str, Any]:
    state, _, result = key.partition(":")
    return {"state": state, "result": result, "rivals": None, "asked_due": None, "due_on": None}
