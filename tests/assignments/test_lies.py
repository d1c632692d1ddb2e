"""What a phone that lies, or a person who will not stop, can't bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from infra.postgres import sql
from server import clock
from server.assignments import queries
from server.assignments.actions import MOST_DECIDED, MOST_SAID, say_all
from server.assignments.listing import Filter, listed
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, change, day, explained, give, given, history, row, said
from tests.cast import Cast


async def test_nobody_reports_on_a_day_before_they_do(cast: Cast) -> None:
    past = await cast.meeting(clock.today() - timedelta(days=20))
    of = given(cast, AN, meeting=past, due=day(-5))
    await said(of, by=cast.hoa)
    an, leader = await cast.themselves(AN), await cast.themselves(AN, "group_leader", 1)
    between = await cast.meeting(clock.today() - timedelta(days=10))

    await said(change(of.assignment, "reported", 1, meeting=between), by=an)
    by_an = (await row(of.assignment, cast.hoa))["reported_on"]
    await said(change(of.assignment, "taken_back", 2), by=an)
    await said(change(of.assignment, "reported", 3, meeting=between), by=leader)
    by_leader = (await row(of.assignment, cast.hoa))["reported_on"]
    await said(change(of.assignment, "accepted", 4, result="late"), by=cast.hoa)

    assert by_an == by_leader == clock.today()
    await explained(of.assignment)


async def test_what_is_said_for_a_meeting_by_who_leads_it_counts_on_its_day(cast: Cast) -> None:
    held = clock.today() - timedelta(days=3)
    meeting = await cast.meeting(held)
    new = given(cast, AN, meeting=meeting)
    await said(new, by=cast.hoa)
    await said(change(new.assignment, "accepted", 1, result="better", meeting=meeting), by=cast.deputy)

    kept = await row(new.assignment, cast.hoa)

    assert (kept["given_on"], kept["ended_on"]) == (held, held)


async def test_nobody_talks_an_assignment_out_of_the_hands_of_those_who_decide(cast: Cast) -> None:
    work, an = await give(cast), await cast.themselves(AN)
    loud = [change(work, "progress", n, note="đang làm") for n in range(1, MOST_SAID + 10)]

    verdict = await say_all(loud, device=work, by=an)

    assert len(verdict.acked) == MOST_SAID - 1
    assert [change.id for change, _ in verdict.refused] == [c.id for c in loud[MOST_SAID - 1 :]]
    assert all("quá nhiều" in str(reason) for _, reason in verdict.refused)
    # What was taken is acknowledged again, and what is decided is decided all the same.
    again = await say_all(loud[:3], device=work, by=an)
    assert again.acked == [c.id for c in loud[:3]]
    await said(change(work, "accepted", MOST_SAID, result="on_time"), by=cast.hoa)
    assert (await explained(work)).state == "done"


async def test_those_who_decide_come_to_an_end_too(cast: Cast) -> None:
    work = await give(cast)
    loud = [change(work, "progress", n, note="đang làm") for n in range(1, MOST_DECIDED + 2)]

    verdict = await say_all(loud, device=work, by=cast.hoa)

    assert len(verdict.acked) == MOST_DECIDED - 1
    assert len(await history(work)) == MOST_DECIDED


async def test_the_edge_of_a_page_tells_nothing_of_what_is_not_seen(cast: Cast) -> None:
    own, foreign = await give(cast, AN, due=day(5)), await give(cast, BINH, due=day(3))
    an, hidden = await cast.themselves(AN), (await row(foreign, cast.hoa))["no"]

    for sort in ("due", "new", "person"):
        for edge in ({"after": hidden}, {"before": hidden}, {"after": 10**8}):
            async with transaction(read_only=True):
                found = await listed(Filter(sort=sort), an, **edge)  # type: ignore[arg-type]
            assert [r["no"] for r in found.rows] == [], f"{sort} {edge}"
    async with transaction(read_only=True):
        assert [r["id"] for r in (await listed(Filter(), an)).rows] == [own]


async def test_overdue_is_what_nobody_has_reported(cast: Cast) -> None:
    meeting = await cast.meeting(clock.today() - timedelta(days=30))
    late, told = (given(cast, name, meeting=meeting, due=day(-2)) for name in (AN, BINH))
    await said(late, told, by=cast.hoa)
    await said(change(told.assignment, "reported", 1), by=cast.hoa)

    async with transaction(read_only=True):
        found = await queries.listed(Filter(due="overdue"), cast.office)

    assert ([r["id"] for r in found.rows], found.total) == ([late.assignment], 1)


async def test_a_clock_at_the_end_of_time_is_kept_as_a_time(cast: Cast) -> None:
    new = replace(given(cast), at=clock.now().replace(year=1))
    then = replace(change(new.assignment, "progress", 1, note="đang làm"), at=clock.now().replace(year=9999))

    await said(new, then, by=cast.hoa)

    async with transaction(read_only=True):
        told = await sql("SELECT device_at FROM assignment_change WHERE assignment = $1", new.assignment)
    assert {row["device_at"].year for row in told} == {clock.today().year}
