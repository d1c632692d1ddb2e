"""One reminder a person and day, of the right work, told to the right phone once, and never lost with a phone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import push
from infra.postgres import sql
from infra.settings import settings
from server import clock
from server.accounts.push import subscribe
from server.assignments import pushing
from server.assignments.pushing import FEW, MOST_ATTEMPTS, push_reminders
from server.assignments.reminders import counted, of_today, plan_reminders
from server.assignments.reminding import Reminding, read
from server.words import Refused
from tenants.transactions import platform_transaction, transaction
from tests.assignments.duties import counts, duty, member_of, reminders, set_up
from tests.assignments.push_service import Browser, Service, account_with, push_service, signed_by_us
from tests.cast import PEOPLE, Cast
from tests.workers.rows import rows_of

AN, BINH, CUC, DUNG, EM, GIANG = PEOPLE


def after(days: int) -> Any:
    return clock.today() + timedelta(days=days)


TODAY = clock.today().isoformat


@pytest.fixture
def service() -> Iterator[Service]:
    with push_service() as running:
        yield running


async def test_a_person_is_reminded_once_of_all_that_is_due(cast: Cast) -> None:
    for days in (3, 0, -7, -8, 2, 4, 1, -1):
        await duty(cast, AN, after(days))
    await duty(cast, BINH, after(3))
    for state in ("reported", "done", "not_done", "cancelled"):
        await duty(cast, DUNG, after(0), state=state)
    await duty(cast, DUNG, None)
    await set_up()

    assert await plan_reminders(TODAY()) == 2

    assert counts(await reminders()) == {AN: (1, 1, 2), BINH: (1, 0, 0)}


async def test_what_is_set_decides_how_long_before(cast: Cast) -> None:
    for name, days in ((AN, 7), (BINH, 1), (DUNG, 3), (EM, -2)):
        await duty(cast, name, after(days))
    await set_up(days_before=[7, 1], overdue_every=2)

    await plan_reminders(TODAY())

    assert counts(await reminders()) == {AN: (1, 0, 0), BINH: (1, 0, 0), EM: (0, 0, 1)}


async def test_overdue_work_is_spoken_of_once_a_week_even_if_the_clock_stood_still(cast: Cast) -> None:
    work = await duty(cast, AN, after(0))
    await set_up()
    told = []
    for days in range(30):
        if days == 7:
            continue  # nothing ran
        if await plan_reminders(after(days).isoformat()):
            told.append(days)

    assert told == [0, 8, 15, 22, 29]
    assert {row["assignments"][0] for row in await reminders()} == {work}


async def test_who_belongs_nowhere_any_more_is_not_reminded(cast: Cast) -> None:
    await duty(cast, AN, after(0))
    await duty(cast, BINH, after(0))
    an = await member_of(cast, AN)
    async with transaction():
        await sql("UPDATE membership SET to_on = $2, ended_by = 'died' WHERE member = $1", an, after(-1))
    await set_up()

    await plan_reminders(TODAY())

    assert set(counts(await reminders())) == {BINH}


async def test_planned_again_and_at_once_nothing_comes_twice(cast: Cast) -> None:
    await duty(cast, AN, after(0))
    await duty(cast, BINH, after(-14))
    await set_up()

    found = await asyncio.gather(*(asyncio.create_task(plan_reminders(TODAY())) for _ in range(4)))
    again = await plan_reminders(TODAY())
    late = await plan_reminders(after(-1).isoformat())

    assert (sum(found), again, late) == (2, 0, 0)
    assert len(await reminders()) == 2
    jobs = [row for row in await rows_of(cast.pleiku) if row["job"] == "push_reminders"]
    assert 1 <= len(jobs) <= 2


async def test_the_line_on_the_page_forgets_what_is_done(cast: Cast) -> None:
    done = await duty(cast, AN, after(0))
    await duty(cast, AN, after(3))
    await set_up()
    await plan_reminders(TODAY())
    an, nobody = frozenset([await member_of(cast, AN)]), frozenset([await member_of(cast, BINH)])

    async with transaction():
        before = await of_today(an)
        await sql(
            "UPDATE assignment SET state = 'done', result = 'late', ended_on = $2 WHERE id = $1",
            done,
            after(0),
        )
        now, none = await of_today(an), await of_today(nobody)

    assert before is not None
    assert now is not None
    assert counted(before) == "1 việc sắp đến hạn, 1 việc đến hạn hôm nay"
    assert counted(now) == "1 việc sắp đến hạn"
    assert none is None


TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), TIMES, TIMES)  # noqa: DTZ001
def test_nothing_is_told_in_the_quiet_hours(moment: datetime, begin: time, end: time) -> None:
    moment = moment.replace(tzinfo=clock.VIETNAM)
    kept = Reminding(quiet_from=begin, quiet_to=end)

    at = kept.not_quiet(moment)

    assert moment <= at <= moment + timedelta(days=1)
    assert kept.not_quiet(at) == at
    local = at.astimezone(clock.VIETNAM).time()
    inside = begin <= local < end if begin <= end else local >= begin or local < end
    assert not inside


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("days_before", "ba"), ("days_before", "0"), ("days_before", "31"), ("days_before", "1 2 3 4"),
        ("overdue_every", ""), ("overdue_every", "0"), ("overdue_every", "31"), ("overdue_every", "7, 8"),
        ("quiet_from", "25:00"), ("quiet_to", ""), ("quiet_to", "sáng"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_at_its_field(field: str, value: str) -> None:
    good = {"days_before": "7, 3", "overdue_every": "7", "quiet_from": "21:00", "quiet_to": "07:00"}
    assert read(good) == Reminding((7, 3))
    assert read(good | {"days_before": ""}).days_before == ()

    with pytest.raises(Refused) as refused:
        read(good | {field: value})

    assert list(refused.value.reasons) == [field]


async def reminded(cast: Cast, service: Service, name: str = AN) -> tuple[Browser, UUID]:
    """Somebody with a browser and a reminder of today: two pieces of work overdue, one due in three days."""
    browser = service.browser()
    account = await account_with(browser, cast.pleiku.id, await member_of(cast, name))
    for days in (-7, -21, 3):
        await duty(cast, name, after(days), words="Vận động bà con làm đường")
    await set_up()
    await plan_reminders(TODAY())
    return browser, account


async def subscriptions(account: UUID) -> list[Any]:
    async with platform_transaction(read_only=True):
        return await sql("SELECT * FROM platform.push_subscription WHERE account = $1", account)


async def test_a_phone_is_told_once_and_in_counts_alone(cast: Cast, service: Service) -> None:
    browser, account = await reminded(cast, service)

    assert await push_reminders(TODAY()) == 1
    assert await push_reminders(TODAY()) == 0

    (heard,) = service.to(browser)
    told = browser.open(heard)
    assert told == {
        "title": "Nhắc việc", "body": "1 việc sắp đến hạn, 2 việc quá hạn",
        "url": f"/{cast.pleiku.slug}/work", "tag": f"reminder {cast.pleiku.slug}",
    }  # fmt: skip
    assert signed_by_us(heard, service)["sub"] == "mailto:root@localhost"
    assert 0 < int(heard.headers["ttl"]) <= 86_400
    assert (heard.headers["content-encoding"], heard.headers["urgency"]) == ("aes128gcm", "normal")
    assert len(heard.headers["topic"]) <= 32
    (row,) = await reminders()
    assert row["pushed_at"] is not None
    assert (await subscriptions(account))[0]["last_ok_at"] is not None


async def test_a_subscription_that_has_died_is_forgotten_and_the_reminder_stands(
    cast: Cast, service: Service
) -> None:
    browser, account = await reminded(cast, service)
    service.answers[browser.path] = 410

    assert await push_reminders(TODAY()) == 0

    assert await subscriptions(account) == []
    (row,) = await reminders()
    assert row["pushed_at"] is None
    assert [
        r for r in await rows_of(cast.pleiku) if r["job"] == "push_reminders" and r["due_at"] > clock.now()
    ] == []
    await push_reminders(TODAY())
    assert len(service.to(browser)) == 1


async def test_the_other_browser_is_told_where_one_has_died(cast: Cast, service: Service) -> None:
    browser, account = await reminded(cast, service)
    other = service.browser()
    await subscribe(account, other.address)
    service.answers[browser.path] = 404

    assert await push_reminders(TODAY()) == 1

    assert [row["endpoint"] for row in await subscriptions(account)] == [other.endpoint]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_service_that_is_away_is_tried_later_and_not_for_ever(
    cast: Cast, service: Service, status: int
) -> None:
    browser, account = await reminded(cast, service)
    service.status = status
    for attempt in range(1, MOST_ATTEMPTS + 3):
        await push_reminders(TODAY())
        await push_reminders(TODAY())  # not before its time
        assert len(service.to(browser)) == min(attempt, MOST_ATTEMPTS)
        async with transaction():
            await sql("UPDATE reminder SET pushing_until = now()")

    assert len(await subscriptions(account)) == 1
    (row,) = await reminders()
    assert (row["pushed_at"], row["push_attempts"]) == (None, MOST_ATTEMPTS)


async def test_what_is_to_be_tried_again_is_left_behind_for_later(cast: Cast, service: Service) -> None:
    browser, _ = await reminded(cast, service)
    service.answers[browser.path] = 503
    before = len(await rows_of(cast.pleiku))

    await push_reminders(TODAY())

    left = (await rows_of(cast.pleiku))[before:]
    last_minutes = clock.now() + timedelta(minutes=5) >= clock.local(after(1), time(0))
    assert [row["job"] for row in left] == ([] if last_minutes else ["push_reminders"])
    assert all(row["due_at"] > clock.now() + timedelta(seconds=60) for row in left)


async def test_a_redirect_is_not_followed(cast: Cast, service: Service) -> None:
    browser, account = await reminded(cast, service)
    service.answers[browser.path] = 302

    assert await push_reminders(TODAY()) == 0

    assert len(service.heard) == 1
    assert (await subscriptions(account))[0]["failures"] == 1


async def test_nobody_else_is_told(cast: Cast, service: Service) -> None:
    member = await member_of(cast, AN)
    disabled, revoked, stranger, untied = (service.browser() for _ in range(4))
    off = await account_with(disabled, cast.pleiku.id, member)
    gone = await account_with(revoked, cast.pleiku.id, member)
    await account_with(stranger, cast.neighbour.id, member)
    await account_with(untied, cast.pleiku.id, None)
    async with platform_transaction():
        await sql("UPDATE platform.account SET disabled_at = now() WHERE id = $1", off)
        await sql("UPDATE platform.account_grant SET revoked_at = now() WHERE account = $1", gone)
    await duty(cast, AN, after(0))
    await set_up()
    await plan_reminders(TODAY())

    assert await push_reminders(TODAY()) == 0
    assert service.heard == []


async def test_what_is_done_by_then_what_a_person_told_and_quiet_hours_ring_no_phone(
    cast: Cast, service: Service
) -> None:
    browser, _ = await reminded(cast, service)
    other, _ = await reminded(cast, service, BINH)
    third, _ = await reminded(cast, service, DUNG)
    done, told = await member_of(cast, AN), await member_of(cast, BINH)
    async with transaction():
        await sql("UPDATE assignment SET state = 'cancelled', ended_on = given_on WHERE member = $1", done)
        await sql("UPDATE reminder SET told_at = now(), told_by = 'Lan' WHERE member = $1", told)
    now = clock.now().astimezone(clock.VIETNAM)
    quiet = {
        "quiet_from": f"{now - timedelta(hours=1):%H:%M}",
        "quiet_to": f"{now + timedelta(hours=1):%H:%M}",
    }

    await set_up(**quiet)
    assert await push_reminders(TODAY()) == 0
    await set_up()
    assert await push_reminders(TODAY()) == 1

    assert (service.to(browser), service.to(other), len(service.to(third))) == ([], [], 1)


async def test_two_workers_at_once_tell_everybody_once(
    cast: Cast, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    browsers = [(await reminded(cast, service, name))[0] for name in (AN, BINH, CUC, DUNG, EM, GIANG)]
    monkeypatch.setattr(pushing, "FEW", 2)
    assert FEW > 2

    told = await asyncio.gather(*(asyncio.create_task(push_reminders(TODAY())) for _ in range(3)))

    assert sum(told) == len(browsers)
    assert [len(service.to(browser)) for browser in browsers] == [1] * len(browsers)


async def test_without_a_key_nobody_is_told_and_everything_stands_on_the_page(
    cast: Cast, database: object
) -> None:
    await account_with(None, cast.pleiku.id, await member_of(cast, AN))
    await duty(cast, AN, after(0))
    await set_up()
    settings.cache_clear()

    assert push.public_key() is None
    assert await plan_reminders(TODAY()) == 1
    assert await push_reminders(TODAY()) == 0
    assert (await reminders())[0]["push_attempts"] == 0


@pytest.mark.parametrize(
    ("endpoint", "possible"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True), ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("https://web.push.apple.com/x", True), ("https://sg2p.notify.windows.com/w/?token=x", True),
        ("https://fcm.googleapis.com:443/x", True), ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False), ("https://fcm.googleapis.com.evil.test/x", False),
        ("https://evil.test/fcm.googleapis.com", False), ("https://fcm.googleapis.com@evil.test/x", False),
        ("https://user@fcm.googleapis.com/x", False), ("https://127.0.0.1/x", False), ("http://localhost/x", False),
        ("https://push.apple.com/x", False), ("https://evilpush.apple.com/x", False), ("file:///etc/passwd", False),
        ("https://fcm.googleapis.com\\@evil.test/x", False), ("https://fcm.googleapis.com/\r\nHost: x", False),
        ("", False), ("https://[::1]/x", False), ("https://169.254.169.254/latest", False),
        ("https://fcm.googleapis.com/" + "x" * 1000, False),
    ],
)  # fmt: skip
def test_only_push_services_are_asked(servers: object, endpoint: str, possible: bool) -> None:
    settings.cache_clear()

    assert push.allowed(endpoint) is possible
    browser = Browser("https://fcm.googleapis.com/x")
    assert push.possible(push.Address(endpoint, browser.address.p256dh, browser.address.auth)) is possible


def test_keys_of_another_kind_are_refused(servers: object) -> None:
    good = Browser("https://fcm.googleapis.com/x").address
    for p256dh, auth in (
        ("", good.auth), (good.p256dh[:-4], good.auth), ("A" * 87, good.auth), ("*" * 87, good.auth),
        (good.p256dh, ""), (good.p256dh, good.auth[:-3]), (good.p256dh, "é" * 22), (good.p256dh, uuid4().hex * 2),
    ):  # fmt: skip
        assert not push.possible(push.Address(good.endpoint, p256dh, auth)), (p256dh, auth)
