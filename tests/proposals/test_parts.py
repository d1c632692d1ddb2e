"""The rules one by one: numbers, dates, keywords, names, tables and lists of tasks."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from server.paper.shapes import Box, Word
from server.proposals.dates import days
from server.proposals.fields import FIELDS, PROPOSED_FROM
from server.proposals.flow import Place
from server.proposals.numbers import digits, number
from server.proposals.people import clean, known
from server.proposals.phrases import distance, repaired
from server.proposals.propose import propose
from tests.proposals.score import groups
from tests.proposals.sheets import line, page, reading, table

HEADING = ("TT", "Họ và tên", "Nội dung\ncông việc", "Thời\nhạn")
OPENING = "Hồi 19 giờ 00 ngày 03 tháng 11 năm 2026, chi bộ họp thường kỳ."


@pytest.mark.parametrize(
    ("text", "value"),
    [("06", 6), ("o", 0), ("khong", 0), ("muoi", 10), ("muoi lam", 15), ("bon muoi hai", 42), ("ba muoi", 30),
     ("mot tram linh nam", 105), ("mot tram hai muoi ba", 123), ("dang vien", None), ("", None)],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_in_words(text: str, value: int | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("l2", "12"),
        ("3o/35,", "30/35,"),
        ("(o6)", "(06)"),
        ("14/11/202€", "14/11/202€"),  # 6 or 8: not told by its looks
        ("hoi", "hoi"),
        ("ii.", "ii."),
    ],
)
def test_letters_among_digits_are_digits(word: str, read: str) -> None:
    assert digits(word) == read


@pytest.mark.parametrize(
    ("text", "found"),
    [("ngay 03 thang 10 nam 2026", [date(2026, 10, 3)]), ("truoc ngay 20/10", [date(2027, 10, 20)]),
     ("31/02/2026", []), ("32/35 dong chi", []), ("91,67%", []), ("7-8-2026.", [date(2026, 8, 7)]), ("1/2/3", [])],
)  # fmt: skip
def test_dates_are_found_and_no_other_numbers(text: str, found: list[date]) -> None:
    assert [day.on(2027) for day in days(text) if day.on(2027)] == found


@pytest.mark.parametrize(
    ("words", "phrases"),
    [("muon khong ly do:", ["khong ly do:"]), ("vamg khong ly do:", ["vang khong ly do:"]),
     ("khong dong y: 0", ["khong dong y:"]), ("tong so dangvien", ["tong so dang vien"]),
     ("phai co mot nguoi", []), ("co, mat", []), ("co ly do", ["co ly do"])],
)  # fmt: skip
def test_keywords_are_found_in_spite_of_slips_but_not_where_others_stand(
    words: str, phrases: list[str]
) -> None:
    assert [phrase for _, _, phrase in repaired(words.split())] == phrases


def test_the_distance_stops_where_it_is_too_far() -> None:
    assert distance("tan thanh", "tan thanh", 2) == 0
    assert distance("tanthanh", "tanthonh", 2) == 1
    assert distance("tan", "khong tan thanh", 2) == 3


def test_names_lose_the_signs_of_a_reader_and_keep_their_own() -> None:
    def written(text: str) -> str:
        return clean([Place(Word(word, Box(0, 0, 9, 9), 90), 0, 0) for word in text.split()])

    names = ("SiuHNun", "Lại ThịHồng Diễm,", "Ksor H Lan", "VÕ TẤN PHƯỚC", "Rơ Châm Thư#k.", "|Trần H’Đào")
    assert [*map(written, names)] == [
        "Siu H'Nun", "Lại Thị Hồng Diễm", "Ksor H'Lan", "Võ Tấn Phước", "Rơ Châm Thưk", "Trần H'Đào",
    ]  # fmt: skip


def test_a_misread_name_is_a_members_only_if_no_other_is_as_near() -> None:
    people = ["Nguyễn Thị Hoa", "Nguyễn Thị Hòa", "Trần Văn Khởi", "Lê Quang Vịnh"]

    assert known("Trân Văn Khơi", people) == "Trần Văn Khởi"
    assert known("Nguyễn Thị Hoa", people) == "Nguyễn Thị Hoa"
    assert known("Nguyễn Thị Hóa", people) is None
    assert known("Vịnh", people) == "Lê Quang Vịnh"
    assert known("Phạm Văn Đồng", people) is None


def tasks(*pages) -> list[tuple[str, str, str]]:
    found = groups("assignment", propose(pages))
    return [(task["name"], task["task"], task.get("due", "none")) for task in found.values()]


def test_a_table_over_two_pages_is_one_list_whether_its_heading_is_repeated_or_not() -> None:
    first = [line(OPENING), *table([HEADING, ("01", "Lưu Thị\nThanh", "Mời 60\nhội viên", "19/11/2026")])]
    rest = [
        ("02", "Y Nhưn", "Đến nhà học sinh\nnghỉ học,", "14/11"),
        ("", "", "ghi sổ", ""),
        ("03", "Tạ Đăng", "Trực", "thường\nxuyên"),
    ]
    wanted = [
        ("Lưu Thị Thanh", "Mời 60 hội viên", "2026-11-19"),
        ("Y Nhưn", "Đến nhà học sinh nghỉ học, ghi sổ", "2026-11-14"),
        ("Tạ Đăng", "Trực", ""),
    ]

    assert tasks(reading(first), reading(table(rest))) == wanted
    assert tasks(reading(first), reading(table([HEADING, *rest]))) == wanted


def test_columns_are_known_by_their_headings_in_any_order() -> None:
    rows = [
        ("STT", "Nhiệm vụ", "Người thực hiện", "Hoàn thành"),
        ("1", "Sửa đường", "Bùi Văn Ký", "30/11/2026"),
    ]

    assert tasks(reading([line(OPENING), *table(rows)])) == [("Bùi Văn Ký", "Sửa đường", "2026-11-30")]


def test_another_table_is_no_assignment() -> None:
    rows = [
        ("TT", "Tên quỹ", "Số tiền"),
        ("1", "Quỹ khuyến học", "300.000"),
        ("2", "Quỹ thiên tai", "200.000"),
    ]

    assert tasks(reading([line(OPENING), *table(rows)])) == []


def test_a_due_day_before_the_meeting_is_not_proposed_and_a_misread_year_is_the_meetings() -> None:
    rows = [
        HEADING,
        ("1", "Bùi Ký", "Sửa đường", "20/11/2036"),
        ("2", "Lê An", "Trực", "20/10/2026"),
        ("3", "Vũ Tú", "Thu", "5/1"),
    ]

    assert tasks(reading([line(OPENING), *table(rows)])) == [
        ("Bùi Ký", "Sửa đường", "2026-11-20"), ("Lê An", "Trực", "none"), ("Vũ Tú", "Thu", "2027-01-05"),
    ]  # fmt: skip


def test_the_planned_day_gives_the_year_and_makes_surer() -> None:
    text = page("BIÊN BẢN\nHọp chi bộ thường kỳ\nHôm nay, ngày 03/11, chi bộ họp.")
    (alone,) = [p.value for p in propose([text], meeting_on=date(2026, 11, 3)) if p.name == "meeting_date"]

    assert alone == "2026-11-03"
    assert not [p for p in propose([text]) if p.name == "meeting_date"]


def test_badly_read_words_are_less_sure_and_all_proposed_are_sure_enough() -> None:
    text = f"{OPENING}\nTổng số đảng viên: 30. Có mặt: 28. Giao đồng chí An dọn cỏ."
    well, badly = propose([page(text)]), propose([page(text, sure=30)])

    assert {p.name: p.value for p in badly}.items() <= {p.name: p.value for p in well}.items()
    assert all(
        PROPOSED_FROM <= b.sure < w.sure <= 99
        for b in badly
        for w in well
        if (b.name, b.of) == (w.name, w.of)
    )
    assert {p.name for p in well} <= FIELDS.keys()


def test_of_a_document_without_end_the_beginning_is_read() -> None:
    endless = page(
        OPENING + "\n" + "một hai ba bốn năm sáu bảy tám chín mười\n" * 1200 + "Nghị quyết số 11-NQ/CB."
    )

    assert {p.name for p in propose([endless])} == {"meeting_date", "kind", "started_at"}


def test_nothing_is_proposed_from_nothing_or_from_another_paper() -> None:
    assert propose([]) == ()
    assert propose([page("HÓA ĐƠN BÁN HÀNG\nNgày 03/11/2026\n12 cái bút, 3 quyển vở: 120.000 đồng")]) == ()


@pytest.mark.parametrize(
    ("printed", "due"),
    [
        ("14/11/202€", "2026-11-14"),
        ("25/11I2026", "2026-11-25"),
        ("20/11/2020", "2026-11-20"),
        ("20/10/2020", "none"),
    ],
)
def test_a_due_day_read_badly_beside_a_rule_is_less_sure(printed: str, due: str) -> None:
    rows = [HEADING, ("1", "Bùi Ký", "Sửa đường", printed), ("2", "Lê An", "Trực đêm", "20/11/2026")]
    found = propose([reading([line(OPENING), *table(rows)])])
    assert [task.get("due", "none") for task in groups("assignment", found).values()] == [due, "2026-11-20"]
    sure = {p.of: p.sure for p in found if p.name == "assignment.due"}
    assert sure.get(0, 0) <= sure[1] - 15


@pytest.mark.parametrize("below", [False, True])
def test_the_roll_may_be_told_in_a_table(*, below: bool) -> None:
    beside = [
        ("TT", "Nội dung", "Số lượng", "Ghi chú"),
        ("1", "Tổng số đảng viên", "15", "chính thức 13, dự bị 2"),
        ("2", "Phải có mặt", "14", ""),
        ("3", "Có mặt", "12", "đạt 85,71%"),
    ]
    rows = [("Tổng số đảng viên", "Phải có mặt", "Có mặt"), ("15", "14", "12")] if below else beside
    found = propose([reading([line(OPENING), *table(rows)])])
    told = {p.name: p.value for p in found if p.name in {"members_total", "official", "expected", "present"}}
    wanted = {"members_total": 15, "expected": 14, "present": 12}
    assert told == (wanted if below else wanted | {"official": 13})


def test_a_table_whose_heading_cannot_be_read_has_its_names_where_names_stand() -> None:
    rows = [
        ("1", "Thu cam kết của 46 hộ", "Ma Thị Diệp", "25/11/2026"),
        ("2", "Lộc Văn Thành", "Mở lớp ủ phân", "10/12/2026"),
        ("3", "Lộc Văn Thành", "Ma Thị Diệp", "10/12/2026"),
    ]
    assert [task[0] for task in tasks(reading([line(OPENING), *table(rows)]))] == [
        "Ma Thị Diệp",
        "Lộc Văn Thành",
    ]


JUNK = (
    "vắng", "có", "mặt", "đồng", "chí", "12", "45/50", "Nguyễn", "3.", "-", "(ốm)", "12/10/2026", "31/02/2026",
    "0/0/0000", "🙂", "e\u0302\u0301", "İ", "\ufb00", "|", "giao", "phân", "công", "1.", "TT",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_nothing_that_is_read_raises(seed: int) -> None:
    chance = Random(seed)
    text = "".join(
        chance.choice(JUNK) + chance.choice((" ", " ", "\n", ": ")) for _ in range(20 * 2 ** (seed // 2))
    )
    assert all(found.name in FIELDS for found in propose([page(text)]))


@pytest.mark.parametrize(
    "text", ["đồng chí " * 2500, "phân công\n" * 2500, "1. " * 5000, "🙂" * 5000, "1" * 5000]
)
def test_a_text_without_end_comes_to_an_end(text: str) -> None:
    assert propose([page(text)]) == ()


def test_who_had_no_reason_is_not_counted_among_those_who_had() -> None:
    told = "Vắng 4 đ/c: có lý do 3 (Lê Thị Cúc, Bùi Văn Mười, Phạm Tâm), không lý do 1 (Trịnh Công Định)."
    away = groups("absence", propose([page(told)]))
    assert [one["state"] for one in away.values()] == ["absent_excused"] * 3 + ["absent_unexcused"]
