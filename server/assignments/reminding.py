"""When a committee has its people reminded: how many days before, how often once overdue, and when phones are quiet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server import clock
from server.accounts.reader import Reader
from server.settings_of import set_setting, setting
from server.words import Refused, Say, say
from tenants.transactions import transaction

NAME = "reminding"
MOST_DAYS_BEFORE, MOST_TIMES_BEFORE, MOST_DAYS_BETWEEN = 30, 3, 30


@dataclass(frozen=True)
class Reminding:
    """days_before: so many days before the due date; overdue_every: days between two reminders of overdue work;
    from quiet_from until quiet_to (times in Vietnam, over midnight or not; equal: never) no phone is told anything.
    """

    days_before: tuple[int, ...] = (3,)
    overdue_every: int = 7
    quiet_from: time = time(21)
    quiet_to: time = time(7)

    def not_quiet(self, moment: datetime) -> datetime:
        """That moment, or the end of the quiet hours that it falls into."""
        local = moment.astimezone(clock.VIETNAM)
        over_midnight = self.quiet_from > self.quiet_to
        late, early = local.time() >= self.quiet_from, local.time() < self.quiet_to
        if not ((late or early) if over_midnight else (late and early)):
            return moment
        end = local.date() + timedelta(days=1 if over_midnight and late else 0)
        return clock.local(end, self.quiet_to)


async def reminding() -> Reminding:
    """What the committee has set, or what counts where it has not. Needs a transaction in the committee."""
    given = await setting(NAME)
    if given is None:
        return Reminding()
    return Reminding(
        tuple(given["days_before"]), given["overdue_every"],
        time.fromisoformat(given["quiet_from"]), time.fromisoformat(given["quiet_to"]),
    )  # fmt: skip


async def set_reminding(typed: Mapping[str, str], *, by: Reader) -> None:
    """Set it from what a form carries. Raises Refused(days_before=…, overdue_every=…, quiet_from=…, quiet_to=…)."""
    wanted = read(typed)
    value = {
        "days_before": list(wanted.days_before), "overdue_every": wanted.overdue_every,
        "quiet_from": f"{wanted.quiet_from:%H:%M}", "quiet_to": f"{wanted.quiet_to:%H:%M}",
    }  # fmt: skip
    async with transaction():
        await set_setting(NAME, value, by=by)


def read(typed: Mapping[str, str]) -> Reminding:
    """What was typed. Raises Refused with every field that can't be read."""
    before = _numbers(typed.get("days_before", ""))
    every = _numbers(typed.get("overdue_every", ""))
    quiet_from, quiet_to = _time(typed.get("quiet_from", "")), _time(typed.get("quiet_to", ""))
    clock_words = say("Xin ghi giờ và phút, ví dụ 21:00.")
    faults: dict[str, Say] = {}
    if before is None or len(before) > MOST_TIMES_BEFORE or any(n > MOST_DAYS_BEFORE for n in before):
        faults["days_before"] = say(
            "Xin ghi nhiều nhất {times} số ngày, mỗi số từ 1 đến {most}, cách nhau bằng dấu phẩy.",
            times=MOST_TIMES_BEFORE, most=MOST_DAYS_BEFORE,
        )  # fmt: skip
    if every is None or len(every) != 1 or every[0] > MOST_DAYS_BETWEEN:
        faults["overdue_every"] = say("Xin ghi một số ngày từ 1 đến {most}.", most=MOST_DAYS_BETWEEN)
    if quiet_from is None:
        faults["quiet_from"] = clock_words
    if quiet_to is None:
        faults["quiet_to"] = clock_words
    if faults or before is None or every is None or quiet_from is None or quiet_to is None:
        raise Refused(**faults)
    return Reminding(before, every[0], quiet_from, quiet_to)


def _numbers(text: str) -> tuple[int, ...] | None:
    """What was typed as 7, 3 → (7, 3), each once, the largest first; None for what is not numbers above zero."""
    parts = text.replace(",", " ").replace(";", " ").split()
    if not all(part.isascii() and part.isdigit() and len(part) < 4 and int(part) > 0 for part in parts):
        return None
    return tuple(sorted({int(part) for part in parts}, reverse=True))


def _time(text: str) -> time | None:
    try:
        found = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0, tzinfo=None)
