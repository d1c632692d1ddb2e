"""The neighbour walks every route with our ids; nothing answers. A route without a rule fails here."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from infra.embedded import Servers
from infra.postgres import sql
from server.roll_call.actions import open_roll
from tenants import registry
from tenants.transactions import platform_transaction
from tests.assignments.saying import give, row
from tests.assignments.usual import add
from tests.cast import Cast
from tests.minutes.sending import picture, sent
from tests.web.walking import filled, handlers, signed_in
from web import access
from web.visit import CSP

# What anybody may fetch, with nothing of anybody's in it.
PUBLIC = {"/health/live", "/health/ready", "/static/{path}", "/sw.js", "/favicon.ico", "/manifest.webmanifest",
          "/offline", "/login", "/login/code", "/logout", "/invitations/{token}", "/passwords/{token}", "/language",
          "/share", "/guide", "/guide/{name}"}  # fmt: skip


def test_every_route_has_an_access_rule() -> None:
    rules = {name for name in vars(access) if not name.startswith("_")}
    for path, method, handler in handlers():
        rule = handler.opt.get("access")  # type: ignore[attr-defined]
        assert rule is not None, f"{method} {path} says not who may use it"
        assert rule.__name__ in rules
        if rule is access.anyone:
            assert path in PUBLIC, f"{method} {path} is open to the world"


@pytest.mark.parametrize(
    "role", ["committee_administrator", "secretary", "province_administrator", "support"]
)
async def test_the_neighbour_walks_all_routes_and_sees_nothing(
    client: httpx.AsyncClient, cast: Cast, role: str
) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    minutes, (file,) = await sent(cast, picture())
    work = (await row(await give(cast, meeting=meeting), cast.hoa))["no"]
    usual_work = await add(cast)
    await signed_in(client, role, cast, at_neighbour=True)
    for path, method, _ in handlers():
        if path in PUBLIC or "{slug}" not in path:
            continue
        here = filled(path, cast, meeting, minutes=minutes, file=file, assignment=work, work=usual_work)
        answer = await client.request(method, here, data={"reason": "x"} if method == "POST" else None)

        assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
        for name in cast.numbers:
            assert name.split()[-1] not in answer.text.replace("Nguyễn", ""), f"{method} {path} shows {name}"


async def test_nobody_logged_in_is_sent_to_the_log_in_page(client: httpx.AsyncClient, cast: Cast) -> None:
    meeting = await cast.meeting()
    for path, method, _ in handlers():
        if path in PUBLIC:
            continue
        answer = await client.request(method, filled(path, cast, meeting))

        assert answer.status_code == 303, f"{method} {path}: {answer.status_code}"
        assert answer.headers["location"].startswith("/login")


async def test_a_secretary_does_not_open_the_offices_doors(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    for path, method, handler in handlers():
        if handler.opt["access"] in (
            access.office,
            access.committee_administrator,
            access.province_administrator,
            access.province_reader,
            access.province_auditor,
            access.country_viewer,
        ):  # type: ignore[attr-defined]
            answer = await client.request(method, filled(path, cast, uuid4()))
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"


async def test_a_province_administrator_of_one_province_is_nobody_in_another(
    client: httpx.AsyncClient, cast: Cast, database: Servers
) -> None:
    other = await Cast.assemble(database.owner_url)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    async with platform_transaction(read_only=True):
        slug = (await sql("SELECT slug FROM platform.province WHERE id = $1", other.province))[0]["slug"]

    for path in (f"/provinces/{slug}", f"/provinces/{slug}/committees/{other.pleiku.slug}"):
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
async def test_a_form_from_another_site_is_refused(
    client: httpx.AsyncClient, cast: Cast, headers: dict[str, str]
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    meeting = await cast.meeting()

    answer = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/opening", headers=headers)

    assert answer.status_code == 403
    page = await client.get(f"/{cast.pleiku.slug}/meetings/{meeting}/changes")
    assert page.json()["state"] == "planned"


async def test_every_answer_carries_the_policy(client: httpx.AsyncClient, cast: Cast) -> None:
    for path in ("/login", "/no/such/page", f"/{cast.pleiku.slug}/", "/static/nothing.js"):
        answer = await client.get(path)
        assert answer.headers["content-security-policy"] == CSP
        assert "unsafe" not in CSP


@pytest.mark.parametrize("first", ["Pleiku", "people", "no_slug", "%20", "//pleiku"])
async def test_a_first_segment_that_can_be_no_committee_is_no_page(
    client: httpx.AsyncClient, cast: Cast, first: str
) -> None:
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)

    for rest in ("meetings", "people", "members", f"cells/{cast.cell}"):
        answer = await client.get(f"/{first}/{rest}")
        assert answer.status_code == 404, f"{first} {rest}"


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "2026-13", "nonsens"])
async def test_a_month_at_the_end_of_time_is_this_month(
    client: httpx.AsyncClient, cast: Cast, month: str
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)

    answer = await client.get(f"/{cast.pleiku.slug}/meetings", params={"month": month})

    assert answer.status_code == 200


async def test_a_suspended_committee_says_so_and_an_unknown_one_too(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    async with platform_transaction():
        await registry.suspend(cast.pleiku.id, "Sắp xếp lại đơn vị")

    closed = await client.get(f"/{cast.pleiku.slug}/")
    unknown = await client.get("/khong-co-noi-nay/")

    assert closed.status_code == 423
    assert "Sắp xếp lại đơn vị" in closed.text
    assert unknown.status_code == 404


async def test_the_reason_of_a_suspension_is_for_the_committees_own_people(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    async with platform_transaction():
        await registry.suspend(cast.pleiku.id, "Sắp xếp lại đơn vị")
    await signed_in(client, "secretary", cast, at_neighbour=True)

    answer = await client.get(f"/{cast.pleiku.slug}/")

    assert answer.status_code == 423
    assert "tạm ngừng" in answer.text
    assert "Sắp xếp lại đơn vị" not in answer.text
