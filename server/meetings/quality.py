"""How good a meeting was: the points that a cell gives itself, and the band in which they are on the meeting's day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from infra.postgres import connection
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings.queries import meeting as find_meeting
from server.rollups.marking import mark_dirty
from server.rulebook import UnknownRule, lookup
from server.words import Refused, Say, say
from tenants.transactions import transaction

MOST_POINTS = 100
# From the best to the worst; the last is below all that the rulebook names.
BANDS: dict[str, Say] = {
    "good": say("Tốt"), "fair": say("Khá"), "average": say("Trung bình"), "weak": say("Kém"),
}  # fmt: skip
_NAMED = tuple(BANDS)[:-1]


def band(points: int, day: date) -> str | None:
    """The band (a key of BANDS) of a meeting on a day; None where no rule of bands was in force."""
    try:
        floors = [(name, lookup("meeting_band_from", day, name).number) for name in _NAMED]
    except UnknownRule:
        return None
    return next((name for name, floor in floors if points >= floor), "weak")


def may_score(by: Reader, cell: UUID) -> bool:
    """Who leads the cell and the committee's office."""
    return by.may_close_roll(cell) or by.whole_committee


async def score(meeting: UUID, *, points: str, by: Reader) -> None:
    """Write down the points of a meeting that was held, or take them back with ''. The same again changes nothing.

    Raises NotFound, Refused(points=…) for what is no number of 0 to MOST_POINTS, of a meeting that was not held, or of
    somebody who may not.
    """
    wanted = _read(points)
    async with transaction():
        held = await find_meeting(meeting, by)
        if not may_score(by, held["cell"]):
            raise Refused(points=say("Chỉ bí thư, phó bí thư hoặc văn phòng cấp ủy được chấm điểm kỳ họp."))
        if held["state"] != "held":
            raise Refused(points=say("Kỳ họp chưa khóa điểm danh nên chưa chấm điểm được."))
        status = await connection().execute(
            """UPDATE meeting SET quality = $2, quality_by = $3, quality_at = CASE WHEN $2::smallint IS NOT NULL
                THEN now() END WHERE id = $1 AND quality IS DISTINCT FROM $2""",
            meeting, wanted, by.name if wanted is not None else "",
        )  # fmt: skip
        if status == "UPDATE 0":
            return
        await record_event(by, "meeting_scored", str(meeting), "" if wanted is None else str(wanted))
        await mark_dirty(clock.month_of(held["held_on"]), cause="quality")


def _read(points: str) -> int | None:
    text = points.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_POINTS):
        raise Refused(points=say("Xin ghi điểm là số từ 0 đến {most}, ví dụ: 86.", most=MOST_POINTS))
    return int(text)
