"""What may be sent and by whom, how a document stands, and the words for what goes wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from server.words import Refused, Say, say

# Of the document as a whole, of one page, and the kinds of files that pages come in.
STATES = ("collecting", "reading", "assembling", "ready", "failed")
PAGE_STATES = ("identified", "cleaned", "read", "failed")
KINDS = ("jpeg", "png", "webp", "heic", "tiff", "pdf")
LONGEST_NAME = 120

# Why a file was refused, or a page failed. What is refused for a limit is told with the limit: see words_for.
REASONS: dict[str, Say] = {
    "empty": say("Tệp trống, không có trang nào bên trong. Xin chụp hoặc chọn lại."),
    "not_a_scan": say(
        "Tệp này không phải ảnh chụp hay bản quét. Nền Nếp nhận ảnh JPEG, PNG, WebP, HEIC, tệp TIFF và PDF."
    ),
    "damaged": say("Tệp bị hỏng hoặc bị cắt ngang nên không mở được. Xin chụp hoặc chọn lại."),
    "active_content": say(
        "Tệp PDF này có mã lệnh, tệp đính kèm hoặc biểu mẫu nên không được nhận. "
        "Xin in lại thành PDF thường, hoặc chụp các trang."
    ),
    "locked": say("Tệp PDF này có mật khẩu. Xin bỏ mật khẩu rồi gửi lại."),
    "broken": say("Tệp bị sai lệch trên đường truyền. Trang vẫn còn trong máy, xin gửi lại."),
    "too_large": say("Tệp quá lớn."),
    "too_many_pixels": say("Ảnh quá lớn."),
    "too_many_pages": say("Quá nhiều trang."),
    "too_slow": say("Trang này xử lý quá lâu nên đã dừng lại."),
    "too_heavy": say("Trang này cần quá nhiều bộ nhớ nên đã dừng lại."),
    "crashed": say("Chương trình đọc trang bị dừng đột ngột ở trang này."),
    "original_missing": say("Không tìm thấy bản gốc của trang này trong kho ảnh."),
    "store_away": say("Kho ảnh chưa trả lời sau nhiều lần thử."),
    "no_tesseract_language": say("Máy chủ chưa cài phần đọc chữ tiếng Việt nên trang này chưa được đọc."),
    "no_text": say("Không nhận ra chữ nào trên trang này."),
    "failed": say("Trang này chưa xử lý được."),
}


@dataclass(frozen=True)
class Limits:
    """What a deployment takes: bytes of a file, pages of a file and of a document, pixels of a page."""

    largest_bytes: int
    pages: int
    pixels: int


class Asker(Protocol):
    """What these rules need to know of a reader."""

    @property
    def whole_committee(self) -> bool:
        """Whether they work for the committee's office."""

    def may_see_cell(self, cell: UUID, /) -> bool:
        """Whether they have a role in the cell, or in the office."""

    def may_open_roll(self, cell: UUID, /) -> bool:
        """Whether they lead the cell or keep its record."""

    def may_close_roll(self, cell: UUID, /) -> bool:
        """Whether they lead the cell."""


def words_for(code: str, limits: Limits) -> Say:
    """The sentence for a code, naming the limit where one was passed; unknown codes get a general one."""
    if code == "too_large":
        return say("Tệp lớn hơn {n} MB, mức lớn nhất được nhận.", n=limits.largest_bytes // 10**6)
    if code == "too_many_pixels":
        return say("Ảnh lớn hơn {n} triệu điểm ảnh, mức lớn nhất được nhận.", n=limits.pixels // 10**6)
    if code == "too_many_pages":
        return say("Nhiều hơn {n} trang, mức lớn nhất của một tệp và một biên bản.", n=limits.pages)
    return REASONS.get(code, REASONS["failed"])


def may_read(by: Asker, cell: UUID) -> bool:
    """Everybody with a role in the cell reads and searches its minutes; the office those of all cells."""
    return by.may_see_cell(cell)


def may_send(by: Asker, cell: UUID) -> bool:
    """Who leads the cell or keeps its record, and the office, send, arrange, turn, correct, delete and restore."""
    return by.whole_committee or by.may_open_roll(cell)


def may_confirm(by: Asker, cell: UUID) -> bool:
    """Secretary, deputy and office say that the figures are right."""
    return by.whole_committee or by.may_close_roll(cell)


def check_may_send(by: Asker, cell: UUID) -> None:
    """Raises Refused(minutes=…) for those who may only read."""
    if not may_send(by, cell):
        raise Refused(
            minutes=say("Chỉ bí thư, phó bí thư, thư ký hoặc văn phòng cấp ủy được gửi và sửa biên bản.")
        )


def check_arrangement(files: Sequence[UUID], *, limits: Limits, first: bool) -> None:
    """Raises Refused(files=…) for no files at first, the same file twice, or more than a document may have."""
    if first and not files:
        raise Refused(files=say("Xin chụp hoặc chọn ít nhất một trang."))
    if len(set(files)) != len(files):
        raise Refused(files=say("Một trang có mặt hai lần trong biên bản. Xin xếp lại."))
    if len(files) > limits.pages:
        raise Refused(files=words_for("too_many_pages", limits))


def check_not_binned(*, binned: bool) -> None:
    """Raises Refused(minutes=…) for minutes that lie in the bin."""
    if binned:
        raise Refused(minutes=say("Biên bản này đã ở trong thùng rác. Xin khôi phục trước."))


def document_state(*, whole: bool, pages: Collection[str], assembled: bool, given_up: bool = False) -> str:
    """How a document stands: collecting | reading | assembling | ready | failed.

    ``whole``: every wanted file is stored; ``pages``: the states of the pages that count; ``assembled``: the PDF is
    made of just these; ``given_up``: putting it together has failed for good.
    """
    if not whole:
        return "collecting"
    if any(state in ("identified", "cleaned") for state in pages):
        return "reading"
    if assembled:
        return "ready"
    return "failed" if given_up else "assembling"
