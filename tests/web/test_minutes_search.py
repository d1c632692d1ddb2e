"""Somebody looks for words in the minutes, on the page of the search."""

from __future__ import annotations

import html
import re
from datetime import date

import httpx

from tests.cast import Cast
from tests.minutes.read_pages import change, read_minutes
from tests.web.walking import signed_in

TEXT = "Chi bộ đề nghị\nlàm kè bê tông ở suối <b>Đá</b>"


async def ask(client: httpx.AsyncClient, cast: Cast, **asked: object) -> httpx.Response:
    return await client.get(
        f"/{cast.pleiku.slug}/minutes/search", params={k: str(v) for k, v in asked.items()}
    )


async def test_a_secretary_finds_the_line_and_comes_from_it_to_the_page(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Trang đầu", TEXT, held_on=date(2026, 5, 3))
    await signed_in(client, "secretary", cast, at_neighbour=False)

    page = await ask(client, cast, q="ke be tong")

    assert page.status_code == 200
    assert "1 biên bản" in page.text
    assert "03/05/2026" in page.text
    assert "<mark>kè bê tông</mark>" in page.text
    assert "&lt;b&gt;Đá" in page.text
    [link] = re.findall(r'class="found" href="([^"]+)"', page.text)
    assert re.fullmatch(
        rf"/{cast.pleiku.slug}/minutes/{minutes}\?page=[0-9a-f-]{{36}}&q=ke\+be\+tong#l\d+",
        html.unescape(link),
    )
    [src] = re.findall(r'<img src="([^"]+)" [^>]*loading="lazy"', page.text)
    assert re.fullmatch(
        rf"/{cast.pleiku.slug}/minutes/{minutes}/pages/[0-9a-f-]{{36}}/colour\.webp\?v=1", src
    )
    assert "style=" not in page.text
    assert 'name="cell"' not in page.text


async def test_the_office_goes_through_more_answers_than_a_page_holds(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    for day in range(1, 13):
        await read_minutes(cast.pleiku, cast.cell, f"họp lần {day} về đảng phí", held_on=date(2026, 5, day))
    await signed_in(client, "office", cast, at_neighbour=False)

    first = await ask(client, cast, q="đảng phí", cell=cast.cell)
    [more] = re.findall(r'href="([^"]+)" rel="next"', first.text)
    second = await client.get(html.unescape(more))

    days = re.findall(r"(\d\d)/05/2026", first.text + second.text)
    assert days == [f"{day:02}" for day in range(12, 0, -1)]
    assert "12 biên bản" in first.text
    assert 'rel="next"' not in second.text
    assert f'<option value="{cast.cell}" selected>' in second.text or 'name="cell"' not in second.text


async def test_a_misread_word_is_said_to_be_near(client: httpx.AsyncClient, cast: Cast) -> None:
    await read_minutes(cast.pleiku, cast.cell, "làm kè bê tôug")
    await signed_in(client, "member", cast, at_neighbour=False)

    assert "viết gần giống" in (await ask(client, cast, q="kè bê tông")).text


async def test_without_a_hit_the_page_says_what_to_do(client: httpx.AsyncClient, cast: Cast) -> None:
    await read_minutes(cast.pleiku, cast.cell, TEXT)
    await signed_in(client, "secretary", cast, at_neighbour=False)

    assert "bỏ bớt điều kiện lọc" in (await ask(client, cast, q="đường điện")).text
    assert "bỏ bớt điều kiện lọc" in (await ask(client, cast, q="kè", since="2999-01-01")).text
    assert "Gõ một cụm từ" in (await ask(client, cast)).text
    assert "Chưa có từ để tìm" in (await ask(client, cast, q="%")).text


async def test_wrong_dates_are_told_at_their_field(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    wrong = await ask(client, cast, q="kè", since="31/02/2026")
    turned = await ask(client, cast, q="kè", since="02/05/2026", until="01/05/2026")

    assert 'id="e-since"' in wrong.text
    assert 'id="e-until"' in turned.text


async def test_htmx_gets_the_answers_alone(client: httpx.AsyncClient, cast: Cast) -> None:
    await read_minutes(cast.pleiku, cast.cell, TEXT)
    await signed_in(client, "secretary", cast, at_neighbour=False)

    part = await client.get(f"/{cast.pleiku.slug}/minutes/search?q=kè", headers={"HX-Request": "true"})

    assert "<mark>kè</mark>" in part.text
    assert "<html" not in part.text


async def test_nobody_from_elsewhere_sees_a_hit(client: httpx.AsyncClient, cast: Cast) -> None:
    await read_minutes(cast.pleiku, cast.cell, TEXT)
    await read_minutes(cast.neighbour, cast.neighbour_cell, "của nhà bên")
    await change(
        cast.pleiku, "INSERT INTO cell (id, name, sort_key) VALUES (gen_random_uuid(), 'Chi bộ khác', '2')"
    )

    await signed_in(client, "office", cast, at_neighbour=True)
    assert (await ask(client, cast, q="kè")).status_code == 404
    there = await client.get(f"/{cast.neighbour.slug}/minutes/search?q=kè")
    assert (there.status_code, "<mark>" in there.text) == (200, False)

    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    assert (await ask(client, cast, q="kè")).status_code == 404


async def test_a_secretary_of_another_cell_sees_no_hit_and_cannot_choose_ours(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await read_minutes(cast.pleiku, cast.cell, TEXT)
    own = cast.cell
    await change(
        cast.pleiku,
        "INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ khác', '2')",
        cast.neighbour_cell,
    )
    cast.cell = cast.neighbour_cell
    await signed_in(client, "secretary", cast, at_neighbour=False)

    assert "<mark>" not in (await ask(client, cast, q="kè")).text
    assert (await ask(client, cast, q="kè", cell=own)).status_code == 404


ODD = [
    "after=zzz", "after=1_2026-05-01_x", "after=9_2026-05-01_00000000-0000-4000-8000-000000000000", "q=%00", "q=%25",
    "q=%ED%A0%80", "kind=nonsense&q=k", "after=2_2026-05-01_00000000-0000-4000-8000-000000000000&q=ke",
    "q=" + "k" * 4000, "person=%F0%9F%98%80", "since=9999-12-31&q=ke", "q=ke&until=0001-01-01",
]  # fmt: skip


async def test_odd_questions_get_a_plain_answer(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    for query in ODD:
        assert (await client.get(f"/{cast.pleiku.slug}/minutes/search?{query}")).status_code == 200, query


async def test_a_cell_that_is_none_is_no_page(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)

    for cell in ("nonsense", cast.neighbour_cell):
        assert (await ask(client, cast, q="kè", cell=cell)).status_code == 404
