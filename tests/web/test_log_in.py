"""Logging in and out in a browser."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from infra.settings import settings
from server.accounts.actions import Place, add_account, give
from server.accounts.secrets import csrf_token, hash_password
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.web.walking import signed_in


async def test_log_in_begins_a_new_session_and_log_out_ends_it(client: httpx.AsyncClient, cast: Cast) -> None:
    login = f"hoa{uuid4().hex[:8]}"
    async with platform_transaction():
        account = await add_account(
            name="Hòa", login=login, password_hash=await hash_password("dong lua chin")
        )
        await give(account, cast.pleiku.id, "secretary", Place(cast.cell, "Chi bộ"), by_name="test")
    client.cookies.set("nennep-plain-http", "chosen-by-somebody-else", domain="nennep.test")

    answer = await client.post(
        "/login", data={"login": login, "password": "dong lua chin", "next": "//evil.test/x"}
    )
    token = answer.cookies["nennep-plain-http"]
    client.cookies.clear()
    client.cookies.set("nennep-plain-http", token, domain="nennep.test")
    inside = await client.get(f"/{cast.pleiku.slug}/")
    await client.post("/logout", headers={"X-CSRF": csrf_token(token)})
    client.cookies.set("nennep-plain-http", token, domain="nennep.test")
    outside = await client.get(f"/{cast.pleiku.slug}/")

    assert answer.headers["location"] == "/"
    assert token != "chosen-by-somebody-else"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert inside.status_code == 200
    assert outside.status_code == 303


async def test_over_https_the_cookie_is_really_taken_away(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    safe = replace(settings(), public_url="https://nennep.test")
    for module in ("web.visit", "web.accounts.routes"):
        monkeypatch.setattr(f"{module}.settings", lambda: safe)

    answer = await client.post("/logout")

    # Browsers refuse to touch a __Host- cookie without Secure and the path of the whole host.
    parts = set(answer.headers["set-cookie"].split("; "))
    assert {'__Host-nennep=""', "Max-Age=0", "Path=/", "Secure"} <= parts


@pytest.mark.parametrize(
    "after", ["//evil.test", "/\\evil.test", "/\t/evil.test", "/\n/evil.test", "https://evil.test", ""]
)
async def test_a_log_in_never_leads_to_another_site(
    client: httpx.AsyncClient, cast: Cast, after: str
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    answer = await client.get("/login", params={"next": after})

    assert answer.headers["location"] == "/"
