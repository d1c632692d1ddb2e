"""What can be Vietnamese, and which slips of the reader are put right."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.paper.spelling import likely, parts, put_right, syllable

MINUTES = Path(__file__).parents[1] / "fixtures" / "minutes"


SYLLABLES = "nghiêng quyết Thuật giữ gìn khuỷu ủy uỷ hoà hòa ĐẢNG Ý yêu quốc xoong gi gì"
NONE_SUCH = "qiqo Nhgn ngg bl aa quyêt cac ấng3 đđ lkp ẩo gnhe"


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_syllables(word: str) -> None:
    assert syllable(word)


@pytest.mark.parametrize("word", NONE_SUCH.split())
def test_what_is_no_syllable(word: str) -> None:
    assert not syllable(word)


def test_nearly_all_words_of_the_fixtures_are_likely() -> None:
    words = [word for file in MINUTES.glob("*/page-*.txt") for word in file.read_text("utf-8").split()]
    sound = sum(map(likely, words))
    assert len(words) > 3000
    assert sound / len(words) > 0.95


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("ThịHồng", ["Thị", "Hồng"]),
        ("YNhưn", ["Y", "Nhưn"]),
        ("I.PHẦN", ["I.", "PHẦN"]),
        ("HLan,", ["H'Lan,"]),
        ("SiuHNun", ["Siu", "H'Nun"]),
        ("†râu", ["trâu"]),
        ("ä/c", ["đ/c"]),
        ("H'Lan", ["H'Lan"]),
        ("HỘI", ["HỘI"]),
        ("Hrel", ["Hrel"]),
        ("Y", ["Y"]),
        ("NQ/CB", ["NQ/CB"]),
        ("VNeID", ["VNeID"]),
        ("YouTube", ["YouTube"]),
        ("kWh", ["kWh"]),
    ],
)
def test_words_read_as_one(read: str, meant: list[str]) -> None:
    assert parts(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Bí thư chỉ bộ.", "Bí thư chi bộ."),
        ("CHỈ BỘ TỔ 7", "CHI BỘ TỔ 7"),
        ("Chỉ ủy báo cáo", "Chi ủy báo cáo"),
        ("đẳng viên ĐẲNG CỘNG SẢN", "đảng viên ĐẢNG CỘNG SẢN"),
        ("Văng có lý do", "Vắng có lý do"),
        ("xã 1a Ly", "xã Ia Ly"),
        ("chỉ bộ phận này", "chỉ bộ phận này"),
        ("chỉ ủy ban xã", "chỉ ủy ban xã"),
        ("chỉ hội viên", "chỉ hội viên"),
        ("Chỉ bộ Công an xã", "Chi bộ Công an xã"),
        ("34 địc; (đíc Lê Hòa)", "34 đ/c; (đ/c Lê Hòa)"),
        ("chỉ hội phụ nữ nộp đủ", "chỉ hội phụ nữ nộp đủ"),
        ("không chỉ bộ mà cả dân", "không chỉ bộ mà cả dân"),
        ("Chỉ Bộ Công an cấp", "Chỉ Bộ Công an cấp"),
        ("Trường Cao đẳng Cộng đồng", "Trường Cao đẳng Cộng đồng"),
        ("nước văng có thể", "nước văng có thể"),
        ("chủ trì la Nguyễn Nam", "chủ trì la Nguyễn Nam"),
        ("mục đíc này", "mục đíc này"),
        ("chỉ tiêu, bình đẳng", "chỉ tiêu, bình đẳng"),
    ],
)
def test_only_expressions_that_cannot_be_meant_are_put_right(read: str, meant: str) -> None:
    assert " ".join(put_right(read.split())) == meant
