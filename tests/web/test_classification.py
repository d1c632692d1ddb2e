"""The yearly classification on pages: all cells of a year, and the form that wants its counts to add up."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from infra.postgres import sql
from server import clock
from tenants.transactions import transaction
from tests.cast import Cast
from tests.web.walking import signed_in

YEAR = clock.today().year
SIX = {"year": str(YEAR), "grade": "good", "members": "6", "excellent": "1", "good": "3", "completed": "1",
       "failed": "", "not_rated": "1", "reason": "Chuyển sinh hoạt"}  # fmt: skip


def text(page: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def list_of(cast: Cast) -> str:
    return f"/{cast.pleiku.slug}/classification?year={YEAR}"


def form_of(cast: Cast) -> str:
    return f"/{cast.pleiku.slug}/cells/{cast.cell}/classification"


async def test_a_secretary_tells_and_the_office_reads_the_sums(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    before = await client.get(list_of(cast))
    form = await client.get(f"{form_of(cast)}?year={YEAR}")
    sent = await client.post(form_of(cast), data=SIX)
    await signed_in(client, "office", cast, at_neighbour=False)
    shown = text(await client.get(list_of(cast)))

    assert "Chi bộ Tổ dân phố 5 … chưa báo cáo" in text(before)
    assert "Danh sách có 6 đảng viên" in text(form)
    assert 'name="members" type="text" value="6"' in form.text
    assert sent.status_code == 303
    assert "Chi bộ đã có kết quả 1/1 = 100,0 %" in shown
    assert "Hoàn thành tốt nhiệm vụ 1/1 = 100,0 %" in shown
    assert "Hoàn thành tốt nhiệm vụ 3/6 = 50,0 %" in shown
    assert "Chưa đánh giá 1/6 = 16,7 %" in shown


async def test_counts_that_do_not_add_up_come_back_with_what_was_typed(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    page = await client.post(form_of(cast), data=SIX | {"members": "58"})

    assert page.status_code == 422
    assert "còn thiếu 52" in text(page)
    assert 'value="58"' in page.text
    assert ">Chuyển sinh hoạt</textarea>" in page.text
    assert '<option value="good" selected>' in page.text
    async with transaction(read_only=True):
        assert await sql("SELECT 1 FROM classification") == []


@pytest.mark.parametrize("role", ["recorder", "group_leader", "member"])
async def test_others_of_the_cell_read_and_are_given_no_form(
    client: httpx.AsyncClient, cast: Cast, role: str
) -> None:
    await signed_in(client, role, cast, at_neighbour=False)

    page = await client.get(list_of(cast))
    form = await client.get(f"{form_of(cast)}?year={YEAR}")
    sent = await client.post(form_of(cast), data=SIX)

    assert form_of(cast) not in page.text
    assert "<select" not in form.text
    assert sent.status_code == 422


async def test_years_are_turned_as_far_as_this_one(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    address = f"/{cast.pleiku.slug}/classification"

    now, before = await client.get(f"{address}?year={YEAR}"), await client.get(f"{address}?year={YEAR - 1}")

    assert f"?year={YEAR + 1}" not in now.text
    assert f"?year={YEAR}" in before.text
    for nonsense in ("9999", "-1", "abc", "1900"):
        assert (await client.get(f"{address}?year={nonsense}")).status_code == 200
