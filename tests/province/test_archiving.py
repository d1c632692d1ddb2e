"""A committee is put away, and brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from infra.postgres import sql
from server import clock
from server.committees import archiving, merging
from server.words import Refused
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.fleet.running import go_through
from tests.province.full_cell import administrator, province_slug


async def archive(cast: Cast, reason: str = "Giải thể", *, agreed: bool = True) -> None:
    await archiving.archive(
        await province_slug(cast), cast.pleiku.slug, reason=reason, agreed=agreed, by=administrator(cast)
    )


async def state(cast: Cast) -> tuple[str, str]:
    async with platform_transaction(read_only=True):
        ref = await registry.find(cast.pleiku.slug)
    assert ref is not None
    return ref.state, ref.state_reason


async def last_days(cast: Cast) -> list[object]:
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT to_on FROM platform.committee_belonging WHERE committee = $1 ORDER BY from_on",
            cast.pleiku.id,
        )
    return [row["to_on"] for row in rows]


async def test_what_is_put_away_is_counted_until_yesterday_and_comes_back_whole(cast: Cast) -> None:
    await archive(cast)
    await archive(cast)
    assert await state(cast) == ("archived", "Giải thể")
    assert await last_days(cast) == [clock.today() - timedelta(days=1)]

    await archiving.unarchive(await province_slug(cast), cast.pleiku.slug, by=administrator(cast))
    assert await state(cast) == ("active", "")
    assert await last_days(cast) == [None]


async def test_what_comes_back_later_was_not_counted_meanwhile(cast: Cast) -> None:
    await archive(cast)
    async with platform_transaction():
        await sql(
            "UPDATE platform.committee_belonging SET to_on = '2026-01-31' WHERE committee = $1",
            cast.pleiku.id,
        )
    await archiving.unarchive(await province_slug(cast), cast.pleiku.slug, by=administrator(cast))
    assert [str(day) for day in await last_days(cast)] == ["2026-01-31", "None"]


async def test_without_reason_or_agreement_nothing_happens(cast: Cast) -> None:
    for more in ({"reason": " "}, {"agreed": False}):
        with pytest.raises(Refused) as refusal:
            await archive(cast, **more)  # type: ignore[arg-type]
        assert list(refusal.value.reasons) == list(more)
    assert await state(cast) == ("active", "")


async def test_where_cells_are_coming_to_nobody_puts_the_committee_away(cast: Cast) -> None:
    province, by = await province_slug(cast), administrator(cast)
    run = await merging.merge(
        province, cast.neighbour.slug, into=cast.pleiku.slug, day=clock.today(), agreed=True, by=by
    )
    with pytest.raises(Refused):
        await archive(cast)
    await go_through(run)
    await archive(cast)
    # And what has merged does not come back: its cells are elsewhere.
    with pytest.raises(Refused):
        await archiving.unarchive(province, cast.neighbour.slug, by=by)
