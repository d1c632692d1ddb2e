"""The yearly classification of a cell and of its members, as counts: who tells it, and what it must add up to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from infra.postgres import Record, connection, one, sql
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings.queries import NotFound
from server.rollups.counting import GRADES
from server.rollups.marking import mark_dirty
from server.words import Refused, Say, say
from tenants.transactions import transaction

# How far back papers are entered; more is a slip of the finger.
FIRST_YEAR = 2010
MOST_MEMBERS, LONGEST_REASON = 2000, 200
GRADE_WORDS: dict[str, Say] = {
    "excellent": say("Hoàn thành xuất sắc nhiệm vụ"), "good": say("Hoàn thành tốt nhiệm vụ"),
    "completed": say("Hoàn thành nhiệm vụ"), "failed": say("Không hoàn thành nhiệm vụ"),
}  # fmt: skip
PARTS = (*GRADES, "not_rated")
COUNTS = ("members", *PARTS)


@dataclass(frozen=True)
class Told:
    """What a cell tells of a year: its own grade ('': not decided yet) and how many of its members have which."""

    grade: str
    counts: Mapping[str, int]
    reason: str


def read_told(values: Mapping[str, str]) -> Told:
    """What a form says: grade, COUNTS and reason as text, an empty count being none.

    Raises Refused with every fault at its field: an unknown grade, a count that is none, counts that do not add up to
    ``members`` (with how many are missing or too many), members who are not rated without a reason.
    """
    faults: dict[str, Say] = {}
    grade, reason = values.get("grade", "").strip(), " ".join(values.get("reason", "").split())
    if grade and grade not in GRADES:
        faults["grade"] = say("Xin chọn một mức xếp loại trong danh sách.")
    counts: dict[str, int] = {}
    for name in COUNTS:
        text = values.get(name, "").strip() or "0"
        if text.isascii() and text.isdigit() and int(text) <= MOST_MEMBERS:
            counts[name] = int(text)
        else:
            faults[name] = say("Xin ghi số đảng viên, từ 0 đến {most}.", most=MOST_MEMBERS)
    if not faults:
        faults |= _sum_fault(counts)
    if counts.get("not_rated") and not 3 <= len(reason) <= LONGEST_REASON:
        faults["reason"] = say("Xin ghi lý do chưa đánh giá, ví dụ: chuyển sinh hoạt, đang chờ kết luận.")
    if faults:
        raise Refused(**faults)
    return Told(grade, counts, reason if counts["not_rated"] else "")


def _sum_fault(counts: Mapping[str, int]) -> dict[str, Say]:
    told = sum(counts[name] for name in PARTS)
    if told < counts["members"]:
        missing = counts["members"] - told
        return {
            "members": say("Các mức cộng lại được {told}, còn thiếu {missing}.", told=told, missing=missing)
        }
    if told > counts["members"]:
        over = told - counts["members"]
        return {"members": say("Các mức cộng lại được {told}, thừa {over}.", told=told, over=over)}
    return {}


def may_tell(by: Reader, cell: UUID) -> bool:
    """The office, and who leads the cell."""
    return by.may_close_roll(cell) or by.whole_committee


_NAMES = ", ".join(COUNTS)
_TELL = f"""INSERT INTO classification AS k (cell, year, grade, not_rated_reason, told_by, {_NAMES})
VALUES ($1, $2, $3, $4, $5, {", ".join(f"${n}" for n in range(6, 6 + len(COUNTS)))})
ON CONFLICT (cell, year) DO UPDATE SET grade = excluded.grade, told_at = now(), told_by = excluded.told_by,
    not_rated_reason = excluded.not_rated_reason, {", ".join(f"{n} = excluded.{n}" for n in COUNTS)}
WHERE (k.grade, k.not_rated_reason, {", ".join(f"k.{n}" for n in COUNTS)})
    <> (excluded.grade, excluded.not_rated_reason, {", ".join(f"excluded.{n}" for n in COUNTS)})"""


async def tell(cell: UUID, year: int, told: Told, *, by: Reader) -> None:
    """Write down what a cell tells of a year, in the place of what it told before. The same again changes nothing.

    Raises NotFound for a cell that ``by`` may not see or that did not exist in that year, Refused(grade=…) for those
    who may not.
    """
    async with transaction():
        await cell_of(cell, year, by)
        if not may_tell(by, cell):
            raise Refused(
                grade=say("Chỉ bí thư, phó bí thư hoặc văn phòng cấp ủy được ghi kết quả xếp loại.")
            )
        values = [told.counts[name] for name in COUNTS]
        status = await connection().execute(_TELL, cell, year, told.grade, told.reason, by.name, *values)
        if status == "INSERT 0 0":
            return
        await record_event(by, "classification_told", str(cell), str(year))
        # A year is counted with any of its months; one that has begun, or the province would see the next ones begin.
        await mark_dirty(min(date(year, 12, 1), clock.today()), cause="classification")


async def cell_of(cell: UUID, year: int, by: Reader) -> Record:
    """A cell that existed in a year: id, name. Raises NotFound. Needs a transaction in the committee."""
    row = await one(
        """SELECT id, name FROM cell WHERE id = $1 AND from_on <= make_date($2, 12, 31)
        AND (to_on IS NULL OR to_on >= make_date($2, 1, 1))""",
        cell, year,
    )  # fmt: skip
    if row is None or not by.may_see_cell(cell) or not FIRST_YEAR <= year <= clock.today().year:
        raise NotFound(cell)
    return row


_OF_YEAR = f"""SELECT c.id, c.name, (SELECT count(DISTINCT s.member)::int FROM membership s WHERE s.cell = c.id
        AND s.kind = 'permanent' AND s.from_on <= $4 AND (s.to_on IS NULL OR s.to_on >= $4)) AS listed,
    k.grade, {", ".join(f"k.{name}" for name in COUNTS)}, k.not_rated_reason, k.told_at, k.told_by
FROM cell c LEFT JOIN classification k ON k.cell = c.id AND k.year = $1
WHERE c.from_on <= $2 AND (c.to_on IS NULL OR c.to_on >= $2) AND (c.joined_on IS NULL OR c.joined_on <= $2)
    AND ($3::uuid[] IS NULL OR c.id = ANY ($3)) ORDER BY c.sort_key, c.name"""


async def of_year(year: int, cells: Collection[UUID] | None) -> list[Record]:
    """A year's classification of some cells, of all when None, by their order: id, name, listed (members whom the
    register has on the last day of the year, or today), and of what was told grade (None: nothing), COUNTS,
    not_rated_reason, told_at, told_by. Cells that are here at the year's end. Needs a transaction in the committee.
    """
    end = date(year, 12, 31)
    return await sql(_OF_YEAR, year, end, None if cells is None else list(cells), min(end, clock.today()))
