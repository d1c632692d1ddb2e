"""Somebody of the province looks into a committee that lets them: pages alone, nothing written, and it is seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import pytest

from infra.postgres import one, sql
from server.accounts.actions import give_province
from server.roll_call.actions import open_roll
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.accounts.people import give as give_role
from tests.accounts.people import later, new_account
from tests.assignments.saying import give, row
from tests.cast import Cast
from tests.minutes.sending import picture, sent
from tests.web.test_neighbour import PUBLIC
from tests.web.walking import filled, handlers, let_look, signed_in

# What support may open; a new page is closed to it until it is added here and to the handler.
OPEN = {
    "/{slug}", "/{slug}/meetings", "/{slug}/meetings/{meeting}", "/{slug}/meetings/{meeting}/assignments",
    "/{slug}/meetings/{meeting}/roll-call", "/{slug}/meetings/{meeting}/changes", "/{slug}/cells",
    "/{slug}/cells/{cell}", "/{slug}/cells/{cell}/assignments", "/{slug}/members", "/{slug}/assignments",
    "/{slug}/assignments/figures", "/{slug}/assignments/{no}", "/{slug}/minutes", "/{slug}/minutes/search",
    "/{slug}/minutes/{minutes}", "/{slug}/minutes/{minutes}/figures", "/{slug}/silent", "/{slug}/bulletins",
    "/{slug}/figures", "/{slug}/classification",
}  # fmt: skip
# Open as well; the walk has no such page, and no such bulletin.
NOT_HERE = {
    "/{slug}/minutes/{minutes}/pages/{page}/colour.webp", "/{slug}/minutes/{minutes}/pages/{page}/thumb.webp",
    "/{slug}/bulletins/{bulletin}",
}  # fmt: skip


@dataclass
class Helper:
    """An auditor of the province, who may look into Pleiku for an hour."""

    account: UUID
    login: str


async def looks_of(cast: Cast) -> list[str]:
    with using(cast.pleiku):
        async with transaction(read_only=True):
            rows = await sql("SELECT subject FROM event WHERE action = 'support_looked' ORDER BY id")
    return [row["subject"] for row in rows]


async def test_support_walks_all_routes_and_opens_pages_of_the_office_alone(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    minutes, (file,) = await sent(cast, picture())
    work = (await row(await give(cast, meeting=meeting), cast.hoa))["no"]
    await signed_in(client, "support", cast, at_neighbour=False)
    opened = set()
    for path, method, _ in handlers():
        if path in PUBLIC or "{slug}" not in path:
            continue
        here = filled(path, cast, meeting, minutes=minutes, file=file, assignment=work)
        answer = await client.request(method, here, data={"reason": "x"} if method == "POST" else None)

        if method == "GET" and path in OPEN | NOT_HERE:
            assert answer.status_code == (200 if path in OPEN else 404), f"{path}: {answer.status_code}"
            opened.add(path)
        else:
            assert answer.status_code in (403, 404), f"{method} {path}: {answer.status_code}"
    assert opened == OPEN | NOT_HERE


async def test_nothing_was_written_by_that_walk_but_that_it_was_there(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    await signed_in(client, "support", cast, at_neighbour=False)
    for path, method, _ in handlers():
        if method != "GET" and "{slug}" in path:
            await client.request(method, filled(path, cast, meeting), data={"reason": "Thử xem"})

    assert await looks_of(cast) == []
    with using(cast.pleiku):
        async with transaction(read_only=True):
            assert await one("SELECT state FROM meeting WHERE id = $1", meeting) == ("planned",)
            assert await sql("SELECT FROM event") == []


async def test_each_page_says_until_when_and_offers_nothing_to_take_or_do(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    minutes, _ = await sent(cast, picture())
    await give(cast, meeting=meeting)
    await signed_in(client, "support", cast, at_neighbour=False)
    dead: set[object] = set()
    for path in sorted(OPEN - {"/{slug}/meetings/{meeting}/changes"}):
        answer = await client.get(filled(path, cast, meeting, minutes=minutes))
        if answer.status_code == 404:
            continue  # an assignment's number that is not this test's
        body = answer.text.split("<main", 1)[1]

        assert "quyền hỗ trợ" in answer.text, path
        assert "formaction" not in body, path
        for form in re.findall(r'<form[^>]+method="post".*?</form>', body, re.DOTALL):
            assert "<button" not in form, f"{path}: {form}"
        hrefs = set(re.findall(r'href="(/[^"?#]+)', body))
        answers = {href: (await client.get(href)).status_code for href in sorted(hrefs)}
        dead |= {(path, href, status) for href, status in answers.items() if status != 200}
    assert not dead


async def test_every_look_is_one_line_a_minute_and_the_committee_sees_it(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    base = f"/{cast.pleiku.slug}"
    await signed_in(client, "support", cast, at_neighbour=False)
    for path in (f"{base}/cells", f"{base}/members?q=an", f"{base}/cells", f"{base}/members/export.xlsx"):
        await client.get(path)

    assert await looks_of(cast) == [f"{base}/cells", f"{base}/members"]

    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    own, record = await client.get(f"{base}/support"), await client.get(f"{base}/looks")
    for page in (own, record):
        assert page.text.count("Trần Thị Láng") >= 2
        assert f'href="{base}/cells">Các chi bộ</a>' in page.text
        assert f'href="{base}/members">Sổ đảng viên</a>' in page.text


async def test_why_somebody_is_exempt_is_not_told_to_support(client: httpx.AsyncClient, cast: Cast) -> None:
    paths = [f"/{cast.pleiku.slug}/cells/{cast.cell}", f"/{cast.pleiku.slug}/members"]
    await signed_in(client, "office", cast, at_neighbour=False)
    told = [await client.get(path) for path in paths]
    await signed_in(client, "support", cast, at_neighbour=False)
    untold = [await client.get(path) for path in paths]

    assert ["tuổi cao, sức yếu" in page.text for page in told] == [True, True]
    assert ["tuổi cao, sức yếu" in page.text for page in untold] == [False, False]
    assert ["miễn sinh hoạt" in page.text for page in untold] == [True, True]


async def helper(cast: Cast, name: str = "Lê Thị Mai") -> Helper:
    account, login = await new_account(name)
    async with platform_transaction():
        await give_province(account, cast.province, role="province_auditor", by_name="test")
    return Helper(account, login)


async def as_administrator(client: httpx.AsyncClient, cast: Cast) -> str:
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    return f"/{cast.pleiku.slug}/support"


async def live(cast: Cast) -> list[tuple[UUID, float]]:
    async with platform_transaction(read_only=True):
        rows = await sql(
            """SELECT id, round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours FROM platform.account_grant
            WHERE committee = $1 AND role = 'support' AND revoked_at IS NULL AND expires_at > now()""",
            cast.pleiku.id,
        )
    return [(row["id"], row["hours"]) for row in rows]


async def test_the_committees_administrator_lets_somebody_look_and_ends_it(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    mai = await helper(cast)
    path = await as_administrator(client, cast)

    await client.post(
        path, data={"account": str(mai.account), "hours": "8", "reason": "Xem số liệu tháng 10"}
    )
    again = await client.post(
        path, data={"account": str(mai.account), "hours": "72", "reason": "Cần lâu hơn"}
    )
    [(grant, hours)] = await live(cast)
    page = await client.get(path)
    ended = await client.post(f"{path}/{grant}/end")

    assert (again.status_code, hours) == (303, 72)
    assert "Lê Thị Mai" in page.text
    assert "“Cần lâu hơn”" in page.text
    assert ended.status_code == 303
    assert await live(cast) == []
    assert (await client.post(f"{path}/{grant}/end")).status_code == 303
    assert (await client.post(f"{path}/{uuid4()}/end")).status_code == 404
    with using(cast.pleiku):
        async with transaction(read_only=True):
            events = await sql("SELECT action, detail FROM event ORDER BY id")
    assert [tuple(event) for event in events] == [
        ("support_given", "Xem số liệu tháng 10"), ("support_given", "Cần lâu hơn"), ("support_ended", ""),
    ]  # fmt: skip
    async with platform_transaction(read_only=True):
        told = await sql(
            "SELECT action, subject, detail, committee FROM platform.province_event WHERE province = $1 ORDER BY id",
            cast.province,
        )
    assert [tuple(event) for event in told] == [
        ("support_given", "Lê Thị Mai", "8", cast.pleiku.id), ("support_given", "Lê Thị Mai", "72", cast.pleiku.id),
        ("support_ended", "Lê Thị Mai", "", cast.pleiku.id),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "fault"),
    [({"hours": "73"}, "hours"), ({"hours": "0"}, "hours"), ({"hours": "٨"}, "hours"), ({"reason": "  "}, "reason"),
     ({"account": ""}, "account"), ({"account": "nobody"}, "account"), ({"account": str(uuid4())}, "account")],
)  # fmt: skip
async def test_what_is_wrong_is_told_at_its_field_and_the_reason_stays(
    client: httpx.AsyncClient, cast: Cast, changed: dict[str, str], fault: str
) -> None:
    mai = await helper(cast)
    path = await as_administrator(client, cast)
    values = {"account": str(mai.account), "hours": "4", "reason": "Giúp nhập liệu"} | changed

    answer = await client.post(path, data=values)

    assert answer.status_code == 422
    assert f'id="e-{fault}"' in answer.text
    assert values["reason"].strip() in answer.text
    assert await live(cast) == []


async def test_only_people_of_the_own_province_without_a_role_here_are_let_in(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    stranger, _ = await new_account("Người lạ")
    mai = await helper(cast)
    await give_role(mai.account, cast.pleiku.id, "office")
    path = await as_administrator(client, cast)

    for account in (stranger, mai.account):
        answer = await client.post(path, data={"account": str(account), "hours": "4", "reason": "Thử"})
        assert answer.status_code == 422
    assert "Người lạ" not in (await client.get(path)).text


async def test_when_the_time_is_over_every_door_is_closed(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "support", cast, at_neighbour=False)
    assert (await client.get(f"/{cast.pleiku.slug}")).status_code == 200
    assert cast.pleiku.title in (await client.get("/places")).text

    await later("account_grant", "expires_at", "2 hours", "committee = $1", cast.pleiku.id)

    assert (await client.get(f"/{cast.pleiku.slug}")).status_code == 404
    assert cast.pleiku.title not in (await client.get("/places")).text


async def test_the_offices_own_people_stay_what_they_are_beside_support(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    async with platform_transaction():
        [row] = await sql(
            "SELECT account FROM platform.account_grant WHERE committee = $1 AND role = 'office'",
            cast.pleiku.id,
        )
        await let_look(cast.pleiku, row["account"])

    page = await client.get(f"/{cast.pleiku.slug}/members/export.xlsx")

    assert page.status_code == 200
    assert await looks_of(cast) == []


async def test_support_logs_out_like_everybody(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "support", cast, at_neighbour=False)

    assert (await client.post("/logout")).status_code == 303
    assert (await client.get(f"/{cast.pleiku.slug}")).headers["location"].startswith("/login")
