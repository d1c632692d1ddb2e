"""What a hostile person of the province, a guesser of codes and a forged form were kept from."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest

from infra.postgres import sql
from server import clock
from server.accounts.actions import Place, give
from server.rulebook import lookup
from tenants.transactions import platform_transaction
from tests.bulletins.desk import publish, rule, slug_of
from tests.cast import Cast
from tests.web.walking import filled, handlers, signed_in


async def account_of(cast: Cast, role: str) -> object:
    async with platform_transaction(read_only=True):
        [row] = await sql(
            "SELECT account FROM platform.account_grant WHERE committee = $1 AND role = $2",
            cast.pleiku.id,
            role,
        )
    return row["account"]


async def test_a_member_with_support_beside_it_opens_and_writes_nothing_of_the_office(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "support", cast, at_neighbour=False)
    account = await account_of(cast, "support")
    async with platform_transaction():
        await give(account, cast.pleiku.id, "member", Place(cast.cell, "Chi bộ"), by_name="test")  # type: ignore[arg-type]

    register = await client.get(f"/{cast.pleiku.slug}/members/export.xlsx")
    silent = await client.get(f"/{cast.pleiku.slug}/silent")
    written = await client.post(f"/{cast.pleiku.slug}/assignments/usual", data={"title": "Việc của kẻ khác"})

    assert [each.status_code for each in (register, silent, written)] == [404, 404, 404]
    assert (await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}")).status_code == 200


async def test_a_committee_whose_path_begins_like_the_log_in_is_closed_before_the_password_is_changed(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    path = f"login-{uuid4().hex[:8]}"
    await signed_in(client, "office", cast, at_neighbour=False)
    account = await account_of(cast, "office")
    async with platform_transaction():
        await sql("UPDATE platform.account SET must_change = true WHERE id = $1", account)
        await sql("UPDATE platform.committee SET slug = $2 WHERE id = $1", cast.pleiku.id, path)

    pages = [await client.get(f"/{path}/{page}") for page in ("", "members", "people")]

    assert all(page.status_code == 303 and "/account/password" in page.headers["location"] for page in pages)
    assert (await client.get("/account/password")).status_code != 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "same-site"}, {"X-CSRF": "x" * 43}]
)
async def test_no_form_of_another_site_or_session_is_taken_anywhere_in_a_province(
    client: httpx.AsyncClient, cast: Cast, headers: dict[str, str]
) -> None:
    slug, meeting = await slug_of(cast.province), uuid4()
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    for path, method, _ in handlers():
        if method != "POST" or "{province}" not in path:
            continue
        here = filled(path, cast, meeting, province=slug)
        answer = await client.post(here, data={"csrf": "x" * 43, "reason": "Thử xem"}, headers=headers)

        assert answer.status_code == 403, f"{path}: {answer.status_code}"


async def test_a_bulletin_that_everybody_has_is_sent_further_to_nobody_and_says_so(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    bulletin, slug = await publish(cast), await slug_of(cast.province)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)

    answer = await client.post(f"/provinces/{slug}/bulletins/{bulletin}/further")

    assert answer.status_code == 422


async def test_requests_for_two_committees_at_once_each_live_by_their_own_rules(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    """The running process has heard of neither set before; it changes in the middle."""
    slug, before = await slug_of(cast.province), lookup("attendance_target", clock.today()).value
    await publish(cast, rule(97), slugs=[cast.pleiku.slug])
    await publish(cast, rule(83), slugs=[cast.neighbour.slug])
    assert before not in (97, 83, 71)
    shown = {}
    cells = {cast.pleiku.slug: cast.cell, cast.neighbour.slug: cast.neighbour_cell}
    for ref, there in ((cast.pleiku, False), (cast.neighbour, True)):
        await signed_in(client, "office", cast, at_neighbour=there)
        shown[ref.slug] = dict(client.cookies)

    async def target(path: str) -> bool:
        expected, other = ("97", "83") if path == cast.pleiku.slug else ("83", "97")
        name, token = next(iter(shown[path].items()))
        page = await client.get(
            f"/{path}/cells/{cells[path]}?view=attendance", headers={"Cookie": f"{name}={token}"}
        )
        assert page.status_code == 200, slug
        return f"mức {expected} %" in page.text and f"mức {other} %" not in page.text

    client.cookies.clear()
    asked = [path for _ in range(12) for path in shown]
    assert all(await asyncio.gather(*map(target, asked)))


async def test_ids_of_another_committee_are_nothing_below_ones_own(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    bulletin = await publish(cast, slugs=[cast.pleiku.slug])
    await signed_in(client, "support", cast, at_neighbour=False)
    async with platform_transaction(read_only=True):
        [grant] = await sql("SELECT id FROM platform.account_grant WHERE committee = $1", cast.pleiku.id)
    own, theirs, helper = f"/{cast.neighbour.slug}", f"/{cast.pleiku.slug}", dict(client.cookies)
    await signed_in(client, "committee_administrator", cast, at_neighbour=True)

    told = [
        await client.get(f"{own}/bulletins/{bulletin}"), await client.get(f"{own}/bulletins/{bulletin}/file"),
        await client.get(f"{own}/cells/{cast.cell}/classification"),
        await client.post(f"{own}/cells/{cast.cell}/classification", data={"year": "2026", "excellent": "1"}),
        await client.post(f"{own}/support/{grant['id']}/end"), await client.post(f"{own}/grants/{grant['id']}/end"),
        await client.post(f"{own}/grants/{grant['id']}/password-link"),
        await client.get(f"{theirs}/bulletins/{bulletin}"), await client.post(f"{theirs}/support/{grant['id']}/end"),
    ]  # fmt: skip

    assert [each.status_code for each in told] == [404] * len(told)
    client.cookies.clear()
    client.cookies.set(*next(iter(helper.items())), domain="nennep.test")
    assert (await client.get(theirs)).status_code == 200


async def test_the_fleet_does_not_count_the_few_members_that_the_figures_hide(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.committee_health (committee, measured_at, members)
            VALUES ($1, now(), 3), ($2, now(), 67)""",
            cast.pleiku.id, cast.neighbour.id,
        )  # fmt: skip
    home = f"/provinces/{await slug_of(cast.province)}"
    await signed_in(client, "province_administrator", cast, at_neighbour=False)

    fleet = await client.get(f"{home}/fleet")
    health = await client.get(f"{home}/committees/{cast.pleiku.slug}/health")
    split = await client.get(f"{home}/committees/{cast.pleiku.slug}/split")

    assert "không quá 10" in fleet.text
    assert "không quá 70" in fleet.text
    assert ">67<" not in fleet.text
    assert "không quá 10 /" in health.text
    assert "(không quá 10 đảng viên)" in split.text  # six are in its cell
