"""A document as its page shows it: its pages in a row, one of them large with its text, and what is to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from infra.postgres import Record
from server.accounts.reader import Reader
from server.minutes import rules, viewing
from server.minutes.queries import limits
from server.minutes.viewing import UNSURE, PageText, Shown
from server.words import Say, say
from tenants.current import current
from web.words import day, kind_word, moment, when

FAULTS = {
    "blurred": say("Ảnh hơi mờ, chữ nhỏ có thể đọc sai."),
    "dark": say("Ảnh tối, chữ có thể đọc sai."),
    "glare": say("Ảnh bị lóa sáng một chỗ, chữ ở đó có thể bị mất."),
    "cut_edge": say("Ảnh có thể bị cắt mất mép giấy."),
}
ZOOMS = ("1", "2", "3")
# The reason of pages that were not read because the server has no Tesseract, or not its Vietnamese.
UNREAD = "no_tesseract_language"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is wanted, how large, with which words marked; ``edit``: its text is to be put right."""

    page: UUID | None
    q: str
    zoom: str
    edit: bool


def path_of(minutes: UUID) -> str:
    """The address of a document."""
    return f"/{current().slug}/minutes/{minutes}"


def of_document(held: Record, pages: Sequence[Record], reader: Reader) -> dict[str, Any]:
    """The head of the page: what the document is, how it stands, what the reader may do with it."""
    counted = [page for page in pages if viewing.counts(page)]
    home = path_of(held["id"])
    sends = rules.may_send(reader, held["cell"]) and held["binned_at"] is None
    takes = held["pdf_key"] and not reader.only_looks
    return {
        "home": home, "title": kind_word(held["kind"]), "cell_name": held["cell_name"],
        "when": when(held["starts_at"]), "state": held["state"],
        "state_words": state_words(held, counted),
        "why": rules.words_for(held["reason"], limits()) if held["state"] == "failed" else None,
        "sent": say("{name} gửi {when}", name=held["created_by"], when=moment(held["created_at"])),
        "confirmed": _confirmed(held), "pdf_href": f"{home}/document.pdf" if takes else None,
        "may_send": sends, "may_confirm": rules.may_confirm(reader, held["cell"]) and held["binned_at"] is None,
        "may_restore": rules.may_send(reader, held["cell"]),
        "binned": _binned(held), "working": held["state"] in ("collecting", "reading", "assembling"),
        "again": sum(may_again(page) for page in counted), "was": digest(held, pages),
        "meeting_href": f"/{current().slug}/meetings/{held['meeting']}",
    }  # fmt: skip


def state_words(held: Record, counted: Sequence[Record]) -> Say:
    """How a document stands, in words, with how far it is."""
    match held["state"]:
        case "collecting":
            return say("Đang gửi: đã nhận {n}/{all} tệp", n=held["stored"], all=len(held["wanted"]))
        case "reading":
            done = sum(page["state"] in ("read", "failed") for page in counted)
            return say("Đang đọc: xong {n}/{all} trang", n=done, all=len(counted))
        case "assembling":
            return say("Đang ghép thành một tệp PDF")
        case "failed":
            return say("Chưa ghép được thành PDF")
    return _ready_words(counted)


def _ready_words(counted: Sequence[Record]) -> Say:
    if failed := sum(page["state"] == "failed" for page in counted):
        return say("PDF đã sẵn sàng; {n}/{all} trang chưa xử lý được", n=failed, all=len(counted))
    if any(page["reason"] == UNREAD for page in counted):
        return say("Ảnh và PDF đã sẵn sàng; chữ chưa được đọc vì máy chủ chưa cài phần đọc tiếng Việt")
    return say("Đã đọc xong, PDF đã sẵn sàng")


def _confirmed(held: Record) -> Say | None:
    if held["confirmed_at"] is None:
        return None
    return say("{name} xác nhận {when}", name=held["confirmed_by"], when=moment(held["confirmed_at"]))


def _binned(held: Record) -> dict[str, str] | None:
    if held["binned_at"] is None:
        return None
    return {"by": held["binned_by"], "reason": held["bin_reason"], "day": day(held["erase_on"])}


def may_again(page: Record) -> bool:
    """Whether trying a page once more may help: it failed, or nothing could read when its turn came."""
    return bool(page["state"] == "failed" or page["reason"] == UNREAD)


def version(key: str) -> str:
    """What tells a picture from an earlier one of the same page, out of its key in the store."""
    return key.rpartition("/")[0].rpartition("/")[2]


def digest(held: Record, pages: Sequence[Record]) -> str:
    """Changes whenever the page would: what a page that waits compares."""
    states = "".join(page["state"][0] + str(page["attempt"]) for page in pages)
    return f"{held['state']}-{held['stored']}-{states}"


def of_pages(
    held: Record, pages: Sequence[Record], chosen: Record | None, asked: Asked
) -> list[dict[str, Any]]:
    """The row of small pictures: no, href, thumb|None, stand, current."""
    home, numbers = path_of(held["id"]), numbers_of(pages)
    return [
        {
            "no": numbers[page["id"]], "href": href(home, asked, page=page["id"]),
            "stand": stand_of(page), "thumb": _picture(home, page, "thumb.webp", page["thumb_key"]),
            "current": chosen is not None and page["id"] == chosen["id"],
        }
        for page in pages
    ]  # fmt: skip


def _picture(home: str, page: Record, name: str, key: str) -> str | None:
    return f"{home}/pages/{page['id']}/{name}?v={version(key)}" if key else None


def numbers_of(pages: Sequence[Record]) -> dict[UUID, int]:
    """The number under which a person knows a page, from 1."""
    return {page["id"]: number for number, page in enumerate(pages, start=1)}


def href(
    home: str, asked: Asked, *, page: UUID | None = None, zoom: str | None = None, edit: bool = False
) -> str:
    """The same page of a document with something else about it."""
    given = {
        "page": page or asked.page, "q": asked.q, "zoom": zoom or ("" if asked.zoom == "1" else asked.zoom),
        "edit": "1" if edit else "",
    }  # fmt: skip
    return f"{home}?{urlencode({key: value for key, value in given.items() if value})}"


def stand_of(page: Record) -> str:
    """How a page stands, as the pieces of the template know it."""
    if not viewing.counts(page):
        return "dropped"
    return "unread" if page["state"] == "read" and page["readable"] is not True else str(page["state"])


def of_page(
    page: Record, pages: Sequence[Record], text: PageText | None, asked: Asked, held: Record
) -> dict[str, Any]:
    """The page that is shown large."""
    home = path_of(held["id"])
    width, height = (text.width, text.height) if text else (page["width"] or 1, page["height"] or 1)
    return {
        "id": page["id"], "no": numbers_of(pages)[page["id"]], "home": f"{home}/pages/{page['id']}",
        "attempt": page["attempt"], "src": _picture(home, page, "colour.webp", page["clean_key"]),
        "width": width, "height": height,
        "notes": notes_of(page), "turned": page["turned"], "file": page["file"],
        "again": may_again(page),
        "lines": [line_of(line) for line in text.lines] if text else [],
        "corrected": _corrected(text), "edit_href": href(home, asked, page=page["id"], edit=True),
        "zooms": [(href(home, asked, page=page["id"], zoom=zoom), zoom, zoom == asked.zoom) for zoom in ZOOMS],
    }  # fmt: skip


def _corrected(text: PageText | None) -> Say | None:
    if text is None or text.corrected_at is None:
        return None
    return say("{name} sửa chữ lần cuối {when}", name=text.corrected_by, when=moment(text.corrected_at))


def notes_of(page: Record) -> list[tuple[str, Say]]:
    """[(kind of notice, sentence)]: what is to be said of a page besides its text."""
    if page["state"] == "failed":
        return [("bad", rules.words_for(page["reason"] or "failed", limits()))]
    if page["state"] != "read":
        words = (
            say("Ảnh đang được làm rõ.")
            if page["state"] == "identified"
            else say("Chữ trên trang đang được đọc.")
        )
        return [("info", words)]
    found = [("warn", FAULTS[fault]) for fault in page["faults"] if fault in FAULTS]
    if page["readable"] is None and page["reason"]:
        return [("info", rules.words_for(page["reason"], limits())), *found]
    if page["readable"] is False:
        return [("warn", say("Không đọc được chữ trên trang này, ảnh vẫn được giữ.")), *found]
    return found


def line_of(line: Shown) -> dict[str, Any]:
    """A line with its place: n, box, text, corrected, hit (bools), words [(text, unsure, looked for)]."""
    sure = [word.sure for word in line.line.words] if line.corrected is None else []
    return {
        "n": line.number, "box": line.line.box, "text": line.text, "corrected": line.corrected is not None,
        "hit": bool(line.hits),
        "words": [
            (word, bool(sure) and sure[at] < UNSURE, at in line.hits) for at, word in enumerate(viewing.words_of(line))
        ],
    }  # fmt: skip


def same_of(page: Record, pages: Sequence[Record], reader: Reader) -> dict[str, Any] | None:
    """What a page is like, decided or not: words, href, what (page or file), decided. None where this reader may not
    see that; a page that was dropped for it can be taken back all the same, href is None then.
    """
    found = _same(page, numbers_of(pages), reader)
    if found is None and not viewing.counts(page):
        words = say("Trang này đã được bỏ vì giống một trang khác, nay không còn xem được.")
        what = "file" if page["file_decided"] == "dropped" else "page"
        return {"words": words, "href": None, "what": what, "decided": "dropped"}
    return found


def doubles_of(
    home: str, pages: Sequence[Record], chosen: Record | None, asked: Asked, reader: Reader
) -> list[tuple[int, str]]:
    """[(number, href)] of the other pages that are like an earlier one and wait to be kept or dropped."""
    numbers = numbers_of(pages)
    return [
        (numbers[page["id"]], href(home, asked, page=page["id"]))
        for page in pages
        if page is not chosen and (same := same_of(page, pages, reader)) and not same["decided"]
    ]


def _same(page: Record, numbers: dict[UUID, int], reader: Reader) -> dict[str, Any] | None:
    if page["same_page"] is not None:
        if page["same_page"] in numbers:
            words = say("Trang này giống trang {n} của biên bản này.", n=numbers[page["same_page"]])
            where = f"{path_of(page['same_minutes'])}?page={page['same_page']}"
            return {"words": words, "href": where, "what": "page", "decided": page["same_decided"]}
        return _elsewhere(page, reader, "page", page["same_minutes"], page["same_cell"], page["same_held_on"])
    if page["same_file"] is not None:
        return _elsewhere(page, reader, "file", page["file_minutes"], page["file_cell"], page["file_held_on"])
    return None


def _elsewhere(
    page: Record, reader: Reader, what: str, minutes: UUID | None, cell: UUID | None, held_on: Any
) -> dict[str, Any] | None:  # fmt: skip
    if minutes is None or cell is None or not rules.may_read(reader, cell):
        return None
    if what == "file":
        words = say("Tệp của trang này đã được gửi trước đó, trong biên bản ngày {day}.", day=day(held_on))
        return {"words": words, "href": path_of(minutes), "what": what, "decided": page["file_decided"]}
    words = say("Trang này giống một trang của biên bản ngày {day}.", day=day(held_on))
    address = f"{path_of(minutes)}?page={page['same_page']}"
    return {"words": words, "href": address, "what": what, "decided": page["same_decided"]}
