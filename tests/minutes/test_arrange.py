"""Which files belong to a document, in which order, and who may say so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from infra.postgres import sql
from infra.settings import settings
from server import clock
from server.meetings.queries import NotFound
from server.minutes.actions import arrange, decide_same, note_look
from server.minutes.queries import receipt
from server.words import Refused
from tenants.transactions import transaction
from tests.cast import Cast, add_meeting, person
from tests.minutes.sending import document, jobs, picture, rows, send, sent

STATE = "SELECT state, wanted, arranged FROM minutes WHERE id = $1"


async def test_a_document_is_made_once_however_often_it_is_sent(cast: Cast) -> None:
    minutes, meeting, files = uuid4(), await cast.meeting(), [uuid4(), uuid4()]

    told = await asyncio.gather(
        *(arrange(minutes, meeting=meeting, files=files, by=cast.hoa) for _ in range(3))
    )

    assert {(r.state, *r.wanted) for r in told} == {("collecting", *files)}
    assert told[0].safe == []
    assert (await rows(STATE, minutes))[0]["arranged"] == 2


async def test_the_same_files_in_another_order_are_put_together_again(cast: Cast) -> None:
    minutes, (first, second) = await sent(cast, picture(1), picture(2))
    meeting = (await rows("SELECT meeting FROM minutes WHERE id = $1", minutes))[0]["meeting"]
    async with transaction():
        await sql("UPDATE minutes_page SET state = 'read' WHERE minutes = $1", minutes)
        await sql("UPDATE minutes SET state = 'ready' WHERE id = $1", minutes)

    same = await arrange(minutes, meeting=meeting, files=[first, second], by=cast.hoa)
    other = await arrange(minutes, meeting=meeting, files=[second, first], by=cast.hoa)

    assert (same.state, other.state) == ("ready", "assembling")
    assert other.wanted == other.safe == [second, first]
    assert await jobs("assemble_minutes") == [{"minutes": str(minutes)}]


async def test_a_file_that_is_wanted_no_more_does_not_count(cast: Cast) -> None:
    first, second = uuid4(), uuid4()
    minutes = await document(cast, [first, second])
    await send(minutes, first, picture(1), by=cast.hoa)
    row = (await rows("SELECT meeting, state FROM minutes WHERE id = $1", minutes))[0]

    told = await arrange(minutes, meeting=row["meeting"], files=[first], by=cast.hoa)

    assert row["state"] == "collecting"
    assert (told.state, told.wanted, told.safe) == ("reading", [first], [first])


@pytest.mark.parametrize("role", ["group_leader", "member"])
async def test_others_of_the_cell_read_and_do_not_send(cast: Cast, role: str) -> None:
    minutes, files = await sent(cast, picture(3))
    reader = person("Lan", role, cast.cell, 2)

    with pytest.raises(Refused, match="bí thư"):
        await arrange(uuid4(), meeting=await cast.meeting(), files=[uuid4()], by=reader)
    async with transaction(read_only=True):
        assert (await receipt(minutes, reader)).safe == files


async def test_the_neighbour_and_the_province_find_nothing(cast: Cast) -> None:
    minutes, files = await sent(cast, picture(4))
    meeting = await cast.meeting()
    for reader in (cast.stranger, person("Tỉnh", "province_administrator")):
        with pytest.raises(NotFound):
            await arrange(uuid4(), meeting=meeting, files=[uuid4()], by=reader)
        with pytest.raises(NotFound):
            await decide_same(files[0], "dropped", by=reader)
        with pytest.raises(NotFound):
            async with transaction(read_only=True):
                await receipt(minutes, reader)


async def test_a_document_stays_with_its_meeting_and_a_file_with_its_document(cast: Cast) -> None:
    minutes, files = await sent(cast, picture(5))
    other = await add_meeting(cast.pleiku, cast.cell, clock.today())

    with pytest.raises(Refused, match="cuộc họp khác"):
        await arrange(minutes, meeting=other, files=files, by=cast.hoa)
    with pytest.raises(NotFound):
        await arrange(uuid4(), meeting=other, files=files, by=cast.hoa)


async def test_nothing_twice_and_too_much_are_refused_with_their_reason(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting, one = await cast.meeting(), uuid4()
    few = replace(settings(), minutes_pages=3)
    monkeypatch.setattr("server.minutes.queries.settings", lambda: few)

    for files, words in (
        ([], "ít nhất một trang"),
        ([one, one], "hai lần"),
        ([uuid4() for _ in range(4)], "3 trang"),
    ):
        with pytest.raises(Refused, match=words):
            await arrange(uuid4(), meeting=meeting, files=files, by=cast.hoa)
    assert not await rows("SELECT 1 FROM minutes")


async def test_minutes_in_the_bin_take_nothing(cast: Cast) -> None:
    first, second = uuid4(), uuid4()
    minutes = await document(cast, [first, second])
    row = (await rows("SELECT meeting FROM minutes WHERE id = $1", minutes))[0]
    async with transaction():
        await sql("UPDATE minutes SET binned_at = now(), erase_on = current_date + 30 WHERE id = $1", minutes)

    with pytest.raises(Refused, match="thùng rác"):
        await arrange(minutes, meeting=row["meeting"], files=[first], by=cast.hoa)
    with pytest.raises(Refused, match="thùng rác"):
        await send(minutes, first, picture(6), by=cast.hoa)
    assert not await rows("SELECT 1 FROM minutes_file")


async def test_a_look_is_written_down_once_in_a_while_for_each_person(cast: Cast) -> None:
    minutes, _ = await sent(cast, picture(7))
    for reader in (cast.hoa, cast.hoa, cast.office):
        async with transaction():
            await note_look(minutes, "minutes_opened", by=reader)

    noted = await rows("SELECT by_name FROM event WHERE action = 'minutes_opened' ORDER BY id")

    assert [row["by_name"] for row in noted] == ["Hòa", "Văn phòng"]
