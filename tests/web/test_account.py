"""One's own account in a browser, and forms that only a page of this session can send."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest

from infra.postgres import one, sql
from infra.settings import settings
from server.accounts.actions import Place, add_account, give
from server.accounts.secrets import csrf_token, hash_password
from server.accounts.sessions import start
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.web.walking import signed_in

COOKIE, OLD, NEW = "nennep-plain-http", "dong lua chin", "lua chin vang dong"


async def newcomer(client: httpx.AsyncClient, cast: Cast, *, must_change: bool = False) -> tuple[UUID, str]:
    """A secretary who logs in by the form; the account and its log-in name."""
    login = f"hoa{uuid4().hex[:8]}"
    hashed = await hash_password(OLD)
    async with platform_transaction():
        account = await add_account(name="Hòa", login=login, password_hash=hashed, must_change=must_change)
        await give(account, cast.pleiku.id, "secretary", Place(cast.cell, "Chi bộ"), by_name="test")
    await client.post("/login", data={"login": login, "password": OLD})
    return account, login


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]{22})"', page.text)
    assert found is not None
    return found[1]


async def test_over_https_the_cookie_is_this_hosts_alone(
    client: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, login = await newcomer(client, cast)
    safe = replace(settings(), public_url="https://nennep.test")
    for module in ("web.visit", "web.accounts.routes"):
        monkeypatch.setattr(f"{module}.settings", lambda: safe)

    answer = await client.post("/login", data={"login": login, "password": OLD})

    name, *parts = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-nennep=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(parts)
    assert not [part for part in parts if part.lower().startswith("domain")]


async def test_a_first_password_is_changed_before_anything_else(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await newcomer(client, cast, must_change=True)

    led = [(await client.get(path)).headers["location"] for path in ("/", f"/{cast.pleiku.slug}/", "/places")]
    told = await client.get(f"/{cast.pleiku.slug}/", headers={"X-Requested-With": "nennep"})
    page = await client.get("/account/password")
    form = {"csrf": csrf_of(page), "old": OLD, "password": "ngan"}
    wrong = await client.post("/account/password", data=form)
    changed = await client.post("/account/password", data={**form, "password": NEW})
    inside = await client.get(f"/{cast.pleiku.slug}/")

    assert led == ["/account/password"] * 3
    assert told.status_code == 403
    assert (wrong.status_code, changed.status_code, inside.status_code) == (422, 303, 200)
    assert "ngan" not in wrong.text
    assert OLD not in wrong.text


async def test_out_on_every_device(client: httpx.AsyncClient, cast: Cast) -> None:
    account, _ = await newcomer(client, cast)
    async with platform_transaction():
        other = await start(account, device="Mozilla/5.0 (Linux; Android 13) Chrome/148.0")
    page = await client.get("/account/password")

    answer = await client.post("/account/sessions/end", data={"csrf": csrf_of(page)})
    client.cookies.set(COOKIE, other, domain="nennep.test")
    outside = await client.get(f"/{cast.pleiku.slug}/")

    assert "Android · Chrome" in page.text
    assert answer.headers["location"] == "/login"
    assert outside.status_code == 303


@pytest.mark.parametrize("which", ["missing", "wrong", "another"])
async def test_a_form_that_is_not_of_this_session_changes_nothing(
    client: httpx.AsyncClient, cast: Cast, which: str
) -> None:
    account, _ = await newcomer(client, cast)
    async with platform_transaction():
        another = csrf_token(await start(account, device="Máy khác"))
    form = {"missing": {}, "wrong": {"csrf": "é" * 22}, "another": {"csrf": another}}[which]
    meeting = await cast.meeting()

    base = f"/{cast.pleiku.slug}/meetings/{meeting}"
    refused = [
        await client.post(f"{base}/opening", data=form),
        await client.post(f"{base}/opening", data=form, files={"file": ("a.txt", b"a")}),
        await client.post(f"{base}/opening", content=b"{}", headers={"Content-Type": "text/plain"}),
    ]
    with using(cast.pleiku):
        async with transaction(read_only=True):
            row = await one("SELECT count(*) AS opened FROM roll_call WHERE meeting = $1", meeting)
    page = await client.get(f"{base}/roll-call")
    taken = await client.post(f"{base}/opening", data={"csrf": csrf_of(page)})

    assert [answer.status_code for answer in refused] == [403] * 3
    assert "Trang này đã cũ" in refused[0].text
    assert row is not None
    assert row["opened"] == 0
    assert taken.status_code == 303


async def test_the_queue_says_that_it_is_ours_and_whose_marks_it_brings(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    account, _ = await newcomer(client, cast)
    path, batch = (
        f"/{cast.pleiku.slug}/meetings/{await cast.meeting()}/marks",
        {"device": str(uuid4()), "marks": []},
    )
    ours, mine = {"X-Requested-With": "nennep"}, {"X-Account": str(account)}

    async def answered(**headers: str) -> int:
        return (await client.post(path, json=batch, headers=headers)).status_code

    assert await answered() == 403
    assert await answered(**ours) == 403
    assert await answered(**mine) == 403
    assert await answered(**ours, **{"X-Account": str(uuid4())}) == 401
    assert await answered(**ours, **mine) not in (401, 403)


async def test_every_form_of_a_page_carries_the_token(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    token = client.headers["X-CSRF"]
    for path in (
        "/places",
        "/account/password",
        f"/{cast.pleiku.slug}/people",
        f"/{cast.pleiku.slug}/members/imports/new",
    ):
        page = await client.get(path)
        forms = re.findall(r'<form[^>]*method="post"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        assert len(forms) >= 2, path
        assert all(f'name="csrf" value="{token}"' in form for form in forms), path


async def test_an_administrator_helps_who_forgot_and_the_record_keeps_it(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    account, _ = await newcomer(client, cast)
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    people = f"/{cast.pleiku.slug}"
    async with platform_transaction(read_only=True):
        row = await one("SELECT id FROM platform.account_grant WHERE account = $1", account)
    assert row is not None

    shown = await client.post(f"{people}/grants/{row['id']}/password-link")
    await client.post(f"{people}/invitations", data={"role": "office"})
    link = re.search(r"/passwords/[\w-]{43}", shown.text)
    assert link is not None
    await client.post(f"{people}/grants/{row['id']}/end")
    gone = await client.get(link[0])
    with using(cast.pleiku):
        async with transaction(read_only=True):
            done = await sql("SELECT action FROM event ORDER BY id")

    assert gone.status_code == 404
    assert [row["action"] for row in done][-3:] == ["password_link_issued", "invited", "role_taken_away"]


async def test_the_link_lets_in_with_a_new_password(client: httpx.AsyncClient, cast: Cast) -> None:
    account, _ = await newcomer(client, cast)
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    async with platform_transaction(read_only=True):
        row = await one("SELECT id FROM platform.account_grant WHERE account = $1", account)
    assert row is not None
    shown = await client.post(f"/{cast.pleiku.slug}/grants/{row['id']}/password-link")
    link = re.search(r"/passwords/[\w-]{43}", shown.text)
    assert link is not None
    client.cookies.clear()

    form = await client.get(link[0])
    wrong = await client.post(link[0], data={"password": "ngan"})
    right = await client.post(link[0], data={"password": NEW})
    inside = await client.get(f"/{cast.pleiku.slug}/")

    assert [a.status_code for a in (form, wrong, right, inside)] == [200, 422, 303, 200]
    assert (await client.get(link[0])).status_code == 404
