"""The province's administrator watches long work, sees what failed and why, and decides what becomes of it."""

from __future__ import annotations

import html
import json
import re
from uuid import UUID

import httpx
import pytest

from infra.postgres import sql
from server.words import Refused, Say, as_json, from_json, say
from tenants import run_work, runs
from tenants.registry import add_province
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction
from tests.bulletins.desk import slug_of
from tests.cast import Cast
from tests.fleet.running import go_through
from tests.web.walking import signed_in
from workers.run_kinds import KINDS, Kind

KIND = {"measure": 5}


@pytest.fixture
async def desk(client: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    """The browser of the province's administrator."""
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    return client


async def start(cast: Cast, *subjects: str, stop_after: int = 9, kind: str = "measure") -> UUID:
    """A run that no worker of other tests takes: paused, and opened only while its items are done here."""
    async with platform_transaction():
        run = await runs.start(
            kind, [Item(subject) for subject in subjects], province=cast.province, committee=cast.pleiku.id,
            by_account=None, by_name="Siu Hương", stop_after=stop_after,
        )  # fmt: skip
        await runs.pause(run)
    return run


async def do(run: UUID, *outcomes: str) -> None:
    """Its next items, one an outcome: what is wrong, or '' for done."""
    async with platform_transaction():
        # Nobody else's: the lanes of this moment are ours alone, in this one transaction.
        await sql("UPDATE platform.run SET state = 'paused' WHERE state = 'open'")
        await sql("UPDATE platform.run SET state = 'open' WHERE id = $1", run)
        for outcome in outcomes:
            work = await run_work.claim(KIND, urgent=False, at_once=99)
            assert work is not None
            assert work.run == run
            await (run_work.fail(work, outcome) if outcome else run_work.finish(work, {}))


async def state_of(run: UUID) -> str:
    async with platform_transaction(read_only=True):
        row = await runs.run(run)
    assert row is not None
    return str(row["state"])


async def acts(cast: Cast) -> list[str]:
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT action FROM platform.province_event WHERE province = $1 ORDER BY id", cast.province
        )
    return [row["action"] for row in rows]


def said(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def buttons(answer: httpx.Response, base: str) -> set[str]:
    return set(re.findall(rf'action="{base}/([a-z]+)"', answer.text))


async def test_a_run_is_listed_and_shows_what_failed_in_plain_words(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    run = await start(cast, "ia-grai", "chu-se", "duc-co")
    await do(run, "", "Tỉnh đã có cấp ủy này.", "crashed")
    base = f"/provinces/{await slug_of(cast.province)}/runs"

    listed = await desk.get(base)
    page = await desk.get(f"{base}/{run}")

    assert f"{base}/{run}" in listed.text
    assert "Đo sức khỏe các cấp ủy" in said(listed)
    assert "Thành ủy Pleiku" in said(listed)
    assert "có mục lỗi, chờ xử lý" in said(page)
    assert "Tỉnh đã có cấp ủy này." in said(page)
    assert "Việc này nhiều lần làm dừng tiến trình đang làm nó." in said(page)
    assert "1/3" in said(page)
    assert buttons(page, f"{base}/{run}") == {"retry", "omission", "stop"}
    only = said(await desk.get(f"{base}/{run}?items=failed"))
    assert "chu-se" in only
    assert "ia-grai" not in only


async def test_an_open_run_is_polled_and_an_ended_one_brings_the_page_anew(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    run = await start(cast, "a", "b")
    await do(run, "")
    here = f"/provinces/{await slug_of(cast.province)}/runs/{run}"

    page = await desk.get(here)
    part = await desk.get(here, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 2s"' in page.text
    assert f'href="{here}"' in part.text, "there is a way without a script"
    assert "<html" not in part.text
    assert "HX-Refresh" not in part.headers

    await do(run, "Sai.")
    ended = await desk.get(here, headers={"HX-Request": "true"})
    assert "hx-get" not in ended.text
    assert ended.headers["HX-Refresh"] == "true"


async def test_it_is_paused_gone_on_with_and_ended_and_all_of_it_is_in_the_record(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    run = await start(cast, "a", "b", "c", "d")
    await do(run, "")
    here = f"/provinces/{await slug_of(cast.province)}/runs/{run}"
    seen = []

    for act in ("pause", "pause", "resumption"):
        assert (await desk.post(f"{here}/{act}")).headers["location"] == here
        seen.append(await state_of(run))
    await do(run, "Sai.", "Sai.")
    await desk.post(f"{here}/retry")
    await do(run, "Sai.")
    await desk.post(f"{here}/omission")
    await desk.post(f"{here}/stop")

    assert seen == ["paused", "paused", "open"]
    assert await state_of(run) == "stopped"
    assert await acts(cast) == ["run_paused", "run_resumed", "run_retried", "run_left_out", "run_stopped"]
    log = said(await desk.get(f"/provinces/{await slug_of(cast.province)}/log"))
    assert "dừng hẳn một lượt việc" in log


async def test_many_items_are_paged(desk: httpx.AsyncClient, cast: Cast) -> None:
    run = await start(cast, *(f"xã {n:03}" for n in range(120)))
    here = f"/provinces/{await slug_of(cast.province)}/runs/{run}"

    first = await desk.get(here)
    (next_href,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    second = said(await desk.get(html.unescape(next_href)))

    assert "xã 049" in said(first)
    assert "xã 050" not in said(first)
    assert "xã 050" in second


async def test_what_is_held_together_is_not_left_half_done(
    desk: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.fleet.running.HELD_TOGETHER", {"measure"})
    run = await start(cast, "a", "b")
    await do(run, "Sai.")
    here = f"/provinces/{await slug_of(cast.province)}/runs/{run}"

    answer = await desk.post(f"{here}/stop")

    assert answer.status_code == 422
    assert "không dừng giữa chừng được" in said(answer)
    assert await state_of(run) == "open"
    assert buttons(answer, here) == {"pause", "retry"}


async def test_another_provinces_run_is_nobodys_business(desk: httpx.AsyncClient, cast: Cast) -> None:
    async with platform_transaction():
        other = await add_province(f"Tỉnh khác {cast.province}")
        run = await runs.start("measure", [], province=other, by_account=None, by_name="Ai đó")
    here = f"/provinces/{await slug_of(cast.province)}/runs/{run}"

    assert (await desk.get(here)).status_code == 404
    assert (await desk.post(f"{here}/stop")).status_code == 404
    assert (await desk.post(f"{here}/dance")).status_code == 404
    assert await state_of(run) == "open"


async def test_why_an_item_failed_is_told_in_the_readers_language(
    desk: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def perform(work: Work) -> None:
        raise Refused(
            slug=say("Tỉnh đã có cấp ủy này, ở đường dẫn /{slug}/.", slug="ia-grai"),
            rows=say("Mỗi lần nhiều nhất {n} cấp ủy, xin chia thành nhiều tệp.", n=400),
        )

    monkeypatch.setitem(KINDS, "measure", Kind(perform=perform))
    run = await start(cast, "a")
    async with platform_transaction():
        await runs.resume(run)
    assert (await go_through(run))["state"] == "failed"
    here = f"/provinces/{await slug_of(cast.province)}/runs/{run}"

    vietnamese = said(await desk.get(here))
    desk.cookies.set("language", "en", domain="nennep.test")
    english = said(await desk.get(here))

    assert "Tỉnh đã có cấp ủy này, ở đường dẫn /ia-grai/. Mỗi lần nhiều nhất 400 cấp ủy" in vietnamese
    assert "has this committee already, at the address /ia-grai/. At most 400 committees at a time" in english
    assert "ở đường dẫn" not in english


def test_a_sentence_within_a_sentence_comes_back_from_json() -> None:
    sentence = say("{time} {weekday}", time="19:30", weekday=say("Thứ Ba"))

    back = from_json(json.loads(json.dumps(as_json(sentence))))

    assert isinstance(back, Say)
    assert (back, back.msgid, back.params["weekday"]) == (sentence, sentence.msgid, "Thứ Ba")
    assert isinstance(back.params["weekday"], Say)
    assert from_json(as_json("as it was typed")) == "as it was typed"
