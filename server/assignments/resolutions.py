"""The yearly thematic resolution on assigning work: one of the committee, one of each cell, and the work it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from infra.postgres import Record, one, sql
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings.queries import NotFound
from server.names import fold
from server.words import Refused, Say, say
from tenants.transactions import transaction

# How many years back a resolution may be written up, and how many ahead one is prepared.
BACK, AHEAD = 5, 1
LONGEST_ABSTRACT = 300
# What is shown to choose from at once; the rest is reached by narrowing the choice.
CHOICES = 100
_NUMBER = re.compile(r"[0-9]{2,3}-NQ/[A-ZĐ]{2,8}")


@dataclass(frozen=True, slots=True)
class Body:
    """What is written of a resolution; ``adopted_on`` None: not adopted yet."""

    number: str = ""
    adopted_on: date | None = None
    abstract: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the year's work is looked at: words of its text, an area, a cell (of a committee's resolution)."""

    words: str = ""
    area: str = ""
    cell: UUID | None = None


def why_not_number(number: str) -> Say | None:
    """Why this can't be the number of a resolution; the series runs on through a term, so it says no year
    (05-HD/VPTW 2026). None: it can, or there is none yet.
    """
    if not number or _NUMBER.fullmatch(number):
        return None
    return say("Số nghị quyết ghi như 05-NQ/CB: số thứ tự hai chữ số, loại, rồi tên cơ quan viết tắt.")


def check_body(body: Body, year: int) -> None:
    """Raises Refused(number=…, adopted_on=…, abstract=…) with every fault at its field."""
    faults: dict[str, Say] = {}
    if reason := why_not_number(body.number):
        faults["number"] = reason
    # A resolution on a year's work may be adopted at the end of the year before.
    if body.adopted_on and not date(year - 1, 10, 1) <= body.adopted_on <= date(year, 12, 31):
        faults["adopted_on"] = say(
            "Ngày ban hành phải từ 01/10/{before} đến 31/12/{year}.", before=year - 1, year=year
        )
    if len(body.abstract) > LONGEST_ABSTRACT:
        faults["abstract"] = say("Trích yếu dài quá {n} ký tự.", n=LONGEST_ABSTRACT)
    if faults:
        raise Refused(**faults)


def years(today: date) -> range:
    """The years whose resolution may be written."""
    return range(today.year - BACK, today.year + AHEAD + 1)


def check_place(cell: UUID | None, year: int, by: Reader) -> None:
    """Raises NotFound unless ``by`` writes the resolution of this cell, or of the committee (None), for this year."""
    own = by.whole_committee or (cell is not None and by.may_close_roll(cell))
    if not own or year not in years(clock.today()):
        raise NotFound(year)


async def resolutions(by: Reader) -> list[Record]:
    """The resolutions that a person writes or works for, newest year first, the committee's before its cells': cell,
    cell_name (None of the committee), year, number, adopted_on, abstract, works (how many it names).
    """
    cells = None if by.whole_committee else [cell for cell in by.cells() if by.may_close_roll(cell)]
    return await sql(
        """SELECT r.id, r.cell, c.name AS cell_name, r.year, r.number, r.adopted_on, r.abstract,
            (SELECT count(*)::int FROM assignment a WHERE a.resolution = r.id) AS works
        FROM resolution r LEFT JOIN cell c ON c.id = r.cell WHERE $1::uuid[] IS NULL OR r.cell = ANY ($1)
        ORDER BY r.year DESC, c.sort_key NULLS FIRST, c.name""",
        cells,
    )


async def resolution(cell: UUID | None, year: int, by: Reader) -> tuple[Record | None, str | None]:
    """(the resolution of a year, None where nobody has begun it; the cell's name). Raises NotFound."""
    check_place(cell, year, by)
    named = await one("SELECT name FROM cell WHERE id = $1", cell) if cell else None
    if cell and named is None:
        raise NotFound(cell)
    row = await one(
        """SELECT id, cell, year, number, adopted_on, abstract FROM resolution
        WHERE cell IS NOT DISTINCT FROM $1 AND year = $2""",
        cell, year,
    )  # fmt: skip
    return row, named["name"] if named else None


async def write(cell: UUID | None, year: int, body: Body, *, by: Reader) -> None:
    """Put down number, day and abstract; the first time, the resolution begins with that. Raises NotFound;
    Refused(number=…, adopted_on=…, abstract=…).
    """
    async with transaction():
        await resolution(cell, year, by)
        check_body(body, year)
        await _begun(cell, year, by)
        await sql(
            """UPDATE resolution SET number = $3, adopted_on = $4, abstract = $5
            WHERE cell IS NOT DISTINCT FROM $1 AND year = $2""",
            cell, year, body.number, body.adopted_on, body.abstract,
        )  # fmt: skip
        await record_event(by, "resolution_written", _subject(cell, year), body.number)


async def _begun(cell: UUID | None, year: int, by: Reader) -> UUID:
    await sql(
        """INSERT INTO resolution (id, cell, year, created_by) VALUES ($1, $2, $3, $4)
        ON CONFLICT (cell, year) DO NOTHING""",
        uuid4(), cell, year, by.name,
    )  # fmt: skip
    row = await one(
        "SELECT id FROM resolution WHERE cell IS NOT DISTINCT FROM $1 AND year = $2 FOR UPDATE", cell, year
    )
    assert row is not None
    found: UUID = row["id"]
    return found


def _subject(cell: UUID | None, year: int) -> str:
    return f"resolutions/{year}/{cell}" if cell else f"resolutions/{year}"


_OPEN = """FROM assignment a JOIN member p ON p.id = a.member JOIN cell c ON c.id = a.cell
    WHERE a.resolution IS NULL AND a.state <> 'cancelled' AND a.given_on BETWEEN $1 AND $2
    AND ($3::uuid IS NULL OR a.cell = $3) AND ($4 = '' OR a.area = $4) AND a.folded LIKE ALL ($5::text[])"""

# As every batch of changes locks them (see ground): two that cross wait for each other and never in a circle.
_IN_ORDER = "ORDER BY a.id FOR UPDATE OF a"


def _open_values(cell: UUID | None, year: int, choice: Choice) -> tuple[object, ...]:
    words = [
        w.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for w in fold(choice.words).split()
    ]
    return (
        date(year, 1, 1), date(year, 12, 31), cell or choice.cell, choice.area, [f"%{word}%" for word in words[:8]],
    )  # fmt: skip


_COLUMNS = """a.version, a.rivals, a.id, a.no, a.text, a.area, a.check_by, a.given_on, a.due_on, a.state, a.result,
    a.reported_on, p.name AS member_name, c.name AS cell_name"""


async def open_works(cell: UUID | None, year: int, choice: Choice) -> tuple[list[Record], int]:
    """(the first CHOICES of the year's work that no resolution names yet, how many there are)."""
    values = _open_values(cell, year, choice)
    rows = await sql(
        f"SELECT {_COLUMNS} {_OPEN} ORDER BY c.sort_key, p.sort_key, a.given_on, a.no LIMIT {CHOICES}",
        *values,
    )
    counted = await one(f"SELECT count(*)::int AS n {_OPEN}", *values)
    assert counted is not None
    return rows, counted["n"]


async def works(resolution: UUID, *, limit: int | None = None) -> list[Record]:
    """The work that a resolution names, by cell and person: id, no, member_name, cell_name, text, area, check_by,
    given_on, due_on, state, result, reported_on.
    """
    return await sql(
        f"""SELECT {_COLUMNS} FROM assignment a JOIN member p ON p.id = a.member JOIN cell c ON c.id = a.cell
        WHERE a.resolution = $1 ORDER BY c.sort_key, p.sort_key, a.given_on, a.no LIMIT $2""",
        resolution, limit,
    )  # fmt: skip


async def count_works(resolution: UUID) -> int:
    """How many works a resolution names."""
    row = await one("SELECT count(*)::int AS n FROM assignment WHERE resolution = $1", resolution)
    assert row is not None
    return int(row["n"])


async def put_in(cell: UUID | None, year: int, numbers: Sequence[int], *, by: Reader) -> int:
    """Name these works (their numbers) in the resolution; returns how many it did not name before. What is not of the
    year, not of the cell, or named elsewhere stays as it is. Raises NotFound.
    """
    return await _name(cell, year, Choice(), [*numbers], by)


async def put_in_all(cell: UUID | None, year: int, choice: Choice, *, by: Reader) -> int:
    """Name all of the year's work that fits the choice; returns how many. Raises NotFound."""
    return await _name(cell, year, choice, None, by)


async def _name(cell: UUID | None, year: int, choice: Choice, numbers: list[int] | None, by: Reader) -> int:
    async with transaction():
        await resolution(cell, year, by)
        wanted = await _begun(cell, year, by)
        rows = await sql(
            f"""UPDATE assignment SET resolution = $6 WHERE id IN (
                SELECT a.id {_OPEN} AND ($7::int[] IS NULL OR a.no = ANY ($7)) {_IN_ORDER}) RETURNING no""",
            *_open_values(cell, year, choice), wanted, numbers,
        )  # fmt: skip
        if rows:
            await record_event(by, "resolution_works_put_in", _subject(cell, year), str(len(rows)))
    return len(rows)


async def take_out(cell: UUID | None, year: int, numbers: Sequence[int], *, by: Reader) -> int:
    """Name these works no longer; the works themselves stay. Returns how many. Raises NotFound."""
    async with transaction():
        found, _ = await resolution(cell, year, by)
        rows = await sql(
            f"""UPDATE assignment SET resolution = NULL WHERE id IN (SELECT a.id FROM assignment a
                WHERE a.resolution = $1 AND a.no = ANY ($2::int[]) {_IN_ORDER}) RETURNING no""",
            found["id"] if found else None, [*numbers],
        )  # fmt: skip
        if rows:
            await record_event(by, "resolution_works_taken_out", _subject(cell, year), str(len(rows)))
    return len(rows)
