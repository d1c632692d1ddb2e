"""The rows that the figures of one committee are made of, and every figure counted from them in Python."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server.clock import month_after, month_of, today
from server.meetings.quality import BANDS
from server.roll_call import rules
from server.rollups.counting import GRADES
from server.rollups.side_by_side import Beside, each
from server.rollups.verify_work import Work
from server.rulebook import UnknownRule, lookup

_ROWS = {
    "cells": "SELECT id, from_on, to_on, joined_on, went_on FROM cell",
    "stays": """SELECT s.member, s.cell, s.from_on, s.to_on, p.official_on
        FROM membership s JOIN member p ON p.id = s.member WHERE s.kind = 'permanent'""",
    "exemptions": "SELECT member, kind, from_on, to_on FROM exemption",
    "meetings": """SELECT m.id, m.cell, m.held_on, m.state, m.quality, r.closed_at
        FROM meeting m LEFT JOIN roll_call r ON r.meeting = m.id""",
    "minutes": "SELECT id, meeting, wanted FROM minutes WHERE binned_at IS NULL",
    "files": "SELECT id, minutes FROM minutes_file",
    "classified": f"SELECT cell, year, grade, members, {', '.join(GRADES)}, not_rated FROM classification",
}
# People of rolls and what was said of them, side by side in one order: each is folded, counted and forgotten before the
# next is read. A year of a large committee is 200 MB at once, and a worker never gives them back.
_ENTRIES = "SELECT meeting, no, base, state, heads, rivals FROM roll_entry ORDER BY meeting, no"
_MARKS = (
    """SELECT id, meeting, no, state, reason, device, seq, seen, by_name FROM mark ORDER BY meeting, no, id"""
)


class Rolls:
    """By meeting: how many people of which base stand how, folded anew; of how many what is kept is not that."""

    def __init__(self) -> None:
        self.people: dict[UUID, Counter[tuple[str, str]]] = defaultdict(Counter)
        self.wrong: Counter[UUID] = Counter()

    @classmethod
    async def read(cls) -> Rolls:
        """Those of the current committee; needs its transaction."""
        rolls, said = cls(), Beside(_MARKS, "meeting", "no")
        async for entry in each(_ENTRIES):
            rolls._count(entry, [_mark(row) for row in await said.of(entry["meeting"], entry["no"])])
        return rolls

    def _count(self, entry: Record, marks: list[rules.Mark]) -> None:
        standing = rules.fold(marks, base=entry["base"])
        self.people[entry["meeting"]][entry["base"], standing.state] += 1
        self.wrong[entry["meeting"]] += _kept(entry) != _folded(standing)


class Source:
    """Everything that the figures of one committee are made of."""

    def __init__(self, work: Work, rolls: Rolls, rows: dict[str, list[Record]]) -> None:
        self.work, self.rolls, self.rows = work, rolls, rows
        stored: dict[UUID, set[UUID]] = defaultdict(set)
        for file in rows["files"]:
            stored[file["minutes"]].add(file["id"])
        self.on_paper = {
            d["meeting"] for d in rows["minutes"] if d["wanted"] and stored[d["id"]] >= {*d["wanted"]}
        }

    @classmethod
    async def read(cls) -> Source:
        """That of the current committee; needs its transaction."""
        rows = {name: await sql(text) for name, text in _ROWS.items()}
        return cls(await Work.read(), await Rolls.read(), rows)

    def here(self, last: date) -> set[UUID]:
        """The cells whose month counts here, by its last day."""
        return {
            c["id"]
            for c in self.rows["cells"]
            if not (c["joined_on"] and c["joined_on"] > last) and not (c["went_on"] and c["went_on"] <= last)
        }

    def months(self) -> set[date]:
        """Months that should have figures."""
        days = {(month_of(m["held_on"]), m["cell"]) for m in self.rows["meetings"]} | self.work.months()
        days |= {(m, c["id"]) for c in self.rows["cells"] if c["joined_on"] for m in _since(c["joined_on"])}
        return {month for month, cell in days if cell in self.here(_last(month))}

    def years(self) -> set[int]:
        """Years of which anything was told."""
        return {row["year"] for row in self.rows["classified"]}

    def kept_wrong(self) -> Iterator[tuple[date, str, int, int]]:
        """Kept standings that are not the fold of what was said (month, name, how many, 0): of rolls how many people,
        by month of the meeting; of assignments how many, by the month in which they were given.
        """
        day = {m["id"]: month_of(m["held_on"]) for m in self.rows["meetings"]}
        wrong: Counter[date] = Counter()
        for meeting, number in self.rolls.wrong.items():
            wrong[day[meeting]] += number
        both = {"standings_kept_wrong": wrong, "assignments_kept_wrong": self.work.wrong}
        for name, by in both.items():
            yield from ((month, name, n, 0) for month, n in sorted(by.items()) if n)

    def count(self, month: date) -> dict[str, int]:
        """Every figure of a month."""
        last = _last(month)
        here = self.here(last)
        held = [m for m in self.rows["meetings"] if month <= m["held_on"] <= last and m["cell"] in here]
        people = {
            s["member"]: s["official_on"]
            for s in self.rows["stays"]
            if s["cell"] in here and _covers(last, s["from_on"], s["to_on"])
        }
        exempt: dict[UUID, set[str]] = defaultdict(set)
        for x in self.rows["exemptions"]:
            if _covers(last, x["from_on"], x["to_on"]):
                exempt[x["member"]].add(x["kind"])
        official = sum(1 for day in people.values() if day is not None and day <= last)
        health = sum("age_health" in exempt[member] for member in people if member in exempt)
        return {
            **self._cells(last, here, held), **self._rolls(held), **_quality(held),
            "members_official": official, "members_probationary": len(people) - official,
            "exempt_age_health": health, "exempt_away_work": len(set(people) & set(exempt)) - health,
            "meetings_with_minutes": sum(m["state"] == "held" and m["id"] in self.on_paper for m in held),
            **self.work.count(month, set(people) - set(exempt), here),
        }  # fmt: skip

    def _cells(self, last: date, here: set[UUID], held: list[Record]) -> dict[str, int]:
        states: dict[UUID, set[str]] = defaultdict(set)
        for m in held:
            states[m["cell"]].add(m["state"])
        cells = self._there(last, here)
        met = [c for c in cells if "held" in states[c]]
        off = [c for c in cells if "not_held" in states[c] and "held" not in states[c]]
        kinds = Counter(m["state"] for m in held)
        return {
            "cells": len(cells), "cells_met": len(met), "cells_not_met": len(off),
            "cells_not_reported": len(cells) - len(met) - len(off), "meetings_held": kinds["held"],
            "meetings_not_held": kinds["not_held"], "meetings_planned": kinds["planned"],
        }  # fmt: skip

    def _there(self, last: date, here: set[UUID]) -> list[UUID]:
        return [
            c["id"] for c in self.rows["cells"] if c["id"] in here and _covers(last, c["from_on"], c["to_on"])
        ]

    def _rolls(self, held: list[Record]) -> dict[str, int]:
        closed = [m["id"] for m in held if m["closed_at"]]
        on_rolls: Counter[tuple[str, str]] = Counter()
        for meeting in closed:
            on_rolls.update(self.rolls.people[meeting])
        seen: Counter[str] = Counter()
        for (_, state), number in on_rolls.items():
            seen[state] += number
        told = ("present", "late", "absent_excused", "absent_unexcused", "exempt")
        return {
            "rolls_closed": len(closed), "expected": sum(n for (base, _), n in on_rolls.items() if base == "expected"),
            "exempt_attending": sum(on_rolls["exempt", state] for state in rules.ATTENDING),
            **{state: seen[state] for state in told},
        }  # fmt: skip

    def count_year(self, year: int) -> dict[str, int]:
        """Every figure of a year's classification."""
        end = date(year, 12, 31)
        cells = self._there(end, self.here(end))
        rows = [row for row in self.rows["classified"] if row["year"] == year and row["cell"] in cells]
        grades = Counter(row["grade"] for row in rows if row["grade"])
        return {
            "cells": len(cells), "cells_told": sum(grades.values()),
            **{f"cells_{grade}": grades[grade] for grade in GRADES},
            "members": sum(row["members"] for row in rows),
            **{f"members_{grade}": sum(row[grade] for row in rows) for grade in GRADES},
            "members_not_rated": sum(row["not_rated"] for row in rows),
        }  # fmt: skip


def _quality(held: list[Record]) -> dict[str, int]:
    found = dict.fromkeys((f"quality_{name}" for name in BANDS), 0)
    for m in held:
        if m["state"] == "held" and m["quality"] is not None:
            floors = {"weak": 0}
            for name in ("good", "fair", "average"):
                try:
                    floors[name] = lookup("meeting_band_from", m["held_on"], name).number
                except UnknownRule:
                    break
            else:
                found[f"quality_{max(floors, key=lambda n: (floors[n] <= m['quality'], floors[n]))}"] += 1
    return found


def _mark(row: Record) -> rules.Mark:
    seen = tuple(row["seen"])
    return rules.Mark(row["id"], row["state"], row["reason"], row["device"], row["seq"], seen, row["by_name"])


def _since(day: date) -> Iterator[date]:
    month = month_of(day)
    while month <= today():
        yield month
        month = month_after(month)


def _last(month: date) -> date:
    return date.fromordinal(month_after(month).toordinal() - 1)


def _folded(standing: rules.Standing) -> tuple[Any, ...]:
    return standing.state, standing.heads, {str(m.id) for m in standing.rivals}


def _kept(entry: Record) -> tuple[Any, ...]:
    return entry["state"], tuple(entry["heads"]), {r["id"] for r in json.loads(entry["rivals"] or "[]")}


def _covers(day: date, start: date, end: date | None) -> bool:
    return start <= day and (end is None or day <= end)
