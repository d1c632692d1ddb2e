"""A set of rules in the browser: typed, looked at, published, lived by, taken back."""

from __future__ import annotations

import html
import re
from collections import OrderedDict
from uuid import uuid4

import httpx
import pytest

from server import clock
from tests.bulletins.desk import publish, rule, slug_of
from tests.cast import Cast
from tests.web.walking import signed_in

FIRST = clock.month_of(clock.today())


@pytest.fixture
async def desk(client: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    """The browser of the province's administrator."""
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    return client


def typed(**changed: str) -> dict[str, str]:
    return {
        "title": "Quy định về sinh hoạt", "to": "all", "rows": "1", "nonce": str(uuid4()),
        "rule-1": "attendance_target",
        "value-1": "95", "from-1": FIRST.isoformat(), "source-1": "15-HD/BTCTU, 20-10-2026", "confidence-1": "C",
        "step": "preview", **changed,
    }  # fmt: skip


async def enter(client: httpx.AsyncClient, cast: Cast, **changed: str) -> httpx.Response:
    return await client.post(f"/provinces/{await slug_of(cast.province)}/rules", data=typed(**changed))


def said(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def test_the_preview_says_which_number_replaces_which_from_when_and_where(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    await publish(cast, rule(93), slugs=[cast.pleiku.slug])

    shown = said(await enter(desk, cast))

    assert f"{FIRST:%d/%m/%Y}" in shown
    assert "95 phần trăm" in shown
    for before, where in (("93 phần trăm", "Thành ủy Pleiku"), ("90 phần trăm", "Thị ủy Ayun Pa")):
        assert re.search(rf"{before} [^|]*? {where}", shown), (before, where)


async def test_nothing_is_published_by_looking_and_what_was_typed_is_carried_on(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    preview = await enter(desk, cast, **{"note-1": "Cho <b>vùng sâu</b>"})
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', preview.text))
    carried = {name: html.unescape(value) for name, value in carried.items()}
    listed = f"/provinces/{await slug_of(cast.province)}/bulletins"
    before = await desk.get(listed)
    back = await desk.post(listed.replace("bulletins", "rules"), data={**carried, "step": "edit"})
    done = await desk.post(listed.replace("bulletins", "rules"), data={**carried, "step": "publish"})

    assert "Quy định về sinh hoạt" not in before.text
    assert 'value="Cho &lt;b&gt;vùng sâu&lt;/b&gt;"' in back.text
    assert done.status_code == 303
    assert "95 phần trăm" in (await desk.get(done.headers["location"])).text


async def test_another_row_keeps_what_stands_in_the_first(desk: httpx.AsyncClient, cast: Cast) -> None:
    more = await enter(desk, cast, step="more")

    assert 'name="rule-2"' in more.text
    assert 'name="value-1" type="text" value="95"' in more.text


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"value-1": "190"}, "value-1"), ({"title": ""}, "title"), ({"rule-1": ""}, "rule-1"), ({"to": "some"}, "to"),
     ({"from-1": "31/02/2026"}, "from-1"), ({"to-1": "2000-01-01"}, "to-1"), ({"to-1": "nonsense"}, "to-1"),
     ({"confidence-1": "A"}, "confidence-1"), ({"source-1": ""}, "source-1")],
)  # fmt: skip
@pytest.mark.parametrize("step", ["preview", "publish"])
async def test_a_fault_stands_at_its_field_at_every_step(
    desk: httpx.AsyncClient, cast: Cast, changed: dict[str, str], field: str, step: str
) -> None:
    answer = await enter(desk, cast, step=step, **changed)

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


async def test_bands_that_do_not_fall_are_refused_before_they_are_published(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    bands = {"rule-1": "meeting_band_from.fair", "value-1": "95"}

    for step in ("preview", "publish"):
        answer = await enter(desk, cast, step=step, **bands)
        assert answer.status_code == 422
        assert "phải giảm dần" in answer.text


async def test_the_committee_reads_its_rules_and_its_pages_live_by_them_at_once(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    here = f"/{cast.pleiku.slug}"
    done = await enter(desk, cast, step="publish")
    where = done.headers["location"]
    await signed_in(desk, "office", cast, at_neighbour=False)

    cell, opened = (
        await desk.get(f"{here}/cells/{cast.cell}"),
        await desk.get(f"{here}/bulletins/{where[-36:]}"),
    )

    assert cell.status_code == 200
    assert "95 phần trăm" in opened.text
    assert "15-HD/BTCTU, 20-10-2026" in opened.text


async def test_a_process_that_never_heard_of_them_loads_them_by_itself(
    desk: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enter(desk, cast, step="publish")
    monkeypatch.setattr("server.rulebook.local._kept", OrderedDict())
    await signed_in(desk, "office", cast, at_neighbour=False)

    assert (await desk.get(f"/{cast.pleiku.slug}/cells/{cast.cell}")).status_code == 200


async def test_taken_back_the_page_says_what_stands_again(desk: httpx.AsyncClient, cast: Cast) -> None:
    where = (await enter(desk, cast, step="publish")).headers["location"]
    before = said(await desk.get(where))
    await desk.post(f"{where}/taking-back", data={"reason": "Tỉnh chưa ban hành"})
    after = said(await desk.get(where))

    assert re.search("95 phần trăm 90 phần trăm", before)
    assert "Tỉnh chưa ban hành" in after
    assert "Đang thay cho những số nào" not in after
