"""Prove the province's figures: count everything again from marks, changes and memberships, in Python, and compare.

Deliberately another way than ``actions``: what was said is folded anew, sets are counted instead of filtered
aggregates, so that one mistake can't hide in both.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server.clock import month_after, month_of
from server.roll_call import rules
from server.rollups.actions import FIGURES
from server.rollups.verify_work import Work
from tenants.current import CommitteeRef
from tenants.transactions import as_committee, platform_transaction

_PAUSE = 0.5


@dataclass(frozen=True)
class Difference:
    """A figure that disagrees with its source. ``month`` and ``figure`` name it; ``stored`` None: not computed yet."""

    committee: str
    month: date
    figure: str
    stored: int | None
    counted: int


async def verify(ref: CommitteeRef, *, patience: float = 0.0) -> tuple[int, list[Difference]]:
    """Compare all stored months of a committee with its source: how many months, and every difference.

    Figures follow their source within seconds: while a recomputation is still to be done, this looks again for up to
    ``patience`` seconds before it calls anything a difference.
    """
    stored, waiting, source = await _read(ref)
    while waiting and patience > 0:
        await asyncio.sleep(_PAUSE)
        patience -= _PAUSE
        stored, waiting, source = await _read(ref)
    by_month = {row["month"]: row for row in stored}
    differences = source.wrong_standings(ref.slug)
    months = sorted(set(by_month) | source.months())
    for month in months:
        counted, row = source.count(month), by_month.get(month)
        for name in FIGURES:
            had = row[name] if row else None
            if had != counted[name]:
                differences.append(Difference(ref.slug, month, name, had, counted[name]))
    return len(months), differences


async def _read(ref: CommitteeRef) -> tuple[list[Record], int, _Source]:
    """Figures, recomputations to be done, and source, all of one moment."""
    async with platform_transaction(read_only=True, snapshot=True):
        stored = await sql("SELECT * FROM platform.rollup WHERE committee = $1", ref.id)
        waiting = await sql(
            """SELECT 1 FROM platform.outbox WHERE schema_name = $1 AND job LIKE 'recompute%'
            AND done_at IS NULL AND dead_at IS NULL""",
            ref.schema_name,
        )
        async with as_committee(ref):
            return stored, len(waiting), await _Source.read()


class _Source:
    """Everything that the figures of one committee are made of."""

    def __init__(self, work: Work, **rows: list[Record]) -> None:
        self.work = work
        self.cells, self.stays, self.exemptions = rows["cells"], rows["stays"], rows["exemptions"]
        self.meetings, self.entries = rows["meetings"], rows["entries"]
        marks: dict[tuple[UUID, int], list[rules.Mark]] = defaultdict(list)
        for row in rows["marks"]:
            seen = tuple(row["seen"])
            marks[row["meeting"], row["no"]].append(
                rules.Mark(
                    row["id"], row["state"], row["reason"], row["device"], row["seq"], seen, row["by_name"]
                )
            )
        self.standing = {
            (e["meeting"], e["no"]): rules.fold(marks[e["meeting"], e["no"]], base=e["base"])
            for e in self.entries
        }

    @classmethod
    async def read(cls) -> _Source:
        return cls(
            await Work.read(),
            cells=await sql("SELECT id, from_on, to_on FROM cell"),
            stays=await sql(
                """SELECT s.member, s.from_on, s.to_on, p.official_on FROM membership s JOIN member p ON p.id = s.member
                WHERE s.kind = 'permanent'"""
            ),
            exemptions=await sql("SELECT member, from_on, to_on FROM exemption"),
            meetings=await sql(
                """SELECT m.id, m.cell, m.held_on, m.state, r.closed_at FROM meeting m
                LEFT JOIN roll_call r ON r.meeting = m.id"""
            ),
            entries=await sql("SELECT meeting, no, base, state, heads, rivals FROM roll_entry"),
            marks=await sql("SELECT id, meeting, no, state, reason, device, seq, seen, by_name FROM mark"),
        )

    def months(self) -> set[date]:
        return {month_of(m["held_on"]) for m in self.meetings} | self.work.months()

    def wrong_standings(self, slug: str) -> list[Difference]:
        """Kept standings that are not the fold of what was said: of rolls how many people, by month of the meeting; of
        assignments how many, by the month in which they were given.
        """
        day = {m["id"]: month_of(m["held_on"]) for m in self.meetings}
        wrong = Counter(
            day[e["meeting"]]
            for e in self.entries
            if _kept(e) != self._folded(self.standing[e["meeting"], e["no"]])
        )
        both = {"standings_kept_wrong": wrong, "assignments_kept_wrong": self.work.kept_wrong()}
        return [
            Difference(slug, month, name, n, 0)
            for name, by in both.items()
            for month, n in sorted(by.items())
        ]

    @staticmethod
    def _folded(standing: rules.Standing) -> tuple[Any, ...]:
        return standing.state, standing.heads, {str(m.id) for m in standing.rivals}

    def count(self, month: date) -> dict[str, int]:
        """Every figure of a month."""
        after = month_after(month)
        last = date.fromordinal(after.toordinal() - 1)
        held = [m for m in self.meetings if month <= m["held_on"] < after]
        states: dict[UUID, set[str]] = defaultdict(set)
        for m in held:
            states[m["cell"]].add(m["state"])
        cells = [c["id"] for c in self.cells if _covers(last, c["from_on"], c["to_on"])]
        met = [c for c in cells if "held" in states[c]]
        off = [c for c in cells if "not_held" in states[c] and "held" not in states[c]]
        people = {
            s["member"]: s["official_on"] for s in self.stays if _covers(last, s["from_on"], s["to_on"])
        }
        exempt = {x["member"] for x in self.exemptions if _covers(last, x["from_on"], x["to_on"])}
        official = sum(1 for day in people.values() if day is not None and day <= last)
        closed = {m["id"] for m in held if m["closed_at"]}
        on_rolls = [
            (e["base"], self.standing[e["meeting"], e["no"]].state)
            for e in self.entries
            if e["meeting"] in closed
        ]
        seen = Counter(state for _, state in on_rolls)
        kinds = Counter(m["state"] for m in held)
        return {
            "cells": len(cells), "cells_met": len(met), "cells_not_met": len(off),
            "cells_not_reported": len(cells) - len(met) - len(off),
            "members_official": official, "members_probationary": len(people) - official,
            "meetings_held": kinds["held"], "meetings_not_held": kinds["not_held"],
            "meetings_planned": kinds["planned"], "rolls_closed": len(closed),
            "expected": sum(1 for base, _ in on_rolls if base == "expected"), "present": seen["present"],
            "late": seen["late"], "absent_excused": seen["absent_excused"],
            "absent_unexcused": seen["absent_unexcused"], "exempt": seen["exempt"],
            "exempt_attending": sum(1 for base, state in on_rolls if base == "exempt" and state in rules.ATTENDING),
            **self.work.count(month, set(people) - exempt),
        }  # fmt: skip


def _kept(entry: Record) -> tuple[Any, ...]:
    return entry["state"], tuple(entry["heads"]), {r["id"] for r in json.loads(entry["rivals"] or "[]")}


def _covers(day: date, start: date, end: date | None) -> bool:
    return start <= day and (end is None or day <= end)
