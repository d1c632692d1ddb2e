"""The first page in a committee: the one thing to do today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get

from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.cells.queries import cells_of
from server.meetings import queries
from server.words import say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.meetings.routes import main_action, may_plan, row_of, seen_cells, totals
from web.render import page, translate
from web.words import kind_word, month_title, when

# Rolls of meetings this far ahead are kept on the phone for a hall without signal.
_KEEP = timedelta(days=10)


@get("/{slug:str}", access=in_committee)
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
    office = reader.whole_committee
    rows = [row_of(row, today) for row in now]
    return page(
        request, "home/home.html", month_title=month_title(month),
        greeting=translate(request, say("Chào đồng chí {name}", name=reader.name.split()[-1])),
        meetings=[] if office else [_meeting(request, row, reader, today) for row in _nearest(now, today)],
        may_plan=may_plan(reader), coming=[_coming(row) for row in ahead if row["held_on"] > today],
        last_month=_last_month(before, clock.month_after(month, -1), reader),
        attention=_attention(request, rows, len(cells), cells) if office else [],
        figures=totals(rows, len(cells)) if office else None, keep=_keep(ahead, now, today) if not office else [],
        manage=_manage(request, reader),
    )  # fmt: skip


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
    request: Asked, rows: list[dict[str, Any]], due: int, cells: list[Record]
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
        (still_open, say("{n} điểm danh đang mở", n=still_open), say("chưa khóa nên chưa tính vào số liệu"), meetings),
    ]  # fmt: skip
    return [
        {"text": translate(request, text), "label": translate(request, label), "href": href}
        for number, text, label, href in found
        if number
    ]


def _manage(request: Asked, reader: Reader) -> list[tuple[str, str]]:
    slug = current().slug
    found = (
        [(f"/{slug}/members/imports/new", say("Nhập danh sách đảng viên từ Excel"))]
        if reader.whole_committee
        else []
    )
    if reader.has("committee_administrator"):
        found.append((f"/{slug}/people", say("Người dùng và lời mời")))
    return [(href, translate(request, words)) for href, words in found]


def _keep(ahead: list[Record], now: list[Record], today: date) -> list[str]:
    """Rolls that the phone should hold: those open, and those of the coming days."""
    near = [r for r in ahead if r["held_on"] <= today + _KEEP] + [r for r in now if r["state"] == "planned"]
    ids = {r["id"]: None for r in near if r["closed_at"] is None and abs(r["held_on"] - today) <= _KEEP}
    return [f"/{current().slug}/meetings/{meeting}/roll-call" for meeting in list(ids)[:6]]
