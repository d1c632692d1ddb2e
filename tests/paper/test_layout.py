"""Words on a page come out in the order a person reads them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from server.paper.layout import arrange
from server.paper.shapes import Box, Line, Word
from server.paper.tables import ink_of, ruling, tables_of, without_rules
from server.paper.unruled import unruled

SIZE = 1654, 2339  # px of A4 at 200 dpi
HIGH = 30  # px of a word
LETTER = 16  # px of its width
DPI = 200

Words = tuple[Word, ...]

HEAD = (
    (240, 150, "ĐẢNG ỦY XÃ IA LY"),
    (930, 150, "ĐẢNG CỘNG SẢN VIỆT NAM"),
    (220, 200, "CHI BỘ LÀNG KÉP PING"),
    (880, 225, "Ia Ly, ngày 12 tháng 9 năm 2026"),
    (400, 250, "*"),
    (340, 300, "Số 07-BB/CB"),
)
TITLE = (730, 400, "BIÊN BẢN"), (540, 450, "Sinh hoạt chuyên đề quý III")
BODY = (
    (240, 520, "I. KHAI MẠC"),
    (300, 570, "Hồi 07 giờ 30 ngày 12 tháng 9 năm 2026, tại nhà rông làng Kép Ping,"),
    (240, 620, "chi bộ tổ chức sinh hoạt chuyên đề quý III năm 2026."),
    (240, 670, "cùng ngày."),
)
FOOT = (
    (300, 1500, "NGƯỜI GHI BIÊN BẢN"),
    (1000, 1500, "CHỦ TRÌ HỘI NGHỊ"),
    (330, 1700, "Mai Thị Lệ Giang"),
    (1020, 1704, "Rơ Châm Thưk"),
)


def words(x: int, y: int, text: str) -> Words:
    found = []
    for part in text.split():
        found.append(Word(part, Box(x, y, LETTER * len(part), HIGH), 95))
        x += LETTER * (len(part) + 1)
    return tuple(found)


def page(*lines: tuple[int, int, str]) -> list[Words]:
    return [words(*line) for line in lines]


def texts(lines: Sequence[Line], role: str) -> list[str]:
    return [line.text for line in lines if line.role == role]


def ruled(columns: Sequence[int], rows: Sequence[int], degrees: float = 0) -> np.ndarray:
    picture = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
    for x in columns:
        cv2.line(picture, (x, rows[0]), (x, rows[-1]), 0, 3)
    for y in rows:
        cv2.line(picture, (columns[0], y), (columns[-1], y), 0, 3)
    slant = cv2.getRotationMatrix2D((SIZE[0] / 2, rows[0]), degrees, 1)
    return cv2.warpAffine(picture, slant, SIZE, flags=cv2.INTER_AREA, borderValue=255)


def tables_in(picture: np.ndarray):
    lying, standing = ruling(ink_of(picture), DPI)
    return tables_of(lying | standing, DPI)


def test_the_head_is_read_left_half_first_and_stops_at_the_title() -> None:
    lines = arrange(page(*HEAD, *TITLE, *BODY), (), SIZE)
    assert texts(lines, "head_left") == [HEAD[0][2], HEAD[2][2], "*", "Số 07-BB/CB"]
    assert texts(lines, "head_right") == [HEAD[1][2], HEAD[3][2]]
    assert texts(lines, "body") == [line[2] for line in (*TITLE, *BODY)]
    assert [line.role for line in lines] == ["head_left"] * 4 + ["head_right"] * 2 + ["body"] * 6


def test_halves_read_as_one_line_are_taken_apart() -> None:
    joined = words(*HEAD[0]) + words(*HEAD[1])
    lines = arrange([joined, *page(*HEAD[2:], *TITLE, *BODY)], (), SIZE)
    assert texts(lines, "head_left")[0] == HEAD[0][2]
    assert texts(lines, "head_right")[0] == HEAD[1][2]


def test_a_page_number_above_the_head_stays_the_first_line() -> None:
    lines = arrange(page((820, 60, "1"), *HEAD, *TITLE, *BODY), (), SIZE)
    assert (lines[0].text, lines[0].role) == ("1", "body")
    assert lines[1].role == "head_left"


def test_who_signs_is_read_left_then_right() -> None:
    lines = arrange(page(*BODY, *FOOT), (), SIZE)
    assert texts(lines, "foot_left") == ["NGƯỜI GHI BIÊN BẢN", "Mai Thị Lệ Giang"]
    assert texts(lines, "foot_right") == ["CHỦ TRÌ HỘI NGHỊ", "Rơ Châm Thưk"]
    assert texts(lines, "body")[-1] == "cùng ngày."


def test_signatures_high_on_a_short_last_page_are_no_head() -> None:
    short = [(x, y - 1100, text) for x, y, text in FOOT]
    end = (240, 200, "Họp xong hồi 21 giờ 00 cùng ngày, đã đọc lại cho cả chi bộ nghe.")
    lines = arrange(page(end, *short), (), SIZE)
    assert {line.role for line in lines} == {"body", "foot_left", "foot_right"}


def test_wide_blanks_within_the_body_part_nothing() -> None:
    gaps = words(240, 570, "Hồi 07 giờ 30") + words(900, 570, "ngày 12 tháng 9,")
    lines = arrange([gaps, *page(*BODY[1:])], (), SIZE)
    assert lines[0].text == "Hồi 07 giờ 30 ngày 12 tháng 9,"
    assert {line.role for line in lines} == {"body"}


def test_a_table_is_read_cell_by_cell_where_it_stands_in_the_body() -> None:
    tables = tables_in(ruled((230, 310, 640, 1240, 1430), (800, 870, 980, 1050)))
    rows = page(
        (250, 820, "TT"),
        (330, 820, "Họ tên"),
        (660, 820, "Việc"),
        (1250, 820, "Hạn"),
        (250, 890, "01"),
        (660, 890, "Lập danh sách"),
        (1250, 890, "20/10/2026"),
        (330, 930, "Thanh Trà"),
        (660, 930, "hộ chưa nộp"),
        (330, 890, "Lưu Thị"),
        (250, 1000, "02"),
    )
    lines = arrange([*page(*BODY), *rows, words(240, 1100, "Biểu quyết")], tables, SIZE)
    cells = [(line.row, line.column, line.text) for line in lines if line.role == "cell"]
    assert cells == [
        (0, 0, "TT"),
        (0, 1, "Họ tên"),
        (0, 2, "Việc"),
        (0, 3, "Hạn"),
        (1, 0, "01"),
        (1, 1, "Lưu Thị"),
        (1, 1, "Thanh Trà"),
        (1, 2, "Lập danh sách"),
        (1, 2, "hộ chưa nộp"),
        (1, 3, "20/10/2026"),
        (2, 0, "02"),
    ]
    assert [line.text for line in lines if line.role == "body"][-1] == lines[-1].text == "Biểu quyết"
    blocks = [line.block for line in lines]
    assert blocks == sorted(blocks)
    assert len({line.block for line in lines if (line.row, line.column) == (1, 1)}) == 1


@pytest.mark.parametrize("degrees", [0, 1, -1])
def test_cells_are_found_in_slightly_slanting_tables(degrees: float) -> None:
    (table,) = tables_in(ruled((230, 310, 640, 1240, 1430), (800, 870, 980, 1050), degrees))
    assert [(cell.row, cell.column) for cell in table.cells] == [(r, c) for r in range(3) for c in range(4)]


def test_cells_joined_across_columns_keep_their_rows() -> None:
    picture = ruled((230, 310, 640, 1430), (800, 870, 940, 1010))
    picture[873:938, 300:320] = picture[873:938, 630:650] = 255
    (table,) = tables_in(picture)
    assert [(cell.row, cell.column) for cell in table.cells] == [
        (0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (2, 2),
    ]  # fmt: skip


def test_a_frame_an_underline_and_writing_lines_are_no_table() -> None:
    picture = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
    cv2.rectangle(picture, (60, 60), (1590, 2280), 0, 4)
    for y in range(300, 2200, 64):
        cv2.line(picture, (100, y), (1560, y), 90, 2)
    assert tables_in(picture) == ()


def test_lines_go_and_the_letters_on_them_stay() -> None:
    picture = ruled((230, 310, 640, 1240, 1430), (800, 870, 980, 1050))
    cv2.putText(picture, "2026", (1180, 860), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 4)
    ink = ink_of(picture)
    lying, standing = ruling(ink, DPI)
    bare = without_rules(picture, ink, lying, standing, tables_of(lying | standing, DPI), DPI)
    assert bare[975:985, 240:300].min() == 255
    assert bare[990:1040, 305:315].min() == 255
    assert (bare[825:865, 1180:1236] < 128).sum() == (picture[825:865, 1180:1236] < 128).sum()


@pytest.mark.parametrize("seed", range(20))
def test_no_word_is_lost_or_said_twice_wherever_it_stands(seed: int) -> None:
    chance = random.Random(seed)
    tables = tables_in(ruled((230, 310, 640, 1430), (800, 870, 940, 1010))) if seed % 2 else ()
    lines = [
        words(chance.randrange(1300), chance.randrange(2250), " ".join("abcdefgh"[: chance.randint(1, 8)]))
        for _ in range(chance.randrange(60))
    ]
    arranged = [word for line in arrange(lines, tables, SIZE) for word in line.words]
    assert sorted(arranged) == sorted(word for line in lines for word in line)


PLAIN_TABLE = (
    (200, 600, "TT"),
    (370, 600, "Họ và tên"),
    (770, 600, "Nhiệm vụ"),
    (1270, 600, "Thời hạn"),
    (205, 650, "1"),
    (280, 650, "Bùi Kim Ngà"),
    (610, 650, "Công khai hồ sơ quá hạn hằng tuần,"),
    (1215, 650, "15/9/2026"),
    (610, 690, "từ tháng 9"),
    (205, 740, "2"),
    (280, 740, "Lê Đức Thọ"),
    (610, 740, "Mua máy quét"),
    (1215, 740, "05/10/2026"),
)
AFTER = (
    (260, 800, "IV. Biểu quyết"),
    (200, 850, "Nghị quyết được chi bộ nhất trí thông qua, không ai có ý kiến."),
)


@pytest.mark.parametrize("seed", range(3))
def test_a_table_without_rules_is_read_cell_by_cell(seed: int) -> None:
    found = page(*PLAIN_TABLE, *AFTER)
    random.Random(seed).shuffle(found)
    lines = arrange(found, unruled(found, ()), SIZE)
    cells = {(line.row, line.column): "" for line in lines if line.role == "cell"}
    for line in lines:
        if line.role == "cell":
            cells[line.row, line.column] += f"{line.text} "
    assert cells[1, 2] == "Công khai hồ sơ quá hạn hằng tuần, từ tháng 9 "
    assert [cells[2, column].strip() for column in range(4)] == [
        "2", "Lê Đức Thọ", "Mua máy quét", "05/10/2026",
    ]  # fmt: skip
    assert texts(lines, "body") == [text for *_, text in AFTER]


@pytest.mark.parametrize(
    "lines", [(*HEAD, *TITLE), BODY, FOOT, [(200, 500, "1. Lê An   trực"), (200, 550, "2. Vũ Tú")]]
)
def test_heads_paragraphs_and_signatures_are_no_tables(lines: tuple[tuple[int, int, str], ...]) -> None:
    assert unruled(page(*lines), ()) == ()
    assert unruled([], ()) == ()


def test_three_people_sign_side_by_side() -> None:
    signed = (
        (200, 1500, "THƯ KÝ"),
        (700, 1500, "CHI ỦY VIÊN"),
        (1250, 1500, "CHỦ TRÌ"),
        (180, 1700, "Đặng Thu Thủy"),
        (690, 1700, "Phan Đình Tùng"),
        (1230, 1702, "Ngô Quang Vinh"),
    )
    lines = [line for line in arrange(page(*BODY, *signed), (), SIZE) if line.role.startswith("foot")]
    assert [line.text for line in lines] == [signed[at][2] for at in (0, 3, 1, 4, 2, 5)]
    assert len({line.block for line in lines}) == 3
