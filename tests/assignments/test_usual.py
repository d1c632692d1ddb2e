"""Usual work: given at once, made by the job, never twice, skipping who is exempt; changes touch only what comes."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import usual, usual_changing
from server.assignments.usual import make_usual_work
from server.assignments.usual_changing import Wanted
from server.meetings.queries import NotFound
from server.words import Refused
from tenants.transactions import transaction
from tests.assignments.usual import AN, BINH, CUC, NEXT_MONTH, add, backdate, given, monthly
from tests.cast import Cast, person
from tests.rollups.papers import marks_of

TODAY = clock.today()
THIS_MONTH = clock.month_of(TODAY)
LATER = NEXT_MONTH.isoformat()


async def test_work_of_the_present_month_is_given_at_once_and_later_months_by_the_job(cast: Cast) -> None:
    work = await add(cast)

    assert [(r["name"], r["period"], r["given_on"]) for r in await given(work)] == [
        (AN, THIS_MONTH, TODAY), (BINH, THIS_MONTH, TODAY),
    ]  # fmt: skip
    await make_usual_work(LATER)
    rows = await given(work)
    assert [(r["period"], r["given_on"]) for r in rows[2:]] == [(NEXT_MONTH, NEXT_MONTH)] * 2
    assert {(r["changes"], r["spans"]) for r in rows} == {(1, 1)}
    assert len({r["task"] for r in rows}) == 2


async def test_the_job_run_again_and_by_many_at_once_gives_everything_once(cast: Cast) -> None:
    works = [await add(cast) for _ in range(3)]

    await asyncio.gather(*(make_usual_work(LATER) for _ in range(5)))
    await make_usual_work(LATER)

    assert [len(await given(work)) for work in works] == [4, 4, 4]


async def test_who_is_exempt_or_not_there_on_the_day_is_left_out_and_the_page_says_so(cast: Cast) -> None:
    work = await add(cast, monthly(cast, AN, CUC))
    async with transaction():
        await sql(
            "UPDATE membership SET to_on = $1 WHERE member = (SELECT id FROM member WHERE name = $2)",
            NEXT_MONTH - timedelta(days=1), AN,
        )  # fmt: skip
        row = await usual.find(work, cast.hoa)
        ahead = await usual.ahead(row, after=TODAY)

    await make_usual_work(LATER)

    assert [(r["name"], r["period"]) for r in await given(work)] == [(AN, THIS_MONTH)]
    assert [one.person.name for one in ahead[0].exempt] == [CUC]


async def test_figures_follow_once_whatever_is_given_together(cast: Cast) -> None:
    work = await add(cast, monthly(cast, AN, BINH, from_on=NEXT_MONTH))
    since = clock.month_after(THIS_MONTH, -2)
    await backdate(work, since)

    await make_usual_work(TODAY.isoformat())
    await make_usual_work(TODAY.isoformat())

    assert len(await given(work)) == 6
    assert await marks_of(cast.pleiku) == [(since, True, "work")]


async def test_after_an_outage_at_most_three_months_are_made_up_for(cast: Cast) -> None:
    work = await add(cast, monthly(cast, AN, from_on=NEXT_MONTH))
    assert await given(work) == []
    await backdate(work, clock.month_after(NEXT_MONTH, -12))

    await make_usual_work(LATER)

    rows = await given(work)
    assert [r["period"] for r in rows] == [clock.month_after(NEXT_MONTH, n) for n in (-3, -2, -1, 0)]
    assert all(r["given_on"] == r["period"] <= r["due_on"] for r in rows)


async def test_new_words_and_people_count_for_what_comes_and_what_was_given_stays(cast: Cast) -> None:
    work = await add(cast)
    words = monthly(cast, text="Chăm sóc đường hoa và ghế đá")
    await usual_changing.change(work, wanted=words, by=cast.hoa)
    assert {r["text"] for r in await given(work)} == {"Chăm sóc đường hoa"}

    await usual_changing.change(work, wanted=monthly(cast, BINH, "Lê Đình Dũng"), by=cast.deputy)
    await make_usual_work(LATER)

    rows = await given(work)
    assert [r["name"] for r in rows if r["period"] == THIS_MONTH] == [AN, BINH, "Lê Đình Dũng"]
    assert [r["name"] for r in rows if r["period"] == NEXT_MONTH] == [BINH, "Lê Đình Dũng"]


async def test_somebody_who_is_added_is_not_given_the_work_of_months_gone_by(cast: Cast) -> None:
    work = await add(cast, monthly(cast, AN))
    await backdate(work, clock.month_after(THIS_MONTH, -2))
    await usual_changing.change(work, wanted=monthly(cast, AN, BINH), by=cast.hoa)

    await make_usual_work(LATER)

    rows = await given(work)
    assert [r["name"] for r in rows if r["period"] < THIS_MONTH] == [AN, AN]
    assert [r["name"] for r in rows if r["period"] >= THIS_MONTH] == [AN, BINH, AN, BINH]


async def test_a_month_may_be_left_out_or_due_on_another_day_or_as_usual_again(cast: Cast) -> None:
    work, after = await add(cast), clock.month_after(NEXT_MONTH)
    moved = after + timedelta(days=4)
    await usual_changing.make_exception(work, period=NEXT_MONTH, left_out=True, due=None, by=cast.hoa)
    await usual_changing.make_exception(work, period=after, left_out=False, due=moved, by=cast.hoa)

    await make_usual_work(after.isoformat())

    assert [(r["period"], r["due_on"]) for r in (await given(work))[2:]] == [(after, moved)] * 2
    await usual_changing.make_exception(work, period=NEXT_MONTH, left_out=False, due=None, by=cast.hoa)
    await make_usual_work(LATER)
    assert [r["period"] for r in await given(work)].count(NEXT_MONTH) == 2


async def test_new_people_keep_the_exceptions_and_a_new_rule_forgets_them(cast: Cast) -> None:
    work = await add(cast)
    await usual_changing.make_exception(work, period=NEXT_MONTH, left_out=True, due=None, by=cast.hoa)

    async def left_out() -> bool:
        async with transaction(read_only=True):
            return (await usual.ahead(await usual.find(work, cast.hoa), after=TODAY))[
                0
            ].occurrence.due_on is None

    await usual_changing.change(work, wanted=monthly(cast, AN), by=cast.hoa)
    assert await left_out()
    await usual_changing.change(work, wanted=monthly(cast, AN, due_day=30), by=cast.hoa)
    assert not await left_out()


async def test_what_was_given_already_takes_no_exception_and_no_date_before_its_day(cast: Cast) -> None:
    work = await add(cast)
    with pytest.raises(Refused) as refused:
        await usual_changing.make_exception(work, period=THIS_MONTH, left_out=True, due=None, by=cast.hoa)
    assert list(refused.value.reasons) == ["period"]
    with pytest.raises(Refused) as refused:
        await usual_changing.make_exception(work, period=NEXT_MONTH, left_out=False, due=TODAY, by=cast.hoa)
    assert list(refused.value.reasons) == ["due"]


async def test_ended_work_is_not_made_any_more_and_takes_no_change(cast: Cast) -> None:
    work = await add(cast)
    await usual_changing.end(work, by=cast.office)
    await usual_changing.end(work, by=cast.office)

    await make_usual_work(LATER)

    assert len(await given(work)) == 2
    with pytest.raises(Refused):
        await usual_changing.change(work, wanted=monthly(cast), by=cast.hoa)


async def test_a_template_is_offered_and_given_to_nobody(cast: Cast) -> None:
    work = await add(cast, Wanted("Giúp đỡ quần chúng ưu tú", "party_building", "Nhận xét bằng văn bản"))
    other = await add(cast)
    await make_usual_work(LATER)

    async with transaction(read_only=True):
        offered = await usual.templates(cast.cell)
    assert [(t["id"], t["text"], t["area"], t["check_by"]) for t in offered] == [
        (work, "Giúp đỡ quần chúng ưu tú", "party_building", "Nhận xét bằng văn bản")
    ]
    assert await given(work) == []
    assert await given(other) != []


async def test_the_same_form_twice_writes_it_once_and_changes_nothing(cast: Cast) -> None:
    work = uuid4()
    for text in ("Chăm sóc đường hoa", "Khác hẳn"):
        await usual_changing.add(work, cell=cast.cell, wanted=monthly(cast, AN, text=text), by=cast.hoa)

    assert [r["text"] for r in await given(work)] == ["Chăm sóc đường hoa"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": " ab "}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"area": "bếp núc"}, "area"),
        ({"check_by": "x" * 201}, "check_by"),
        ({"every": "week"}, "every"),
        ({"due_day": None}, "due_day"),
        ({"due_day": 32}, "due_day"),
        ({"every": "quarter", "due_month": 4}, "due_month"),
        ({"every": "year", "due_month": None}, "due_month"),
        ({"members": ()}, "members"),
        ({"members": (999_999_999,)}, "members"),
        ({"from_on": TODAY - timedelta(days=1)}, "from_on"),
        ({"from_on": date(2999, 1, 1)}, "from_on"),
    ],
)
async def test_each_fault_is_told_at_its_field(cast: Cast, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        await add(cast, monthly(cast, **wrong))
    assert list(refused.value.reasons) == [field]


async def test_only_secretary_deputy_and_office_decide_and_foreign_cells_do_not_exist(cast: Cast) -> None:
    work = await add(cast)

    async def refused(by: Reader) -> list[str]:
        try:
            await usual_changing.change(work, wanted=monthly(cast), by=by)
        except Refused as refusal:
            return list(refusal.reasons)
        return []

    recorder, member = person("Ghi", "recorder", cast.cell), person("Một", "member", cast.cell)
    assert [await refused(by) for by in (cast.hoa, cast.deputy, cast.office)] == [[]] * 3
    assert await refused(recorder) == ["usual_work"]
    for act in (
        *(usual_changing.change(work, wanted=monthly(cast), by=by) for by in (cast.leader, member)),
        usual_changing.change(work, wanted=monthly(cast), by=cast.stranger),
        usual_changing.add(uuid4(), cell=cast.cell, wanted=monthly(cast), by=cast.stranger),
        usual_changing.end(work, by=cast.stranger),
        usual_changing.make_exception(work, period=NEXT_MONTH, left_out=True, due=None, by=cast.stranger),
    ):
        with pytest.raises(NotFound):
            await act
