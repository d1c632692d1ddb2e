"""Lists, boards, the review of last time's work, and who sees what of them."""

from __future__ import annotations

from uuid import UUID

import pytest

from infra.postgres import sql
from server.accounts.reader import Reader
from server.assignments import queries
from server.assignments.actions import show_to_members
from server.assignments.queries import Filter
from server.assignments.sight import sight_of
from server.meetings.queries import NotFound
from server.words import Refused
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, CUC, change, day, give, said
from tests.cast import Cast, person


async def numbers(wanted: Filter, by: Reader, *, page: int | None = None) -> list[int]:
    """The members of the work that is listed, page after page."""
    found, after = [], None
    async with transaction(read_only=True):
        while True:
            listed = await queries.listed(wanted, by, after=after, limit=page)
            found += [row["no"] for row in listed.rows]
            after = listed.after
            if after is None:
                assert listed.total == len(found)
                return found


async def no(work: UUID, cast: Cast) -> int:
    async with transaction(read_only=True):
        return (await queries.row(work, cast.office))["no"]


@pytest.mark.parametrize("sort", ["due", "new", "person"])
async def test_pages_by_key_hold_everything_once_and_in_order(cast: Cast, sort: str) -> None:
    for n, due in enumerate([day(9), None, day(3), day(3), None, day(1), day(9)]):
        await give(cast, [AN, BINH, CUC][n % 3], due=due)

    whole = await numbers(Filter(sort=sort), cast.office)

    assert len(set(whole)) == 7
    for page in (1, 2, 3, 7):
        assert await numbers(Filter(sort=sort), cast.office, page=page) == whole


async def test_a_list_is_filtered_by_what_is_asked(cast: Cast) -> None:
    first = await no(await give(cast, AN, area="security"), cast)
    late = await no(await give(cast, BINH, text="Dọn vệ sinh nhà văn hóa", due=day(0)), cast)
    done = await give(cast, CUC, due=None)
    await said(change(done, "accepted", 1, result="on_time"), by=cast.hoa)
    ended = await no(done, cast)

    assert await numbers(Filter(area="security"), cast.office) == [first]
    assert await numbers(Filter(q="ve sinh NHÀ"), cast.office) == [late]
    assert (
        await numbers(Filter(q="nh"), cast.office) == await numbers(Filter(q="bình"), cast.office) == [late]
    )
    assert await numbers(Filter(q="ọn"), cast.office) == []
    assert await numbers(Filter(q="100%"), cast.office) == []
    assert await numbers(Filter(who=cast.numbers[CUC]), cast.office) == [ended]
    assert await numbers(Filter(state="live", sort="new"), cast.office) == [late, first]
    assert await numbers(Filter(state="done"), cast.office) == [ended]
    assert await numbers(Filter(due="none"), cast.office) == [ended]
    assert await numbers(Filter(due="soon"), cast.office) == [late]
    assert await numbers(Filter(due="overdue"), cast.office) == []
    assert await numbers(Filter(cell=cast.cell, state="disagreed"), cast.office) == []


async def test_each_sees_what_is_theirs_to_see(cast: Cast) -> None:
    an, binh = await no(await give(cast, AN), cast), await no(await give(cast, BINH), cast)
    herself, unlinked = await cast.themselves(BINH), person("Đảng viên", "member", cast.cell)

    async def sees(by: Reader) -> list[int]:
        return sorted(await numbers(Filter(), by))

    assert await sees(cast.office) == await sees(cast.hoa) == await sees(cast.deputy) == [an, binh]
    assert await sees(person("Thư ký", "recorder", cast.cell)) == [an, binh]
    assert await sees(cast.leader) == await sees(herself) == [binh]
    assert await sees(unlinked) == await sees(cast.stranger) == []
    assert await numbers(Filter(mine=True), cast.hoa) == []
    assert await numbers(Filter(mine=True), herself) == [binh]

    await show_to_members(cast.cell, True, by=cast.hoa)

    assert await sees(unlinked) == await sees(cast.leader) == await sees(herself) == [an, binh]
    assert await sees(cast.stranger) == []


async def test_only_who_leads_opens_the_list_to_members_and_it_is_recorded_once(cast: Cast) -> None:
    for by in (cast.leader, await cast.themselves(AN)):
        with pytest.raises(Refused):
            await show_to_members(cast.cell, True, by=by)
    with pytest.raises(NotFound):
        await show_to_members(cast.cell, True, by=cast.stranger)
    for show in (True, True, False):
        await show_to_members(cast.cell, show, by=cast.deputy)

    async with transaction(read_only=True):
        told = await sql("SELECT detail FROM event WHERE action = 'assignments_seeing_set' ORDER BY id")
    assert [row["detail"] for row in told] == ["all", "own"]


async def test_the_board_has_the_live_work_and_the_people_their_load(cast: Cast) -> None:
    await give(cast, AN)
    await give(cast, AN, due=None)
    ended = await give(cast, BINH)
    await said(change(ended, "cancelled", 1, note="Giao nhầm"), by=cast.hoa)

    async with transaction(read_only=True):
        board = await queries.board(cast.cell, await sight_of(cast.hoa))
        people = await queries.people(cast.cell, day(0))

    assert [row["due_on"] for row in board] == [day(10), None]
    assert {p["name"]: p["open"] for p in people if p["open"]} == {AN: 2}
    assert {p["name"]: p["exempt_kind"] for p in people if p["exempt_kind"]} == {CUC: "age_health"}
    assert [p["probationary"] for p in people].count(True) == 1
