"""The pages of usual work: whoever leads a cell sets it up on a phone, others read it, a neighbour finds nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx

from infra.postgres import sql
from server import clock
from server.assignments.actions import show_to_members
from tenants.transactions import transaction
from tests.assignments.usual import AN, BINH, CUC, NEXT_MONTH, add, given, monthly
from tests.cast import Cast
from tests.web.walking import signed_in


def typed(cast: Cast, *names: str, **more: str) -> dict[str, str]:
    """What the form sends for street flowers every month."""
    ticked = {f"m{cast.numbers[name]}": "1" for name in names or (AN, CUC)}
    return {
        "text": "Chăm sóc đường hoa", "area": "culture_environment", "check_by": "Ảnh chụp", "every": "month",
        "due_day": "31", "due_month": "", "from_on": clock.today().isoformat(), "nonce": str(uuid4()),
    } | ticked | more  # fmt: skip


def of_cell(cast: Cast) -> str:
    return f"/{cast.pleiku.slug}/cells/{cast.cell}/usual-work"


async def test_the_secretary_sets_up_monthly_work_and_the_page_tells_the_next_three(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    form = await client.get(of_cell(cast))
    assert form.status_code == 200
    assert f'name="m{cast.numbers[CUC]}"' in form.text

    answer = await client.post(of_cell(cast), data=typed(cast))

    assert answer.status_code == 303
    page = (await client.get(answer.headers["location"])).text
    assert page.count("Đến hạn ngày khác") == 3
    assert "hằng tháng, đến hạn ngày cuối tháng" in page
    assert f"Cho: {AN}" in page
    assert f"Bỏ qua vì đang miễn sinh hoạt: {CUC}".replace("'", "&#39;") in page
    assert "Chăm sóc đường hoa" in (await client.get(of_cell(cast))).text
    work = UUID(answer.headers["location"].rsplit("/", 1)[1])
    assert [row["name"] for row in await given(work)] == [AN]


async def test_one_form_sent_twice_sets_up_one(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "deputy", cast, at_neighbour=False)
    form = typed(cast)

    first = await client.post(of_cell(cast), data=form)
    again = await client.post(of_cell(cast), data=form)

    assert first.headers["location"] == again.headers["location"]


async def test_a_refused_form_keeps_what_was_typed_and_ticked_and_says_why_at_the_field(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    form = typed(cast, BINH, text="Thu gom rác <mỗi tuần>", due_day="ba mươi", from_on="31/02/2026")

    answer = await client.post(of_cell(cast), data=form)
    assert answer.status_code == 422
    assert "Ngày bắt đầu không đúng" in answer.text
    answer = await client.post(of_cell(cast), data=form | {"from_on": "", "area": ""})
    assert answer.status_code == 422
    for told in ("từ 1 đến 31", "Xin chọn một lĩnh vực", "Thu gom rác &lt;mỗi tuần&gt;", "ba mươi"):
        assert told in answer.text
    assert f'name="m{cast.numbers[BINH]}" value="1" checked' in answer.text
    assert form["nonce"] in answer.text


async def test_changing_ending_and_one_month_another_way(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    work = await add(cast)
    here = f"/{cast.pleiku.slug}/usual-work/{work}"
    at, moved = NEXT_MONTH.isoformat(), NEXT_MONTH + timedelta(days=4)

    answer = await client.post(
        f"{here}/exceptions", data={"period": at, "how": "moved", f"due-{at}": "hôm nào đó"}
    )
    assert answer.status_code == 422
    assert "Hạn khác không đúng" in answer.text
    assert "hôm nào đó" in answer.text
    answer = await client.post(
        f"{here}/exceptions", data={"period": at, "how": "moved", f"due-{at}": moved.isoformat()}
    )
    assert answer.status_code == 303
    assert f"đến hạn {moved:%d/%m/%Y}" in (await client.get(here)).text
    await client.post(f"{here}/exceptions", data={"period": at, "how": "left_out"})
    assert "Kỳ này không giao." in (await client.get(here)).text

    answer = await client.post(here, data=typed(cast, BINH, text=""))
    assert answer.status_code == 422
    assert "Xin ghi nội dung việc" in answer.text
    assert (
        await client.post(here, data=typed(cast, BINH, text="Sơn lại ghế đá", from_on=""))
    ).status_code == 303
    page = (await client.get(here)).text
    assert "Sơn lại ghế đá" in page
    assert f"Cho: {BINH}" in page

    assert (await client.post(f"{here}/ending")).status_code == 303
    page = (await client.get(here)).text
    assert "Đã thôi thực hiện từ" in page
    assert "Ghi thay đổi" not in page


async def test_others_who_see_all_work_of_the_cell_read_it_and_are_told_why_they_may_not_write(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    work = await add(cast)
    for role in ("group_leader", "member"):
        await signed_in(client, role, cast, at_neighbour=False)
        for path in (of_cell(cast), f"/{cast.pleiku.slug}/usual-work/{work}"):
            assert (await client.get(path)).status_code == 404
            assert (await client.post(path, data=typed(cast, BINH))).status_code == 404
    await show_to_members(cast.cell, True, by=cast.hoa)
    for role in ("recorder", "group_leader", "member"):
        await signed_in(client, role, cast, at_neighbour=False)
        here = f"/{cast.pleiku.slug}/usual-work/{work}"
        for page in (await client.get(of_cell(cast)), await client.get(here)):
            assert page.status_code == 200
            assert '<form method="post" action="/' + cast.pleiku.slug not in page.text
        answer = await client.post(here, data=typed(cast, BINH))
        assert answer.status_code == 422
        assert "Chỉ bí thư, phó bí thư hoặc văn phòng" in answer.text


async def test_another_cell_of_the_committee_and_the_neighbour_find_nothing(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    work, other = await add(cast, monthly(cast)), uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Tổ dân phố 9', '9')", other)
    here = f"/{cast.pleiku.slug}/usual-work/{work}"
    elsewhere = Cast(**{**vars(cast), "cell": other})
    for whose, at_neighbour in ((elsewhere, False), (cast, True)):
        await signed_in(client, "secretary", whose, at_neighbour=at_neighbour)
        for path in (here, of_cell(cast)):
            assert (await client.get(path)).status_code == 404
        for path in (here, f"{here}/ending", of_cell(cast)):
            assert (await client.post(path, data=typed(cast))).status_code == 404
        answer = await client.post(
            f"{here}/exceptions", data={"period": NEXT_MONTH.isoformat(), "how": "left_out"}
        )
        assert answer.status_code == 404
