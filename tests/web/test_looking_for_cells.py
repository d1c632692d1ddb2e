"""Long lists of cells are looked through without a script, with accents or without, and no choice is lost."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from server import clock
from tests.cast import Cast
from tests.web.test_committee_life import home, second_cell
from tests.web.walking import signed_in

__all__ = ("home",)

YEAR = clock.today().year


def text(page: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def cells_of(page: httpx.Response) -> dict[str, bool]:
    """The cells that the form shows, and which are ticked."""
    found = re.findall(r'name="cell" value="([^"]+)"( checked)?', page.text)
    return {cell: bool(ticked) for cell, ticked in found}


async def test_looking_for_cells_keeps_what_was_ticked_and_typed_and_begins_nothing(
    client: httpx.AsyncClient, cast: Cast, home: str
) -> None:
    kep = str(await second_cell(cast.pleiku, "Chi bộ Làng Kép"))
    den = str(await second_cell(cast.pleiku, "Chi bộ Làng Đê Đen"))
    sent = {"name": "Hoa Lư", "administrator": "Nguyễn Thị Hương", "day": "2026-07-01", "find": "1"}

    first = await client.post(f"{home}/split", data=sent | {"q": "  de  den ", "cell": kep})
    then = await client.post(f"{home}/split", data=sent | {"q": "Tổ dân phố", "cell": [kep, den]})
    none = await client.post(f"{home}/split", data=sent | {"q": "không có đâu", "cell": [kep]})
    back = await client.post(f"{home}/split", data=sent | {"q": "", "cell": [kep, den]})

    assert [page.status_code for page in (first, then, none, back)] == [200] * 4
    assert cells_of(first) == {kep: True, den: False}
    assert cells_of(then) == {kep: True, den: True, str(cast.cell): False}
    assert (cells_of(none), "Không có chi bộ nào khác khớp" in none.text) == ({kep: True}, True)
    assert cells_of(back) == {kep: True, den: True, str(cast.cell): False}
    assert "Đã chọn 2 trên 3 chi bộ" in text(then)
    for page in (first, then, none, back):
        assert 'value="Hoa Lư"' in page.text
        assert 'value="2026-07-01"' in page.text
        assert 'class="err"' not in page.text


async def test_what_enter_presses_is_the_search_and_never_the_split(
    client: httpx.AsyncClient, cast: Cast, home: str
) -> None:
    for n in range(12):
        await second_cell(cast.pleiku, f"Chi bộ Làng {n}")

    page = await client.get(f"{home}/split")

    form = page.text[page.text.index(f'action="{home}/split"') :]
    assert re.findall(r'<button class="btn[^"]*"( name="find")?', form)[0]


@pytest.mark.parametrize("words", ["lang kep", "Làng Kép", "KÉP"])
async def test_the_classification_is_looked_through_and_its_sums_stay(
    client: httpx.AsyncClient, cast: Cast, words: str
) -> None:
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    await signed_in(client, "office", cast, at_neighbour=False)
    where = f"/{cast.pleiku.slug}/classification"

    found = await client.get(where, params={"year": YEAR, "q": words})
    nobody = await client.get(where, params={"year": YEAR, "q": "không có đâu"})

    assert "Chi bộ Làng Kép" in found.text
    assert "Chi bộ Tổ dân phố 5" not in found.text
    assert f'name="year" value="{YEAR}"' in found.text
    assert "Chi bộ đã có kết quả 0/2" in text(found)
    assert "Không tìm thấy chi bộ nào" in nobody.text
    assert "Chi bộ đã có kết quả 0/2" in text(nobody)
