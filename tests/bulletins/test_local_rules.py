"""A province publishes a number: its committees are judged by it from its day on, and by nobody else's ever."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from infra.postgres import one, sql
from server import clock
from server.bulletins.publishing import Told, hand_on, publish_rules, send_further, take_back
from server.rulebook import NotLoaded, UnknownRule, local, lookup
from server.words import Refused
from tenants.current import set_current, using
from tenants.transactions import platform_transaction
from tests.bulletins.desk import administrator, as_it_is, publish, rule, slug_of
from tests.cast import Cast
from workers.jobs import perform

KEY = "attendance_target"
FIRST = clock.month_of(clock.today())


def target(day: date) -> object:
    return lookup(KEY, day).value


async def test_the_number_of_the_day_is_the_provinces_from_its_first_day_on(cast: Cast) -> None:
    await publish(cast, rule(95, since=FIRST, until=FIRST + timedelta(days=9)))

    await as_it_is(cast.pleiku)

    days = {-1: 90, 0: 95, 9: 95, 10: 90}
    assert {n: target(FIRST + timedelta(days=n)) for n in days} == days


async def test_only_the_committees_that_were_named_have_it(cast: Cast) -> None:
    await publish(cast, slugs=[cast.pleiku.slug])

    here = await as_it_is(cast.pleiku)
    there = await as_it_is(cast.neighbour)

    assert (here.rules_version, there.rules_version) == (1, 0)
    assert target(FIRST) == 90
    with using(here):
        assert target(FIRST) == 95


async def test_the_newest_publication_counts_and_the_one_before_comes_back_when_it_is_taken_back(
    cast: Cast,
) -> None:
    await publish(cast, rule(95))
    newer = await publish(cast, rule(97))
    await as_it_is(cast.pleiku)
    between = target(FIRST)

    await take_back(await slug_of(cast.province), newer, reason="Ghi nhầm số", by=administrator(cast))
    await as_it_is(cast.pleiku)

    assert (between, target(FIRST)) == (97, 95)


async def test_a_general_number_does_not_stand_before_a_special_one(cast: Cast) -> None:
    await publish(cast, rule(60, "minimum_minutes", unit="minutes"))
    await as_it_is(cast.pleiku)

    assert lookup("minimum_minutes", FIRST).value == 60
    assert lookup("minimum_minutes", FIRST, "thematic").value == 60
    assert lookup("minimum_minutes", FIRST, "combined").value == 120


async def test_a_look_up_before_the_rules_are_loaded_is_an_error_and_no_other_number(cast: Cast) -> None:
    await publish(cast)
    async with platform_transaction(read_only=True):
        row = await one("SELECT rules_version FROM platform.committee WHERE id = $1", cast.pleiku.id)
    assert row is not None
    ref = type(cast.pleiku)(**{**vars(cast.pleiku), "rules_version": row["rules_version"]})
    set_current(ref)

    with pytest.raises(NotLoaded, match=ref.slug):
        target(FIRST)
    set_current(None)
    assert target(FIRST) == 90


async def test_a_look_up_asks_nobody_and_what_is_unknown_stays_unknown(cast: Cast) -> None:
    await publish(cast)
    await as_it_is(cast.pleiku)

    with pytest.raises(UnknownRule):
        lookup("no_such_rule", FIRST)
    assert not asyncio.iscoroutinefunction(lookup)


async def test_what_a_process_keeps_is_bounded_and_a_task_keeps_what_it_loaded(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "MOST_KEPT", 1)
    await publish(cast)
    here = await as_it_is(cast.pleiku)

    async def another_task() -> None:
        await as_it_is(cast.neighbour)

    await asyncio.create_task(another_task())
    set_current(here)

    assert len(local._kept) == 1
    assert (here.id, here.rules_version) not in local._kept
    assert target(FIRST) == 95


async def test_a_job_of_the_committee_has_its_rules(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    await publish(cast)
    seen = []

    async def judge() -> None:
        seen.append(target(FIRST))

    monkeypatch.setattr(
        "workers.jobs.JOBS", {"judge": type("J", (), {"inside": "committee", "run": staticmethod(judge)})()}
    )
    set_current(None)
    await perform("judge", cast.pleiku.schema_name, {})

    assert seen == [95]


async def test_a_committee_founded_later_gets_it_when_it_is_sent_further(cast: Cast) -> None:
    bulletin = await publish(cast, slugs=[cast.pleiku.slug])
    slug = await slug_of(cast.province)

    sent = await send_further(slug, bulletin, by=administrator(cast))
    there = await as_it_is(cast.neighbour)

    assert (sent, there.rules_version, target(FIRST)) == (1, 1, 95)
    with pytest.raises(Refused):
        await send_further(slug, bulletin, by=administrator(cast))


async def test_a_committee_that_comes_out_of_another_lives_by_its_rules_from_the_start(cast: Cast) -> None:
    gone = await publish(cast, rule(99), slugs=[cast.pleiku.slug])
    await publish(cast, rule(95), slugs=[cast.pleiku.slug])
    await take_back(await slug_of(cast.province), gone, reason="Ghi nhầm số", by=administrator(cast))

    for _ in range(2):
        async with platform_transaction():
            await hand_on(cast.pleiku.id, cast.neighbour.id)
    there = await as_it_is(cast.neighbour)

    assert (there.rules_version, target(FIRST)) == (1, 95)


async def test_a_band_of_points_has_figures_counted_again_from_its_month_on(cast: Cast) -> None:
    await publish(cast, rule(85, "meeting_band_from", "good", unit="points", since=FIRST))
    await publish(cast, rule(97))

    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT month, onward, cause FROM platform.rollup_dirty WHERE schema_name = $1",
            cast.pleiku.schema_name,
        )

    assert [tuple(row) for row in rows] == [(FIRST, True, "rules")]


async def test_bands_that_would_not_fall_are_refused_for_whoever_has_other_bands_too(cast: Cast) -> None:
    await publish(cast, rule(75, "meeting_band_from", "good", unit="points"), slugs=[cast.pleiku.slug])

    with pytest.raises(Refused, match="tốt 75, khá 80"):
        await publish(cast, rule(80, "meeting_band_from", "fair", unit="points"))
    await publish(cast, rule(80, "meeting_band_from", "fair", unit="points"), slugs=[cast.neighbour.slug])


async def test_sent_twice_it_is_published_once(cast: Cast) -> None:
    bulletin, slug = uuid4(), await slug_of(cast.province)
    for _ in range(2):
        await publish_rules(slug, bulletin, Told("", "Quy định", "", None), [rule()], by=administrator(cast))

    assert (await as_it_is(cast.pleiku)).rules_version == 1
