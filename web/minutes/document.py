"""A document, page by page: its pictures with the text beside them, and the forms by which people put it right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from infra.settings import settings
from server.accounts.reader import Reader
from server.minutes import actions, again, correcting, viewing
from server.minutes.correcting import Changed
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, reader_of, uuid_in
from web.minutes import shown
from web.render import errors, page, translate

# A page that is still being worked on asks so often whether there is news.
ASK_EVERY_SECONDS = 4
# Of a page's width, what can still be read on a phone; what is wider is shown in halves.
PHONE_SHARE = 0.7


@get("/{slug:str}/minutes/{minutes:uuid}", access=in_committee, support=True)
async def show_document(
    request: Asked,
    minutes: FromPath[UUID],
    page: FromQuery[str] = "",
    q: FromQuery[str] = "",
    zoom: FromQuery[str] = "1",
    edit: FromQuery[str] = "",
    was: FromQuery[str] = "",
) -> Response[Any]:
    """A document with one of its pages; ``was`` is what a waiting page saw last: without news it is told so."""
    asked = shown.Asked(uuid_in(page), q, zoom if zoom in shown.ZOOMS else "1", edit=bool(edit))
    if was and request.headers.get("HX-Request") == "true":
        return await _news(minutes, was, reader_of(request))
    return await show_page(request, minutes, asked, {})


async def _news(minutes: UUID, was: str, reader: Reader) -> Response[Any]:
    async with transaction(read_only=True):
        held = await viewing.document(minutes, reader)
        now = shown.digest(held, await viewing.pages(minutes))
    news = {} if now == was else {"HX-Refresh": "true"}
    return Response(None, status_code=200 if news else 204, headers={**news, "Cache-Control": "no-store"})


async def show_page(
    request: Asked, minutes: UUID, asked: shown.Asked, faults: dict[str, str], *, status: int = 200,
    typed: dict[int, str] | None = None, theirs: Changed | None = None, reason: str = "",
) -> Response[str]:  # fmt: skip
    """The page of a document; ``typed`` {number of a line: text} and ``reason`` (of binning) stay in their forms."""
    reader = reader_of(request)
    async with transaction():
        held = await viewing.document(minutes, reader)
        pages = await viewing.pages(minutes)
        chosen = _chosen(pages, asked)
        text = await viewing.text_of(chosen["id"], asked.q) if chosen is not None else None
        await viewing.note_opened(held, by=reader)
    document = shown.of_document(held, pages, reader)
    large = shown.of_page(chosen, pages, text, asked, held) if chosen is not None else None
    editing = bool(asked.edit and large and large["lines"] and document["may_send"])
    gone = "attempt" in faults
    if editing and large:
        large["lines"] = _editable(large, {} if gone else typed or {}, theirs)
    return page(
        request, "minutes/document.html", status=status, document=document, q=asked.q, errors=faults, zoom=asked.zoom,
        pages=shown.of_pages(held, pages, chosen, asked), shown=large, edit=editing,
        same=shown.same_of(chosen, pages, reader) if chosen is not None else None,
        doubles=shown.doubles_of(document["home"], pages, chosen, asked, reader) if document["may_send"] else [],
        files=[] if reader.only_looks else _files(pages, document["home"]),
        lost="\n".join((typed or {}).values()) if gone else None, every=ASK_EVERY_SECONDS,
        reason=reason, bin_days=settings().minutes_bin_days,
        back=(f"/{current().slug}/minutes?month={held['held_on']:%Y-%m}", translate(request, say("Biên bản"))),
    )  # fmt: skip


def _chosen(pages: Sequence[Record], asked: shown.Asked) -> Record | None:
    """The page that was asked for, or else the first that counts."""
    found = next((one for one in pages if one["id"] == asked.page), None)
    return found or next((one for one in pages if viewing.counts(one)), pages[0] if pages else None)


def _files(pages: Sequence[Record], home: str) -> list[dict[str, Any]]:
    """The originals in order: id, no, name, pages, href."""
    firsts = {one["file"]: one for one in reversed(pages)}
    ordered = sorted(firsts.values(), key=lambda one: one["place"])
    return [
        {
            "id": one["file"], "no": at, "name": one["file_name"], "pages": one["file_pages"],
            "href": f"{home}/files/{one['file']}/original",
        }
        for at, one in enumerate(ordered, start=1)
    ]  # fmt: skip


def _editable(large: dict[str, Any], typed: dict[int, str], theirs: Changed | None) -> list[dict[str, Any]]:
    """The lines as fields: what was typed stays, with what somebody else has put there and a strip of the picture."""
    now = theirs.now if theirs else {}
    return [
        {
            **line, "typed": typed.get(line["n"], line["text"]), "theirs": now.get(line["n"]),
            "by": theirs.by_name if theirs else "", "strip": strip_of(large, line["box"], rows=1),
        }
        for line in large["lines"]
    ]  # fmt: skip


def strip_of(large: dict[str, Any], box: Sequence[int], *, rows: int) -> dict[str, Any] | None:
    """The part of a page's picture around a box, wide enough to be read on a phone, ``rows`` times as high again."""
    if not large["src"]:
        return None
    x, y, width, height = box
    whole = large["width"]
    wide = min(whole, max(width + 2 * height, whole // 2))
    left, top, high = (
        max(0, min(x - height, whole - wide)),
        max(0, y - height * rows // 2),
        height * (1 + rows),
    )
    parts = 2 if wide > whole * PHONE_SHARE else 1
    boxes = [(left + wide * part // parts, top, wide // parts, high) for part in range(parts)]
    return {"src": large["src"], "width": whole, "height": large["height"], "boxes": boxes, "mark": None}


@post("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/text", access=in_committee)
async def correct_text(
    request: Asked, minutes: FromPath[UUID], page: FromPath[UUID], data: Form
) -> Response[Any]:
    """Put the text of a page right, line by line."""
    asked = shown.Asked(page, "", "1", edit=True)
    typed, seen = _numbered(data, "line_"), _numbered(data, "was_")
    try:
        await correcting.correct(
            minutes, page, attempt=_number(data.get("attempt")), seen=seen, typed=typed, by=reader_of(request)
        )
    except Changed as theirs:
        words = say(
            "Đồng chí {name} vừa sửa cùng dòng này. Chưa có gì được ghi; xin xem cả hai bản.",
            name=theirs.by_name,
        )
        faults = {f"line_{n}": translate(request, words) for n in theirs.now}
        return await show_page(request, minutes, asked, faults, status=422, typed=typed, theirs=theirs)
    except Refused as refusal:
        if "minutes" in refusal.reasons:
            raise
        return await show_page(request, minutes, asked, errors(request, refusal), status=422, typed=typed)
    return _back(minutes, page)


def _numbered(data: dict[str, str], prefix: str) -> dict[int, str]:
    found = ((name.removeprefix(prefix), text) for name, text in data.items() if name.startswith(prefix))
    return {_number(number): text for number, text in found if number.isascii() and number.isdigit()}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0


def _back(minutes: UUID, page: UUID | None = None) -> Redirect:
    return Redirect(shown.path_of(minutes) + (f"?page={page}" if page else ""), status_code=303)


@post("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/turning", access=in_committee)
async def turn(request: Asked, minutes: FromPath[UUID], page: FromPath[UUID], data: Form) -> Response[Any]:
    """Turn a page by a quarter from how the person saw it, left or right; it is cleaned and read again."""
    seen, attempt = _number(data.get("turned")), _number(data.get("attempt"))
    degrees = (seen + (270 if data.get("way") == "left" else 90)) % 360
    await again.turn(page, degrees=degrees, attempt=attempt, by=reader_of(request))
    return _back(minutes, page)


@post("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/again", access=in_committee)
async def page_again(request: Asked, minutes: FromPath[UUID], page: FromPath[UUID]) -> Response[Any]:
    """Try a page once more."""
    await again.ask_again(minutes, page=page, by=reader_of(request))
    return _back(minutes, page)


@post("/{slug:str}/minutes/{minutes:uuid}/again", access=in_committee)
async def all_again(request: Asked, minutes: FromPath[UUID], data: Form) -> Response[Any]:
    """Try everything of a document once more that has failed; ``back``: the month of the board that asked."""
    await again.ask_again(minutes, by=reader_of(request))
    month = data.get("back", "")
    if not month:
        return _back(minutes)
    return Redirect(
        f"/{current().slug}/minutes" + (f"?month={month}" if len(month) == 7 else ""), status_code=303
    )


@post("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/same", access=in_committee)
async def decide_same(
    request: Asked, minutes: FromPath[UUID], page: FromPath[UUID], data: Form
) -> Response[Any]:
    """Keep or drop a page that is like another, or the file that was sent before."""
    decision, file = data.get("decision", ""), uuid_in(data.get("file", ""))
    if file is not None:
        await actions.decide_same(file, decision, by=reader_of(request))
    else:
        await again.decide_same_page(page, decision, by=reader_of(request))
    return _back(minutes, page)


@post("/{slug:str}/minutes/{minutes:uuid}/order", access=in_committee)
async def reorder(request: Asked, minutes: FromPath[UUID], data: Form) -> Response[Any]:
    """Move one file of a document a place up or down."""
    file = uuid_in(data.get("file", ""))
    await actions.move(minutes, file, up=data.get("way") == "up", by=reader_of(request))
    return _back(minutes)
