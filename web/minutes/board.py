"""Whose minutes are here: a month of all cells for the office, one's own cells' year for everybody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery

from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.minutes import board, rules
from server.minutes.queries import limits
from server.names import fold
from server.words import Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.render import page, translate
from web.words import day, kind_word, moment, month_switch, month_title, read_month
from web.words import when as when_words

# What stands first needs somebody; a list is cut here until it is asked for by itself.
STANDS: dict[str, tuple[tuple[str, ...], Say]] = {
    "missing": (("missing", "unreported"), say("Chưa gửi")),
    "failed": (("failed",), say("Chưa xử lý được")),
    "reading": (("sending", "reading"), say("Đang đọc")),
    "ready": (("ready",), say("Chờ xác nhận")),
    "confirmed": (("confirmed",), say("Đã xác nhận")),
    "waiting": (("waiting",), say("Chưa đến ngày")),
    "not_held": (("not_held",), say("Không họp")),
}
FIRST_SHOWN = 12
# Of these nothing is shown until it is asked for: nobody has to do anything about them.
AT_REST = ("waiting", "confirmed")
# A board on which something is being sent or read asks so often whether there is news.
ASK_EVERY_SECONDS = 10
# Months of their own minutes that a cell's people see.
MONTHS_BACK = 12


@get("/{slug:str}/minutes", access=in_committee, support=True)
async def minutes_board(
    request: Asked,
    month: FromQuery[str] = "",
    standing: FromQuery[str] = "",
    q: FromQuery[str] = "",
    was: FromQuery[str] = "",
) -> Response[Any]:
    """The office's month, by what needs doing; for a cell's people, their own minutes. ``was`` is what a board that
    waits has seen last: without news it is told so.
    """
    reader = reader_of(request)
    if not reader.sees_all:
        return await _own(request, reader)
    this = clock.month_of(clock.today())
    chosen = read_month(month, default=this)
    async with transaction(read_only=True):
        rows = await board.of_month(chosen)
    stands = board.standings(rows, chosen, clock.today())
    missing, due = board.unsent(stands)
    path, now = request.url.path, digest(stands)
    if was == now and request.headers.get("HX-Request") == "true":
        return Response(None, status_code=204, headers={"Cache-Control": "no-store"})
    return page(
        request, "minutes/board.html", part="live", own=False, live=_live(path, chosen, standing, q, now, stands),
        every=ASK_EVERY_SECONDS, missing=missing, due=due, q=q, cells=bool(rows),
        standing=standing if standing in STANDS else "",
        month=month_switch(path, chosen, last=this), month_value=f"{chosen:%Y-%m}", month_title=month_title(chosen),
        filters=_filters(path, chosen, stands, standing, q), sections=_sections(request, stands, standing, q),
        bin_href=f"{path}/bin" if reader.whole_committee else None,
    )  # fmt: skip


def has_been(stand: str, row: Mapping[str, Any]) -> bool:
    """Whether a meeting is one to have minutes: it was held, or has begun by now, or they are here already."""
    if stand == "missing":
        return bool(row["starts_at"] <= clock.now())
    return stand not in ("waiting", "not_held")


def digest(stands: Iterable[tuple[str, Record]]) -> str:
    """Changes whenever the board would, but for names."""
    parts = [
        (s, row["minutes"], row["stored"], row["pages"], row["read"], row["failed"]) for s, row in stands
    ]
    return sha256(repr(parts).encode()).hexdigest()[:16]


def _live(
    path: str, month: date, standing: str, q: str, now: str, stands: Iterable[tuple[str, Record]]
) -> str | None:
    """Where a board asks for news; None where nothing is on its way."""
    if not any(stand in ("sending", "reading") for stand, _ in stands):
        return None
    given = {"month": f"{month:%Y-%m}", "standing": standing, "q": q, "was": now}
    return f"{path}?{urlencode({name: value for name, value in given.items() if value})}"


async def _own(request: Asked, reader: Reader) -> Response[str]:
    """The meetings of a year with their minutes, newest first."""
    today = clock.today()
    this = clock.month_of(today)
    async with transaction(read_only=True):
        found = await board.of_cells(
            reader.cells(), clock.month_after(this, -MONTHS_BACK), clock.month_after(this)
        )
    stands = [(board.standing(row, today=today, month_over=False), row) for row in found]
    rows = [_row(request, stand, row) for stand, row in stands if has_been(stand, row)]
    # Only the newest that is missing asks for it aloud; the older ones are sent from their meeting.
    owed = [row for row in rows if row["send_href"]]
    for row in owed[1:]:
        row["send_href"] = None
    may_bin = any(rules.may_send(reader, cell) for cell in reader.cells())
    return page(
        request, "minutes/board.html", own=True, rows=rows,
        several=len(reader.cells()) > 1, bin_href=f"{request.url.path}/bin" if may_bin else None,
    )  # fmt: skip


def _filters(
    path: str, month: Any, stands: Iterable[tuple[str, Record]], state: str, q: str
) -> list[tuple[str, Say, int, bool]]:
    """[(href, words, how many, chosen)]: every state that there is, and all of them."""
    counted = Counter(stand for stand, row in stands if _fits(row, q))
    given = {"month": f"{month:%Y-%m}", **({"q": q} if q else {})}
    found = [(name, words, sum(counted[s] for s in of)) for name, (of, words) in STANDS.items()]
    links = [("", say("Tất cả"), sum(counted.values())), *(one for one in found if one[2] or one[0] == state)]
    return [
        (f"{path}?{urlencode(given | ({'standing': name} if name else {}))}", words, number, name == state)
        for name, words, number in links
    ]


def _fits(row: Mapping[str, Any], q: str) -> bool:
    return fold(q) in fold(row["cell_name"])


def _sections(request: Asked, stands: list[tuple[str, Record]], state: str, q: str) -> list[dict[str, Any]]:
    """What is shown, by state; each list whole when it was asked for."""
    shown = []
    for name, (of, words) in STANDS.items():
        rows = [(stand, row) for stand, row in stands if stand in of and _fits(row, q)]
        if rows and state in ("", name):
            cut = rows if state or q else rows[: 0 if name in AT_REST else FIRST_SHOWN]
            shown.append({
                "name": name, "title": words, "all": len(rows), "rows": [_row(request, *one) for one in cut],
            })  # fmt: skip
    return shown


def _row(request: Asked, stand: str, row: Record) -> dict[str, Any]:
    """One line of the board."""
    base = f"/{current().slug}"
    sends = rules.may_send(reader_of(request), row["cell"])
    minutes = f"{base}/minutes/{row['minutes']}" if row["minutes"] else None
    meeting = f"{base}/meetings/{row['meeting']}" if row["meeting"] else None
    return {
        "stand": stand, "cell_name": row["cell_name"],
        "title": kind_word(row["kind"]) if row["kind"] else None,
        "day": day(row["held_on"]) if row["held_on"] else None,
        "when": when_words(row["starts_at"]) if row["starts_at"] else None,
        "href": minutes or meeting, "send_href": f"{meeting}/minutes/new" if sends and stand == "missing" else None,
        "told": translate(request, told(stand, row)),
        "again": f"{minutes}/again" if sends and stand == "failed" else None,
    }  # fmt: skip


def told(stand: str, row: Mapping[str, Any]) -> str:
    """What more is to be said of a row: how far it is, why it failed, who confirmed it."""
    match stand:
        case "failed":
            words: str = _why(row)
        case "sending":
            words = say("đã nhận {n}/{all} tệp", n=row["stored"], all=row["wanted"])
        case "reading":
            words = say("đã đọc {n}/{all} trang", n=row["read"], all=row["pages"])
        case "ready":
            when = moment(row["created_at"])
            words = say("{n} trang, {name} gửi {when}", n=row["pages"], name=row["created_by"], when=when)
        case "confirmed":
            words = say("{name} xác nhận {when}", name=row["confirmed_by"], when=moment(row["confirmed_at"]))
        case "unreported":
            words = say("chưa có kỳ họp nào trong sổ")
        case _:
            words = row["not_held_reason"] or ""
    return words


def _why(row: Mapping[str, Any]) -> Say:
    codes = [code for code in (row["reason"], *row["reasons"]) if code]
    why = rules.words_for(codes[0] if codes else "failed", limits())
    if not row["failed"]:
        return why
    return say("{n}/{all} trang chưa xử lý được. {why}", n=row["failed"], all=row["pages"], why=why)
