"""A committee's path is short, plain, free, and never one of the product's own."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.current import KINDS
from tenants.slugs import LONGEST, PATTERN, RESERVED, choose, slug_of, why_not

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
names = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " '’-–.,0123456789", max_size=80)

# Real communes of 2026 whose names meet in one path, in one province or in several.
MEETING = [
    ("thai-nguyen", "commune_committee", "Văn Lang"), ("thai-nguyen", "commune_committee", "Văn Lăng"),
    ("quang-ngai", "commune_committee", "Sơn Hà"), ("quang-ngai", "commune_committee", "Sơn Hạ"),
    ("thanh-hoa", "commune_committee", "Đồng Tiến"), ("thanh-hoa", "ward_committee", "Đông Tiến"),
    ("dong-thap", "ward_committee", "Mỹ Tho"), ("dong-thap", "commune_committee", "Mỹ Thọ"),
    ("gia-lai", "commune_committee", "Phú Túc"), ("vinh-long", "commune_committee", "Phú Túc"),
    ("tuyen-quang", "commune_committee", "Tân An"), ("bac-ninh", "ward_committee", "Tân An"),
    ("hai-phong", "commune_committee", "Tân An"), ("nghe-an", "commune_committee", "Tân An"),
    ("dak-lak", "ward_committee", "Tân An"), ("tay-ninh", "ward_committee", "Tân An"),
    ("gia-lai", "commune_committee", "Phú Túc cũ"), ("gia-lai", "ward_committee", "Phú Túc"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Cao Lộc", "cao-loc"),
        ("Đồng Đăng", "dong-dang"),
        ("ĐẮK LẮK", "dak-lak"),
        ("Ea H'Leo", "ea-hleo"),
        ("Cư M’gar", "cu-mgar"),
        ("Văn Miếu - Quốc Tử Giám", "van-mieu-quoc-tu-giam"),
        ("Thường Xuân", "thuong-xuan"),
        ("  Móng   Cái 2 ", "mong-cai-2"),
        ("Ia Krái", "ia-krai"),
        ("Хутор", ""),
    ],
)
def test_names_become_paths_that_a_thumb_can_type(name: str, slug: str) -> None:
    assert slug_of(name) == slug
    assert slug_of(unicodedata.normalize("NFD", name)) == slug
    assert slug_of(unicodedata.normalize("NFC", name)) == slug
    assert slug_of(name.upper()) == slug


@given(names)
def test_any_vietnamese_name_becomes_a_path_or_nothing(name: str) -> None:
    slug = slug_of(name)

    assert slug == "" or (PATTERN.fullmatch(slug) and len(slug) <= LONGEST)
    assert slug_of(slug) == slug
    assert slug_of(unicodedata.normalize("NFD", name)) == slug
    assert bool(slug) == any(c.isalnum() for c in name)


@given(st.text(max_size=80))
def test_any_text_at_all_becomes_a_path_or_nothing(name: str) -> None:
    slug = slug_of(name)

    assert slug == "" or why_not(slug) is None or slug in RESERVED


@given(names, st.sampled_from(sorted(KINDS)), names.map(slug_of), st.integers(0, 12))
def test_a_free_path_is_always_found(name: str, kind: str, province: str, used: int) -> None:
    taken: set[str] = set()
    for _ in range(used):
        taken.add(choose(name, kind=kind, province_slug=province, taken=taken.__contains__))

    chosen = choose(name, kind=kind, province_slug=province, taken=taken.__contains__)

    assert len(taken) == used
    assert chosen not in taken
    assert why_not(chosen) is None


def test_equal_names_get_their_kind_then_their_province_then_a_number() -> None:
    taken: list[str] = []
    for province, kind, name in MEETING:
        taken.append(choose(name, kind=kind, province_slug=province, taken=taken.__contains__))

    assert taken == [
        "van-lang", "xa-van-lang",
        "son-ha", "xa-son-ha",
        "dong-tien", "phuong-dong-tien",
        "my-tho", "xa-my-tho",
        "phu-tuc", "xa-phu-tuc",
        "tan-an", "phuong-tan-an", "xa-tan-an", "tan-an-nghe-an", "tan-an-dak-lak", "tan-an-tay-ninh",
        "phu-tuc-cu", "phuong-phu-tuc",
    ]  # fmt: skip


def test_three_of_one_name_kind_and_province_are_numbered() -> None:
    taken: list[str] = []
    for _ in range(6):
        taken.append(
            choose("Sơn Hà", kind="commune_committee", province_slug="quang-ngai", taken=taken.__contains__)
        )

    assert taken == [
        "son-ha", "xa-son-ha", "son-ha-quang-ngai", "xa-son-ha-quang-ngai", "xa-son-ha-quang-ngai-2",
        "xa-son-ha-quang-ngai-3",
    ]  # fmt: skip


@pytest.mark.parametrize("word", sorted(w for w in RESERVED if PATTERN.fullmatch(w)))
def test_a_committee_never_stands_on_one_of_our_own_paths(word: str) -> None:
    assert why_not(word) == "reserved"
    assert (
        choose(word, kind="agency_committee", province_slug="gia-lai", taken=lambda _: False)
        == f"co-quan-{word}"
    )


@pytest.mark.parametrize(
    "slug", ["", "-a", "a-", "a--b", "A", "á", "a b", "a/b", "a.b", "a_b", "a" * 61, "a\n", "٣"]
)
def test_what_is_no_path_is_told_so(slug: str) -> None:
    assert why_not(slug) == "malformed"


def test_every_kind_of_committee_can_be_told_apart() -> None:
    chosen = {
        kind: [choose("Hòa Bình", kind=kind, province_slug="x", taken=["hoa-binh"].__contains__)]
        for kind in KINDS
    }

    assert len({c for [c] in chosen.values()}) == len(KINDS)
