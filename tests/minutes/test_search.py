"""What people find in minutes, however they and the reader of print have written it, and what nobody else finds."""

from __future__ import annotations

import unicodedata
from datetime import date
from uuid import UUID, uuid4

import pytest

from server.minutes.ladder import EXACT, FOLDED, NEAR, SCATTERED
from server.minutes.search import After, Found, Wanted, search
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.read_pages import LINE_HEIGHT, change, marked, read_minutes

TEXT = """Chi bộ thống nhất đề nghị Đảng uỷ phường
xem xét việc làm kè bê tông ở suối, do đồng chí
Rơ Châm H'Cúc theo dõi. Tuyên truyền đạt 95,5%."""


async def look(
    cast: Cast, words: str = "", *, after: After | None = None, limit: int = 10, **chosen: object
) -> Found:
    with using(cast.pleiku):
        async with transaction(read_only=True):
            return await search(Wanted(words, **chosen), after=after, limit=limit)  # type: ignore[arg-type]


async def found(cast: Cast, words: str = "", **chosen: object) -> list[UUID]:
    return [hit.minutes for hit in (await look(cast, words, **chosen)).hits]


AS_TYPED = [
    ("kè bê tông", EXACT, ["kè bê tông"]),
    ("ke be tong", FOLDED, ["kè bê tông"]),
    ("KÈ   BÊ-TÔNG", EXACT, ["kè bê tông"]),
    ("kê be tong", FOLDED, ["kè bê tông"]),
    ("Đảng ủy phường", EXACT, ["Đảng uỷ phường"]),
    ("dang uy", FOLDED, ["Đảng uỷ"]),
    ("đồng chí Rơ Châm H'Cúc", EXACT, ["đồng chí", "Rơ Châm H'Cúc"]),
    ("ro cham h’cuc", FOLDED, ["Rơ Châm H'Cúc"]),
    ("kè bê tôg", NEAR, ["kè bê tông"]),
    ("đàng uỳ phươmg", NEAR, ["Đảng uỷ phường"]),
    ("kèbê tông", NEAR, ["kè bê tông"]),
    ("bê tô ng", NEAR, ["bê tông"]),
    ("bêtông", NEAR, ["bê tông"]),
    ("nghi dang", FOLDED, ["nghị Đảng"]),
    ("thống nhất bê tông", SCATTERED, ["thống nhất"]),
    ("95,5%", FOLDED, ["95,5"]),
]


async def test_words_are_found_as_people_type_them(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)

    for words, rung, shown in AS_TYPED:
        for form in ("NFC", "NFD"):
            [hit] = (await look(cast, unicodedata.normalize(form, words))).hits
            assert (hit.minutes, hit.rung) == (minutes, rung), words
            assert [text for line in hit.pages[0].lines for text in marked(line.parts)][
                : len(shown)
            ] == shown, words


async def test_a_page_that_was_read_in_pieces_is_found_and_so_is_one_that_was_misread(cast: Cast) -> None:
    texts = {
        "kè bê tông": "làm kè bê tôug ở suối",
        "đảng uỷ": "báo cáo đảmg uỷ xã",
        "tuyên truyền": "đẩy mạnh tuyêntruyền tới dân",
        "nhà văn hoá": "sửa nhà v ăn hóa thôn",
        "khu dân cư": unicodedata.normalize("NFD", "đường khu dân cư số 2"),
        "xây dựng nông thôn mới": "xây dựng nõnq thôn mới",
    }
    ids = {words: await read_minutes(cast.pleiku, cast.cell, text) for words, text in texts.items()}

    for words, minutes in ids.items():
        assert await found(cast, words) == [minutes], words


async def test_a_word_broken_at_the_end_of_a_line_is_one_word(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "công tác tuyên tru-\nyền miệng\ntrong quý")

    hit = (await look(cast, "truyền miệng")).hits[0]

    assert (hit.minutes, hit.rung) == (minutes, EXACT)
    assert await found(cast, "miệng trong") == [minutes]


async def test_the_last_word_may_be_only_begun(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)

    assert await found(cast, "kè bê tô") == [minutes]
    assert await found(cast, "tuy") == [minutes]
    assert await found(cast, "tu") == []


async def test_accents_come_first_then_phrases_then_misread_ones_then_scattered_words_and_the_newest_of_each(
    cast: Cast,
) -> None:
    async def written(text: str, day: int) -> UUID:
        return await read_minutes(cast.pleiku, cast.cell, text, held_on=date(2026, 5, day))

    scattered = await written("cây thông và bão lớn", 9)
    misread = await written("thông bấo bão hông bao", 8)
    plain = await written("thong bao moi", 7)
    newer, older = await written("thông báo mới", 6), await written("có thông báo", 5)

    assert await found(cast, "thông báo") == [newer, older, misread, plain, scattered]
    assert await found(cast, "thong bao") == [misread, plain, newer, older, scattered]


async def test_answers_go_on_behind_the_last_document_without_a_gap_or_a_repeat(cast: Cast) -> None:
    days = [date(2026, month, 5) for month in (1, 1, 2, 3, 4)]
    ids = [await read_minutes(cast.pleiku, cast.cell, "thu đảng phí", held_on=day) for day in days]
    ids += [
        await read_minutes(cast.pleiku, cast.cell, text) for text in ("thu dang phi", "phí và thu của đảng")
    ]

    seen: list[UUID] = []
    page = await look(cast, "thu đảng phí", limit=2)
    assert page.total == len(ids)
    while True:
        seen += [hit.minutes for hit in page.hits]
        if page.after is None:
            break
        page = await look(cast, "thu đảng phí", limit=2, after=page.after)
        assert page.total is None

    assert len(seen) == len(ids)
    assert set(seen) == set(ids)
    assert seen[-2:] == ids[-2:]


async def test_a_hit_names_its_pages_and_lines_with_their_boxes(cast: Cast) -> None:
    await read_minutes(cast.pleiku, cast.cell, "Mở đầu", TEXT, "bê tông\n\nvà bê tông", "bê tông")

    [hit] = (await look(cast, "be tong")).hits

    assert [page.number for page in hit.pages] == [2, 3]
    assert hit.more == 1
    [line] = hit.pages[0].lines
    assert (line.number, line.box) == (1, (100, 100, 120 * 12 - 10, LINE_HEIGHT))
    assert "".join(text for text, _ in line.parts) == TEXT.splitlines()[1]
    assert line.marks == [(100 + 120 * 5, 100, 230, LINE_HEIGHT)]


async def test_what_a_person_corrected_is_searched_and_what_was_read_there_no_longer(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "làm kề bô thông", corrected={"0": "làm kè bê tông"})

    assert await found(cast, "kè bê tông") == [minutes]
    assert await found(cast, "bo thong") == []
    [line] = (await look(cast, "bê tông")).hits[0].pages[0].lines
    assert line.marks == [(100 + 470 * 7 // 14, 0, 470 * 7 // 14, LINE_HEIGHT)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE minutes SET binned_at = now(), erase_on = now()",
        "UPDATE minutes_file SET same_decided = 'dropped'",
        "UPDATE minutes_page SET same_decided = 'dropped'",
        "UPDATE minutes SET wanted = '{}'",
    ],
)
async def test_what_was_binned_dropped_or_taken_again_is_not_found(cast: Cast, statement: str) -> None:
    await read_minutes(cast.pleiku, cast.cell, TEXT)

    await change(cast.pleiku, statement)

    assert await found(cast, "kè bê tông") == []


async def test_a_document_whose_best_page_was_dropped_is_found_by_the_next(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "kè bê tông", "ke be tong")
    await change(
        cast.pleiku,
        "UPDATE minutes_file SET same_decided = 'dropped' WHERE id = (SELECT wanted[1] FROM minutes)",
    )

    [hit] = (await look(cast, "kè bê tông")).hits

    assert (hit.minutes, hit.rung, hit.pages[0].number) == (minutes, FOLDED, 1)


async def test_filters_keep_to_cell_kind_dates_and_person(cast: Cast) -> None:
    a = await read_minutes(cast.pleiku, cast.cell, "kè bê tông, Lê Đinh Dũnq", held_on=date(2026, 5, 5))
    b = await read_minutes(cast.pleiku, cast.cell, "kè bê tông", held_on=date(2026, 6, 5), kind="thematic")

    assert await found(cast, "kè", cell=cast.cell) == [b, a]
    assert await found(cast, "kè", cell=uuid4()) == []
    assert await found(cast, "kè", kind="thematic") == [b]
    assert await found(cast, "kè", since=date(2026, 5, 6)) == [b]
    assert await found(cast, "kè", until=date(2026, 5, 5)) == [a]
    assert await found(cast, "kè", person="Lê Đình Dũng") == [a]
    assert await found(cast, person="Lê Đình Dũng") == [a]
    assert await found(cast, person="Lê Đình Tùng") == []


async def test_who_has_no_right_to_a_cell_finds_nothing_of_it(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)

    assert await found(cast, "kè bê tông", cells=cast.hoa.cells()) == [minutes]
    assert await found(cast, "kè bê tông", cells=cast.stranger.cells()) == []
    assert await found(cast, "kè bê tông", cells=frozenset()) == []
    with using(cast.neighbour):
        async with transaction(read_only=True):
            assert (await search(Wanted("kè bê tông"))).hits == []


SIGNS = [
    "%", "_", "k_", "%%%", "'", "''; DROP TABLE minutes; --", '"', "\\", "\\'", "&", "|", "<->", "😀", "\x00", "\ud800",
    "a" * 5000, "ß ø æ ħ", "漢字", "\u0301", "-", "0", "٣", "k%", "k%bê", "k_è_suố",
]  # fmt: skip
WORD_AMONG_SIGNS = [
    "kè%", "%kè%", "!kè", "(kè", "kè:*", "kè 😀", "kè\x00", "'kè", '"kè bê"', "\u202ekè", "kè & bê", "kè\\", "_kè_",
    "kè " * 2000,
]  # fmt: skip


async def test_signs_of_any_kind_are_text_and_break_nothing(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, TEXT)

    for words in SIGNS:
        assert await found(cast, words) == [], words
        assert await found(cast, person=words) == [], words
    for words in WORD_AMONG_SIGNS:
        assert await found(cast, words) == [minutes], words


async def test_nothing_asked_is_nothing_found(cast: Cast) -> None:
    await read_minutes(cast.pleiku, cast.cell, TEXT)

    assert (await look(cast, "  ", cell=cast.cell)).hits == []
