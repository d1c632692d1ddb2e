"""The yearly classification: all cells of a year, and the form of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server import clock
from server.names import fold
from server.rollups import classification
from server.rollups.classification import COUNTS, FIRST_YEAR, GRADE_WORDS, LONGEST_REASON, PARTS, may_tell
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, reader_of
from web.meetings.routes import seen_cells
from web.render import errors, page, translate
from web.words import day

_COUNT_WORDS: dict[str, Say] = {
    "members": say("Số đảng viên thuộc diện đánh giá"), **GRADE_WORDS, "not_rated": say("Chưa đánh giá"),
}  # fmt: skip
# The heads of a table with a column for each.
_SHORT: dict[str, Say] = {
    "excellent": say("Xuất sắc"), "good": say("Tốt"), "completed": say("Hoàn thành"),
    "failed": say("Không hoàn thành"), "not_rated": say("Chưa đánh giá"),
}  # fmt: skip
# So many cells fit a screen or two; above it they can be looked for.
_FEW = 12
# In the first months of a year the year before it is still being classified.
_LAST_MONTH_OF_BEFORE = 6


def _year(text: str) -> int:
    today = clock.today()
    usual = today.year - 1 if today.month <= _LAST_MONTH_OF_BEFORE else today.year
    return int(text) if text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= today.year else usual


@get("/{slug:str}/classification", access=in_committee, support=True)
async def show_classification(
    request: Asked, year: FromQuery[str] = "", q: FromQuery[str] = ""
) -> Response[str]:
    """A year's classification of the reader's cells, and of all of them together; ``q`` looks for cells by name and
    leaves the sums alone.
    """
    reader, chosen, words = reader_of(request), _year(year), " ".join(q.split())[:100]
    async with transaction(read_only=True):
        rows = await classification.of_year(chosen, seen_cells(reader))
    told = [row for row in rows if row["grade"]]
    base = f"/{current().slug}/classification"
    return page(
        request, "rollups/classification.html", q=words, many=len(rows) > _FEW, here=base,
        rows=[_row(row, chosen, may_tell(reader, row["id"])) for row in rows if fold(words) in fold(row["name"])],
        year={"number": chosen, "previous": f"{base}?year={chosen - 1}" if chosen > FIRST_YEAR else None,
              "next": f"{base}?year={chosen + 1}" if chosen < clock.today().year else None},
        parts=[(name, _SHORT[name]) for name in PARTS], cells=len(rows), told=len(told),
        columns=[(_SHORT[name], True) for name in PARTS],
        grades=[(words, sum(row["grade"] == grade for row in told)) for grade, words in GRADE_WORDS.items()],
        members=[(_COUNT_WORDS[name], sum(row[name] or 0 for row in rows)) for name in PARTS],
        base=sum(row["members"] or 0 for row in rows),
        back=(f"/{current().slug}/", translate(request, say("Hôm nay"))),
    )  # fmt: skip


def _row(row: Record, year: int, may: bool) -> dict[str, Any]:
    href = f"/{current().slug}/cells/{row['id']}/classification?year={year}"
    return {
        "name": row["name"], "href": href if may else None, "grade": GRADE_WORDS.get(row["grade"] or ""),
        "members": row["members"], "listed": row["listed"], "counts": [row[name] for name in PARTS],
        "told": say("{by}, ngày {day}", by=row["told_by"], day=day(row["told_at"].astimezone(clock.VIETNAM)))
        if row["told_at"] else None,
    }  # fmt: skip


@get("/{slug:str}/cells/{cell:uuid}/classification", access=in_committee)
async def show_form(request: Asked, cell: FromPath[UUID], year: FromQuery[str] = "") -> Response[str]:
    """The form of one cell's year, with what was told before."""
    return await _form(request, cell, _year(year), None, {})


async def _form(
    request: Asked, cell: UUID, year: int, typed: dict[str, str] | None, faults: dict[str, str]
) -> Response[str]:
    reader = reader_of(request)
    async with transaction(read_only=True):
        found = await classification.cell_of(cell, year, reader)
        row = next(iter(await classification.of_year(year, [cell])), None)
    told = {name: "" if row is None or row[name] is None else str(row[name]) for name in COUNTS}
    if row is not None and row["grade"] is None:
        told["members"] = str(row["listed"])
    kept = {"grade": (row and row["grade"]) or "", "reason": (row and row["not_rated_reason"]) or "", **told}
    back = f"/{current().slug}/classification?year={year}"
    return page(
        request, "rollups/classification_form.html", status=422 if faults else 200, year=year, cell=found["name"],
        action=f"/{current().slug}/cells/{cell}/classification", values=typed or kept, errors=faults,
        grades=[(grade, translate(request, words)) for grade, words in GRADE_WORDS.items()],
        counts=[(name, _COUNT_WORDS[name]) for name in COUNTS], longest=LONGEST_REASON,
        listed=row["listed"] if row else None, may=may_tell(reader, cell),
        back=(back, translate(request, say("Xếp loại năm {year}", year=year))),
    )  # fmt: skip


@post("/{slug:str}/cells/{cell:uuid}/classification", access=in_committee)
async def tell(request: Asked, cell: FromPath[UUID], data: Form) -> Response[Any]:
    """Write down what a cell tells of a year."""
    year = _year(data.get("year", ""))
    typed = {name: data.get(name, "").strip() for name in ("grade", "reason", *COUNTS)}
    try:
        await classification.tell(cell, year, classification.read_told(typed), by=reader_of(request))
    except Refused as refusal:
        return await _form(request, cell, year, typed, errors(request, refusal))
    return Redirect(f"/{current().slug}/classification?year={year}", status_code=303)
