"""Who has not reported is reminded, once a day; its office sees which cells it is about, and so do its phones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from infra.postgres import sql
from server import clock
from server.accounts.actions import Place
from server.meetings.queries import NotFound
from server.province import chased, chasing
from server.province.chasing import Silent
from server.rollups.actions import recompute_rollup
from server.words import Refused
from tenants import registry
from tenants.transactions import platform_transaction, transaction
from tests.assignments.duties import set_up
from tests.assignments.push_service import Service, account_with, push_service
from tests.bulletins.desk import administrator, slug_of
from tests.cast import Cast, add_meeting
from tests.province.counted import LAST_MONTH, count
from workers.jobs import perform


async def silent(cast: Cast) -> dict[str, Silent]:
    async with platform_transaction(read_only=True):
        _, owing = await chasing.silent(cast.province, LAST_MONTH)
    return {one.line.slug: one for one in owing}


async def remind(cast: Cast, slug: str | None, month: date = LAST_MONTH) -> int:
    return await chasing.remind(await slug_of(cast.province), month, slug, by=administrator(cast))


async def rows(query: str, *arguments: object) -> list[tuple[object, ...]]:
    async with platform_transaction(read_only=True):
        return [tuple(row) for row in await sql(query, *arguments)]


async def age(cast: Cast, by: timedelta) -> None:
    """Let a while pass since every reminder."""
    async with platform_transaction():
        await sql(
            "UPDATE platform.report_reminder SET at = at - $2::interval WHERE committee = $1",
            cast.pleiku.id,
            by,
        )


async def test_silent_is_who_has_silent_cells_and_before_them_who_has_no_figures(cast: Cast) -> None:
    await count(cast.pleiku)
    before = await silent(cast)
    await count(cast.neighbour, cells_met=4, cells_not_reported=0)
    after = await silent(cast)

    assert [*before] == [cast.neighbour.slug, cast.pleiku.slug]
    assert before[cast.neighbour.slug].cells is None
    assert [*after] == [cast.pleiku.slug]
    assert (after[cast.pleiku.slug].cells, after[cast.pleiku.slug].base) == (1, 4)


async def test_a_second_reminder_of_the_day_is_none_and_the_next_day_is_another(cast: Cast) -> None:
    await count(cast.pleiku)

    first, again = await remind(cast, cast.pleiku.slug), await remind(cast, cast.pleiku.slug)
    told = (await silent(cast))[cast.pleiku.slug]
    await age(cast, timedelta(days=1))
    next_day = await remind(cast, cast.pleiku.slug)

    assert (first, again, next_day) == (1, 0, 1)
    assert told.last is not None
    assert (told.last["silent"], told.last["by_name"], told.may_remind) == (1, "Siu Hương", False)
    assert (
        await rows("SELECT action, subject FROM platform.province_event WHERE province = $1", cast.province)
        == [("report_reminded", cast.pleiku.slug)] * 2
    )


async def test_all_at_once_leaves_alone_who_was_reminded_who_is_done_and_who_is_closed(cast: Cast) -> None:
    await count(cast.pleiku)
    await remind(cast, cast.pleiku.slug)
    async with platform_transaction():
        await registry.suspend(cast.neighbour.id, "Sắp xếp lại")

    nobody = await remind(cast, None)
    async with platform_transaction():
        await registry.resume(cast.neighbour.id)
    one = await remind(cast, None)

    assert (nobody, one) == (0, 1)


async def test_what_can_not_be_reminded_of_is_refused(cast: Cast) -> None:
    await count(cast.pleiku, cells_met=4, cells_not_reported=0)
    ahead = clock.month_after(clock.month_of(clock.today()))
    async with platform_transaction():
        await registry.suspend(cast.neighbour.id, "Sắp xếp lại")

    for slug, month in ((cast.pleiku.slug, LAST_MONTH), (cast.neighbour.slug, LAST_MONTH), (None, ahead)):
        with pytest.raises(Refused):
            await remind(cast, slug, month)
    with pytest.raises(NotFound):
        await remind(cast, "khong-co-noi-nay")


async def test_the_office_is_reminded_of_the_very_cells_that_the_figures_call_silent(cast: Cast) -> None:
    await recompute_rollup(LAST_MONTH.isoformat())
    await remind(cast, cast.pleiku.slug)
    async with platform_transaction(read_only=True):
        before = await chased.reminded_of(cast.pleiku)
    meeting = await add_meeting(cast.pleiku, cast.cell, LAST_MONTH)
    async with transaction():
        cells = [row["name"] for row in await chased.silent_cells(LAST_MONTH)]
        await sql("UPDATE meeting SET state = 'held' WHERE id = $1", meeting)
    async with platform_transaction(read_only=True):
        after = await chased.reminded_of(cast.pleiku)

    assert [(row["month"], n) for row, n in before] == [(LAST_MONTH, 1)]
    assert cells == ["Chi bộ Tổ dân phố 5"]
    assert after == []


@pytest.fixture
def service() -> Iterator[Service]:
    """A push service that this deployment tells."""
    with push_service() as found:
        yield found


async def push_it(cast: Cast) -> None:
    """What the worker does with what was left for it."""
    await perform(
        "push_report_reminder", cast.pleiku.schema_name, {"month": LAST_MONTH.isoformat(), "attempt": 1}
    )


async def test_reminding_leaves_a_job_for_the_committees_phones(cast: Cast) -> None:
    await remind(cast, cast.pleiku.slug)

    left = await rows(
        "SELECT schema_name, arguments FROM platform.outbox WHERE job = 'push_report_reminder' AND schema_name = $1",
        cast.pleiku.schema_name,
    )

    assert [(name, json.loads(str(given))) for name, given in left] == [
        (cast.pleiku.schema_name, {"month": LAST_MONTH.isoformat(), "attempt": 1})
    ]


async def test_a_browser_of_the_office_is_told_how_many_cells_and_nobody_elses_is(
    cast: Cast, service: Service
) -> None:
    await set_up()
    office, secretary = service.browser(), service.browser()
    await account_with(office, cast.pleiku.id, None, role="office")
    await account_with(
        secretary, cast.pleiku.id, None, role="secretary", place=Place(cast.cell, "Chi bộ", None)
    )

    await push_it(cast)

    (heard,) = service.to(office)
    told = office.open(heard)
    assert told["body"] == f"1 chi bộ chưa báo cáo tháng {LAST_MONTH.month}/{LAST_MONTH.year}"
    assert told["url"] == f"/{cast.pleiku.slug}/silent?month={LAST_MONTH:%Y-%m}"
    assert service.to(secretary) == []


async def test_in_quiet_hours_and_when_all_have_reported_no_phone_rings(cast: Cast, service: Service) -> None:
    office = service.browser()
    await account_with(office, cast.pleiku.id, None, role="office")
    now = clock.now().astimezone(clock.VIETNAM)
    hours = {f"quiet_{end}": f"{now + timedelta(hours=n):%H:%M}" for end, n in (("from", -1), ("to", 1))}
    await set_up(**hours)

    await push_it(cast)
    waiting = await rows(
        "SELECT due_at > now() FROM platform.outbox WHERE job = 'push_report_reminder' AND schema_name = $1",
        cast.pleiku.schema_name,
    )
    await set_up()
    meeting = await add_meeting(cast.pleiku, cast.cell, LAST_MONTH)
    async with transaction():
        await sql("UPDATE meeting SET state = 'held' WHERE id = $1", meeting)
    await push_it(cast)

    assert waiting == [(True,)]
    assert service.heard == []


async def test_a_service_that_is_away_is_tried_again_later(cast: Cast, service: Service) -> None:
    await set_up()
    office = service.browser()
    service.answers[office.path] = 503
    await account_with(office, cast.pleiku.id, None, role="office")

    await push_it(cast)

    (left,) = await rows(
        "SELECT arguments, due_at > now() FROM platform.outbox WHERE job = 'push_report_reminder' AND schema_name = $1",
        cast.pleiku.schema_name,
    )
    assert (json.loads(str(left[0]))["attempt"], left[1]) == (2, True)
