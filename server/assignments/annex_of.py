"""From what is known to a paper: the annex of a meeting's minutes, of a resolution, and a list as it was filtered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from infra.postgres import Record, sql
from server import clock
from server.accounts.reader import Reader
from server.assignments.annex import Annex, Entry
from server.assignments.annex_layout import day_words, layout_on
from server.assignments.fold import Change, Standing, fold
from server.assignments.ground import changes_of
from server.assignments.issuer import Issuer, issuer_on
from server.assignments.rules import AREAS, RESULTS, STATES
from server.assignments.sight import sight_of
from server.meetings.queries import NotFound
from server.meetings.queries import meeting as find_meeting
from tenants.transactions import transaction

LIST, KIND = "DANH SÁCH", "phân công nhiệm vụ"
# Provinces whose committee is that of a city (of the 34 since 1-7-2025).
_CITIES = ("Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Thành phố Hồ Chí Minh", "Cần Thơ")
# Lines that are left free above the name of who signs.
_ROOM = ("", "", "")


def result_words(state: str, result: str) -> str:
    """How work ended, as papers say it; empty while it is being done."""
    if state == "done":
        return f"{STATES['done']} {RESULTS[result].lower()}"
    return "" if state == "open" else str(STATES[state])


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A row of a list of assignments as a row of a paper."""
    return Entry(
        row["no"], row["member_name"], row["cell_name"], row["text"], str(AREAS[row["area"]]), row["given_on"],
        row["due_on"], row["check_by"], row["state"], result_words(row["state"], row["result"]),
    )  # fmt: skip


async def of_meeting(meeting: UUID, by: Reader) -> tuple[Record, Annex]:
    """(the meeting, the work given or carried on in it): to whom and until when as was said there, with the words and
    results of now. What was cancelled by the end of its day is left out. Raises NotFound, also for those who see their
    own work only.
    """
    async with transaction(read_only=True):
        held = await find_meeting(meeting, by)
        sight = await sight_of(by)
        if not sight.sees_all(held["cell"]):
            raise NotFound(meeting)
        entries = await _said_in(meeting, held["held_on"])
    day = held["held_on"]
    issuer = await issuer_on(day, cell=held["cell"])
    return held, Annex(
        left=_issuer(held["cell_name"], issuer), place_and_day=f"{issuer.place}, {day_words(day, day.year)}",
        title=(LIST, KIND, f"(kèm theo biên bản ngày {day:%d/%m/%Y} của {held['cell_name']})"),
        entries=entries, layout=layout_on(day),
        signed=(("NGƯỜI GHI BIÊN BẢN", *_ROOM, held["recorder_name"] or ""),
                ("CHỦ TRÌ HỘI NGHỊ", *_ROOM, held["chair_name"] or "")),
    )  # fmt: skip


async def _said_in(meeting: UUID, day: date) -> list[Entry]:
    rows = await sql(
        """SELECT a.id, a.no, a.text, a.area, a.check_by, a.given_on, a.state, a.result, c.name AS cell_name
        FROM assignment a JOIN cell c ON c.id = a.cell
        WHERE (a.meeting = $1 OR EXISTS (SELECT 1 FROM assignment_change x WHERE x.assignment = a.id AND x.meeting = $1
            AND x.kind = 'carried')) AND NOT (a.state = 'cancelled' AND a.ended_on <= $2)
        ORDER BY a.given_on, a.no""",
        meeting, day,
    )  # fmt: skip
    said = {
        id_: _by_then(changes, day)
        for id_, changes in (await changes_of([row["id"] for row in rows])).items()
    }
    people = await sql(
        "SELECT id, name, sort_key FROM member WHERE id = ANY ($1)", [then.member for then in said.values()]
    )
    who = {row["id"]: row for row in people}
    shown = [(who[said[row["id"]].member], row) for row in rows]
    shown.sort(key=lambda one: (one[0]["sort_key"], one[1]["no"]))
    return [
        entry_of({**row, "member_name": person["name"], "due_on": said[row["id"]].due})
        for person, row in shown
    ]


def _by_then(changes: Iterable[Change], day: date) -> Standing:
    """How work stood at the end of a day: what was said later is another day's paper."""
    return fold(change for change in changes if change.ordinal == 1 or change.said_on <= day)


async def of_resolution(
    resolution: Mapping[str, Any], cell_name: str | None, rows: Iterable[Mapping[str, Any]], *, note: str = ""
) -> Annex:
    """The annex of a yearly resolution; ``cell_name`` None: it is the committee's. Outside a transaction."""
    day, year = resolution["adopted_on"], resolution["year"]
    issuer = await issuer_on(day or min(date(year, 12, 31), clock.today()), cell=resolution["cell"])
    number = f" số {resolution['number']}" if resolution["number"] else ""
    when = f", ngày {day:%d/%m/%Y}" if day else ""
    layout = layout_on(day or clock.today())
    signs = layout.cell_signs if cell_name else f"T/M {' '.join(issuer.title.split()[:2]).upper()}"
    abstract = (resolution["abstract"],) if resolution["abstract"] else ()
    return Annex(
        left=_issuer(cell_name, issuer),
        place_and_day=f"{issuer.place}, {day_words(day, day.year if day else year)}",
        title=(LIST, f"{KIND} năm {year}",
               f"(kèm theo Nghị quyết{number}{when} của {cell_name or issuer.title})", *abstract),
        entries=[entry_of(row) for row in rows], layout=layout, signed=((), (signs, "BÍ THƯ", *_ROOM, "")),
        with_cells=cell_name is None, note=note,
    )  # fmt: skip


async def of_list(
    rows: Sequence[Mapping[str, Any]], *, cell_name: str | None, note: str, by: Reader
) -> Annex:
    """A list as it was filtered; ``cell_name`` None: of several cells; ``note``: what the reader of the paper should
    know of it. Outside a transaction.
    """
    today = clock.today()
    issuer = await issuer_on(today)
    return Annex(
        left=_issuer(cell_name, issuer), place_and_day=f"{issuer.place}, {day_words(today, today.year)}",
        title=(LIST, KIND, f"(tính đến ngày {today:%d/%m/%Y})"), entries=[entry_of(row) for row in rows],
        layout=layout_on(today), signed=((), ("NGƯỜI LẬP DANH SÁCH", *_ROOM, by.name)),
        with_cells=cell_name is None, note=note,
    )  # fmt: skip


def _issuer(cell_name: str | None, issuer: Issuer) -> tuple[str, ...]:
    """The head on the left: whom the issuer stands under, the issuer, and the star (05-HD/VPTW)."""
    if cell_name:
        return (issuer.title.upper(), cell_name.upper(), "*")
    over = "Thành ủy" if issuer.province in _CITIES else "Tỉnh ủy"
    return (f"{over} {issuer.province}".upper(), issuer.title.upper(), "*")
