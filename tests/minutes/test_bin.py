"""Minutes are thrown away with a reason and can be fetched back until they are erased."""

from __future__ import annotations

from datetime import timedelta

import pytest

from infra.postgres import one, sql
from infra.settings import settings
from server import clock
from server.meetings.queries import NotFound
from server.minutes.bin import binned, erased, restore, throw_away
from server.minutes.viewing import document
from server.words import Refused
from tenants.transactions import transaction
from tests.cast import Cast, person
from tests.minutes.read_pages import read_minutes


async def test_minutes_thrown_away_are_gone_for_readers_and_wait_their_days(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Trang một", "Trang hai")

    await throw_away(minutes, reason="  Chụp nhầm  cuộc họp ", by=cast.hoa)

    async with transaction(read_only=True):
        (lying,) = await binned({cast.cell})
        with pytest.raises(NotFound):
            await document(minutes, cast.leader)
        assert (await document(minutes, cast.hoa))["bin_reason"] == "Chụp nhầm cuộc họp"
    assert (lying["id"], lying["binned_by"], lying["pages"]) == (minutes, "Hòa", 2)
    assert lying["erase_on"] == clock.today() + timedelta(days=settings().minutes_bin_days)


async def test_minutes_are_fetched_back_as_they_were(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Trang một")
    await throw_away(minutes, reason="Nhầm", by=cast.hoa)

    await restore(minutes, by=cast.office)
    await restore(minutes, by=cast.office)

    async with transaction(read_only=True):
        held = await document(minutes, cast.leader)
        events = await sql("SELECT action, detail FROM event WHERE subject = $1 ORDER BY id", str(minutes))
        assert await binned(None) == []
    assert (held["state"], held["binned_at"], held["erase_on"]) == ("ready", None, None)
    assert [tuple(event) for event in events] == [("minutes_binned", "Nhầm"), ("minutes_restored", "")]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
async def test_without_a_fitting_reason_nothing_is_thrown_away(cast: Cast, reason: str) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Trang một")

    with pytest.raises(Refused) as refused:
        await throw_away(minutes, reason=reason, by=cast.hoa)

    assert set(refused.value.reasons) == {"reason"}
    async with transaction(read_only=True):
        assert await binned(None) == []


async def test_a_second_press_keeps_the_first_reason_and_day(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Trang một")
    await throw_away(minutes, reason="Thứ nhất", by=cast.hoa)

    await throw_away(minutes, reason="Thứ hai", by=cast.deputy)

    async with transaction(read_only=True):
        row = await one("SELECT binned_by, bin_reason FROM minutes WHERE id = $1", minutes)
    assert row is not None
    assert tuple(row) == ("Hòa", "Thứ nhất")


async def test_who_may_only_read_throws_nothing_away_and_strangers_know_of_nothing(cast: Cast) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Trang một")

    for reader in (cast.leader, person("Đảng viên", "member", cast.cell)):
        with pytest.raises(Refused, match="Chỉ bí thư"):
            await throw_away(minutes, reason="Vì tôi muốn", by=reader)
    for verb in (throw_away(minutes, reason="x", by=cast.stranger), restore(minutes, by=cast.stranger)):
        with pytest.raises(NotFound):
            await verb


async def test_what_was_erased_is_told_with_its_reason_to_its_own_cell(cast: Cast) -> None:
    meeting = await cast.meeting()
    async with transaction():
        await sql(
            """INSERT INTO minutes_erased (minutes, meeting, cell, files, pages, bytes, sha256, sent_at, sent_by,
                binned_at, binned_by, reason)
            VALUES (gen_random_uuid(), $1, $2, 1, 3, 9, '{}', now(), 'Hòa', now(), 'Đức', 'Chụp nhầm')""",
            meeting, cast.cell,
        )  # fmt: skip

    async with transaction(read_only=True):
        (told,) = await erased({cast.cell})
        assert await erased({cast.neighbour_cell}) == []

    assert (told["pages"], told["sent_by"], told["binned_by"], told["reason"]) == (
        3,
        "Hòa",
        "Đức",
        "Chụp nhầm",
    )
