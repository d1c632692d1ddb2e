"""Every fault of a member list as a sentence for the user: where it is, what is wrong, what to do."""

from server.members.sheet_types import Fault
from server.words import Say, say


def msgid(text: str) -> str:
    """Marks a sentence for the catalogue; it is said later, with its parameters."""
    return text


_REJECTED = {
    "name_missing": msgid("Cột “{column}” để trống. Đồng chí ghi họ và tên rồi tải lại."),
    "name_garbled": msgid("Cột “{column}”: tên “{shown}” đã mất chữ hoặc có ký tự lạ. Đồng chí gõ lại tên."),
    "name_too_long": msgid(
        "Cột “{column}”: tên dài quá 80 chữ. Đồng chí chỉ để họ và tên, phần khác ghi ở cột ghi chú."
    ),
    "formula": msgid(
        "Cột “{column}” là công thức “{shown}”, không phải giá trị. Đồng chí sao chép rồi dán dạng giá trị."
    ),
    "impossible_date": msgid(
        "Cột “{column}”: ngày “{shown}” không có trên lịch. Đồng chí sửa lại ngày/tháng/năm."
    ),
    "date_unreadable": msgid(
        "Cột “{column}”: không đọc được ngày “{shown}”. Đồng chí ghi theo dạng 03/02/1975."
    ),
    "admission_missing": msgid(
        "Chưa có ngày vào Đảng ({column}). Đồng chí ghi thêm; nếu chỉ nhớ tháng, năm thì ghi 05/1978."
    ),
    "admission_in_future": msgid(
        "Cột “{column}”: ngày vào Đảng “{shown}” ở sau ngày lập danh sách. Đồng chí kiểm tra năm."
    ),
    "admitted_before_birth": msgid(
        "Cột “{column}”: ngày vào Đảng “{shown}” ở trước ngày sinh. Đồng chí kiểm tra hai ngày."
    ),
    "official_before_admission": msgid(
        "Cột “{column}”: ngày chính thức “{shown}” ở trước ngày vào Đảng. Đồng chí kiểm tra hai ngày."
    ),
    "duplicate_row": msgid(
        "Trùng với dòng {of_row}: cùng họ tên, ngày sinh và số thẻ. Đồng chí xóa một dòng."
    ),
    "card_taken": msgid(
        "Cột “{column}”: số thẻ này đã ghi cho người ở dòng {of_row}. Đồng chí đối chiếu thẻ của hai người."
    ),
    "cell_missing": msgid(
        "Không rõ đảng viên thuộc chi bộ nào. Đồng chí ghi tên chi bộ, hoặc chọn chi bộ khi tải lên."
    ),
    "unknown_cell": msgid(
        "Cột “{column}”: không có chi bộ “{shown}” trong danh mục. Đồng chí sửa tên, hoặc lập chi bộ trước."
    ),
}

_WARNED = {
    "born_partial": msgid(
        "Cột “{column}”: ngày sinh chỉ có tháng, năm hoặc năm (“{shown}”); giữ nguyên như vậy."
    ),
    "admitted_partial": msgid("Cột “{column}”: ngày vào Đảng không đủ ngày (“{shown}”); giữ nguyên như vậy."),
    "official_partial": msgid(
        "Cột “{column}”: ngày chính thức không đủ ngày (“{shown}”); lấy ngày muộn nhất có thể."
    ),
    "two_digit_year": msgid("Năm chỉ ghi hai chữ số (“{shown}”); đã đoán thế kỷ. Đồng chí xem lại."),
    "legacy_encoding": msgid(
        "Chữ gõ bằng phông cũ (TCVN3 hoặc VNI), đã đổi thành “{shown}”. Đồng chí xem lại."
    ),
    "card_zero_padded": msgid(
        "Cột “{column}”: số thẻ mất số 0 ở đầu, đã thêm lại thành {shown}. Đồng chí đối chiếu."
    ),
    "card_old_form": msgid("Cột “{column}”: số thẻ {shown} có 8 chữ số, là mẫu thẻ cũ."),
    "card_unusable": msgid(
        "Cột “{column}”: số thẻ “{shown}” không đúng dạng nên không lấy. Thẻ có 12 chữ số."
    ),
    "card_missing": msgid("Đảng viên chính thức nhưng chưa có số thẻ (cột “{column}”)."),
    "phone_unusable": msgid("Cột “{column}”: số điện thoại “{shown}” không gọi được nên không lấy."),
    "phone_second_dropped": msgid("Cột “{column}” có hai số (“{shown}”); chỉ giữ số đầu."),
    "phone_old_prefix": msgid(
        "Cột “{column}”: số 11 chữ số từ trước năm 2018 (“{shown}”), đã đổi sang đầu số mới."
    ),
    "probation_overdue": msgid(
        "Đã quá 12 tháng từ ngày vào Đảng mà chưa có ngày chính thức (cột “{column}”)."
    ),
    "probation_short": msgid(
        "Cột “{column}”: từ ngày vào Đảng đến ngày chính thức chưa đủ 12 tháng. Đồng chí xem lại."
    ),
    "official_missing": msgid(
        "Ghi là đảng viên chính thức nhưng cột “{column}” để trống. Đồng chí bổ sung sau."
    ),
    "official_in_future": msgid(
        "Cột “{column}”: ngày chính thức “{shown}” chưa đến nên chưa lấy; ghi là dự bị."
    ),
    "possible_duplicate": msgid("Có thể trùng với dòng {of_row}: cùng họ tên, ngày sinh nhưng khác số thẻ."),
    "admitted_under_18": msgid(
        "Cột “{column}”: khi vào Đảng chưa đủ 18 tuổi. Đồng chí kiểm tra ngày sinh và ngày vào Đảng."
    ),
    "not_active": msgid("Tình trạng “{shown}”: lưu lại nhưng không tính vào số đảng viên hiện có."),
    "born_missing": msgid("Chưa có ngày sinh (cột “{column}”)."),
    "status_disagrees": msgid(
        "Cột “{column}” ghi “{shown}” nhưng ngày chính thức cho biết khác; tin theo ngày."
    ),
    "status_unknown": msgid("Cột “{column}”: không hiểu tình trạng “{shown}”; xếp theo ngày chính thức."),
    "formula_dropped": msgid("Cột “{column}” là công thức nên không lấy."),
}

_NOTED = {
    "no_admission_column": msgid(
        "Danh sách không có cột ngày vào Đảng, nên chưa dòng nào nhận được. Đồng chí thêm cột này."
    ),
    "no_born_column": msgid("Danh sách không có cột ngày sinh."),
    "no_card_column": msgid("Danh sách không có cột số thẻ đảng."),
    "other_lists": msgid("Tệp còn danh sách đảng viên ở trang “{shown}” chưa đọc. Đồng chí tải lên riêng."),
    "title_names_other_cell": msgid(
        "Đầu danh sách ghi “{shown}”, khác chi bộ đồng chí đã chọn. Đồng chí kiểm tra lại tệp."
    ),
    "exemption_unmatched": msgid(
        "Trang miễn sinh hoạt có “{shown}” nhưng không tìm thấy đúng một người như vậy trong danh sách."
    ),
}

SENTENCES = {**_REJECTED, **_WARNED, **_NOTED}


def sentence(fault: Fault) -> Say:
    """The sentence of a fault: `Cột “Ngày sinh”: ngày “30/02/1969” không có trên lịch. …`"""
    return say(SENTENCES[fault.code], column=fault.column, shown=fault.shown, of_row=fault.of_row)


def file_empty() -> Say:
    """The file has no bytes, or no filled cell."""
    return say("Tệp trống. Đồng chí chọn lại tệp danh sách.")


def file_too_large(limit: int) -> Say:
    """`limit` in bytes, as sent."""
    return say(
        "Tệp quá lớn; chỉ nhận đến {megabytes} MB. Đồng chí xóa ảnh và trang thừa rồi tải lại.",
        megabytes=limit // 10**6,
    )


def file_swells() -> Say:
    """A zip that unpacks to far more than it is (a bomb, or a sheet formatted to its last row)."""
    return say(
        "Tệp khi mở ra quá lớn nên không nhận. Đồng chí sao chép riêng bảng danh sách sang tệp mới rồi tải lại."
    )


def too_many_rows(limit: int) -> Say:
    """`limit` in filled rows over all sheets."""
    return say("Tệp có hơn {limit} dòng. Đồng chí chia thành nhiều tệp, mỗi tệp vài chi bộ.", limit=limit)


def not_a_spreadsheet() -> Say:
    """Found from the content, whatever the file is called."""
    return say("Tệp này không phải bảng tính. Đồng chí chọn tệp Excel (.xlsx) hoặc CSV.")


def old_spreadsheet() -> Say:
    """.xls, .xlsb, .ods, or a web page called .xls."""
    return say(
        "Tệp thuộc dạng bảng tính khác. Đồng chí mở bằng Excel, chọn Lưu thành (Save As) dạng .xlsx rồi tải lại."
    )


def encrypted() -> Say:
    """A workbook with a password."""
    return say("Tệp có mật khẩu nên không đọc được. Đồng chí bỏ mật khẩu rồi tải lại.")


def damaged() -> Say:
    """It claims to be a workbook but cannot be read as one."""
    return say("Tệp bị hỏng, không mở được. Đồng chí mở bằng Excel, lưu lại rồi tải lên.")


def no_header() -> Say:
    """No row with headings that name a member list."""
    return say(
        "Không tìm thấy dòng tiêu đề có cột “Họ và tên”. Đồng chí thêm dòng tiêu đề cho bảng rồi tải lại."
    )
