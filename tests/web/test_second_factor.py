"""Logging in with two steps on the pages: what opens before the code, how it is set up, what is shown once."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from uuid import UUID, uuid4

import httpx
import pytest
from pyotp import TOTP

from infra.postgres import sql
from infra.settings import settings
from server import clock
from server.accounts import factor, sessions
from server.accounts.actions import give_province
from server.accounts.reader import Reader
from tenants.transactions import platform_transaction
from tests.accounts.people import PASSWORD, invited, new_account
from tests.accounts.test_second_factor import long_ago
from tests.cast import Cast
from tests.web.test_neighbour import PUBLIC
from tests.web.walking import filled, handlers, signed_in

COOKIE = "nennep-plain-http"


class Admin:
    """An administrator of the cast's province, with a second factor and a browser."""

    def __init__(self, client: httpx.AsyncClient, account: UUID, login: str, secret: str) -> None:
        self.client, self.account, self.login, self.secret = client, account, login, secret

    def code(self) -> str:
        return TOTP(self.secret).at(clock.now())

    async def password(self, after: str = "") -> httpx.Response:
        self.client.cookies.clear()
        return await self.client.post(
            "/login", data={"login": self.login, "password": PASSWORD, "next": after}
        )


@pytest.fixture
async def admin(client: httpx.AsyncClient, cast: Cast) -> Admin:
    account, login = await new_account("Trần Thị Láng")
    by = Reader(account, "Trần Thị Láng")
    async with platform_transaction():
        await give_province(account, cast.province, by_name="test")
        token = await sessions.start(account, device="test")
    offer = await factor.begin(by)
    assert offer is not None
    first = TOTP(offer.secret).at(clock.now())
    await factor.confirm(first, password="", token=token, by=by, address=uuid4().hex, device="test")
    await long_ago(account)
    return Admin(client, account, login, offer.secret)


async def test_the_log_in_asks_for_the_code_and_goes_where_it_was_going(
    client: httpx.AsyncClient, admin: Admin
) -> None:
    first = await admin.password("/places?x=1")
    waiting = client.cookies[COOKIE]
    asked = await client.get(first.headers["location"])
    form = await client.get(asked.headers["location"])
    done = await client.post("/login/code", data={"code": admin.code(), "next": "/places?x=1"})

    assert asked.headers["location"] == "/login/code?next=/places%3Fx%3D1"
    assert 'autocomplete="one-time-code"' in form.text
    assert 'value="/places?x=1"' in form.text
    assert (done.status_code, done.headers["location"]) == (303, "/places?x=1")
    assert client.cookies[COOKIE] != waiting
    assert (await client.get("/places")).status_code == 200


async def test_before_the_code_nothing_opens_but_the_code_page_and_logging_out(
    client: httpx.AsyncClient, admin: Admin, cast: Cast
) -> None:
    await admin.password()
    meeting = await cast.meeting()
    for path, method, _ in handlers():
        if path in PUBLIC:
            continue
        answer = await client.request(method, filled(path, cast, meeting, province="gia-lai"))

        assert answer.status_code == 303, f"{method} {path}: {answer.status_code}"
        assert answer.headers["location"].startswith("/login/code"), f"{method} {path}"

    assert (await client.get("/login")).headers["location"].startswith("/login/code")
    out = await client.post("/logout")
    assert out.headers["location"] == "/login"
    assert (await client.get("/login/code")).headers["location"] == "/login"


async def test_an_invitation_is_not_taken_by_who_has_not_given_the_code(
    client: httpx.AsyncClient, admin: Admin, cast: Cast
) -> None:
    token = await invited(cast.pleiku.id, "office")
    await admin.password()

    await client.post(f"/invitations/{token}", data={"mine": "1"})

    assert (await client.get(f"/invitations/{token}")).status_code == 200
    async with platform_transaction(read_only=True):
        assert not await sql(
            "SELECT FROM platform.account_grant WHERE account = $1 AND committee IS NOT NULL", admin.account
        )


async def test_a_wrong_code_is_told_at_the_field_and_keeps_where_one_was_going(
    client: httpx.AsyncClient, admin: Admin
) -> None:
    await admin.password()

    answer = await client.post("/login/code", data={"code": "111 111", "next": "/places"})

    assert answer.status_code == 422
    assert 'id="e-code"' in answer.text
    assert 'value="/places"' in answer.text
    assert "111 111" not in answer.text


@pytest.mark.parametrize("away", ["https://evil.test/", "//evil.test", "/\\evil.test"])
async def test_the_code_page_leads_to_no_other_host(
    client: httpx.AsyncClient, admin: Admin, away: str
) -> None:
    await admin.password()

    done = await client.post("/login/code", data={"code": admin.code(), "next": away})

    assert done.headers["location"] == "/"


async def test_setting_up_shows_a_picture_and_a_key_then_the_codes_once(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    before = client.cookies[COOKIE]
    page = await client.get("/account/second-factor")
    address = unescape(re.findall(r'href="(otpauth:[^"]+)"', page.text)[0])
    secret = re.findall(r"secret=(\w+)", address)[0]

    done = await client.post("/account/second-factor", data={"code": TOTP(secret).at(clock.now())})
    again = await client.get("/account/second-factor")

    assert "<svg" in page.text
    codes = re.findall(r"<code>(\w{4}-\w{4}-\w{4})</code>", done.text)
    assert len({*codes}) == 10
    assert client.cookies[COOKIE] != before
    assert again.status_code == 200
    assert secret not in again.text
    assert not any(code in again.text for code in codes)
    assert "Còn 10 mã" in again.text


async def test_a_wrong_first_code_keeps_the_key_and_says_so(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    first = await client.get("/account/second-factor")

    answer = await client.post("/account/second-factor", data={"code": "123"})

    key = re.compile(r"<code>([A-Z2-7 ]+)</code>")
    assert answer.status_code == 422
    assert 'id="e-code"' in answer.text
    assert key.findall(answer.text) == key.findall(first.text) != []


@pytest.mark.parametrize(("verb", "field"), [("recovery-codes", "renewing"), ("removal", "removing")])
async def test_what_changes_the_factor_wants_a_code_of_it(
    client: httpx.AsyncClient, admin: Admin, verb: str, field: str
) -> None:
    await admin.password()
    await client.post("/login/code", data={"code": admin.code()})
    form = await client.get("/account/second-factor")
    csrf = re.findall(r'name="csrf" value="([^"]+)"', form.text)[0]

    answer = await client.post(f"/account/second-factor/{verb}", data={"csrf": csrf, field: "000000"})

    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text
    assert (await factor.standing(admin.account)).confirmed


async def test_where_it_is_required_nothing_of_the_province_opens_before_it_is_set_up(
    client: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    required = replace(settings(), second_factor="required")
    monkeypatch.setattr(sessions, "settings", lambda: required)
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    for path in ("/", "/places", "/provinces/gia-lai", "/provinces/gia-lai/log", f"/{cast.pleiku.slug}/"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/second-factor"), path
    assert (await client.post("/logout")).status_code == 303

    await signed_in(client, "office", cast, at_neighbour=False)
    assert (await client.get(f"/{cast.pleiku.slug}")).status_code == 200
