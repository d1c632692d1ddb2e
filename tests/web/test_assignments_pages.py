"""Assigned work on the pages: one's own, the list, one of them, the cell's board."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx

from infra.postgres import sql
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, change, day, give, row, said
from tests.cast import Cast
from tests.web.walking import signed_in


async def as_an(client: httpx.AsyncClient, cast: Cast, role: str = "member") -> None:
    """Nguyễn Văn An with an account of his own."""
    await signed_in(client, role, cast, at_neighbour=False, member=await cast.member(AN))


def page_of(cast: Cast, no: int) -> str:
    return f"/{cast.pleiku.slug}/assignments/{no}"


def form_of(text: str, kind: str) -> dict[str, str]:
    """The hidden fields of the form for one kind of move on a page."""
    form = re.search(f'<form[^>]*data-move="{kind}".*?</form>', text, re.DOTALL)
    assert form, f"no form for {kind}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))


async def test_every_page_of_work_opens_for_everybody_of_the_cell_and_the_office(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    first, second = await give(cast, due=day(0)), await give(cast, BINH, due=None)
    no = (await row(first, cast.hoa))["no"]
    home = f"/{cast.pleiku.slug}"
    await said(change(second, "reported", 1), by=cast.hoa)
    for role in (
        "secretary",
        "deputy",
        "recorder",
        "group_leader",
        "member",
        "office",
        "committee_administrator",
    ):
        await as_an(client, cast, role)
        paths = [
            "/",
            "/work",
            "/assignments",
            f"/assignments/{no}",
            f"/cells/{cast.cell}/assignments?by=person",
        ]
        for path in [
            *paths,
            f"/cells/{cast.cell}/assignments",
            f"/cells/{cast.cell}",
            "/meetings",
            "/minutes",
        ]:
            answer = await client.get(home + path, follow_redirects=True)
            assert answer.status_code == 200, f"{role} {path}: {answer.status_code}"


async def test_a_secretary_gives_one_piece_of_work_to_two_and_sending_it_twice_gives_it_once(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    form: dict[str, str | list[str]] = {
        "cell": str(cast.cell), "nonce": str(uuid4()), "text": "Vận động hiến đất mở đường tổ 3", "area": "economy",
        "due": day(9).isoformat(), "check_by": "Tổ trưởng xem tại chỗ",
        "member": [str(cast.numbers[AN]), str(cast.numbers[BINH])],
    }  # fmt: skip
    answers = [await client.post(f"/{cast.pleiku.slug}/assignments", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    board = await client.get(answers[0].headers["location"])
    assert board.text.count("Vận động hiến đất mở đường tổ 3") == 2
    assert 'id="s-p' in board.text


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    form = {"cell": str(cast.cell), "nonce": str(uuid4()), "text": "x", "area": "economy", "due": day(-2).isoformat(),
            "check_by": "Nghe báo cáo & xem sổ"}  # fmt: skip

    answer = await client.post(f"/{cast.pleiku.slug}/assignments", data=form)

    assert answer.status_code == 422
    for name in ("text", "due", "members"):
        assert f'id="e-{name}"' in answer.text
        assert f'href="#f-{name}"' in answer.text
    assert "Nghe báo cáo &amp; xem sổ" in answer.text
    assert form["due"] in answer.text


async def test_no_end_is_chosen_not_forgotten_and_another_day_is_looked_at_in_its_own_field(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    here = f"/{cast.pleiku.slug}/assignments"
    form = {"cell": str(cast.cell), "nonce": str(uuid4()), "text": "Thăm hộ nghèo của tổ", "area": "economy",
            "member": str(cast.numbers[AN])}  # fmt: skip

    fresh = (await client.get(f"{here}/new")).text
    offered = re.findall(r'name="due" value="([^"]*)"([^>]*)>', fresh)
    refused = [
        await client.post(here, data={**form, "due": "other", "due_other": typed})
        for typed in ("", "31/02/2026")
    ]
    endless = await client.post(here, data={**form, "due": "", "due_other": day(9).isoformat()})

    assert [value for value, rest in offered if " checked" in rest] == [offered[0][0]] != [""]
    assert {value for value, _ in offered} >= {"other", ""}
    for answer in refused:
        assert answer.status_code == 422
        assert 'id="e-due_other"' in answer.text
    page = (await client.get(endless.headers["location"])).text
    assert "việc thường xuyên" in page


async def test_a_member_reports_from_the_own_page_and_the_secretary_accepts(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    work = await give(cast, due=day(3))
    no = (await row(work, cast.hoa))["no"]
    await as_an(client, cast)
    own = await client.get(f"/{cast.pleiku.slug}/work")
    said_by_an = {**form_of(own.text, "reported"), "note": "Đã đủ ba hộ"}
    told = [await client.post(f"{page_of(cast, no)}/changes", data=said_by_an) for _ in range(2)]
    assert {answer.headers["location"] for answer in told} == {f"/{cast.pleiku.slug}/work#a{no}"}

    await signed_in(client, "secretary", cast, at_neighbour=False)
    page = await client.get(page_of(cast, no))
    first = await client.get(f"/{cast.pleiku.slug}/")
    assert "Việc chờ đồng chí" in first.text
    accept = {**form_of(page.text, "accepted"), "result": "better", "note": "Nhanh"}
    answer = await client.post(f"{page_of(cast, no)}/changes", data=accept)

    assert answer.headers["location"] == page_of(cast, no)
    page = await client.get(page_of(cast, no))
    assert "Tốt hơn yêu cầu" in page.text
    assert page.text.count("Đã đủ ba hộ") == 1
    assert (await row(work, cast.hoa))["version"] == 3


async def test_a_refused_word_stands_in_its_form_on_the_page_it_came_from(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    work = await give(cast, due=day(3))
    no = (await row(work, cast.hoa))["no"]
    await as_an(client, cast)
    own = (await client.get(f"/{cast.pleiku.slug}/work")).text
    asked = {**form_of(own, "asked_time"), "due": day(1).isoformat(), "note": "Chờ xã <duyệt>"}

    on_work = await client.post(f"{page_of(cast, no)}/changes", data=asked)
    on_one = await client.post(
        f"{page_of(cast, no)}/changes", data={k: v for k, v in asked.items() if k != "back"}
    )

    assert (on_work.status_code, on_one.status_code) == (422, 422)
    assert f'id="e-{no}-asked_time-due"' in on_work.text
    assert 'id="e-asked_time-due"' in on_one.text
    for page in (on_work, on_one):
        assert "Chờ xã &lt;duyệt&gt;" in page.text
        assert asked["change"] in page.text


async def test_two_who_changed_the_same_see_both_sayings_and_one_tap_settles(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    work = await give(cast, due=day(3))
    no = (await row(work, cast.hoa))["no"]
    await said(change(work, "rescheduled", 1, due=day(20), note="Xã hoãn"), by=cast.hoa)
    await said(change(work, "rescheduled", 1, due=day(30), note="Chờ vốn"), by=cast.deputy)
    await as_an(client, cast)
    assert "Bí thư hoặc phó bí thư chi bộ sẽ chốt" in (await client.get(page_of(cast, no))).text

    await signed_in(client, "secretary", cast, at_neighbour=False)
    page = (await client.get(page_of(cast, no))).text
    card = re.search(r'<section class="card conflict".*?</section>', page, re.DOTALL)
    assert card
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', card[0]))
    sayings = dict(re.findall(r'name="chosen" value="([^"]+)"><span><b>([^<]+)</b>', card[0]))
    assert set(sayings.values()) == {f"Chốt: {day(n):%d/%m/%Y}" for n in (20, 30)}
    wanted = next(key for key, words in sayings.items() if words.endswith(f"{day(30):%d/%m/%Y}"))
    answers = [
        await client.post(f"{page_of(cast, no)}/changes", data={**hidden, "chosen": wanted}) for _ in "ab"
    ]

    assert answers[0].status_code == 303
    assert answers[1].status_code == 422
    stands = await row(work, cast.hoa)
    assert (stands["due_on"], stands["rivals"]) == (day(30), None)


async def test_a_form_of_a_page_that_is_old_by_now_makes_the_disagreement_visible(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    work = await give(cast, due=day(3))
    no = (await row(work, cast.hoa))["no"]
    await signed_in(client, "secretary", cast, at_neighbour=False)
    old = form_of((await client.get(page_of(cast, no))).text, "cancelled")
    await said(change(work, "accepted", 1, result="on_time"), by=cast.deputy)

    answer = await client.post(f"{page_of(cast, no)}/changes", data={**old, "note": "Không còn cần"})

    assert answer.status_code == 303
    assert "conflict" in (await client.get(page_of(cast, no))).text


async def test_members_see_their_own_work_until_the_secretary_shows_them_all(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    own, other = await give(cast), await give(cast, BINH, text="Kiểm tra quỹ của tổ hai")
    numbers = [(await row(work, cast.hoa))["no"] for work in (own, other)]
    home, board = f"/{cast.pleiku.slug}", f"/{cast.pleiku.slug}/cells/{cast.cell}/assignments"

    async def sees() -> list[int]:
        return [(await client.get(page_of(cast, no))).status_code for no in numbers]

    await as_an(client, cast)
    assert await sees() == [200, 404]
    assert (
        "Kiểm tra quỹ" not in (await client.get(board)).text + (await client.get(f"{home}/assignments")).text
    )
    assert (await client.post(f"{board}/seeing", data={"see": "1"})).status_code == 422
    await signed_in(client, "secretary", cast, at_neighbour=False)
    assert (await client.post(f"{board}/seeing", data={"see": "1"})).status_code == 303

    await as_an(client, cast)
    assert await sees() == [200, 200]
    assert "Kiểm tra quỹ" in (await client.get(board)).text
    assert "Ghi vào việc này" not in (await client.get(page_of(cast, numbers[1]))).text


async def test_a_group_leader_writes_for_the_group_and_the_history_says_so(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    of_an, of_binh = await give(cast), await give(cast, BINH)
    no, other = [(await row(work, cast.hoa))["no"] for work in (of_an, of_binh)]
    await signed_in(client, "group_leader", cast, at_neighbour=False)
    page = (await client.get(f"/{cast.pleiku.slug}/work", params={"member": str(cast.numbers[AN])})).text
    assert "Bình" not in page
    assert f'data-no="{no}" data-v="1" data-state="open"' in page
    assert " data-behalf" in page

    form = {**form_of(page, "progress"), "note": "Đã gặp hai hộ"}
    answer = await client.post(f"{page_of(cast, no)}/changes", data=form)

    assert answer.status_code == 303
    shown = (await client.get(page_of(cast, no))).text
    assert f"ghi thay cho đồng chí {AN}" in shown
    assert (await client.get(page_of(cast, other))).status_code == 404


async def test_the_bar_leads_members_to_their_own_work_and_marks_where_one_is(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    home = f"/{cast.pleiku.slug}"
    board = f"{home}/cells/{cast.cell}/assignments"
    expected = {
        "member": [(f"{home}/work", f"{home}/work"), (board, f"{home}/work"), (f"{home}/minutes", f"{home}/meetings")],
        "secretary": [(board, f"{home}/assignments"), (f"{home}/cells/{cast.cell}", f"{home}/cells/{cast.cell}")],
        "office": [(f"{home}/members", f"{home}/cells"), (board, f"{home}/assignments")],
    }  # fmt: skip
    for role, places in expected.items():
        await signed_in(client, role, cast, at_neighbour=False)
        for path, place in places:
            text = (await client.get(path)).text
            assert re.findall(
                r'<li><a href="([^"]+)" aria-current="page">', text.split('<nav class="nav"')[1]
            )[:1] == [place], f"{role} {path}"


async def test_who_opened_the_work_of_somebody_else_is_written_down_once(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    no = (await row(await give(cast), cast.hoa))["no"]
    await signed_in(client, "office", cast, at_neighbour=False)
    for _ in range(2):
        await client.get(page_of(cast, no))
    await as_an(client, cast)
    await client.get(page_of(cast, no))

    async with transaction(read_only=True):
        found = await sql("SELECT count(*) AS n FROM event WHERE action = 'assignment_opened'")
    assert found[0]["n"] == 1
