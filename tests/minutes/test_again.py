"""A page taken up once more, by whoever may, once, with what people did to it kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra import objects
from infra.postgres import sql
from server.meetings.queries import NotFound
from server.minutes import erasing, steps
from server.minutes.again import ask_again, decide_same_page, take_up_forgotten, turn
from server.minutes.correcting import correct
from server.paper import child
from server.words import Refused
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.minutes.pages import Sent, send, work
from tests.minutes.sending import picture
from workers.jobs import perform

WORDS = ("Hồi 19 giờ", "Có mặt 33 đồng chí", "Bế mạc")


def reading(*texts: str) -> dict[str, Any]:
    lines = [
        [
            "body",
            0,
            -1,
            -1,
            [100, 100 + 50 * n, 400, 40],
            [[w, 100, 100 + 50 * n, 90, 40, 95] for w in text.split()],
        ]
        for n, text in enumerate(texts)
    ]
    return {"readable": True, "sure": 95, "size": [1654, 2339], "turned": 0, "lines": lines}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the next readings find; the last goes on."""
    found = [reading(*WORDS)]

    async def read(_: Path) -> dict[str, Any]:
        return found[0] if len(found) == 1 else found.pop(0)

    monkeypatch.setattr(child, "read", read)
    return found


async def one_page(cast: Cast, tmp_path: Path, shade: int = 200) -> Sent:
    (tmp_path / f"{shade}.jpg").write_bytes(picture(shade))
    return await send(cast, tmp_path / f"{shade}.jpg")


async def failed_page(cast: Cast, tmp_path: Path) -> Sent:
    sent = await one_page(cast, tmp_path)
    await steps.fail(str((await sent.pages())[0]["id"]), 1, "too_heavy")
    await work(cast.pleiku)
    return sent


async def test_what_failed_is_tried_again_once_however_often_it_is_asked_for(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    sent = await failed_page(cast, tmp_path)

    assert [await ask_again(sent.id, by=cast.hoa) for _ in range(3)] == [1, 0, 0]
    page = (await sent.pages())[0]
    assert (page["state"], page["attempt"], page["reason"], page["failed_step"]) == ("identified", 2, "", "")
    assert await sent.state() == "reading"
    await work(cast.pleiku)

    assert (await sent.pages())[0]["state"] == "read"
    assert await sent.state() == "ready"


async def test_an_older_attempt_that_ends_late_changes_nothing(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    sent = await failed_page(cast, tmp_path)
    await ask_again(sent.id, by=cast.hoa)
    page = str((await sent.pages())[0]["id"])

    await steps.clean_page(page, 1)
    await steps.read_page(page, 1)
    await steps.page_given_up("too_slow", page, 1)

    assert (await sent.pages())[0]["state"] == "identified"
    assert not [key for key in await sent.keys() if f"/{page}/" in key]


async def test_only_who_may_send_may_ask_again_or_turn(cast: Cast, tmp_path: Path) -> None:
    sent = await failed_page(cast, tmp_path)
    page = (await sent.pages())[0]["id"]
    with pytest.raises(NotFound):
        await ask_again(sent.id, by=cast.stranger)
    with pytest.raises(Refused):
        await ask_again(sent.id, by=cast.leader)
    with pytest.raises(NotFound):
        await turn(page, degrees=90, attempt=1, by=cast.stranger)
    with pytest.raises(NotFound):
        await decide_same_page(page, "kept", by=cast.stranger)
    assert (await sent.pages())[0]["attempt"] == 1


async def test_a_turned_page_is_cleaned_anew_and_a_second_press_is_one(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    sent = await one_page(cast, tmp_path)
    await work(cast.pleiku)
    before, key = (await sent.pages())[0], (await sent.row())["pdf_key"]

    for _ in range(2):
        await turn(before["id"], degrees=90, corners=[0, 0, 1, 0, 1, 1, 0, 1], attempt=1, by=cast.hoa)
    await work(cast.pleiku)

    page = (await sent.pages())[0]
    assert (page["attempt"], page["turned"], page["state"]) == (2, 90, "read")
    assert page["clean_key"] != before["clean_key"]
    row = await sent.row()
    assert row["state"] == "ready"
    assert row["pdf_key"] != key
    assert await objects.exists(row["pdf_key"])


@pytest.mark.parametrize(
    "wrong", [{"degrees": 45}, {"degrees": 90, "corners": [0.5] * 6}, {"degrees": 0, "corners": [2.0] * 8}]
)
async def test_no_other_turn_or_corner_is_taken(cast: Cast, tmp_path: Path, wrong: dict[str, Any]) -> None:
    sent = await one_page(cast, tmp_path)
    with pytest.raises(Refused):
        await turn((await sent.pages())[0]["id"], attempt=1, by=cast.hoa, **wrong)


async def test_corrected_text_is_in_the_document_and_stays_where_the_page_reads_the_same(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    sent = await one_page(cast, tmp_path)
    await work(cast.pleiku)
    page, key = (await sent.pages())[0]["id"], (await sent.row())["pdf_key"]

    typed = {1: "Có mặt 34 đồng chí", 2: "Bế mạc lúc 21 giờ"}
    await correct(sent.id, page, attempt=1, seen=dict(enumerate(WORDS)), typed=typed, by=cast.hoa)
    await work(cast.pleiku)
    assert (await sent.row())["pdf_key"] != key
    assert (await sent.fields())["present"]["proposed"] == "33"
    reads[:] = [reading("BIÊN BẢN", *WORDS[:2], "Bế mac")]
    await turn(page, degrees=180, attempt=1, by=cast.hoa)
    await work(cast.pleiku)

    text = await sent.text(page)
    assert json.loads(text["corrected"]) == {"2": "Có mặt 34 đồng chí"}
    assert "34" in text["folded"].split()


async def test_what_people_confirmed_stays_when_the_paper_is_read_otherwise(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    sent = await one_page(cast, tmp_path)
    await work(cast.pleiku)
    assert (await sent.fields())["present"]["proposed"] == "33"
    async with transaction():
        await sql(
            "UPDATE minutes_field SET confirmed = '35' WHERE minutes = $1 AND name = 'present'", sent.id
        )

    reads[:] = [reading("Hồi 20 giờ 15")]
    await turn((await sent.pages())[0]["id"], degrees=180, attempt=1, by=cast.hoa)
    await work(cast.pleiku)

    fields = await sent.fields()
    assert (fields["present"]["proposed"], fields["present"]["confirmed"]) == (None, "35")
    assert fields["started_at"]["proposed"] == "20:15"


async def test_a_dropped_page_counts_no_more_and_comes_back_when_it_is_kept(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    for shade in (190, 200):
        (tmp_path / f"{shade}.jpg").write_bytes(picture(shade))
    sent = await send(cast, tmp_path / "190.jpg", tmp_path / "200.jpg")
    await work(cast.pleiku)
    whole, second = (await sent.row())["pdf_of"], (await sent.pages())[1]["id"]

    await decide_same_page(second, "dropped", by=cast.hoa)
    await work(cast.pleiku)
    dropped = await sent.row()
    await decide_same_page(second, "kept", by=cast.hoa)
    await work(cast.pleiku)

    assert dropped["state"] == "ready"
    assert dropped["pdf_of"] != whole
    assert (await sent.row())["pdf_of"] == whole


async def test_pages_that_no_reader_was_there_for_are_read_when_one_is(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    reads[:] = [None]  # type: ignore[list-item]
    sent = await one_page(cast, tmp_path)
    await work(cast.pleiku)
    assert (await sent.pages())[0]["reason"] == "no_tesseract_language"

    reads[:] = [reading(*WORDS)]
    await ask_again(sent.id, by=cast.hoa)
    await work(cast.pleiku)

    page = (await sent.pages())[0]
    assert (page["reason"], page["readable"]) == ("", True)


async def test_what_came_out_of_a_backup_without_its_jobs_is_gone_on_with(
    cast: Cast, tmp_path: Path, reads: list[Any]
) -> None:
    """At each step: not begun, cleaned and not read, read and not put together."""
    sent = await one_page(cast, tmp_path)
    assert await take_up_forgotten() == 0
    await grown_old(sent)
    for _ in ("clean_page", "read_page", "assemble_minutes"):
        await jobs_lost(cast.pleiku)

        await erasing.sweep_minutes()
        await erasing.sweep_minutes()
        await one_step(cast.pleiku)

    assert await sent.state() == "ready"
    assert (await sent.pages())[0]["attempt"] == 1
    assert await take_up_forgotten() == 0


async def jobs_lost(ref: CommitteeRef) -> None:
    """As behind a restore: rows without jobs."""
    async with platform_transaction():
        await sql("DELETE FROM platform.outbox WHERE schema_name = $1 AND done_at IS NULL", ref.schema_name)


async def grown_old(sent: Sent) -> None:
    async with transaction():
        await sql(
            "UPDATE minutes_file SET stored_at = now() - interval '25 hours' WHERE minutes = $1", sent.id
        )
        await sql("UPDATE minutes SET created_at = now() - interval '25 hours' WHERE id = $1", sent.id)


async def one_step(ref: CommitteeRef) -> None:
    """The jobs that wait now, and none that they ask for."""
    async with platform_transaction(read_only=True):
        waiting = await sql(
            "SELECT job, arguments FROM platform.outbox WHERE schema_name = $1 AND done_at IS NULL",
            ref.schema_name,
        )
    for row in waiting:
        await perform(row["job"], ref.schema_name, json.loads(row["arguments"]))
