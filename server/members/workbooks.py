"""Workbooks that the service makes: the empty list to fill in, and the register as a list. Neither has a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from server.members.sheet import safe_cell

COLUMNS = (
    "STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số thẻ đảng", "Ngày vào Đảng", "Ngày chính thức", "Chi bộ",
    "Tổ đảng", "Chức vụ", "Số điện thoại", "Tình trạng", "Ghi chú",
)  # fmt: skip
_WIDTHS = (6, 28, 13, 10, 16, 15, 16, 30, 12, 24, 15, 16, 24)
# The bracket keeps the example out of the register when somebody forgets to delete it.
_EXAMPLE = (
    "1", "(Ví dụ) Nguyễn Văn An", "21/01/1962", "Nam", "099000000001", "15/01/1990", "15/01/1991",
    "Chi bộ Tổ dân phố 5", "Tổ 1", "Chi ủy viên", "0900000001", "Chính thức", "Xóa dòng ví dụ này trước khi tải lên",
)  # fmt: skip
_GUIDE = (
    "Cách điền danh sách đảng viên",
    "Mỗi đảng viên một dòng. Cột có thể đổi chỗ, thêm hoặc bớt; dòng tiêu đề giữ nguyên tên cột.",
    "Cần có: họ và tên, ngày vào Đảng.",
    "Chi bộ để trống được nếu cả tệp là của một chi bộ và chi bộ đó được chọn khi tải lên.",
    "Ngày ghi dạng 03/02/1975; chỉ nhớ tháng và năm thì ghi 02/1975, chỉ nhớ năm thì ghi 1975.",
    "Số thẻ đảng có 12 chữ số, để ô ở dạng Văn bản (Text) cho khỏi mất số 0 ở đầu.",
    "Đảng viên dự bị: để trống ngày chính thức.",
    "Tình trạng: Chính thức, Dự bị, Miễn sinh hoạt, Tạm miễn (đi làm ăn xa), Đã chuyển đi, Từ trần.",
    "Chức vụ trong chi bộ: Bí thư, Phó bí thư, Chi ủy viên, Tổ trưởng; nhiều chức vụ cách nhau bằng dấu phẩy.",
    "Không ghi số căn cước, quê quán, lý lịch: hệ thống không đọc và không lưu các cột đó.",
    "Sau khi tải lên, đồng chí xem trước từng dòng; chưa xác nhận thì chưa có gì được ghi vào sổ.",
)  # fmt: skip


@lru_cache(maxsize=1)
def template() -> bytes:
    """The empty list as .xlsx: the columns that are understood, one example row, and a page that explains them."""
    book = Workbook(write_only=True)
    _list(book.create_sheet("Danh sách"), [_EXAMPLE])
    guide: Any = book.create_sheet("Hướng dẫn")
    guide.column_dimensions["A"].width = 100
    for index, line in enumerate(_GUIDE):
        cell = WriteOnlyCell(guide, line)
        cell.font, cell.alignment = Font(bold=index == 0), Alignment(wrap_text=True)
        guide.append([cell])
    return _bytes(book)


def export(rows: Iterable[Sequence[str | None]]) -> bytes:
    """A register as .xlsx, in the columns of the template; what a sheet program would compute is written as text."""
    book = Workbook(write_only=True)
    _list(book.create_sheet("Danh sách"), rows)
    return _bytes(book)


def _list(sheet: Any, rows: Iterable[Sequence[str | None]]) -> None:
    sheet.freeze_panes = "C2"
    for index, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGHIJKLM"[index]].width = width
    head = [WriteOnlyCell(sheet, text) for text in COLUMNS]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([_text(sheet, value) for value in row])


def _text(sheet: Any, value: str | None) -> Any:
    if value is None:
        return None
    cell = WriteOnlyCell(sheet, safe_cell(value))
    # As text, so that a card number keeps its zeros and nothing is taken for a date.
    cell.data_type, cell.number_format = "s", "@"
    return cell


def _bytes(book: Workbook) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
