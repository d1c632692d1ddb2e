"""Names: split, tidied, sorted the Vietnamese way under plain byte order, folded for search."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.names import fold, sort_key, split, tidy, title_key

LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwzáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵĕčŏŭñ'"
)
WORDS = st.text(LETTERS, min_size=1, max_size=7).filter(lambda word: word.strip("'"))
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)


def bytewise(names: list[str]) -> list[str]:
    """Sorted as the database does it: by the bytes of the key."""
    return sorted(names, key=lambda name: sort_key(name).encode())


@pytest.mark.parametrize(
    ("name", "family", "given_name"),
    [
        ("Nguyễn Thị Hà", "Nguyễn Thị", "Hà"),
        ("Rơ Châm H'Bia", "Rơ Châm", "H'Bia"),
        ("Kpă Y Sơn", "Kpă Y", "Sơn"),
        ("  Ksor   Hră ", "Ksor", "Hră"),
        ("Hà", "", "Hà"),
        ("", "", ""),
    ],
)
def test_the_given_name_is_the_last_word(name: str, family: str, given_name: str) -> None:
    assert split(name) == (family, given_name)


def test_people_are_sorted_by_given_then_middle_then_family_name() -> None:
    order = [
        "Trần An",
        "Lê Bá An",
        "Trần Bá An",
        "Lê Văn An",
        "Lê Văn Anh",
        "Hồ Ân",
        "Lê Bình",
        "Vũ Duy",
        "Vũ Đức",
    ]
    assert bytewise(order[::-1]) == order


def test_letters_follow_the_vietnamese_alphabet() -> None:
    order = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
    assert bytewise(order[::-1]) == order


def test_tones_follow_the_dictionary_and_weigh_less_than_letters() -> None:
    order = ["Hoa", "Hòa", "Hỏa", "Hõa", "Hóa", "Họa", "Hoan", "Hoàn"]
    assert bytewise(order[::-1]) == order


def test_a_tone_of_the_given_name_weighs_more_than_the_family_name() -> None:
    assert bytewise(["An Hòa", "Vũ Hoa"]) == ["Vũ Hoa", "An Hòa"]


def test_jrai_and_bahnar_names_find_their_place() -> None:
    order = ["Ksor Čan", "Ksor Ch", "Kpă Drin", "Rơ Châm H'Bia", "Siu Hĕ", "Siu Hê", "Ksor Hră", "Kpă Y Sơn"]
    assert bytewise(order[::-1]) == order


def test_both_ways_of_placing_a_tone_and_both_apostrophes_are_the_same_name() -> None:
    assert sort_key("Lê Hoà") == sort_key("Lê Hòa")
    assert sort_key("Rơ Châm H’Bia") == sort_key("Rơ Châm H'Bia") == sort_key("RƠ CHÂM H'BIA")


@given(NAMES)
def test_normal_form_capitals_and_blanks_do_not_move_a_name(name: str) -> None:
    for same in (unicodedata.normalize("NFD", name), name.upper(), f"  {name} ".replace(" ", "\xa0")):
        assert sort_key(same) == sort_key(name)
        assert fold(same) == fold(name)


@given(NAMES)
def test_a_sort_key_is_plain_ascii(name: str) -> None:
    assert sort_key(name).isascii()
    assert "\n" not in sort_key(name)


@given(st.lists(WORDS, min_size=2, max_size=2), WORDS, WORDS)
def test_the_given_name_decides_before_anything_else(given_names: list[str], left: str, right: str) -> None:
    first, second = (sort_key(word) for word in given_names)
    if first != second:
        in_order = sort_key(f"{left} {given_names[0]}") < sort_key(f"{right} {given_names[1]}")
        assert in_order == (first < second)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nguyễn  Đình Luân", "nguyen dinh luan"),
        ("Ðinh Thoan", "dinh thoan"),
        ("Rơ Châm H’Bia", "ro cham hbia"),
        ("Ksor Hră", "ksor hra"),
        ("ƯỚC MƠ", "uoc mo"),
    ],
)
def test_search_finds_a_name_without_its_accents(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("ĐINH THOAN", "Đinh Thoan"),
        ("lê  văn\xa0an ", "Lê Văn An"),
        ("RƠ CHÂM H'BIA", "Rơ Châm H'Bia"),
        ("Ðinh\u200b Thoan", "Đinh Thoan"),
        ("McDonald Y-Sơn", "McDonald Y-Sơn"),
    ],
)
def test_a_name_is_tidied_but_mixed_capitals_are_kept(typed: str, tidied: str) -> None:
    assert tidy(typed) == tidied


@given(NAMES)
def test_tidying_twice_changes_nothing_more(name: str) -> None:
    assert tidy(tidy(name)) == tidy(name)
    assert unicodedata.is_normalized("NFC", tidy(name))


@given(st.text(max_size=60))
def test_any_text_at_all_can_be_sorted_split_and_folded(text: str) -> None:
    assert sort_key(text).isascii()
    assert " ".join(split(text)).strip() == tidy(text)
    assert fold(text) == fold(text).strip()


def test_places_are_sorted_word_by_word_from_the_first_and_numbers_by_their_size() -> None:
    places = [
        "An Bình",
        "Ân Hảo",
        "Chi bộ 2",
        "Chi bộ 10",
        "Đak Pơ",
        "Đề Gi",
        "Ia Grai",
        "Quy Nhơn",
        "Quy Nhơn Bắc",
    ]

    assert [title_key(place) for place in places] == sorted(map(title_key, places))
