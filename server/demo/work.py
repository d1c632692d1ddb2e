"""The work that a cell gave at its meetings and what became of it: told, moved on, accepted at the next one, or not."""

from __future__ import annotations

from datetime import date, timedelta

from server.demo.chance import new_id
from server.demo.meetings import Meeting
from server.demo.telling import Telling, Work

# How work goes, of a hundred: a home cell has more to show.
_FATES = {"on_time": 76, "better": 5, "late": 8, "carried": 6, "not_done": 3, "cancelled": 2}
_FATES_AT_HOME = {
    "on_time": 60, "better": 7, "late": 10, "carried": 8, "not_done": 3, "cancelled": 3, "asked": 4, "returned": 3,
    "reassigned": 2,
}  # fmt: skip
_KEPT = {"on_time": "on_time", "better": "better", "late": "late", "asked": "on_time", "returned": "on_time",
         "reassigned": "on_time"}  # fmt: skip
# Shares: of what is done, how much is reported between meetings; of work, how much takes long or is for several.
_REPORTED = 0.55
_LONG_WORK, _TOGETHER = 0.1, 0.25


class Year(Telling):
    """A cell's year of work, from meeting to meeting."""

    def fill(self) -> None:
        """All work that was given at the cell's meetings."""
        for index, meeting in enumerate(self.held):
            for work in self._given_at(index, meeting):
                self.follow(work, index)

    def _given_at(self, index: int, meeting: Meeting) -> list[Work]:
        chance, able = self.chance, self.able(meeting.held_on)
        everybody = self.home and not self.cell.plan.residential
        count = len(able) if everybody else max(8, len(able) // 6) if self.home else chance.randint(2, 6)
        people = chance.sample(able, k=min(count, len(able)))
        if self.first is not None and self.first not in people:
            people[-1] = self.first
        given = []
        while people:
            together = self.home and not everybody and len(people) > 3 and chance.random() < _TOGETHER
            some = [people.pop() for _ in range(chance.randint(2, 3) if together else 1)]
            what, due, task = self.something(meeting.held_on.month), self._due(index, meeting), new_id(chance)
            at = self._moment(meeting.held_on, meeting)
            given += [
                self.give(new_id(chance), member, what, due, at=at, task=task, meeting=meeting)
                for member in some
            ]
        return given

    def _due(self, index: int, meeting: Meeting) -> date:
        day, chance = meeting.held_on, self.chance
        if self.home and index == len(self.held) - 1:
            # A home cell meets today: what it gave the last time is due until then and a little longer.
            return day + timedelta(days=chance.randint(10, max(11, (self.today - day).days + 12)))
        return day + timedelta(
            days=chance.randint(38, 60) if chance.random() < _LONG_WORK else chance.randint(8, 26)
        )

    def follow(self, work: Work, index: int) -> None:
        """From the meeting at which it was given to the one that ends it, or to today."""
        fate = self._fate()
        for review in self.held[index + 1 :]:
            assert work.due is not None
            if work.due >= review.held_on:
                continue
            self._meanwhile(work, fate, review.held_on)
            if work.due >= review.held_on:
                fate = "on_time"
                continue
            if self._reviewed(work, fate, review):
                return
            fate = self._fate()
        self._meanwhile(work, fate, None)
        if fate in _KEPT and work.said[-1].kind == "reported" and self.chance.random() < 0.4:
            self._accept(work, fate, work.said[-1].said_on + timedelta(days=self.chance.randint(1, 3)), None)

    def _fate(self) -> str:
        fates = _FATES_AT_HOME if self.home else _FATES
        return self.chance.choices(list(fates), list(fates.values()))[0]

    def _meanwhile(self, work: Work, fate: str, before: date | None) -> None:
        """What is said before the next meeting (or until now)."""
        due, chance = work.due, self.chance
        assert due is not None
        if self.home and chance.random() < 0.15:
            self.say(
                work,
                "progress",
                {},
                due - timedelta(days=chance.randint(4, 7)),
                note=self.one("progress"),
                own=True,
            )
        if fate == "asked":
            due = self.ask_for_time(work, due)
        elif fate == "reassigned":
            self.hand_over(work, due - timedelta(days=6))
        elif fate == "returned":
            self.send_back(work, due)
        if fate not in _KEPT or chance.random() > _REPORTED:
            return
        day = (
            due + timedelta(days=chance.randint(1, 6))
            if fate == "late"
            else due - timedelta(days=chance.randint(0, 5))
        )
        if before is None or day < before:
            self.report(work, day)

    def report(self, work: Work, day: date) -> None:
        """Say that it is done, unless that was said."""
        if work.open:
            self.say(work, "reported", {"state": "reported"}, day, note=self.one("reported"), own=True)

    def ask_for_time(self, work: Work, due: date) -> date:
        """Ask for a week more and mostly get it; the date that stands."""
        wanted, day = due + timedelta(days=7), due - timedelta(days=2)
        asked = {"asked": wanted.isoformat()}
        if not self.say(work, "asked_time", asked, day, note=self.one("asked"), own=True):
            return due
        answer = day + timedelta(days=1)
        if self.chance.random() < 0.8:
            given = {"due": wanted.isoformat(), "asked": None}
            self.say(work, "time_given", given, answer, note=self.one("time_given"))
        else:
            refused = {"due": due.isoformat(), "asked": None}
            self.say(work, "time_refused", refused, answer, note=self.one("time_refused"))
        assert work.due is not None
        return work.due

    def hand_over(self, work: Work, day: date) -> None:
        """Give it to somebody else."""
        others = [m for m in self.able(day) if m is not work.member]
        if others:
            other = self.chance.choice(others)
            sets = {"who": str(other.id), "state": "open"}
            if self.say(work, "reassigned", sets, day, note=self.one("reassigned")):
                work.member = other

    def send_back(self, work: Work, due: date) -> bool:
        """Report it and have it sent back; whether that was said."""
        self.report(work, due - timedelta(days=5))
        if work.said[-1].kind != "reported":
            return False
        return self.say(
            work, "returned", {"state": "open"}, due - timedelta(days=3), note=self.one("returned")
        )

    def _reviewed(self, work: Work, fate: str, review: Meeting) -> bool:
        """What the next meeting says of it; whether that ends it."""
        day = review.held_on
        if fate in _KEPT:
            self._accept(work, fate, day, review)
        elif fate == "carried":
            later = day + timedelta(days=self.chance.randint(12, 26))
            self.carry(work, review, later)
            return False
        else:
            self.say(work, fate, {"state": fate}, day, note=self.one(fate), meeting=review)
        return True

    def carry(self, work: Work, review: Meeting, due: date) -> None:
        """Move it on at a meeting."""
        sets = {"due": due.isoformat(), "state": "open"}
        self.say(work, "carried", sets, review.held_on, note=self.one("carried"), meeting=review)

    def _accept(self, work: Work, fate: str, day: date, review: Meeting | None) -> None:
        result = _KEPT[fate]
        said = work.said[-1]
        if said.kind == "reported" and work.due is not None and said.said_on > work.due:
            result = "late"
        note = self.one(result if result != "on_time" else "accepted")
        self.say(work, "accepted", {"state": f"done:{result}"}, day, note=note, meeting=review)
