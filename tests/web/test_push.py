"""A browser is told for the account that is logged in, until it says no; reminding is set, ticked and pressed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from infra.postgres import sql
from infra.push import public_key
from infra.settings import settings
from server import clock
from server.accounts import sessions
from server.accounts.actions import Place
from server.accounts.push import MOST
from server.assignments.nudging import nudge, push_nudge
from server.assignments.reminders import plan_reminders
from server.assignments.reminding import NAME
from tenants.transactions import platform_transaction, transaction
from tests.assignments.duties import duty, set_up
from tests.assignments.push_service import Browser, Service, account_with, push_service
from tests.cast import PEOPLE, Cast
from tests.web.sending import account_of
from tests.web.walking import signed_in
from tests.workers.rows import rows_of

AN, BINH, CUC, DUNG, EM, GIANG = PEOPLE
JSON = {"X-Requested-With": "nennep", "Content-Type": "application/json"}


@pytest.fixture
def service() -> Iterator[Service]:
    with push_service() as running:
        yield running


async def told_accounts(browser: Browser) -> list[UUID]:
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT account FROM platform.push_subscription WHERE endpoint = $1", browser.endpoint
        )
    return [row["account"] for row in rows]


async def put(client: httpx.AsyncClient, browser: Browser, method: str = "PUT") -> httpx.Response:
    return await client.request(method, "/push/subscription", json=browser.json, headers=JSON)


async def test_a_browser_is_told_for_whoever_is_logged_in_until_it_says_no(
    client: httpx.AsyncClient, cast: Cast, service: Service
) -> None:
    browser = service.browser()
    await signed_in(client, "member", cast, at_neighbour=False)
    first = await account_of(client)
    key = await client.get("/push/key", headers=JSON)
    assert key.json() == {"key": public_key()}
    assert len(key.json()["key"]) == 87

    assert (await put(client, browser)).status_code == 200
    assert (await put(client, browser)).status_code == 200
    assert [str(a) for a in await told_accounts(browser)] == [str(first)]

    await signed_in(client, "member", cast, at_neighbour=False)
    second = await account_of(client)
    assert (await put(client, browser, "DELETE")).status_code == 200
    assert [str(a) for a in await told_accounts(browser)] == [str(first)], "another's browser is left alone"
    assert (await put(client, browser)).status_code == 200
    assert [str(a) for a in await told_accounts(browser)] == [str(second)]
    assert (await put(client, browser, "DELETE")).status_code == 200
    assert await told_accounts(browser) == []


async def test_a_subscription_is_the_accounts_that_the_page_belongs_to(
    client: httpx.AsyncClient, cast: Cast, service: Service
) -> None:
    await signed_in(client, "member", cast, at_neighbour=False)
    client.headers.pop("X-CSRF")
    browser = service.browser()
    other = {**JSON, "X-Account": "00000000-0000-4000-8000-000000000000"}

    for method in ("PUT", "DELETE"):
        answer = await client.request(method, "/push/subscription", json=browser.json, headers=other)
        assert answer.status_code == 401
    assert (await put(client, browser)).status_code == 403
    assert await told_accounts(browser) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {}, [], "x", {"endpoint": 3}, {"endpoint": "https://evil.test/x"}, {"endpoint": "x" * 2000}, {"keys": None},
        {"keys": {}}, {"keys": {"p256dh": "x", "auth": "y"}}, {"endpoint": "http://169.254.169.254/latest/meta-data"},
    ],
)  # fmt: skip
async def test_what_no_push_service_is_is_refused(
    client: httpx.AsyncClient, cast: Cast, service: Service, wrong: Any
) -> None:
    await signed_in(client, "member", cast, at_neighbour=False)
    sent = service.browser().json | wrong if isinstance(wrong, dict) and wrong else wrong

    answer = await client.put("/push/subscription", json=sent, headers=JSON)

    assert answer.status_code == 422
    assert answer.json()["message"]


async def test_the_browser_that_subscribed_first_makes_room(
    client: httpx.AsyncClient, cast: Cast, service: Service
) -> None:
    await signed_in(client, "member", cast, at_neighbour=False)
    browsers = [service.browser() for _ in range(MOST + 1)]
    for browser in browsers:
        await put(client, browser)

    assert [len(await told_accounts(browser)) for browser in browsers] == [0] + [1] * MOST


@pytest.mark.parametrize("way", ["sessions", "switch"])
async def test_whoever_has_lost_a_phone_ends_it_everywhere(
    client: httpx.AsyncClient, cast: Cast, service: Service, way: str
) -> None:
    await signed_in(client, "member", cast, at_neighbour=False)
    browser = service.browser()
    await put(client, browser)
    assert "đang nhận nhắc việc trên 1 máy" in (await client.get("/account/password")).text

    if way == "sessions":
        await sessions.log_out_everywhere((await told_accounts(browser))[0])
    else:
        assert (await client.post("/push/ending")).status_code == 303
        assert "Chưa máy nào nhận" in (await client.get("/account/password")).text

    assert await told_accounts(browser) == []


async def test_without_a_key_the_account_page_says_nothing_of_it(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    settings.cache_clear()
    await signed_in(client, "member", cast, at_neighbour=False)

    assert (await client.get("/push/key", headers=JSON)).json() == {"key": None}
    assert "Nhắc việc trên máy" not in (await client.get("/account/password")).text
    assert (await put(client, Browser("https://fcm.googleapis.com/x"))).status_code == 422


async def test_the_office_sets_when_people_are_reminded(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    path = f"/{cast.pleiku.slug}/assignments/reminding"
    typed = {"days_before": "10 và 3", "overdue_every": "5", "quiet_from": "22:30", "quiet_to": "06:00"}

    assert 'value="21:00"' in (await client.get(path)).text
    refused = await client.post(path, data=typed)
    assert refused.status_code == 422
    assert 'value="10 và 3"' in refused.text
    assert 'aria-describedby="h-days_before e-days_before"' in refused.text

    saved = await client.post(path, data=typed | {"days_before": "3; 10"})
    assert saved.status_code == 303
    shown = (await client.get(saved.headers["location"])).text
    for value in ("10, 3", "5", "22:30", "06:00"):
        assert f'value="{value}"' in shown
    assert "Đã lưu" in shown
    async with transaction(read_only=True):
        events = await sql("SELECT subject FROM event WHERE action = 'setting_changed'")
    assert [row["subject"] for row in events] == [NAME]


async def a_day(cast: Cast) -> None:
    """An (group 1), Bình (group 2) and Dũng (group 2) are to be told today; An has a telephone."""
    await duty(cast, AN, clock.today(), words="Sửa mương <nước>")
    await duty(cast, BINH, clock.today() - timedelta(days=7))
    await duty(cast, DUNG, clock.today() + timedelta(days=3))
    async with transaction():
        await sql("UPDATE member SET phone = '0905 123 456' WHERE no = $1", cast.numbers[AN])
    await set_up()
    await plan_reminders(clock.today().isoformat())


async def test_a_person_is_ticked_as_told_once_and_it_says_by_whom(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await a_day(cast)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    path, day = f"/{cast.pleiku.slug}/reminders", clock.today().isoformat()
    before = (await client.get(path)).text
    assert "Sửa mương &lt;nước&gt;" in before
    assert "0905" not in before
    assert before.count("☐") == 3
    tick = {"cell": str(cast.cell), "day": day, "no": str(cast.numbers[BINH]), "told": "1"}

    for _ in range(2):
        answer = await client.post(f"{path}/telling", data=tick)
        assert answer.status_code == 303

    after = (await client.get(answer.headers["location"])).text
    assert (after.count("☐"), after.count("☑")) == (2, 1)
    assert re.search(r"Trần Thị Láng đã báo lúc \d\d:\d\d", after)
    assert "1/3" in after
    await client.post(f"{path}/telling", data=tick | {"told": "0"})
    assert (await client.get(path)).text.count("☐") == 3


async def test_a_group_leader_tells_the_own_group_and_a_member_nobody(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await a_day(cast)
    path = f"/{cast.pleiku.slug}/reminders"
    await signed_in(client, "group_leader", cast, at_neighbour=False)  # of group 1

    shown = (await client.get(path)).text
    form = {"cell": str(cast.cell), "day": clock.today().isoformat(), "told": "1"}

    assert "Sửa mương" in shown
    assert "Bình" not in shown
    assert (
        await client.post(f"{path}/telling", data=form | {"no": str(cast.numbers[BINH])})
    ).status_code == 404
    assert (
        await client.post(f"{path}/telling", data=form | {"no": str(cast.numbers[AN])})
    ).status_code == 303
    for no in ("", "x", "9" * 12):
        assert (await client.post(f"{path}/telling", data=form | {"no": no})).status_code == 404
    await signed_in(client, "member", cast, at_neighbour=False)
    assert (await client.get(path)).status_code == 404
    assert (
        await client.post(f"{path}/telling", data=form | {"no": str(cast.numbers[AN])})
    ).status_code == 404


async def test_the_office_chooses_a_cell_and_sees_the_telephone(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await a_day(cast)
    await signed_in(client, "office", cast, at_neighbour=False)
    path = f"/{cast.pleiku.slug}/reminders"

    shown = (await client.get(path, params={"cell": str(cast.cell), "day": "nonsense"})).text

    assert 'href="tel:0905123456"' in shown
    past = await client.get(path, params={"day": "2020-01-01"})
    assert "Ngày này không phải báo ai" in past.text
    assert (await client.get(path, params={"cell": str(cast.neighbour_cell)})).status_code == 404


async def test_a_cell_is_reminded_with_one_tap_and_once_an_hour(
    client: httpx.AsyncClient, cast: Cast, service: Service
) -> None:
    late = await duty(cast, AN, clock.today() - timedelta(days=1))
    await duty(cast, BINH, clock.today() - timedelta(days=40))
    await duty(cast, DUNG, clock.today())
    await set_up()
    await signed_in(client, "office", cast, at_neighbour=False)
    path = f"/{cast.pleiku.slug}/cells/{cast.cell}/reminding"

    answers = [await client.post(path, data={"back": back}) for back in ("", "figures", "//evil.test")]

    assert [answer.status_code for answer in answers] == [303] * 3
    assert all(answer.headers["location"].startswith(f"/{cast.pleiku.slug}/") for answer in answers)
    board = (await client.get(answers[0].headers["location"])).text
    assert f'action="{path}"' in board
    assert "đã nhắc lúc" in board
    async with transaction(read_only=True):
        events = await sql("SELECT subject, detail FROM event WHERE action = 'cell_reminded'")
    assert [(row["subject"], row["detail"]) for row in events] == [(str(cast.cell), "2")]
    jobs = [row["arguments"] for row in await rows_of(cast.pleiku) if row["job"] == "push_nudge"]
    assert len(jobs) == 1
    await signed_in(client, "secretary", cast, at_neighbour=False)
    home = (await client.get(f"/{cast.pleiku.slug}/")).text
    assert "Văn phòng nhắc: 2 việc quá hạn" in home
    assert f"/{cast.pleiku.slug}/assignments?cell={cast.cell}" in home
    async with transaction():
        await sql("UPDATE assignment SET state = 'reported', reported_on = given_on WHERE id = $1", late)
    assert "Văn phòng nhắc: 1 việc quá hạn" in (await client.get(f"/{cast.pleiku.slug}/")).text
    await signed_in(client, "member", cast, at_neighbour=False)
    assert "Văn phòng nhắc" not in (await client.get(f"/{cast.pleiku.slug}/")).text


async def test_two_thumbs_at_once_remind_a_cell_once(cast: Cast) -> None:
    await duty(cast, AN, clock.today() - timedelta(days=1))

    await asyncio.gather(*(asyncio.create_task(nudge(cast.cell, by=cast.office)) for _ in range(4)))

    async with transaction(read_only=True):
        events = await sql("SELECT 1 FROM event WHERE action = 'cell_reminded'")
    assert len(events) == 1


async def test_only_the_office_reminds_a_cell_and_only_of_something(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    path = f"/{cast.pleiku.slug}/cells/{cast.cell}/reminding"
    await signed_in(client, "office", cast, at_neighbour=False)
    nothing = await client.post(path)
    assert nothing.status_code == 422
    assert "không có việc nào quá hạn" in nothing.text
    other = f"/{cast.pleiku.slug}/cells/{cast.neighbour_cell}/reminding"
    assert (await client.post(other)).status_code == 404
    for role in ("secretary", "deputy", "member"):
        await signed_in(client, role, cast, at_neighbour=False)
        assert (await client.post(path)).status_code == 404


async def test_those_who_lead_the_cell_are_told_and_nobody_else(cast: Cast, service: Service) -> None:
    here, elsewhere = Place(cast.cell, "Chi bộ"), Place(cast.neighbour_cell, "Chi bộ")
    secretary, deputy, member, stranger = (service.browser() for _ in range(4))
    await account_with(secretary, cast.pleiku.id, None, role="secretary", place=here)
    await account_with(deputy, cast.pleiku.id, None, role="deputy", place=here)
    await account_with(member, cast.pleiku.id, None, role="member", place=here)
    await account_with(stranger, cast.neighbour.id, None, role="secretary", place=elsewhere)

    await push_nudge(str(cast.cell), 5, 1)

    assert [len(service.to(browser)) for browser in (secretary, deputy, member, stranger)] == [1, 1, 0, 0]
    told = secretary.open(service.to(secretary)[0])
    assert told["body"] == "Chi bộ có 5 việc quá hạn"
    before = len(await rows_of(cast.pleiku))
    service.status = 503
    await push_nudge(str(cast.cell), 5, 1)
    await push_nudge(str(cast.cell), 5, 5)
    (again,) = (await rows_of(cast.pleiku))[before:]
    assert again["job"] == "push_nudge"
    assert again["due_at"] > clock.now()
