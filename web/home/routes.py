"""The first page in a committee: the one thing to do today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get

from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.assignments import figures as assigned
from server.assignments.rules import may_give
from server.cells.queries import cells_of
from server.meetings import queries
from server.minutes import board
from server.minutes.board import standings, unsent
from server.minutes.rules import may_send
from server.words import say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.assignments.overview import older_href
from web.assignments.reminding import notices
from web.assignments.today import due_first
from web.assignments.today import waiting as waiting_of
from web.bulletins.notices import from_province
from web.meetings.routes import main_action, may_plan, row_of, seen_cells, totals
from web.minutes.board import has_been, told
from web.render import page, translate
from web.words import day, kind_word, month_title, when

# Rolls of meetings this far ahead are kept on the phone for a hall without signal.
_KEEP = timedelta(days=10)


@get("/{slug:str}", access=in_committee, support=True)
async def home(request: Asked) -> Response[str]:
    """This month's meetings of the reader's cells with their main action; for the office, what needs attention."""
    reader = reader_of(request)
    today = clock.today()
    month = clock.month_of(today)
    async with transaction(read_only=True):
        cells = await cells_of(seen_cells(reader), on=today)
        now = await queries.of_month(month, seen_cells(reader))
        before = await queries.of_month(clock.month_after(month, -1), seen_cells(reader))
        ahead = await queries.upcoming(reader.cells(), today, today + timedelta(days=70))
        sent = await _minutes(reader, month, today)
        asked = await notices(reader)
        mine, waiting = await due_first(reader), await waiting_of(reader)
        overdue = (await assigned.overdue(None, today)).total if reader.sees_all else None
    office = reader.sees_all
    of_province = await from_province(reader)
    rows = [row_of(row, today) for row in now]
    return page(
        request, "home/home.html", month_title=month_title(month),
        greeting=translate(request, say("Chào đồng chí {name}", name=reader.name.split()[-1])),
        meetings=[] if office else [_meeting(request, row, reader, today) for row in _nearest(now, today)],
        may_plan=may_plan(reader), coming=[_coming(row) for row in ahead if row["held_on"] > today],
        last_month=_last_month(before, clock.month_after(month, -1), reader),
        attention=of_province
        + (_attention(request, rows, len(cells), cells, unsent(sent), overdue) if overdue else asked),
        figures=totals(rows, len(cells)) if office else None,
        keep=[] if office else _keep(ahead, now, today, reader), mine=mine, waiting=waiting,
        manage=_manage(request, reader), minutes=None if office else _last_minutes(request, sent),
    )  # fmt: skip


async def _minutes(reader: Reader, month: date, today: date) -> list[tuple[str, Record]]:
    """How the minutes stand: of this month for the office; of the last two months' meetings for a cell's people."""
    if reader.sees_all:
        return standings(await board.of_month(month), month, today)
    since, until = clock.month_after(month, -1), clock.month_after(month)
    return standings(await board.of_cells(reader.cells(), since, until), month, today)


def _last_minutes(request: Asked, stands: list[tuple[str, Record]]) -> dict[str, Any] | None:
    """The minutes of the latest meeting that has been, for its cell's people."""
    stand, row = next((one for one in stands if has_been(*one)), (None, None))
    if stand is None or row is None:
        return None
    slug, meets = current().slug, row["meeting"]
    sends = stand == "missing" and may_send(reader_of(request), row["cell"])
    opened = f"/{slug}/minutes/{row['minutes']}" if row["minutes"] else f"/{slug}/minutes"
    return {
        "stand": stand, "title": kind_word(row["kind"]), "day": day(row["held_on"]),
        "told": translate(request, told(stand, row)),
        "href": opened, "send_href": f"/{slug}/meetings/{meets}/minutes/new" if sends else None,
    }  # fmt: skip


def _nearest(rows: list[Record], today: date) -> list[Record]:
    """What is still to be done comes first, nearest to today; then what is done."""
    return sorted(rows, key=lambda r: (r["closed_at"] is not None, abs((r["held_on"] - today).days)))


def _meeting(request: Asked, row: Record, reader: Reader, today: date) -> dict[str, Any]:
    roll = "closed" if row["closed_at"] else "open" if row["opened_at"] else "planned"
    shown = row_of(row, today)
    return {
        "id": row["id"], "title": kind_word(row["kind"]), "when": when(row["starts_at"]), "where": row["place"] or None,
        "cell_name": row["cell_name"], "state": shown["state"], "action": main_action(request, row, roll, reader),
        "attending": row["attending"] if row["opened_at"] else None, "base": row["base"] if row["opened_at"] else None,
        "not_called": row["not_called"],
    }  # fmt: skip


def _coming(row: Record) -> dict[str, Any]:
    return {
        "href": f"/{current().slug}/meetings/{row['id']}", "title": kind_word(row["kind"]),
        "when": when(row["starts_at"]), "where": row["place"] or None, "cell_name": row["cell_name"],
    }  # fmt: skip


def _last_month(rows: list[Record], month: date, reader: Reader) -> dict[str, Any] | None:
    closed = [row for row in rows if row["closed_at"]]
    if not closed:
        return None
    own: UUID | None = next(iter(reader.cells()), None)
    return {
        "title": month_title(month), "attending": sum(r["attending"] for r in closed),
        "base": sum(r["base"] for r in closed),
        "href": f"/{current().slug}/cells/{own}" if own and not reader.whole_committee else None,
    }  # fmt: skip


def _attention(
    request: Asked,
    rows: list[dict[str, Any]],
    due: int,
    cells: list[Record],
    unsent: tuple[int, int],
    overdue: Record,
) -> list[dict[str, str]]:
    """What the office should look at; nothing here says more than a count."""
    meetings = f"/{current().slug}/meetings"
    with_meeting = {row["cell_id"] for row in rows}
    silent = sum(1 for cell in cells if cell["id"] not in with_meeting)
    late = sum(1 for row in rows if row["state"] == "not_reported")
    still_open = sum(1 for row in rows if row["state"] == "open")
    found = [
        (silent, say("{n} chi bộ chưa có lịch họp tháng này", n=silent), say("trên {n} chi bộ", n=due), meetings),
        (
            late, say("{n} kỳ họp đã qua ngày mà chưa báo cáo", n=late),
            say("chưa điểm danh, chưa ghi không họp"), meetings,
        ),
        (
            unsent[0], say("{n} chi bộ chưa gửi biên bản tháng này", n=unsent[0]), say("trên {n} chi bộ", n=unsent[1]),
            f"/{current().slug}/minutes?standing=missing",
        ),
        (
            overdue["older"], say("{n} việc quá hạn trên {days} ngày", n=overdue["older"], days=assigned.MONTH_DAYS),
            say("trên {n} việc quá hạn", n=overdue["overdue"]), older_href(),
        ),
        (still_open, say("{n} điểm danh đang mở", n=still_open), say("chưa khóa nên chưa tính vào số liệu"), meetings),
    ]  # fmt: skip
    return [
        {"text": translate(request, text), "label": translate(request, label), "href": href}
        for number, text, label, href in found
        if number
    ]


def _manage(request: Asked, reader: Reader) -> list[tuple[str, str]]:
    slug = current().slug
    found = []
    if reader.whole_committee:
        found += [
            (f"/{slug}/members/imports/new", say("Nhập danh sách đảng viên từ Excel")),
            (f"/{slug}/minutes", say("Biên bản của các chi bộ")),
            (f"/{slug}/figures", say("Số liệu báo tỉnh")),
            (f"/{slug}/bulletins", say("Văn bản của tỉnh")),
        ]
    if reader.whole_committee or any(reader.may_close_roll(cell) for cell in reader.cells()):
        found += [(f"/{slug}/classification", say("Xếp loại chi bộ, đảng viên cuối năm"))]
    if reader.has("committee_administrator"):
        found += [
            (f"/{slug}/people", say("Người dùng và lời mời")),
            (f"/{slug}/looks", say("Nhật ký xem và làm")),
            (f"/{slug}/support", say("Quyền hỗ trợ của tỉnh")),
        ]
    return [(href, translate(request, words)) for href, words in found]


def _keep(ahead: list[Record], now: list[Record], today: date, reader: Reader) -> list[str]:
    """What the phone should hold: rolls that are open or of the coming days with their work, and the desk for today's
    minutes.
    """
    near = [r for r in ahead if r["held_on"] <= today + _KEEP] + [r for r in now if r["state"] == "planned"]
    ids = {r["id"]: None for r in near if r["closed_at"] is None and abs(r["held_on"] - today) <= _KEEP}
    todays = {r["id"]: None for r in now if r["held_on"] == today and may_send(reader, r["cell"])}
    meetings = f"/{current().slug}/meetings"
    own = [f"/{current().slug}/work"] if reader.members() else []
    giving = [r["id"] for r in ahead if r["held_on"] <= today + _KEEP and may_give(reader, r["cell"])]
    return (
        own
        + [f"{meetings}/{meeting}/roll-call" for meeting in list(ids)[:6]]
        + [f"{meetings}/{meeting}/minutes/new" for meeting in list(todays)[:2]]
        + [f"{meetings}/{meeting}/assignments" for meeting in giving[:2]]
    )
