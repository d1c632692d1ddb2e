"""What is wrong with an export, said to people; the command line has words of its own beside the codes."""

from __future__ import annotations

from server.words import Refused, Say, say
from tenants.export.faults import WrongFile

_DAMAGED = say("Tệp xuất không còn nguyên vẹn, không dùng được. Xin xuất lại.")
_OTHER = say("Tệp không phải bản xuất của Nền Nếp, hoặc đã bị người khác sửa.")
WORDS: dict[str, Say] = {
    "not_zip": _DAMAGED, "broken": _DAMAGED, "missing": _DAMAGED, "unlisted": _OTHER, "foreign_name": _OTHER,
    "doubled": _OTHER, "encrypted": _OTHER, "bomb": _OTHER, "no_manifest": _OTHER, "manifest": _OTHER, "lie": _OTHER,
    "elsewhere": _OTHER, "columns": _OTHER,
    "key": say("Bản sao lưu được khóa bằng một khóa khác với khóa đang đặt (NENNEP_BACKUP_KEY)."),
    "plain": say("Bản sao lưu không được khóa và hệ thống không biết đến, nên không dùng được."),
    "newer": say("Tệp do phiên bản Nền Nếp mới hơn xuất ra. Xin cập nhật trước khi phục hồi."),
    "unfit": say("Các dòng trong tệp không khớp nhau nên không phục hồi được."),
    "differs": say("Phục hồi thử không ra đúng dữ liệu đã xuất. Xin xuất lại và báo kỹ thuật viên."),
}  # fmt: skip


def refusal(fault: WrongFile) -> Refused:
    """A fault of a file as a refusal at ``file``."""
    return Refused(file=WORDS[fault.code])
