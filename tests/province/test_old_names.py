"""Papers of a day bear the name that the committee had on that day."""

from __future__ import annotations

from datetime import timedelta

from server import clock
from server.assignments import annex_of
from server.committees import merging, naming
from tenants.current import set_current
from tests.cast import Cast
from tests.fleet.running import go_through
from tests.province.full_cell import administrator, province_slug


async def test_the_annex_of_an_old_meeting_bears_the_old_name(cast: Cast) -> None:
    today = clock.today()
    old, new = await cast.meeting(today - timedelta(days=40)), await cast.meeting(today)
    await naming.rename(
        await province_slug(cast), cast.pleiku.slug, name="Phố Núi", day=today - timedelta(days=5),
        by=administrator(cast),
    )  # fmt: skip

    heads = [(await annex_of.of_meeting(meeting, cast.office))[1] for meeting in (old, new)]
    assert [head.left[0] for head in heads] == ["THÀNH ỦY PLEIKU", "THÀNH ỦY PHỐ NÚI"]
    assert [head.place_and_day.split(",")[0] for head in heads] == ["Pleiku", "Phố Núi"]


async def test_the_annex_of_a_meeting_before_the_cell_came_bears_the_name_of_where_it_came_from(
    cast: Cast,
) -> None:
    today = clock.today()
    old, new = await cast.meeting(today - timedelta(days=40)), await cast.meeting(today)
    run = await merging.merge(
        await province_slug(cast), cast.pleiku.slug, into=cast.neighbour.slug, day=today, agreed=True,
        by=administrator(cast),
    )  # fmt: skip
    await go_through(run)
    set_current(cast.neighbour)

    heads = [(await annex_of.of_meeting(meeting, cast.office))[1] for meeting in (old, new)]
    assert [head.left[0] for head in heads] == ["THÀNH ỦY PLEIKU", "THỊ ỦY AYUN PA"]
