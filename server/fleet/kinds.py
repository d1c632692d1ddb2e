"""What people call the kinds of runs, and why an item was not done. How each is done: workers/run_kinds.py."""

from __future__ import annotations

from server.words import Say, say

# Every kind of workers/run_kinds.py has its words here.
TITLES: dict[str, Say] = {
    "export": say("Xuất dữ liệu"),
    "restore_drill": say("Phục hồi thử"),
    "backup": say("Sao lưu hằng đêm"),
    "erase": say("Xóa hẳn"),
    "restore": say("Phục hồi"),
    "found_committees": say("Lập nhiều cấp ủy"),
    "merge_committees": say("Sáp nhập"),
    "split_committee": say("Tách"),
    "measure": say("Đo sức khỏe các cấp ủy"),
}

# Left half-done these would leave committees closed: they may wait, they can't be ended in the middle.
HELD_TOGETHER: frozenset[str] = frozenset({"merge_committees", "split_committee", "erase"})

# Written into an item in the place of a sentence; the pages say them in the reader's language.
CRASHED, TOO_SLOW, FAILED, STORE_AWAY = "crashed", "too_slow", "failed", "store_away"
FAULTS: dict[str, Say] = {
    CRASHED: say("Việc này nhiều lần làm dừng tiến trình đang làm nó. Xin báo kỹ thuật viên."),
    TOO_SLOW: say("Làm quá lâu nên đã bị dừng. Có thể thử lại lúc ít người dùng."),
    FAILED: say("Gặp lỗi ngoài dự tính; chi tiết có trong nhật ký của máy chủ. Có thể thử lại."),
    STORE_AWAY: say("Kho tệp đang không trả lời; hệ thống tự thử lại."),
}
