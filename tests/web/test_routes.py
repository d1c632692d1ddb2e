"""The neighbour walks every route with our ids; nothing answers. A route without a rule fails here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from litestar.routes import HTTPRoute

from infra.embedded import Servers
from server.accounts.actions import Place, add_account, give, give_province
from server.accounts.secrets import hash_password
from server.accounts.sessions import start
from server.roll_call.actions import open_roll
from tenants.transactions import platform_transaction
from tests.cast import Cast
from web import access
from web.app import create_app, routes_app
from web.visit import CSP

ORIGIN = "http://nennep.test"
# What anybody may fetch, with nothing of anybody's in it.
PUBLIC = {"/health/live", "/health/ready", "/static/{path}", "/sw.js", "/favicon.ico", "/manifest.webmanifest",
          "/offline", "/login", "/logout", "/invitations/{token}", "/language"}  # fmt: skip


def handlers() -> Iterator[tuple[str, str, object]]:
    """Every route as (path, method, handler)."""
    for route in routes_app().routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield route.path_format, method, handler


@pytest_asyncio.fixture(loop_scope="session")
async def browser(database: Servers) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a page of ours, with nobody logged in."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app()),
        base_url=ORIGIN,
        headers={"Origin": ORIGIN},  # type: ignore[arg-type]
    ) as client:
        yield client


async def signed_in(browser: httpx.AsyncClient, role: str, cast: Cast, *, at_neighbour: bool) -> None:
    """Log a new account with one role into the browser."""
    cell = cast.neighbour_cell if at_neighbour else cast.cell
    async with platform_transaction():
        account = await add_account(name="Trần Thị Láng", login=f"u{uuid4().hex[:12]}", password_hash="x")
        if role == "province_administrator":
            await give_province(account, cast.province, by_name="test")
        else:
            ref = cast.neighbour if at_neighbour else cast.pleiku
            place = Place() if role in ("office", "committee_administrator") else Place(cell, "Chi bộ", 1)
            await give(account, ref.id, role, place, by_name="test")
        token = await start(account, device="test")
    browser.cookies.clear()
    browser.cookies.set("nennep", token, domain="nennep.test")


def filled(path: str, cast: Cast, meeting: object) -> str:
    """A route's path with our own committee's ids in it."""
    known = {
        "slug": cast.pleiku.slug, "meeting": meeting, "cell": cast.cell, "no": cast.numbers["Nguyễn Văn An"],
        "token": "x" * 43, "path": "nothing.js", "province": "gia-lai", "committee": cast.pleiku.slug,
    }  # fmt: skip
    return re.sub(r"\{(\w+)[^}]*\}", lambda m: str(known.get(m[1], uuid4())), path)


def test_every_route_has_an_access_rule() -> None:
    rules = {name for name in vars(access) if not name.startswith("_")}
    for path, method, handler in handlers():
        rule = handler.opt.get("access")  # type: ignore[attr-defined]
        assert rule is not None, f"{method} {path} says not who may use it"
        assert rule.__name__ in rules
        if rule is access.anyone:
            assert path in PUBLIC, f"{method} {path} is open to the world"


@pytest.mark.parametrize("role", ["committee_administrator", "secretary", "province_administrator"])
async def test_the_neighbour_walks_all_routes_and_sees_nothing(
    browser: httpx.AsyncClient, cast: Cast, role: str
) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    await signed_in(browser, role, cast, at_neighbour=True)
    for path, method, _ in handlers():
        if path in PUBLIC or "{slug}" not in path:
            continue
        answer = await browser.request(
            method, filled(path, cast, meeting), data={"reason": "x"} if method == "POST" else None
        )

        assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
        for name in cast.numbers:
            assert name.split()[-1] not in answer.text.replace("Nguyễn", ""), f"{method} {path} shows {name}"


async def test_nobody_logged_in_is_sent_to_the_log_in_page(browser: httpx.AsyncClient, cast: Cast) -> None:
    meeting = await cast.meeting()
    for path, method, _ in handlers():
        if path in PUBLIC:
            continue
        answer = await browser.request(method, filled(path, cast, meeting))

        assert answer.status_code == 303, f"{method} {path}: {answer.status_code}"
        assert answer.headers["location"].startswith("/login")


async def test_a_secretary_does_not_open_the_offices_doors(browser: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(browser, "secretary", cast, at_neighbour=False)
    for path, method, handler in handlers():
        if handler.opt["access"] in (
            access.office,
            access.committee_administrator,
            access.province_administrator,
        ):  # type: ignore[attr-defined]
            answer = await browser.request(method, filled(path, cast, uuid4()))
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"


async def test_a_province_administrator_of_one_province_is_nobody_in_another(
    browser: httpx.AsyncClient, cast: Cast, database: Servers
) -> None:
    other = await Cast.assemble(database.owner_url)
    await signed_in(browser, "province_administrator", cast, at_neighbour=False)
    async with platform_transaction(read_only=True):
        from infra.postgres import sql

        slug = (await sql("SELECT slug FROM platform.province WHERE id = $1", other.province))[0]["slug"]

    for path in (f"/provinces/{slug}", f"/provinces/{slug}/committees/{other.pleiku.slug}"):
        assert (await browser.get(path)).status_code == 404


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
    browser: httpx.AsyncClient, cast: Cast, headers: dict[str, str]
) -> None:
    await signed_in(browser, "secretary", cast, at_neighbour=False)
    meeting = await cast.meeting()

    answer = await browser.post(f"/{cast.pleiku.slug}/meetings/{meeting}/opening", headers=headers)

    assert answer.status_code == 403
    page = await browser.get(f"/{cast.pleiku.slug}/meetings/{meeting}/changes")
    assert page.json()["state"] == "planned"


async def test_every_answer_carries_the_policy(browser: httpx.AsyncClient, cast: Cast) -> None:
    for path in ("/login", "/no/such/page", f"/{cast.pleiku.slug}/", "/static/nothing.js"):
        answer = await browser.get(path)
        assert answer.headers["content-security-policy"] == CSP
        assert "unsafe" not in CSP


async def test_a_suspended_committee_says_so_and_an_unknown_one_too(
    browser: httpx.AsyncClient, cast: Cast
) -> None:
    from tenants import registry

    await signed_in(browser, "secretary", cast, at_neighbour=False)
    async with platform_transaction():
        await registry.suspend(cast.pleiku.id, "Sắp xếp lại đơn vị")

    closed = await browser.get(f"/{cast.pleiku.slug}/")
    unknown = await browser.get("/khong-co-noi-nay/")

    assert closed.status_code == 423
    assert "Sắp xếp lại đơn vị" in closed.text
    assert unknown.status_code == 404


async def test_log_in_begins_a_new_session_and_log_out_ends_it(
    browser: httpx.AsyncClient, cast: Cast
) -> None:
    login = f"hoa{uuid4().hex[:8]}"
    async with platform_transaction():
        account = await add_account(
            name="Hòa", login=login, password_hash=await hash_password("dong lua chin")
        )
        await give(account, cast.pleiku.id, "secretary", Place(cast.cell, "Chi bộ"), by_name="test")
    browser.cookies.set("nennep", "chosen-by-somebody-else", domain="nennep.test")

    answer = await browser.post(
        "/login", data={"login": login, "password": "dong lua chin", "next": "//evil.test/x"}
    )
    token = answer.cookies["nennep"]
    browser.cookies.clear()
    browser.cookies.set("nennep", token, domain="nennep.test")
    inside = await browser.get(f"/{cast.pleiku.slug}/")
    await browser.post("/logout")
    browser.cookies.set("nennep", token, domain="nennep.test")
    outside = await browser.get(f"/{cast.pleiku.slug}/")

    assert answer.headers["location"] == "/"
    assert token != "chosen-by-somebody-else"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert inside.status_code == 200
    assert outside.status_code == 303
