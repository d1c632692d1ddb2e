"""What minutes tell by themselves: news of a board, pages that nothing could read, pages that are there twice."""

from __future__ import annotations

import html
import re
from uuid import UUID

import httpx
import pytest

from infra.postgres import sql
from server import clock
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.read_pages import change, read_minutes
from tests.web.test_minutes_pages import pages_of, plain
from tests.web.walking import signed_in


@pytest.fixture
async def minutes(cast: Cast) -> UUID:
    return await read_minutes(cast.pleiku, cast.cell, "Trang một", "Trang hai")


async def test_a_board_on_which_pages_are_read_is_told_only_of_news(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await change(cast.pleiku, "UPDATE minutes SET state = 'reading'")
    await signed_in(client, "office", cast, at_neighbour=False)
    home, script = f"/{cast.pleiku.slug}/minutes", {"HX-Request": "true"}
    asking = html.unescape(re.findall(r'hx-get="([^"]+)"', (await client.get(home)).text)[0])

    quiet = await client.get(asking, headers=script)
    await change(
        cast.pleiku, "UPDATE minutes_page SET state = 'failed', failed_step = 'read', reason = 'too_slow'"
    )
    news = await client.get(asking, headers=script)
    await change(cast.pleiku, "UPDATE minutes SET state = 'ready'")

    assert (quiet.status_code, news.status_code) == (204, 200)
    assert news.text.lstrip().startswith('<div class="stack-wide" id="live"')
    assert "2/2 trang chưa xử lý được" in news.text
    assert f'action="{home}/{minutes}/again"' in news.text
    assert "hx-get" not in (await client.get(home)).text


async def test_what_nothing_could_read_is_told_and_tried_again_with_one_button(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await change(cast.pleiku, "UPDATE minutes_page SET readable = NULL, reason = 'no_tesseract_language'")
    await signed_in(client, "office", cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/minutes"

    board, document = await client.get(home), await client.get(f"{home}/{minutes}")
    pressed = await client.post(f"{home}/{minutes}/again", data={"back": f"{clock.today():%Y-%m}"})

    assert "2/2 trang chưa xử lý được. Máy chủ chưa cài phần đọc chữ tiếng Việt" in plain(board)
    assert "chữ chưa được đọc vì máy chủ chưa cài" in plain(document)
    assert "Thử lại 2 trang" in plain(document)
    assert pressed.headers["location"] == f"{home}?month={clock.today():%Y-%m}"
    with using(cast.pleiku):
        async with transaction(read_only=True):
            rows = await sql("SELECT state, attempt FROM minutes_page")
    assert [tuple(row) for row in rows] == [("identified", 2)] * 2


async def test_a_double_further_on_is_told_on_every_page(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    home, (first, page) = f"/{cast.pleiku.slug}/minutes/{minutes}", await pages_of(cast, minutes)
    await change(cast.pleiku, "UPDATE minutes_page SET same_page = $1 WHERE id = $2", first, page)
    await signed_in(client, "secretary", cast, at_neighbour=False)

    told = await client.get(home)
    await client.post(f"{home}/pages/{page}/same", data={"decision": "kept"})
    decided = await client.get(home)

    assert "xin chọn giữ hay bỏ: Trang 2" in plain(told)
    assert f'href="{home}?page={page}"' in told.text
    assert "xin chọn giữ hay bỏ" not in plain(decided)


async def test_a_double_whose_twin_is_gone_can_still_be_taken_back(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    other = await read_minutes(cast.pleiku, cast.cell, "Trang kia")
    home, (_, page), (twin,) = (
        f"/{cast.pleiku.slug}/minutes/{minutes}",
        await pages_of(cast, minutes),
        await pages_of(cast, other),
    )
    await change(cast.pleiku, "UPDATE minutes_page SET same_page = $1 WHERE id = $2", twin, page)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    seen = await client.get(f"{home}?page={page}")
    await client.post(f"{home}/pages/{page}/same", data={"decision": "dropped"})
    await client.post(f"/{cast.pleiku.slug}/minutes/{other}/binning", data={"reason": "Chụp nhầm"})

    told = await client.get(f"{home}?page={page}")

    assert f'href="/{cast.pleiku.slug}/minutes/{other}?page={twin}"' in seen.text
    assert "nay không còn xem được" in plain(told)
    assert str(other) not in told.text
    await client.post(f"{home}/pages/{page}/same", data={"decision": "kept"})
    assert "đã bỏ" not in plain(await client.get(f"{home}?page={page}"))
