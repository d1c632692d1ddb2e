"""The list of assigned work: found, filtered, sorted and paged by its address; the board of a cell with hundreds."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import brotli
import httpx
import pytest

from infra.postgres import Record, sql
from server import names
from server.assignments import listing
from server.assignments.listing import PAGE, SORTS
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, DUNG, change, day, give, row, said
from tests.cast import PEOPLE, Cast
from tests.web.walking import signed_in

# Words of which texts are put together, so that no two are alike.
_TEXT = """vận động hộ nghèo ký vay vốn chăn nuôi bò sinh sản tuyên truyền phòng cháy kiểm tra đường điện chiếu sáng
rà soát danh sách cử tri hỗ trợ gia đình chính sách sửa nhà dọn vệ sinh kênh mương phối hợp công an tuần tra ban đêm
hòa giải tranh chấp đất rẫy hướng dẫn cài ứng dụng dịch vụ công thu quỹ khuyến học bồi dưỡng quần chúng ưu tú"""
_WORDS = _TEXT.split()


def text_of(n: int) -> str:
    """A sentence of its own, as long as people write them."""
    words = [_WORDS[(n * 7 + i * (3 + n % 11)) % len(_WORDS)] for i in range(9 + n % 6)]
    return f"{' '.join(words).capitalize()} {n}"


async def many(cast: Cast, count: int, *, states: Sequence[str] = ("open",)) -> None:
    """So much work of the cell, written straight into the table that lists are read from."""
    members = [str(await cast.member(name)) for name in PEOPLE]
    rows = []
    for n in range(count):
        state, made, text = states[n % len(states)], str(uuid4()), text_of(n)
        live = state in ("open", "reported")
        rows.append({
            "id": made, "task": made, "cell": str(cast.cell), "given_on": day(-30).isoformat(), "version": 1,
            "member": members[n % len(members)], "text": text, "area": "economy", "check_by": "", "state": state,
            "due_on": None if n % 9 == 0 else day(n % 40 - 12).isoformat(), "folded": names.fold(text),
            "result": "on_time" if state == "done" else "", "ended_on": None if live else day(0).isoformat(),
        })  # fmt: skip
    columns = ", ".join(rows[0])
    async with transaction():
        await sql(
            f"""INSERT INTO assignment ({columns})
            SELECT {columns} FROM jsonb_populate_recordset(NULL::assignment, $1::jsonb)""",
            json.dumps(rows),
        )


def hits(text: str) -> list[int]:
    return [int(no) for no in re.findall(r'<a class="row" href="/[^"/]+/assignments/(\d+)"', text)]


def link(text: str, rel: str) -> str | None:
    found = re.search(rf'<a href="([^"]+)" rel="{rel}">', text)
    return found[1].replace("&amp;", "&") if found else None


@pytest.mark.parametrize("sort", SORTS)
async def test_every_piece_of_work_stands_on_one_page_and_the_way_back_shows_the_same(
    client: httpx.AsyncClient, cast: Cast, sort: str
) -> None:
    await many(cast, 2 * PAGE + 7)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    there: list[list[int]] = []
    path: str | None = f"/{cast.pleiku.slug}/assignments?sort={sort}&state=live"
    while path:
        text = (await client.get(path)).text
        there.append(hits(text))
        before, path = link(text, "prev"), link(text, "next")
    back = [there[-1]]
    while before:
        assert parse_qs(urlsplit(before).query)["state"] == ["live"]
        text = (await client.get(before)).text
        back.insert(0, hits(text))
        before = link(text, "prev")

    assert [len(page) for page in there] == [PAGE, PAGE, 7]
    assert len({no for page in there for no in page}) == 2 * PAGE + 7
    assert back == there


async def test_work_is_found_without_accents_by_its_words_and_by_the_name(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await give(cast, AN, text="Tuần tra ban đêm ở thôn Ia Ring")
    await give(cast, BINH, text="Thu quỹ khuyến học")
    await signed_in(client, "secretary", cast, at_neighbour=False)
    path = f"/{cast.pleiku.slug}/assignments"

    found = {q: (await client.get(path, params={"q": q})).text for q in ("tuan tra", "BINH", "quy an", "zzz")}

    assert "Ia Ring" in found["tuan tra"]
    assert "khuyến học" not in found["tuan tra"]
    assert "khuyến học" in found["BINH"]
    assert not hits(found["zzz"])
    assert "Không có việc nào phù hợp" in found["zzz"]
    assert f'href="{path}?q=zzz&amp;state=all">Tìm cả việc đã kết thúc' in found["zzz"]


async def test_filters_stand_in_the_address_and_in_the_form_and_in_the_exports(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    late, soon, far = (
        await give(cast, due=day(0)),
        await give(cast, BINH, due=day(5)),
        await give(cast, due=day(60)),
    )
    async with transaction():
        await sql("UPDATE assignment SET due_on = $2 WHERE id = $1", late, day(-3))
    await said(change(soon, "reported", 1), by=cast.hoa)
    numbers = {
        name: (await row(of, cast.hoa))["no"] for name, of in (("late", late), ("soon", soon), ("far", far))
    }
    await signed_in(client, "secretary", cast, at_neighbour=False)
    path = f"/{cast.pleiku.slug}/assignments"
    expected = {
        "due=overdue": ["late"], "due=soon": ["soon"], "state=reported": ["soon"], "state=waiting": ["soon"],
        f"who={cast.numbers[AN]}": ["late", "far"], f"since={day(1)}": ["soon", "far"], f"until={day(1)}": ["late"],
        f"since={day(1)}&until={day(30)}&state=live": ["soon"], "area=security": [],
        "state=nonsense": ["late", "soon", "far"],
    }  # fmt: skip
    for query, wanted in expected.items():
        text = (await client.get(f"{path}?{query}")).text
        assert hits(text) == [numbers[name] for name in wanted], query
        if wanted and "nonsense" not in query:
            assert f"list.xlsx?{query.replace('&', '&amp;')}" in text or "state=live" in query
    text = (await client.get(f"{path}?since=hôm nay&due=soon")).text
    assert 'id="e-since"' in text
    assert '<option value="soon" selected>' in text


async def test_a_list_without_any_work_says_what_to_do(client: httpx.AsyncClient, cast: Cast) -> None:
    path = f"/{cast.pleiku.slug}/assignments"
    await signed_in(client, "secretary", cast, at_neighbour=False)
    assert f'href="{path}/new">Giao việc đầu tiên' in (await client.get(path)).text
    await signed_in(client, "member", cast, at_neighbour=False)
    text = (await client.get(path)).text
    assert "Chưa giao việc nào" in text
    assert "/new" not in text
    assert (await client.get(f"{path}/new")).status_code == 404


async def test_a_board_of_three_hundred_is_light_and_leads_to_each(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await many(cast, 300, states=("open", "open", "reported"))
    await signed_in(client, "secretary", cast, at_neighbour=False)
    sizes = {}
    for by in ("state", "person"):
        answer = await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}/assignments", params={"by": by})
        assert len(set(re.findall(r'<li><a href="/[^"]+/assignments/(\d+)"', answer.text))) == 300
        sizes[by] = len(brotli.compress(answer.content, quality=5))

    assert max(sizes.values()) <= 20 * 1024, sizes


async def test_what_people_typed_is_text_on_the_board(client: httpx.AsyncClient, cast: Cast) -> None:
    await give(cast, DUNG, text="<b>Đo</b> đất & rẫy")
    await signed_in(client, "secretary", cast, at_neighbour=False)
    text = (await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}/assignments")).text
    assert "&lt;b&gt;Đo&lt;/b&gt; đất &amp; rẫy" in text


async def test_the_board_says_how_many_of_those_who_are_not_exempt_have_work(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    for name in (AN, BINH):
        await give(cast, name)
    await signed_in(client, "office", cast, at_neighbour=False)
    text = (await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}/assignments")).text
    assert re.search(r"Có việc, trên số đảng viên không miễn.*?<b>2/5</b>.*?40,0 %", text, re.DOTALL)


async def test_what_lasts_of_two_thousand_is_found_by_an_index_and_paged_by_a_key(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many(cast, 2000, states=("open", *("done",) * 9))
    asked: list[tuple[object, ...]] = []

    async def noted(*query: object) -> list[Record]:
        asked.append(query)
        return await sql(*query)  # type: ignore[arg-type]

    async with transaction():
        await sql("ANALYZE assignment")
        monkeypatch.setattr(listing, "sql", noted)
        first = await listing.listed(listing.Filter(state="live"), cast.hoa)
        await listing.listed(listing.Filter(state="live"), cast.hoa, after=first.after)
        query, *arguments = asked[-1]
        plan = [line[0] for line in await sql(f"EXPLAIN {query}", *arguments)]

    assert "OFFSET" not in str(query)
    assert any("Index" in line and " assignment_" in line for line in plan), plan
    assert not any("Seq Scan on assignment" in line for line in plan), plan
