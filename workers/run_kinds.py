"""Every kind of run there is: what is done for one item of it, and how. What people call it: server/fleet/kinds.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.backups import drilling
from server.backups import runs as backups
from server.committees import founding_many, merging, splitting
from server.exports import erasure_steps, export_runs, restoring
from server.fleet import health
from tenants.runs import Work

Perform = Callable[[Work], Awaitable[dict[str, Any] | None]]


@dataclass(frozen=True)
class Kind:
    """A function for one item, and how it is run. It may be killed anywhere and run again: it must then go on, or do
    the same again with no second effect.

    What it returns is kept as the item's result. Refused and Hopeless fail the item at once, with that reason; anything
    else is tried again, ``attempts`` times in all. ``at_once``: items of this kind worked on at the same time, all
    workers together. ``finished`` is called with the run when all items are done, once at least.
    """

    perform: Perform
    seconds: float = 120.0
    attempts: int = 3
    at_once: int = 2
    finished: Callable[[UUID], Awaitable[object]] | None = None


KINDS: dict[str, Kind] = {
    "measure": Kind(health.measure, at_once=2),
    "export": Kind(export_runs.export, seconds=1800.0),
    "restore_drill": Kind(drilling.perform, seconds=1800.0, at_once=1),
    # One at a time: whatever else people ask for has the other place of its lane, however many committees there are.
    "backup": Kind(backups.perform, seconds=1800.0, at_once=1),
    "erase": Kind(erasure_steps.perform, seconds=1800.0, attempts=5),
    "found_committees": Kind(founding_many.perform),
    # A cell with the pages of many years; where it was begun, somebody waits before closed doors.
    "merge_committees": Kind(merging.perform, seconds=1800.0, attempts=5),
    "split_committee": Kind(splitting.perform, seconds=1800.0, attempts=5),
    "restore": Kind(restoring.perform, seconds=1800.0),
}
