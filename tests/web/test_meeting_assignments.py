"""A meeting's assignments without a browser: gone through, given, sent twice, and what every reader sees."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from infra.postgres import one, sql
from server import clock
from server.assignments.actions import NewChange, say_all, say_one
from tenants.transactions import transaction
from tests.cast import Cast
from tests.web.walking import signed_in

AN, BINH, GIANG = "Nguyễn Văn An", "Trần Thị Bình", "Ksor Giang"


def ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


async def given(
    cast: Cast, meeting: UUID, name: str, text: str, due: date | None, assignment: UUID | None = None
) -> UUID:
    """Something given at a meeting by the secretary."""
    found = assignment or uuid4()
    change = NewChange(
        uuid4(), found, "given", clock.now(), meeting=meeting, cell=cast.cell, member=cast.numbers[name], text=text,
        area="economy", due=due,
    )  # fmt: skip
    await say_one(change, device=uuid4(), by=cast.hoa)
    return found


async def past_meeting(cast: Cast, days: int) -> UUID:
    """A meeting that was held so many days ago."""
    meeting = await cast.meeting(ago(days))
    async with transaction():
        await sql("UPDATE meeting SET state = 'held' WHERE id = $1", meeting)
    return meeting


async def changed(assignment: UUID) -> list[tuple[str, str]]:
    """What was said of an assignment after it was given: kind, note."""
    async with transaction(read_only=True):
        rows = await sql(
            "SELECT kind, note FROM assignment_change WHERE assignment = $1 AND ordinal > 1 ORDER BY ordinal",
            assignment,
        )
    return [(row["kind"], row["note"]) for row in rows]


async def number(assignment: UUID) -> int:
    async with transaction(read_only=True):
        row = await one("SELECT no FROM assignment WHERE id = $1", assignment)
    assert row is not None
    return int(row["no"])


def figure(page: str) -> str:
    """How many were done of how many that were due."""
    found = re.search(r'id="done"[^>]*>(.*?)</b>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s", "", found[1]) if found else ""


async def test_the_next_meeting_goes_through_what_was_due_since_the_last(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    first, last = await past_meeting(cast, 60), await past_meeting(cast, 30)
    old = await given(cast, first, AN, "Việc quá hạn từ trước", ago(40))
    kept = await given(cast, last, AN, "Vận động hộ ông Páo", ago(10))
    left = await given(cast, last, BINH, "Sửa đường vào làng", ago(5))
    await given(cast, last, GIANG, "Việc còn thời gian", clock.today() + timedelta(days=9))
    now = await cast.meeting()
    await signed_in(client, "secretary", cast, at_neighbour=False)
    here = f"/{cast.pleiku.slug}/meetings/{now}/assignments"

    page = (await client.get(here)).text
    assert figure(page) == "0/2=0,0%"
    assert all(
        text in page for text in ("Việc quá hạn từ trước", "Vận động hộ ông Páo", "Sửa đường vào làng")
    )
    assert "Việc còn thời gian" not in page
    done = {"nonce": str(uuid4()), "move": "accepted.on_time.1"}
    carried = {
        "nonce": str(uuid4()),
        "move": "carried",
        "seen": "1",
        "due": (clock.today() + timedelta(7)).isoformat(),
    }
    for assignment, form in ((kept, done), (kept, done), (left, carried), (left, carried), (old, carried)):
        answer = await client.post(f"{here}/{await number(assignment)}/changes", data=form)
        assert answer.status_code == 303, answer.text

    page = (await client.get(here)).text
    assert figure(page) == "1/2=50,0%"
    assert page.count("data-done") == 3
    assert [await changed(each) for each in (kept, left, old)] == [
        [("accepted", "")], [("carried", "")], [("carried", "")]
    ]  # fmt: skip


async def test_a_form_sent_twice_gives_once_and_two_people_get_one_task(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    await signed_in(client, "secretary", cast, at_neighbour=False)
    here = f"/{cast.pleiku.slug}/meetings/{meeting}/assignments"
    due = (clock.today() + timedelta(days=7)).isoformat()
    form = {
        "nonce": str(uuid4()), "member": [str(cast.numbers[AN]), str(cast.numbers[BINH])], "text": "Thu quỹ tháng 12",
        "due": due, "area": "other",
    }  # fmt: skip

    answers = [await client.post(here, data=form) for _ in range(2)]
    # The browser's "back", another sentence, the same nonce: that is another task.
    answers.append(
        await client.post(here, data=form | {"text": "Thu quỹ tháng 1", "due": "other", "due_other": due})
    )

    assert [answer.status_code for answer in answers] == [303] * 3
    async with transaction(read_only=True):
        rows = await sql("SELECT task, text, due_on FROM assignment WHERE meeting = $1", meeting)
    assert len(rows) == 4
    assert len({row["task"] for row in rows}) == 2
    page = (await client.get(here)).text
    assert page.count('<p class="what">Thu quỹ tháng 12</p>') == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"text": "x"}, "text"), ({"member": []}, "member"), ({"due": "other", "due_other": "31/02/2026"}, "due_other"),
     ({"due": "2020-01-01"}, "due"), ({"area": "nothing"}, "area")],
)  # fmt: skip
async def test_what_was_typed_stays_when_a_form_is_refused_at_its_field(
    client: httpx.AsyncClient, cast: Cast, wrong: dict[str, str], field: str
) -> None:
    meeting = await cast.meeting()
    await signed_in(client, "secretary", cast, at_neighbour=False)
    form = {"nonce": str(uuid4()), "member": str(cast.numbers[AN]), "text": "Đến thăm gia đình chính sách", "due": "",
            "area": "propaganda", "check_by": "nghe báo cáo"}  # fmt: skip

    answer = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/assignments", data=form | wrong)

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert f'id="e-{field}"' in answer.text
    assert 'value="nghe báo cáo"' in answer.text


async def test_several_are_given_work_together_or_nobody_is(client: httpx.AsyncClient, cast: Cast) -> None:
    meeting = await cast.meeting()
    await signed_in(client, "secretary", cast, at_neighbour=False)
    here = f"/{cast.pleiku.slug}/meetings/{meeting}/assignments"
    form = {"nonce": str(uuid4()), "text": "Trực nhà văn hóa", "due": "", "area": "other"}

    refused = await client.post(here, data=form | {"member": [str(cast.numbers[AN]), "999999"]})
    taken = await client.post(
        here, data=form | {"member": [str(cast.numbers[AN])], "text": "Trực nhà văn hóa tối thứ Bảy"}
    )

    assert (refused.status_code, taken.status_code) == (422, 303)
    async with transaction(read_only=True):
        rows = await sql("SELECT text FROM assignment WHERE meeting = $1", meeting)
    assert [row["text"] for row in rows] == ["Trực nhà văn hóa tối thứ Bảy"]


async def test_unfinished_work_needs_a_word_and_keeps_it(client: httpx.AsyncClient, cast: Cast) -> None:
    last = await past_meeting(cast, 30)
    left = await given(cast, last, BINH, "Sửa đường vào làng", ago(5))
    now = await cast.meeting()
    await signed_in(client, "secretary", cast, at_neighbour=False)
    here, no = f"/{cast.pleiku.slug}/meetings/{now}/assignments", await number(left)

    opened = (await client.get(here, params={"undone": no})).text
    form = {"nonce": str(uuid4()), "move": "not_done", "seen": "1", "note": ""}
    silent = await client.post(f"{here}/{no}/changes", data=form)
    said = await client.post(f"{here}/{no}/changes", data=form | {"note": "Mưa lũ, chưa làm được"})

    assert f'action="assignments/{no}/changes"' in opened
    assert silent.status_code == 422
    assert "Xin ghi lý do." in silent.text
    assert said.status_code == 303
    assert await changed(left) == [("not_done", "Mưa lũ, chưa làm được")]


async def test_two_sayings_are_shown_and_one_button_settles(client: httpx.AsyncClient, cast: Cast) -> None:
    last = await past_meeting(cast, 30)
    left = await given(cast, last, BINH, "Sửa đường vào làng", ago(5))
    now = await cast.meeting()
    for by, kind, more in (
        (cast.hoa, "accepted", {"result": "late"}),
        (cast.deputy, "not_done", {"note": "chưa xong"}),
    ):
        said = NewChange(uuid4(), left, kind, clock.now(), seen=1, meeting=now, **more)
        assert (await say_all([said], device=uuid4(), by=by)).refused == []
    await signed_in(client, "secretary", cast, at_neighbour=False)
    here, no = f"/{cast.pleiku.slug}/meetings/{now}/assignments", await number(left)

    page = (await client.get(here)).text
    buttons = re.findall(r'value="(settled\.state\.[^"]+)"', page)
    answer = await client.post(f"{here}/{no}/changes", data={"nonce": str(uuid4()), "move": buttons[0]})

    assert len(buttons) == 2
    assert "đ/c Hòa" in page
    assert "đ/c Đức" in page
    assert answer.status_code == 303
    page = (await client.get(here)).text
    assert "settled." not in page
    assert figure(page) in ("0/1=0,0%", "1/1=100,0%")


@pytest.mark.parametrize("role", ["member", "group_leader", "recorder", "office"])
async def test_everybody_sees_and_may_what_is_theirs(
    client: httpx.AsyncClient, cast: Cast, role: str
) -> None:
    last = await past_meeting(cast, 30)
    left = await given(cast, last, AN, "Việc của tổ một", ago(5))
    await given(cast, last, BINH, "Việc của tổ hai", ago(5))
    now = await cast.meeting()
    await signed_in(client, role, cast, at_neighbour=False)
    here = f"/{cast.pleiku.slug}/meetings/{now}/assignments"

    page = (await client.get(here)).text
    form = {"nonce": str(uuid4()), "move": "accepted.on_time.1"}
    answer = await client.post(f"{here}/{await number(left)}/changes", data=form)

    # A member sees own work, which this one has none of; a leader the own group's; who leads or records the cell's all.
    assert ("Việc của tổ một" in page) == (role != "member")
    assert ("Việc của tổ hai" in page) == (role in ("recorder", "office"))
    assert ('id="give"' in page) == (role in ("recorder", "office"))
    assert ("accepted." in page) == (role == "office")
    assert answer.status_code == {"member": 404, "office": 303}.get(role, 422)
    assert await changed(left) == ([("accepted", "")] if role == "office" else [])
