"""The user guide on pages: open to everybody, light, whole, and there when nothing else is."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest

from tests.cast import Cast
from tests.web.walking import signed_in
from web.assets import files, manifest
from web.guide.pages import names, pages

LIGHT = 60 * 1024  # bytes of a page with its styles and signs, without pictures


def pictures(page: httpx.Response) -> list[str]:
    return re.findall(r'<img src="(/static/[^"]+\.webp)"', page.text)


@pytest.mark.parametrize("name", ["", *names()])
async def test_a_page_stands_by_itself_and_all_it_leads_to_is_there(
    client: httpx.AsyncClient, name: str
) -> None:
    page = await client.get(f"/guide/{name}" if name else "/guide")

    assert page.status_code == 200
    assert page.headers["cache-control"].startswith("public")
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text
    assert 'style="' not in page.text
    for picture in pictures(page):
        assert picture.removeprefix("/static/") in files()
    assert page.text.count("<img") - 1 == page.text.count('loading="lazy"') == len(pictures(page))
    for address in re.findall(r'href="(/guide[^"]*)"', page.text):
        where, _, part = address.partition("#")
        led = await client.get(where)
        assert led.status_code == 200, address
        assert not part or f'id="{httpx.URL(address).fragment}"' in led.text, address


@pytest.mark.parametrize("name", ["", *names()])
async def test_a_page_is_light_before_its_pictures_come(client: httpx.AsyncClient, name: str) -> None:
    page = await client.get(f"/guide/{name}" if name else "/guide")
    beside = set(re.findall(r'"/static/([^"]+\.(?:css|js|svg))"', page.text))

    sent = len(gzip.compress(page.content)) + sum(len(files()[one].best("gzip")[1]) for one in beside)

    assert beside >= {manifest()["app.css"], manifest()["guide.css"]}
    assert sent < LIGHT


async def test_the_guide_is_read_while_the_database_is_away(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("web.visit._recognise", away)

    assert (await client.get("/login")).status_code == 503
    assert "Khi máy báo lỗi" in (await client.get("/guide/trouble")).text
    assert (await client.get("/guide")).status_code == 200


async def test_it_is_the_same_for_everybody_and_every_language(client: httpx.AsyncClient, cast: Cast) -> None:
    nobody = await client.get("/guide/roll-call")
    await signed_in(client, "secretary", cast, at_neighbour=False)
    client.cookies.set("language", "en", domain="nennep.test")
    somebody = await client.get("/guide/roll-call")

    assert somebody.text == nobody.text
    assert '<html lang="vi">' in nobody.text
    assert 'lang="en">This guide is written in Vietnamese' in nobody.text


@pytest.mark.parametrize("name", ["README", "nothing", "..%2fpages.py", "roll-call.md"])
async def test_no_other_file_is_a_page(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/guide/{name}")).status_code == 404


async def test_pages_follow_each_other_in_the_order_of_the_list(client: httpx.AsyncClient) -> None:
    order = names()

    assert [pages()[name].next for name in order[:-1]] == [(name, pages()[name].title) for name in order[1:]]
    assert pages()[order[0]].previous is None
    assert pages()[order[-1]].next is None
    first = await client.get("/guide")
    assert re.findall(r'href="/guide/([\w-]+)"', first.text) == order


async def test_it_is_led_to_from_the_log_in_and_from_the_menu(client: httpx.AsyncClient, cast: Cast) -> None:
    before = await client.get("/login")
    await signed_in(client, "secretary", cast, at_neighbour=False)
    inside = await client.get(f"/{cast.pleiku.slug}")

    assert 'href="/guide"' in before.text
    assert 'href="/guide"' in inside.text
