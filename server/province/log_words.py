"""What the acts in the province's record are called; a test finds acts in the code that have no words here."""

from __future__ import annotations

from server.accounts.reader import ROLE_WORDS
from server.fleet.kinds import TITLES
from server.words import Say, say

ACTIONS: dict[str, Say] = {
    "committee_founded": say("lập một cấp ủy"),
    "administrator_invited": say("mời lại người quản trị của cấp ủy"),
    "committee_suspended": say("tạm ngừng một cấp ủy"),
    "committee_resumed": say("mở lại một cấp ủy"),
    "committees_founded": say("lập nhiều cấp ủy từ một tệp"),
    "administrators_invited": say("mời lại người quản trị của nhiều cấp ủy"),
    "committee_renamed": say("đổi tên một cấp ủy"),
    "committee_kind_changed": say("đổi loại một cấp ủy"),
    "committee_code_set": say("ghi mã đơn vị hành chính của một cấp ủy"),
    "committee_archived": say("lưu trữ một cấp ủy"),
    "committee_unarchived": say("đưa một cấp ủy đã lưu trữ trở lại"),
    "committee_merged": say("sáp nhập một cấp ủy"),
    "committee_split": say("tách một cấp ủy"),
    "export_asked": say("xuất dữ liệu của một cấp ủy"),
    "export_fetched": say("tải về dữ liệu đã xuất của một cấp ủy"),
    "erasure_asked": say("đề nghị xóa hẳn một cấp ủy"),
    "erasure_withdrawn": say("rút đề nghị xóa hẳn một cấp ủy"),
    "erasure_confirmed": say("xác nhận xóa hẳn một cấp ủy"),
    "committee_erased": say("đã xóa hẳn một cấp ủy"),
    "restore_asked": say("phục hồi một cấp ủy đã xóa hẳn"),
    "committee_restored": say("đã phục hồi một cấp ủy từ tệp xuất"),
    "committee_taken_back": say("đã đưa một cấp ủy về bản sao lưu"),
    "person_invited": say("mời một người làm việc cho tỉnh"),
    "person_invitation_withdrawn": say("rút một lời mời của tỉnh"),
    "person_role_ended": say("thu hồi vai trò ở tỉnh của một người"),
    "person_password_link": say("tạo đường dẫn đặt lại mật khẩu cho một người"),
    "factor_confirmed": say("bật xác nhận hai bước"),
    "factor_removed": say("bỏ điện thoại khỏi xác nhận hai bước"),
    "factor_reset": say("đặt lại xác nhận hai bước của một người"),
    "recovery_code_used": say("dùng một mã dự phòng"),
    "recovery_codes_renewed": say("tạo mã dự phòng mới"),
    "support_given": say("cấp ủy cho một người của tỉnh xem"),
    "support_ended": say("cấp ủy ngừng quyền hỗ trợ"),
    "log_exported": say("tải nhật ký về"),
    "bulletin_published": say("gửi một văn bản cho các cấp ủy"),
    "bulletin_sent_further": say("gửi thêm một văn bản cho cấp ủy chưa có"),
    "bulletin_taken_back": say("thu hồi một văn bản"),
    "rules_published": say("ban hành một bộ quy định"),
    "rules_taken_back": say("thu hồi một bộ quy định"),
    "report_reminded": say("nhắc một cấp ủy báo cáo"),
    "reports_reminded": say("nhắc mọi cấp ủy chưa báo cáo"),
    "report_taken": say("tải báo cáo tháng về"),
    "run_paused": say("tạm dừng một lượt việc"),
    "run_resumed": say("cho một lượt việc chạy tiếp"),
    "run_retried": say("thử lại các mục lỗi của một lượt việc"),
    "run_left_out": say("bỏ qua các mục lỗi của một lượt việc"),
    "run_stopped": say("dừng hẳn một lượt việc"),
    "measuring_asked": say("cho đo sức khỏe cấp ủy"),
    "quota_set": say("đặt hạn mức của một cấp ủy"),
    "failed_jobs_retried": say("thử lại việc hỏng của một cấp ủy"),
}
# Whose detail is a role, or a number of hours.
_OF_ROLE = ("person_invited", "person_role_ended")
# Whose detail is a number of committees, of a province that is named anyway.
_OF_MANY = ("committees_founded", "administrators_invited", "reports_reminded")
# Whose subject is the account's number, which says nothing to people.
_OF_OWN = ("factor_confirmed", "factor_removed", "recovery_code_used", "recovery_codes_renewed")


def detail_words(action: str, detail: str) -> Say | str:
    """What more there is to say of an act: a reason, a role, a number of hours."""
    if action in _OF_ROLE:
        return ROLE_WORDS.get(detail, detail)
    if action.startswith("run_"):
        return TITLES.get(detail, detail)
    if action in _OF_MANY:
        return say("{n} cấp ủy", n=detail)
    told = {
        "support_given": say("trong {n} giờ", n=detail), "failed_jobs_retried": say("{n} việc", n=detail),
        "report_reminded": subject_words(detail),
    }  # fmt: skip
    return told.get(action, detail)


def subject_words(subject: str) -> Say | str:
    """What an act is about, a month as papers write one: 2026-11 is tháng 11/2026."""
    year, _, month = subject.partition("-")
    if len(subject) == 7 and year.isdigit() and month.isdigit():
        return say("tháng {month}", month=f"{int(month)}/{year}")
    return subject


def shows_subject(action: str, subject: str, committee: str | None) -> bool:
    """Whether the subject of an act says something beside the committee that is named anyway."""
    if action in _OF_MANY and action != "reports_reminded":
        return False
    return action not in _OF_OWN and subject != committee and not _is_number(subject)


def _is_number(subject: str) -> bool:
    return len(subject) == 36 and subject.count("-") == 4
