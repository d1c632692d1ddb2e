"""What the single figures of a month are called, where they are told one by one: in a correction, in a check."""

from __future__ import annotations

from server.words import Say, say

FIGURE_WORDS: dict[str, Say] = {
    "cells": say("Chi bộ"),
    "members_official": say("Đảng viên chính thức"),
    "members_probationary": say("Đảng viên dự bị"),
    "meetings_held": say("Kỳ họp đã tổ chức"),
    "meetings_not_held": say("Kỳ họp không tổ chức"),
    "meetings_planned": say("Kỳ họp còn trong lịch"),
    "cells_met": say("Chi bộ đã họp"),
    "cells_not_met": say("Chi bộ không họp"),
    "cells_not_reported": say("Chi bộ chưa báo cáo"),
    "rolls_closed": say("Điểm danh đã khóa"),
    "expected": say("Lượt phải dự"),
    "present": say("Lượt có mặt"),
    "late": say("Lượt đến muộn"),
    "absent_excused": say("Lượt vắng có lý do"),
    "absent_unexcused": say("Lượt vắng không lý do"),
    "exempt": say("Lượt miễn"),
    "exempt_attending": say("Lượt miễn nhưng vẫn dự"),
    "assignments_live": say("Việc đang làm trong tháng"),
    "assignments_due": say("Việc đến hạn"),
    "assignments_better": say("Việc tốt hơn yêu cầu"),
    "assignments_on_time": say("Việc đúng hạn"),
    "assignments_late": say("Việc chậm hạn"),
    "assignments_not_done": say("Việc không hoàn thành"),
    "assignments_moved": say("Việc chưa xong, đã dời hạn"),
    "assignments_undecided": say("Việc chưa có kết quả"),
    "assignments_cancelled": say("Việc đã hủy"),
    "members_assigned": say("Đảng viên được giao việc"),
    "members_assignable": say("Đảng viên không được miễn"),
    "exempt_age_health": say("Miễn sinh hoạt do tuổi, sức khỏe"),
    "exempt_away_work": say("Tạm miễn do đi làm xa"),
    "meetings_with_minutes": say("Kỳ họp đã có biên bản"),
    "quality_good": say("Kỳ họp chất lượng tốt"),
    "quality_fair": say("Kỳ họp chất lượng khá"),
    "quality_average": say("Kỳ họp chất lượng trung bình"),
    "quality_weak": say("Kỳ họp chất lượng kém"),
}
