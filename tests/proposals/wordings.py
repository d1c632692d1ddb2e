"""Invented minutes in the wordings of other cells: what stands on the paper, and what is to be proposed from it.

``votes`` are (in favour, out of, against, no opinion), ``tasks`` are (person, due), ``away`` are names; None is
nothing proposed. A value that is not listed in ``values`` must not be proposed at all.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Wording(NamedTuple):
    """A text and what it says."""

    text: str
    values: dict[str, Any]
    votes: list[tuple[int | None, ...]] = []  # noqa: RUF012  # never changed
    tasks: list[tuple[str, str | None]] = []  # noqa: RUF012
    away: list[str] = []  # noqa: RUF012


WORDINGS = {
    "absent in brackets": Wording(
        """ĐẢNG BỘ XÃ IA GRAI
CHI BỘ THÔN 4
Số: 11-BB/CB
BIÊN BẢN
HỌP CHI BỘ THƯỜNG KỲ THÁNG 11/2026
Thời gian: 7 giờ 30 phút, ngày 03/11/2026.
Địa điểm: Hội trường thôn 4.
Chủ tọa: Đ/c Nguyễn Hữu Thọ - Bí thư chi bộ
Thư ký ghi biên bản: Đ/c Phạm Thị Lụa
1. Thành phần: Tổng số đảng viên: 25 đ/c; có mặt: 23 đ/c; vắng: 02 đ/c (có lý do: 01, không lý do: 01).
Nghị quyết số 11-NQ/CB được 100% đồng chí nhất trí.
Cuộc họp kết thúc vào lúc 9 giờ 15 phút cùng ngày.""",
        {
            "meeting_date": "2026-11-03", "kind": "regular", "number": "11-BB/CB", "resolution_number": "11-NQ/CB",
            "started_at": "07:30", "ended_at": "09:15", "chair": "Nguyễn Hữu Thọ", "secretary": "Phạm Thị Lụa",
            "members_total": 25, "present": 23, "absent_excused": 1, "absent_unexcused": 1,
        },
    ),
    "share of those who came": Wording(
        """BIÊN BẢN
Sinh hoạt chi bộ định kỳ tháng 5 năm 2026
Vào lúc 19h30, ngày 05 tháng 5 năm 2026, Chi bộ Trạm Y tế tổ chức sinh hoạt định kỳ.
Số đảng viên dự họp 18/20 đồng chí.
Chi bộ biểu quyết 18/18 đồng chí đồng ý thông qua Nghị quyết số 05-NQ/CB.
Buổi họp kết thúc lúc 21h00.""",
        {
            "meeting_date": "2026-05-05", "kind": "regular", "resolution_number": "05-NQ/CB", "started_at": "19:30",
            "ended_at": "21:00", "present": 18,
        },
        votes=[(18, 18, None, None)],
    ),
    "strength": Wording(
        """BIÊN BẢN HỌP CHI BỘ THÁNG 7 NĂM 2026
Hôm nay, ngày 02/7/2026, vào hồi 14 giờ tại trụ sở hợp tác xã.
Sĩ số: 23/25 đồng chí. Vắng 02 đồng chí có lý do: đ/c Rah Lan Thuin (đi viện), đ/c Kpuih Bel (về quê).
Chủ trì: đ/c Ksor Vương. Thư ký: đ/c Nay H'Ban.
Kết quả biểu quyết: tán thành 22/23, không tán thành 0, không có ý kiến 01.""",
        {
            "meeting_date": "2026-07-02", "kind": "regular", "started_at": "14:00", "chair": "Ksor Vương",
            "secretary": "Nay H'Ban", "present": 23, "members_total": 25, "absent_excused": 2, "absent_unexcused": 0,
        },
        votes=[(22, 23, 0, 1)],
        away=["Rah Lan Thuin", "Kpuih Bel"],
    ),
    "numbers before their words": Wording(
        """BIÊN BẢN
Sinh hoạt chuyên đề quý II năm 2026
Hồi 8 giờ 00 phút ngày 20 tháng 6 năm 2026, tại nhà văn hóa xã.
Chi bộ có 31 đảng viên chính thức, 02 đảng viên dự bị; được miễn sinh hoạt 03 đồng chí.
Có 28 đồng chí có mặt, 02 đồng chí vắng có lý do, không có đồng chí vắng không lý do.
Chủ tọa: đồng chí Bùi Văn Khởi, Bí thư chi bộ.
Có 27/29 đảng viên chính thức tán thành; 01 đồng chí không tán thành; 01 đồng chí không biểu quyết.""",
        {
            "meeting_date": "2026-06-20", "kind": "thematic", "started_at": "08:00", "chair": "Bùi Văn Khởi",
            "official": 31, "probationary": 2, "exempt": 3, "present": 28, "absent_excused": 2,
        },
        votes=[(27, 29, 1, 1)],
    ),
    "nobody absent, numbers in words": Wording(
        """BIÊN BẢN
Họp chi bộ thường kỳ tháng 3 năm 2026
Hồi 19 giờ ngày 03/3/2026 tại nhà đồng chí bí thư.
Tổng số đảng viên: mười bốn đồng chí. Có mặt: mười bốn đồng chí. Vắng: không.
Thư ký: đồng chí Đoàn Thị Ngọc.
Họp xong hồi 20 giờ 45.""",
        {
            "meeting_date": "2026-03-03", "kind": "regular", "started_at": "19:00", "ended_at": "20:45",
            "secretary": "Đoàn Thị Ngọc", "members_total": 14, "present": 14, "absent_excused": 0,
            "absent_unexcused": 0,
        },
    ),
    "tasks as sentences": Wording(
        """BIÊN BẢN
Sinh hoạt chi bộ thường kỳ tháng 9 năm 2026
Hồi 19 giờ 15 ngày 04 tháng 9 năm 2026.
Có mặt: 12 đồng chí.
Kết luận: Giao đồng chí Trịnh Văn Lâm rà soát hộ nghèo, hoàn thành trước ngày 20/9. Giao cho đồng chí Hồ Thị Sáu
lập danh sách trẻ em nhận quà Trung thu, xong trước 15/9/2026.""",
        {"meeting_date": "2026-09-04", "kind": "regular", "started_at": "19:15", "present": 12},
        tasks=[("Trịnh Văn Lâm", "2026-09-20"), ("Hồ Thị Sáu", "2026-09-15")],
    ),
    "tasks as a list with comrades": Wording(
        """BIÊN BẢN
Họp chi bộ thường kỳ tháng 12 năm 2026
Thời gian: 14 giờ 00 phút ngày 05 tháng 12 năm 2026
Tổng số: 9 đảng viên, dự họp: 9
V. Phân công nhiệm vụ
1. Đồng chí Lê Quang Vịnh: viết báo cáo tổng kết, hạn 20/12/2026.
2. Đồng chí Y Blơ: vận động thanh niên nhập ngũ, thời hạn: ngày 15/01/2027.
3. Đồng chí Đinh Thị Hoa: chăm sóc đường hoa, thường xuyên.
VI. Kết thúc lúc 16 giờ cùng ngày""",
        {
            "meeting_date": "2026-12-05", "kind": "regular", "started_at": "14:00", "ended_at": "16:00",
            "members_total": 9, "present": 9,
        },
        tasks=[("Lê Quang Vịnh", "2026-12-20"), ("Y Blơ", "2027-01-15"), ("Đinh Thị Hoa", None)],
    ),
    "older resolutions are not this one": Wording(
        """BIÊN BẢN
Sinh hoạt chi bộ thường kỳ tháng 4 năm 2026
Hôm nay ngày 03 tháng 4 năm 2026.
1. Đánh giá kết quả thực hiện Nghị quyết số 03-NQ/CB của chi bộ: đạt 8/9 việc. Học tập Nghị quyết số 68-NQ/TW.
2. Đảng phí: đã thu đủ 17/17 đồng chí.""",
        {"meeting_date": "2026-04-03", "kind": "regular"},
    ),
    "present among many numbers": Wording(
        """BIÊN BẢN
Hội nghị chi bộ thường kỳ tháng 10 năm 2026
Thời gian bắt đầu: 8 giờ 00, ngày 06 tháng 10 năm 2026.
- Đảng viên theo danh sách: 40 đồng chí, trong đó: chính thức 38, dự bị 02.
- Miễn công tác, sinh hoạt: 05 đồng chí; phải triệu tập: 35 đồng chí.
- Có mặt: 33/35 đồng chí, đạt tỷ lệ 94,29 %. Vắng mặt: 02, có phép 02, không phép 0.
- Khách dự họp: 01 đồng chí.
Chủ trì hội nghị: đồng chí Phan Đình Tuyển - Bí thư""",
        {
            "meeting_date": "2026-10-06", "kind": "regular", "started_at": "08:00", "chair": "Phan Đình Tuyển",
            "members_total": 40, "official": 38, "probationary": 2, "exempt": 5, "expected": 35, "present": 33,
            "attendance_rate": "94.29", "absent_excused": 2, "absent_unexcused": 0,
        },
    ),
    "votes one after the other": Wording(
        """BIÊN BẢN
Sinh hoạt chi bộ thường kỳ kết hợp chuyên đề tháng 8 năm 2026
Vào hồi 18 giờ 45 phút, ngày 07-8-2026.
Có mặt 21 đồng chí.
1. Xét kết nạp quần chúng Vũ Thị Hạnh: đồng ý 19/20 (95%); không đồng ý 1.
2. Xét khen thưởng đồng chí Cao Bá Đạt: 20/20 đảng viên chính thức nhất trí, đạt 100%.""",
        {"meeting_date": "2026-08-07", "kind": "regular+thematic", "started_at": "18:45", "present": 21},
        votes=[(19, 20, 1, None), (20, 20, None, None)],
    ),
    "written with slips of a reader": Wording(
        """BIEN BAN
Sinh hoạt chỉ bộ thưòng kỳ tháng l0 năm 2026
Hối 19 giờ 3O ngày O3 tháng 10 năm 2026.
Tống số đãng viên: 3l đồng chi; Có măt: 2O đống chí. Văng có lý do: O1; văng khong lý do: O.
Chù trì: đồng chí Hoàng Văn Sự. Thu ký: đồng chí Trần Thị Mơ.
Nghi quyêt số 1O-NQ/CB: tán thanh 28/3O, khong tán thành: 0l.""",
        {
            "meeting_date": "2026-10-03", "kind": "regular", "started_at": "19:30", "chair": "Hoàng Văn Sự",
            "secretary": "Trần Thị Mơ", "members_total": 31, "present": 20, "absent_excused": 1, "absent_unexcused": 0,
            "resolution_number": "10-NQ/CB",
        },
        votes=[(28, 30, 1, None)],
    ),
    "percent alone says no number": Wording(
        """BIÊN BẢN
Sinh hoạt chi bộ tháng 2 năm 2026
Hôm nay, ngày 10 tháng 02 năm 2026, hồi 7 giờ.
Chi bộ có mặt đông đủ. 100% đồng chí nhất trí với chương trình.
Các đồng chí có ý kiến về 3 việc; 2 hộ không đồng ý hiến đất.
Chi bộ thu 250.000 đồng tiền quỹ, 15/20 hộ đã nộp.""",
        {"meeting_date": "2026-02-10", "kind": "regular", "started_at": "07:00"},
    ),
    "from hour to hour": Wording(
        """BIÊN BẢN
Họp chi bộ thường kỳ tháng 1 năm 2027
Thời gian: từ 19 giờ 00 đến 20 giờ 50, ngày 04/01/2027
Người chủ trì: Lý Văn Páo
Người ghi biên bản: Vàng Thị Mỷ
Đảng viên có mặt: 08; vắng không lý do: 01 (đồng chí Giàng A Sếnh); vắng có lý do: 0.""",
        {
            "meeting_date": "2027-01-04", "kind": "regular", "started_at": "19:00", "ended_at": "20:50",
            "chair": "Lý Văn Páo", "secretary": "Vàng Thị Mỷ", "present": 8, "absent_excused": 0, "absent_unexcused": 1,
        },
        away=["Giàng A Sếnh"],
    ),
    "out of the ordinary": Wording(
        """BIÊN BẢN
Họp chi bộ bất thường
Hồi 20 giờ ngày 15 tháng 8 năm 2026.
Biểu quyết: tán thành 14 phiếu, không tán thành 02 phiếu, phiếu trắng 0.""",
        {"meeting_date": "2026-08-15", "kind": "extraordinary", "started_at": "20:00"},
        votes=[(14, None, 2, 0)],
    ),
    "one to a line, reasons behind a dash": Wording(
        """CHI BỘ TỔ DÂN PHỐ 3
Số 06 - BB/CB
Pleiku, ngày 4 tháng 6 năm 2026
BIÊN BẢN SINH HOẠT CHI BỘ
Thường kỳ tháng 6 năm 2026
I. Thời gian: 19 giờ 30 phút, ngày 4 tháng 6 năm 2026
III. Thành phần:
- Tổng số đảng viên của chi bộ tính đến thời điểm họp: 52 đồng chí, trong đó: 50 đảng viên chính thức, 02 đảng
viên dự bị.
- Số đảng viên được miễn sinh hoạt: 10 đồng chí.
- Số đảng viên có mặt: 40 đồng chí.
- Số đảng viên vắng mặt: 02 đồng chí. Trong đó: Có lý do: 02 đồng chí (Đ/c Nguyễn Thị Hà - ốm, Đ/c Lê Văn Tư - bận
việc gia đình); không có lý do: 0.
2. Đại biểu dự: Đ/c Trần Văn Nam, Phó Bí thư Đảng ủy phường.
IV. Chủ trì: Đồng chí Phạm Quốc Toản, Bí thư chi bộ
V. Thư ký: Đồng chí Đặng Thị Thu
VI. NỘI DUNG
Chi bộ thông qua Nghị quyết với 40/40 đảng viên biểu quyết tán thành (đạt tỷ lệ 100%).
Hội nghị kết thúc lúc 21 giờ 10 phút cùng ngày.""",
        {
            "meeting_date": "2026-06-04", "kind": "regular", "number": "06-BB/CB", "started_at": "19:30",
            "ended_at": "21:10", "chair": "Phạm Quốc Toản", "secretary": "Đặng Thị Thu", "members_total": 52,
            "official": 50, "probationary": 2, "exempt": 10, "present": 40, "absent_excused": 2, "absent_unexcused": 0,
        },
        votes=[(40, 40, None, None)],
        away=["Nguyễn Thị Hà", "Lê Văn Tư"],
    ),
    "roles behind names": Wording(
        """BIÊN BẢN
Cuộc họp chi bộ tháng 9/2026
Hôm nay, vào lúc 13 giờ 30 phút, ngày 05 tháng 09 năm 2026, Chi bộ thôn Phú Hòa tổ chức cuộc họp định kỳ.
Tham dự: 15/18 đảng viên. Vắng 3 đồng chí: đồng chí Lê Thị Bảy (đau ốm), đồng chí Võ Sáu (đi làm ăn xa), đồng chí
Phan Chín (không lý do).
Đồng chí Bùi Đức Long, Bí thư chi bộ, chủ trì cuộc họp; đồng chí Mai Xuân Hùng làm thư ký.
Nhất trí 15/15.
Phân công:
- Đ/c Mai Xuân Hùng phụ trách làm đường nội đồng; hoàn thành trước 30/9/2026
Cuộc họp bế mạc vào 15 giờ 45 phút.""",
        {
            "meeting_date": "2026-09-05", "kind": "regular", "started_at": "13:30", "ended_at": "15:45",
            "chair": "Bùi Đức Long", "secretary": "Mai Xuân Hùng", "present": 15,
        },
        votes=[(15, 15, None, None)],
        tasks=[("Mai Xuân Hùng", "2026-09-30")],
        away=["Lê Thị Bảy", "Võ Sáu", "Phan Chín"],
    ),
    "more present than members is a slip": Wording(
        """BIÊN BẢN
Họp chi bộ thường kỳ tháng 6 năm 2026
Hồi 19 giờ 30 ngày 03/6/2026.
Tổng số đảng viên: 16. Miễn sinh hoạt: 3. Phải có mặt: 13. Có mặt: 41. Vắng có lý do: 2. Vắng không lý do: 0.""",
        {
            "meeting_date": "2026-06-03", "kind": "regular", "started_at": "19:30", "members_total": 16, "exempt": 3,
            "expected": 13, "absent_excused": 2, "absent_unexcused": 0,
        },
    ),
    "a village after a storm": Wording(
        """ĐẢNG BỘ XÃ MƯỜNG CHANH
CHI BỘ BẢN NÀ CẦM
Số: 02-BB/CB
BIÊN BẢN
HỌP CHI BỘ BẤT THƯỜNG
Hôm nay, vào hồi 19h30 ngày 19/5/2026, tại nhà văn hóa bản Nà Cầm, chi bộ bản Nà Cầm tổ chức họp bất thường.
1. Đảng viên: Tổng số đảng viên toàn chi bộ 31 đ/c; trong đó chính thức 30 đ/c, dự bị 1 đ/c; miễn sinh hoạt 5 đ/c. Số
đảng viên có mặt: 24 đ/c. Số đảng viên vắng mặt: 2 đ/c, có lý do (Lò Văn Pâng: nằm viện; Cầm Thị Xuân: con
nhỏ ốm). Vắng mặt không lý do: không có.
2. Chủ tọa: đồng chí Bùi Đức Thắng - Bí thư chi bộ.
3. Thư ký cuộc họp: đồng chí Quàng Thị Hoa.
III. PHÂN CÔNG NHIỆM VỤ
1. Đồng chí Tòng Văn Nghĩa: phụ trách 3 tổ lợp mái, xong trước ngày
25/5/2026.
2. Đồng chí Quàng Thị Hoa: lập danh sách 27 hộ, gửi xã; hạn 22/5/2026.
IV. BIỂU QUYẾT
Nghị quyết số 03-NQ/CB: 23/24 đồng chí tán thành, 01 đồng chí không có ý kiến.
Cuộc họp kết thúc hồi 21h00 cùng ngày.""",
        {
            "meeting_date": "2026-05-19", "kind": "extraordinary", "number": "02-BB/CB", "started_at": "19:30",
            "resolution_number": "03-NQ/CB", "ended_at": "21:00", "chair": "Bùi Đức Thắng",
            "secretary": "Quàng Thị Hoa", "members_total": 31, "official": 30, "probationary": 1, "exempt": 5,
            "present": 24, "absent_excused": 2, "absent_unexcused": 0,
        },
        votes=[(23, 24, None, 1)],
        tasks=[("Tòng Văn Nghĩa", "2026-05-25"), ("Quàng Thị Hoa", "2026-05-22")],
        away=["Lò Văn Pâng", "Cầm Thị Xuân"],
    ),
    "an office with numbers of its own": Wording(
        """CHI BỘ VĂN PHÒNG
Số 14-BB/CBVP
BIÊN BẢN
Sinh hoạt chi bộ theo chuyên đề quý III/2026
Thời gian bắt đầu: 14 giờ 00, ngày 27 tháng 8 năm 2026.
Tổng số đảng viên của chi bộ: 18 (chính thức: 18; dự bị: 0). Số đảng viên phải dự: 18. Số đảng viên dự: 17 đồng chí,
đạt tỷ lệ 94,44%. Vắng: 01 đồng chí, có lý do (đồng chí Mai Xuân Bách, đi học lớp chính trị); vắng không có lý
do: 0.
Chủ trì: Đồng chí Thiếu tá Ngô Quang Vinh (Bí thư). Người ghi biên bản: Đồng chí Đặng Thu Thủy, chuyên viên.
Nghị quyết chuyên đề số 08-NQ/CBVP được nhất trí thông qua: tán thành 17/17.""",
        {
            "meeting_date": "2026-08-27", "kind": "thematic", "number": "14-BB/CBVP", "started_at": "14:00",
            "resolution_number": "08-NQ/CBVP", "chair": "Ngô Quang Vinh", "secretary": "Đặng Thu Thủy",
            "members_total": 18, "official": 18, "probationary": 0, "expected": 18, "present": 17,
            "attendance_rate": "94.44", "absent_excused": 1, "absent_unexcused": 0,
        },
        votes=[(17, 17, None, None)],
        away=["Mai Xuân Bách"],
    ),
    "with a reason and without in one sentence": Wording(
        """BIÊN BẢN
Vắng 4 đ/c: có lý do 3 (Lê Thị Cúc, Bùi Văn Mười, Phạm Hữu Tâm), không lý do 1 (Trịnh Công Định).""",
        {"absent_excused": 3, "absent_unexcused": 1},
        away=["Lê Thị Cúc", "Bùi Văn Mười", "Phạm Hữu Tâm", "Trịnh Công Định"],
    ),
    "a quarter of a town": Wording(
        """BIÊN BẢN HỌP CHI BỘ
Tháng 02 năm 2027 (thường lệ)
Hôm nay, lúc 19 giờ ngày 05 tháng 02 năm 2027, Chi bộ khóm 6 họp lệ tháng 02/2027.
- Đảng viên của chi bộ: có mặt 38/42 đồng chí phải dự sinh hoạt, đạt 90,48% (tổng
số 54 đảng viên, miễn sinh hoạt 12). Vắng có phép 3: Thạch Phol (về quê), Lý Thị
Bảy (đau chân), Trần Hữu Nghĩa (trực bảo vệ). Vắng không phép 1: Danh Út Em.
Chủ trì: Đ/c Hồ Sĩ Nguyên - Bí thư. Ghi biên bản: Đ/c Kim Thị Ngọc Sương.
1. Số lượng đảng viên tham dự
2. Trường tiểu học: Sĩ số toàn trường 612 học sinh.
b) Giao đồng chí Sơn Minh Tâm dọn bãi rác sau chợ, thời gian hoàn thành: 28/02/2027.""",
        {
            "meeting_date": "2027-02-05", "kind": "regular", "started_at": "19:00", "chair": "Hồ Sĩ Nguyên",
            "secretary": "Kim Thị Ngọc Sương", "members_total": 54, "exempt": 12, "expected": 42, "present": 38,
            "attendance_rate": "90.48", "absent_excused": 3, "absent_unexcused": 1,
        },
        tasks=[("Sơn Minh Tâm", "2027-02-28")],
        away=["Thạch Phol", "Lý Thị Bảy", "Trần Hữu Nghĩa", "Danh Út Em"],
    ),
}  # fmt: skip
