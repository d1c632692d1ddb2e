"""The fleet's page and a committee's health: found, measured, given more room, its failed jobs tried again."""

from __future__ import annotations

import html
import re
from uuid import UUID

import httpx
import pytest

from infra.postgres import one, sql
from tenants.transactions import platform_transaction
from tests.bulletins.desk import slug_of
from tests.cast import Cast
from tests.web.walking import signed_in


@pytest.fixture
async def desk(client: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    """The browser of the province's administrator."""
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    return client


def said(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def dead(cast: Cast, job: str = "read_page", *, platform: bool = False) -> UUID:
    """A job of Pleiku's that was given up; its id."""
    async with platform_transaction():
        row = await one(
            """INSERT INTO platform.outbox (id, schema_name, job, arguments, attempts, dead_at, error)
            VALUES (gen_random_uuid(), $1, $2, jsonb_build_object('committee', $3::uuid), 10, now(), 'PageFailed')
            RETURNING id""",
            None if platform else cast.pleiku.schema_name, job, cast.pleiku.id,
        )  # fmt: skip
    assert row is not None
    found: UUID = row["id"]
    return found


async def attempts(*jobs: UUID) -> list[int]:
    async with platform_transaction(read_only=True):
        rows = await sql("SELECT id, attempts FROM platform.outbox WHERE id = ANY ($1)", list(jobs))
    known = {row["id"]: row["attempts"] for row in rows}
    return [known[job] for job in jobs]


async def test_the_fleet_is_filtered_and_searched_with_what_was_typed_kept(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    await dead(cast)
    here = f"/provinces/{await slug_of(cast.province)}/fleet"

    whole, failed = await desk.get(here), await desk.get(f"{here}?need=failed")
    named = await desk.get(here, params={"q": "AYUN pa", "need": ""})
    nobody = await desk.get(here, params={"q": "Chư Păh"})

    assert "Thành ủy Pleiku" in said(whole)
    assert "Thị ủy Ayun Pa" in said(whole)
    assert "Có việc hỏng 1" in said(whole)
    assert "Thị ủy Ayun Pa" not in said(failed)
    assert "Thành ủy Pleiku" not in said(named)
    assert 'value="AYUN pa"' in named.text
    assert "Không tìm thấy cấp ủy nào" in said(nobody)
    assert (
        await desk.get(here, params={"need": "nonsense", "after": "~~~", "q": "x" * 5000})
    ).status_code == 200


async def test_failed_jobs_are_told_and_tried_again_one_or_all(desk: httpx.AsyncClient, cast: Cast) -> None:
    first, second, of_platform = (
        await dead(cast), await dead(cast, "plan_reminders"), await dead(cast, "found_committee", platform=True),
    )  # fmt: skip
    home = f"/provinces/{await slug_of(cast.province)}/committees/{cast.pleiku.slug}"
    page = said(await desk.get(f"{home}/health"))
    assert "Đọc một trang biên bản" in page
    assert "Lập lời nhắc việc" in page
    assert "Thành lập cấp ủy" in page

    one_again = await desk.post(f"{home}/failed-jobs", data={"job": str(first)})
    assert one_again.headers["location"] == f"{home}/health"
    assert await attempts(first, second, of_platform) == [0, 10, 10]
    await desk.post(f"{home}/failed-jobs")

    assert await attempts(first, second, of_platform) == [0, 0, 0]
    assert "Không có việc nào hỏng" in said(await desk.get(f"{home}/health"))


async def test_the_neighbours_failed_jobs_are_left_alone(desk: httpx.AsyncClient, cast: Cast) -> None:
    mine = await dead(cast)
    home = f"/provinces/{await slug_of(cast.province)}/committees/{cast.neighbour.slug}"

    await desk.post(f"{home}/failed-jobs", data={"job": str(mine)})
    await desk.post(f"{home}/failed-jobs")

    assert await attempts(mine) == [10]


async def test_limits_are_set_refused_at_their_field_and_taken_off_again(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    home = f"/provinces/{await slug_of(cast.province)}/committees/{cast.pleiku.slug}"

    wrong = await desk.post(
        f"{home}/quota", data={"members": "nhiều", "accounts": "0", "object_megabytes": "500"}
    )
    assert wrong.status_code == 422
    assert 'value="nhiều"' in wrong.text
    assert 'value="500"' in wrong.text
    assert wrong.text.count('class="err"') == 2

    await desk.post(f"{home}/quota", data={"members": "1.500", "accounts": "", "object_megabytes": "500"})
    page = await desk.get(f"{home}/health")
    assert 'value="1500"' in page.text
    assert "/ 1.500" in said(page)
    assert "/ 5.000" in said(page), "of accounts as everybody"

    await desk.post(f"{home}/quota", data={"members": "", "accounts": "", "object_megabytes": ""})
    assert "/ 20.000" in said(await desk.get(f"{home}/health"))


async def test_measuring_is_asked_for_once_and_is_in_the_record(desk: httpx.AsyncClient, cast: Cast) -> None:
    base = f"/provinces/{await slug_of(cast.province)}"
    for _ in range(2):
        await desk.post(f"{base}/committees/{cast.pleiku.slug}/measuring")
        await desk.post(f"{base}/fleet/measuring")

    health = await desk.get(f"{base}/committees/{cast.pleiku.slug}/health")
    assert health.text.count(f'href="{base}/runs/') == 1, "its own run, and not the one of all"
    async with platform_transaction():
        found = await sql(
            "SELECT id, items, committee FROM platform.run WHERE province = $1 ORDER BY items", cast.province
        )
        events = await sql(
            "SELECT action FROM platform.province_event WHERE province = $1 ORDER BY id", cast.province
        )
        await sql("UPDATE platform.run SET state = 'stopped' WHERE province = $1", cast.province)
    assert [(row["items"], row["committee"]) for row in found] == [(1, cast.pleiku.id), (2, None)]
    assert [row["action"] for row in events] == ["measuring_asked"] * 4
