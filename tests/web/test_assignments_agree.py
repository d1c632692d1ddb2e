"""What pages count of the same work, each in its own way, is the same number."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx

from infra.postgres import sql
from server import clock
from server.assignments import figures, nudging, reminders, review, telling, year
from server.assignments.listing import Filter, listed
from server.meetings import queries as meetings
from tenants.transactions import transaction
from tests.assignments.duties import duty, set_up
from tests.assignments.saying import AN, BINH, change, day, explained, give, given, row, said
from tests.cast import Cast
from tests.web.walking import signed_in


async def late(cast: Cast, name: str) -> UUID:
    """Work given in a meeting a month ago, due ten days ago."""
    new = given(cast, name, meeting=await cast.meeting(clock.today() - timedelta(days=30)), due=day(-10))
    await said(new, by=cast.hoa)
    return new.assignment


async def test_overdue_is_one_number_on_the_board_in_the_list_in_figures_and_for_the_office(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    _, asked, torn, told = [await late(cast, name) for name in (AN, AN, BINH, BINH)]
    await said(change(asked, "asked_time", 1, due=day(5), note="Mưa lâu"), by=cast.hoa)
    for due in (day(3), day(4)):
        await said(change(torn, "rescheduled", 1, due=due, note="Đổi hạn"), by=cast.deputy)
    await said(change(told, "reported", 1), by=cast.hoa)
    await give(cast, AN, due=day(2))
    await nudging.nudge(cast.cell, by=cast.office)

    async with transaction(read_only=True):
        counted = (await figures.overdue(None, clock.today())).total["overdue"]
        listing = (await listed(Filter(due="overdue"), cast.hoa)).total
        nudged = (await nudging.nudges_shown([cast.cell]))[0]["overdue"]
    await signed_in(client, "secretary", cast, at_neighbour=False)
    board = (await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}/assignments")).text

    assert (await explained(torn)).due == day(-10)
    assert counted == listing == nudged == 3
    figure = re.search(
        r"Việc quá hạn, trên số việc đang làm</span>\s*<span class=\"num\"><b>(\d+)/(\d+)", board
    )
    assert figure is not None
    assert figure.groups() == ("3", "5")


async def test_work_carried_on_twice_counts_the_same_in_meetings_months_and_the_year(cast: Cast) -> None:
    today = clock.today()
    days = [today - timedelta(days=ago) for ago in (100, 70, 40, 10)]
    held = [await cast.meeting(on) for on in days]
    async with transaction():
        await sql("UPDATE meeting SET state = 'held' WHERE id = ANY ($1)", held)
    new = given(cast, AN, meeting=held[0], due=days[1] - timedelta(days=5))
    await said(new, by=cast.hoa)
    work = new.assignment
    await said(change(work, "carried", 1, meeting=held[1], due=days[2] - timedelta(days=5)), by=cast.hoa)
    await said(change(work, "carried", 2, meeting=held[2], due=days[3] - timedelta(days=5)), by=cast.hoa)
    await said(change(work, "accepted", 3, meeting=held[3], result="late"), by=cast.hoa)

    seen = []
    months = {clock.month_of(on): 0 for on in (today - timedelta(days=n) for n in range(120))}
    async with transaction(read_only=True):
        for meeting in held[1:]:
            rows = await review.reviewed(await meetings.meeting(meeting, cast.hoa), cast.hoa)
            seen += [(r["base"], r["state"] == "done" and r["base"] == "due") for r in rows]
        totals = [(await figures.month(None, month)).total for month in months]
        years = {on.year for on in days}
        sheets = [await year.sheet(cast.numbers[AN], of, cast.hoa) for of in years]

    # Missed and moved on twice, then done, late: three deadlines, in three meetings, of which one was met.
    assert seen == [("moved", False), ("moved", False), ("due", True)]
    assert [sum(t[name] for t in totals) for name in ("due", "moved", "late")] == [3, 2, 1]
    assert [sum(s.due[name] for s in sheets) for name in ("due", "moved", "late")] == [3, 2, 1]


async def test_who_goes_or_is_exempt_later_is_no_base_and_their_work_is_still_somebodys(cast: Cast) -> None:
    gone, exempt = await late(cast, AN), await late(cast, BINH)
    month = clock.month_of(clock.today())
    async with transaction(read_only=True):
        before = await figures.coverage(cast.cell, month)
    an, binh = await cast.member(AN), await cast.member(BINH)
    async with transaction():
        await sql("UPDATE membership SET to_on = $2 WHERE member = $1", an, day(-1))
        await sql(
            "INSERT INTO exemption (id, member, kind, from_on) VALUES ($1, $2, 'age_health', $3)",
            uuid4(),
            binh,
            day(0),
        )
    await set_up()
    await reminders.plan_reminders(clock.today().isoformat())

    async with transaction(read_only=True):
        after = await figures.coverage(cast.cell, month)
        total = (await figures.month(None, month)).total
        reminded = await sql("SELECT member FROM reminder")
    assert (before["assigned"], before["assignable"]) == (2, 5)
    assert (after["assigned"], after["assignable"]) == (total["assigned"], total["assignable"]) == (0, 3)
    assert [r["member"] for r in reminded] == [binh]
    assert {(await row(work, cast.hoa))["state"] for work in (gone, exempt)} == {"open"}


async def test_who_tells_a_member_reads_the_work_of_their_own_cell_alone(cast: Cast) -> None:
    other = uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ khác', '2')", other)
    here, there = (
        await duty(cast, AN, day(0), words="Thu quỹ"),
        await duty(cast, AN, day(0), words="Việc nơi khác"),
    )
    async with transaction():
        await sql("UPDATE assignment SET cell = $1 WHERE id = $2", other, there)
    await set_up()
    await reminders.plan_reminders(clock.today().isoformat())

    async with transaction(read_only=True):
        (told,) = await telling.of_members(clock.today(), cast.cell, None)

    assert (told["today"], [w["text"] for w in json.loads(told["works"])]) == (2, ["Thu quỹ"])
    assert here != there
