"""A cell's half-year of assigned work in random order: what people said, and what became of the jobs."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import one, sql
from server import clock
from server.assignments.actions import NewChange, say_all
from server.assignments.rules import AREAS, RESULTS
from server.rollups.actions import recompute_dirty, recompute_rollups
from server.rollups.marking import mark_dirty
from tenants.transactions import transaction
from tests.cast import Cast
from tests.rollups.papers import DEVICES, marks_of

DAYS, MEETINGS = 170, 4
KINDS = (
    "progress", "reported", "reported", "taken_back", "asked_time", "time_given", "time_refused", "accepted",
    "accepted", "accepted", "not_done", "returned", "reassigned", "rescheduled", "rescheduled", "carried", "cancelled",
    "restored", "settled", "settled",
)  # fmt: skip


def change(kind: str, assignment: UUID, **said: Any) -> NewChange:
    return NewChange(uuid4(), assignment, kind, clock.now(), **said)


class WorkHistory:
    """What a cell says of its work in half a year, some of it late, twice, or without knowing of the rest."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.random = cast, random.Random(seed)
        self.assignments: list[UUID] = []
        self.meetings: list[UUID] = []
        self.taken: dict[str, int] = {}

    async def live(self, steps: int) -> None:
        """So many steps."""
        while len(self.meetings) < MEETINGS:
            self.meetings.append(await self.cast.meeting(self.past()))
        for _ in range(steps):
            verb = self.random.choices([self.give, self.say, self.go, self.job], weights=[8, 30, 1, 2])[0]
            await verb()

    def past(self) -> date:
        return clock.today() - timedelta(days=self.random.randrange(DAYS))

    def meeting(self) -> UUID | None:
        """Half of what is said belongs to one of the meetings, whenever it arrives."""
        return self.random.choice([None] * len(self.meetings) + self.meetings)

    def due(self) -> date | None:
        """A day before or behind today; mostly one."""
        start = self.random.choice([self.past(), clock.today()])
        return start + timedelta(days=self.random.randrange(60)) if self.random.random() < 0.9 else None

    async def send(self, new: NewChange) -> None:
        verdict = await say_all(
            [new] * self.random.choice([1, 1, 2]), device=self.random.choice(DEVICES), by=self.cast.hoa
        )
        if verdict.acked:
            self.taken[new.kind] = self.taken.get(new.kind, 0) + 1

    def who(self) -> int:
        return self.random.choice(sorted(self.cast.numbers.values()))

    async def give(self) -> None:
        new = change(
            "given", uuid4(), cell=self.cast.cell, member=self.who(), text="Vận động bà con", meeting=self.meeting(),
            area=self.random.choice([*AREAS]), due=self.due(),
        )  # fmt: skip
        await self.send(new)
        self.assignments.append(new.assignment)

    async def say(self) -> None:
        if not self.assignments:
            return
        assignment, kind = self.random.choice(self.assignments[-8:]), self.random.choice(KINDS)
        async with transaction(read_only=True):
            row = await one("SELECT version, rivals FROM assignment WHERE id = $1", assignment)
        if row is None:
            return
        seen = row["version"] if self.random.random() < 0.8 else self.random.randint(1, row["version"])
        rivals = json.loads(row["rivals"] or "{}")
        register = self.random.choice([*rivals]) if rivals else ""
        value = self.random.choice(rivals[register])["value"] if rivals else None
        await self.send(
            change(
                kind if not rivals or self.random.random() < 0.5 else "settled", assignment, seen=seen, note="Vì bão",
                meeting=self.meeting(), member=self.who(), due=self.due(), result=self.random.choice([*RESULTS]),
                register=register, value=value, text="Vận động bà con góp sức", area="economy",
            )
        )  # fmt: skip

    async def go(self) -> None:
        """Somebody leaves the cell, or need not come any more."""
        day, no = self.past(), self.who()
        async with transaction():
            if self.random.random() < 0.5:
                await sql(
                    """UPDATE membership s SET to_on = $2 FROM member p
                    WHERE p.id = s.member AND p.no = $1 AND s.to_on IS NULL""",
                    no, day,
                )  # fmt: skip
            else:
                await sql(
                    """INSERT INTO exemption (id, member, kind, from_on, to_on)
                    SELECT gen_random_uuid(), id, 'away_work', $2::date, $2::date + 40 FROM member WHERE no = $1""",
                    no, day,
                )  # fmt: skip
            await mark_dirty(day, onward=True, cause="members")

    async def job(self) -> None:
        """A job arrives, or one that an older version left; the others are lost for now."""
        left = await marks_of(self.cast.pleiku)
        if self.random.random() < 0.5 or not left:
            await recompute_dirty()
        else:
            await recompute_rollups(self.random.choice(left)[0].isoformat())
