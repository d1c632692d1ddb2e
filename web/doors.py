"""What is said at the doors of a committee that is not active."""

from __future__ import annotations

from server.words import Say, say

# By its state: title, what anybody is told, what its own people are told instead, what to do.
DOORS: dict[str, tuple[Say, Say, Say | None, Say]] = {
    "founding": (
        say("Cấp ủy đang được lập"), say("Không gian làm việc của cấp ủy này đang được tạo."), None,
        say("Xin mở lại trang này sau ít phút."),
    ),
    "suspended": (
        say("Cấp ủy tạm ngừng hoạt động"), say("Quản trị tỉnh đã tạm ngừng cấp ủy này."),
        say("Quản trị tỉnh đã tạm ngừng cấp ủy này. Lý do: {reason}", reason=""),
        say("Dữ liệu vẫn được giữ nguyên. Xin liên hệ quản trị tỉnh."),
    ),
    "moving": (
        say("Cấp ủy đang chuyển dữ liệu"), say("Quản trị tỉnh đang chuyển dữ liệu của cấp ủy này."),
        say("Quản trị tỉnh đang chuyển dữ liệu của cấp ủy này. {reason}", reason=""),
        say("Xin mở lại sau ít phút; những gì đã lưu trong máy vẫn còn và sẽ tự gửi lại."),
    ),
    "archived": (
        say("Cấp ủy đã lưu trữ"), say("Cấp ủy này không còn hoạt động; sổ sách đã được lưu trữ."),
        say("Cấp ủy này không còn hoạt động; sổ sách đã được lưu trữ. Lý do: {reason}", reason=""),
        say("Dữ liệu vẫn được giữ nguyên. Xin liên hệ quản trị tỉnh."),
    ),
}  # fmt: skip
