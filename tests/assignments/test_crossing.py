"""Several who speak of the same work at the same moment: nobody waits in a circle, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from uuid import uuid4

import pytest

from infra.postgres import one
from server import clock
from server.assignments import resolutions, usual, usual_changing
from server.assignments.actions import say_all
from server.assignments.fold import fold
from tenants.transactions import transaction
from tests.assignments import usual as usual_work
from tests.assignments.saying import AN, BINH, change, explained, give, given, history, said
from tests.cast import Cast


async def test_two_devices_that_give_under_one_id_give_once(cast: Cast) -> None:
    new = given(cast)
    twice = [new, new, replace(given(cast, BINH), assignment=new.assignment)]

    verdicts = await asyncio.gather(*(say_all([one], device=uuid4(), by=cast.hoa) for one in twice))

    (first,) = await history(new.assignment)
    # Whoever came first is acknowledged, and the other is told.
    assert [len(v.refused) for v in verdicts] == ([0, 0, 1] if first.id == new.id else [1, 1, 0])
    await explained(new.assignment)


@pytest.mark.parametrize("turn", range(3))
async def test_accepted_carried_and_cancelled_at_once_all_stand_and_disagree(cast: Cast, turn: int) -> None:
    work = await give(cast)
    sayings = [
        (change(work, "accepted", 1, result="better"), cast.hoa),
        (change(work, "carried", 1, due=clock.today().replace(year=clock.today().year + 1)), cast.deputy),
        (change(work, "cancelled", 1, note="Không cần nữa"), cast.office),
    ]
    random.Random(turn).shuffle(sayings)

    await asyncio.gather(*(said(one, by=by) for one, by in sayings))

    now = await explained(work)
    assert (now.state, sorted(now.rivals)) == ("open", ["state"])
    assert fold(reversed(await history(work))) == now
    await said(change(work, "settled", 4, register="state", value="cancelled"), by=cast.hoa)
    assert (await explained(work)).state == "cancelled"


async def test_batches_and_a_resolution_that_cross_do_not_wait_in_a_circle(cast: Cast) -> None:
    works = [await give(cast, name) for name in (AN, BINH) * 6]
    year, rng = clock.today().year, random.Random(4)

    async def talk(n: int) -> None:
        mixed = [change(work, "progress", 1, note=f"lần {n}") for work in rng.sample(works, len(works))]
        await said(*mixed, *(given(cast) for _ in range(3)), by=cast.hoa)

    await resolutions.write(cast.cell, year, resolutions.Body(), by=cast.hoa)
    for _ in range(3):
        await asyncio.gather(
            *map(talk, range(4)),
            resolutions.put_in_all(cast.cell, year, resolutions.Choice(), by=cast.hoa),
            resolutions.take_out(cast.cell, year, list(range(1, 200)), by=cast.deputy),
        )

    for work in works:
        assert len(await history(work)) == 13
        await explained(work)


async def test_a_job_that_makes_usual_work_and_its_end_at_once_make_it_once_or_not(cast: Cast) -> None:
    work = await usual_work.add(cast, usual_work.monthly(cast, AN, BINH))
    async with transaction(read_only=True):
        before = await one("SELECT count(*)::int AS n FROM assignment WHERE usual_work = $1", work)
    assert before is not None
    next_month = usual_work.NEXT_MONTH.isoformat()

    await asyncio.gather(
        usual.make_usual_work(next_month),
        usual_changing.end(work, by=cast.hoa),
        usual.make_usual_work(next_month),
    )

    made = await usual_work.given(work)
    assert len(made) in (before["n"], before["n"] + 2)
    assert len({(row["period"], row["name"]) for row in made}) == len(made)
    assert all(row["changes"] == 1 for row in made)
