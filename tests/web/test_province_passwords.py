"""The page of the province's people: a link for who forgot the password, shown once, and refusals at their place."""

from __future__ import annotations

import re

import httpx

from server.accounts.actions import give_province
from tenants.transactions import platform_transaction
from tests.accounts.people import give, new_account
from tests.bulletins.desk import slug_of
from tests.cast import Cast
from tests.web.walking import signed_in


async def test_an_administrator_hands_a_link_over_and_it_sets_the_password(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    account, login = await new_account("Siu Blah Hương")
    async with platform_transaction():
        await give_province(account, cast.province, role="province_viewer", by_name="test")
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    people = f"/provinces/{await slug_of(cast.province)}/people"
    page = await client.get(people)
    (path,) = re.findall(rf'action="({people}/[0-9a-f-]+/password-link)"', page.text)

    shown = await client.post(path)
    link = re.search(r"/passwords/[\w-]{43}", shown.text)
    assert link is not None
    again = await client.get(people)
    client.cookies.clear()
    form = await client.get(link[0])
    done = await client.post(link[0], data={"password": "lúa chín vàng đồng"})

    assert "Siu Blah Hương" in shown.text
    assert "<svg" in shown.text
    assert link[0] not in again.text
    assert login in form.text
    assert done.status_code == 303
    assert (await client.get("/places")).status_code == 200


async def test_who_works_elsewhere_too_is_refused_on_the_page(client: httpx.AsyncClient, cast: Cast) -> None:
    account, _ = await new_account("Siu Blah Hương")
    async with platform_transaction():
        await give_province(account, cast.province, role="province_viewer", by_name="test")
    await give(account, cast.neighbour.id)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    people = f"/provinces/{await slug_of(cast.province)}/people"
    page = await client.get(people)
    (path,) = re.findall(rf'action="({people}/[0-9a-f-]+/password-link)"', page.text)

    refused = await client.post(path)

    assert refused.status_code == 422
    assert "còn làm việc cho nơi khác" in refused.text
    assert "/passwords/" not in refused.text


async def test_an_auditor_is_offered_no_link(client: httpx.AsyncClient, cast: Cast) -> None:
    account, _ = await new_account("Siu Blah Hương")
    async with platform_transaction():
        await give_province(account, cast.province, role="province_viewer", by_name="test")
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    page = await client.get(f"/provinces/{await slug_of(cast.province)}/people")

    assert "Siu Blah Hương" in page.text
    assert "password-link" not in page.text
