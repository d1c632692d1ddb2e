"""A committee that has all it may have: told in words, nothing written halves, the phone keeps its page."""

from __future__ import annotations

import html
import re
from uuid import uuid4

import httpx
import pytest

from infra.postgres import one, sql
from server.accounts.actions import invite
from tenants.transactions import platform_transaction
from tests.assignments.saying import AN, give, row
from tests.cast import Cast
from tests.members.office import AN as ROW
from tests.members.office import workbook
from tests.minutes.sending import PHOTO, hashed, picture, rows
from tests.web.sending import Phone, account_of
from tests.web.walking import signed_in


async def allow(cast: Cast, **most: int) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.committee_quota (committee, members, accounts, object_megabytes, by_name)
            VALUES ($1, $2, $3, $4, 'Siu Hương') ON CONFLICT (committee) DO UPDATE SET members = excluded.members,
                accounts = excluded.accounts, object_megabytes = excluded.object_megabytes""",
            cast.pleiku.id, most.get("members"), most.get("accounts"), most.get("object_megabytes"),
        )  # fmt: skip


async def measured(cast: Cast, size: int) -> None:
    """As if so many bytes had been found in the store just now."""
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.committee_health (committee, measured_at, object_bytes) VALUES ($1, now(), $2)
            ON CONFLICT (committee) DO UPDATE SET measured_at = now(), object_bytes = excluded.object_bytes""",
            cast.pleiku.id, size,
        )  # fmt: skip


def said(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def test_a_page_without_room_is_kept_by_the_phone_and_taken_when_there_is(phone: Phone) -> None:
    file = uuid4()
    await allow(phone.cast, object_megabytes=1)
    await measured(phone.cast, 1_000_000)
    await phone.arrange(file)

    refused = await phone.put(file, picture(1))
    # 423: its courier keeps the page, shows the message, and tries again when it is asked to.
    assert (refused.status_code, refused.json()["code"]) == (423, "full")
    assert "Tệp vẫn còn trong máy" in refused.json()["message"]
    assert await rows("SELECT id FROM minutes_file") == []

    await allow(phone.cast, object_megabytes=2)
    taken = await phone.put(file, picture(1))
    assert taken.json()["safe"] == [str(file)]

    await measured(phone.cast, 2_000_000)
    again = await phone.put(file, picture(1))
    assert again.json()["safe"] == [str(file)], "what is stored is acknowledged, however full it is"


async def test_what_came_since_the_last_measuring_counts(phone: Phone) -> None:
    first, second = uuid4(), uuid4()
    await phone.arrange(first, second)
    await phone.put(first, PHOTO.read_bytes())
    size = (await rows("SELECT bytes FROM minutes_file"))[0]["bytes"]
    async with platform_transaction():
        # Measured before it came, with all but its bytes used up.
        await sql(
            """INSERT INTO platform.committee_health (committee, measured_at, object_bytes)
            VALUES ($1, now() - interval '1 hour', $2)""",
            phone.cast.pleiku.id, 10_000_000 - size + 1,
        )  # fmt: skip
    await allow(phone.cast, object_megabytes=10)

    assert (await phone.put(second, picture(2))).status_code == 423


async def test_a_form_of_minutes_is_told_so(client: httpx.AsyncClient, cast: Cast, own_store: None) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    await allow(cast, object_megabytes=1)
    await measured(cast, 1_000_000)
    meeting = await cast.meeting()

    answer = await client.post(
        f"/{cast.pleiku.slug}/meetings/{meeting}/minutes",
        data={"minutes": str(uuid4())},
        files={"pages": ("trang.jpg", PHOTO.read_bytes())},
    )

    assert answer.status_code == 422
    assert "Kho tệp của cấp ủy đã dùng hết 1 MB" in said(answer)
    assert await rows("SELECT id FROM minutes_file") == []


async def test_evidence_without_room_is_told_on_its_form_and_kept_by_the_phone(
    client: httpx.AsyncClient, cast: Cast, own_store: None
) -> None:
    no = (await row(await give(cast), cast.hoa))["no"]
    await signed_in(client, "member", cast, at_neighbour=False, member=await cast.member(AN))
    await allow(cast, object_megabytes=1)
    await measured(cast, 1_000_000)
    base, data = f"/{cast.pleiku.slug}/assignments/{no}/files", picture(3)

    form = await client.post(base, data={"nonce": str(uuid4())}, files={"file": ("anh.jpg", data)})
    sent = await client.put(
        f"{base}/{uuid4()}", content=data,
        headers={"X-Requested-With": "nennep", "X-Account": str(await account_of(client)), "X-Sha256": hashed(data),
                 "Content-Type": "application/octet-stream"},
    )  # fmt: skip

    assert form.status_code == 422
    assert "Kho tệp của cấp ủy đã dùng hết 1 MB" in said(form)
    assert sent.status_code == 423
    assert await rows("SELECT id FROM assignment_file") == []


async def test_a_list_of_too_many_is_not_written_at_all_and_written_when_there_is_room(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    await allow(cast, members=6)
    sent = await client.post(
        f"/{cast.pleiku.slug}/members/imports",
        data={"as_of": "2026-11-01", "create": "1"},
        files={"file": ("danh-sach.xlsx", workbook(ROW))},
    )
    where = sent.headers["location"]

    refused = await client.post(f"{where}/confirmation")
    assert refused.status_code == 422
    assert "Sổ đang có 6 đảng viên, danh sách này thêm 1, nhiều hơn mức 6" in said(refused)
    assert len(await rows("SELECT id FROM member")) == 6

    await allow(cast, members=7)
    assert (await client.post(f"{where}/confirmation")).status_code == 303
    assert len(await rows("SELECT id FROM member")) == 7


@pytest.mark.parametrize("mine", [False, True])
async def test_an_invitation_waits_where_there_is_no_room_for_its_account(
    client: httpx.AsyncClient, cast: Cast, mine: bool
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    await allow(cast, accounts=1)
    if mine:
        await signed_in(client, "office", cast, at_neighbour=True)
    async with platform_transaction():
        token = await invite(cast.pleiku.id, role="office", by=cast.office)
    form = {"mine": "1"} if mine else {
        "name": "Rơ Châm Hương", "login": f"h{uuid4().hex[:10]}", "password": "mật khẩu rất dài và lạ"
    }  # fmt: skip

    full = await client.post(f"/invitations/{token}", data=form)
    assert full.status_code == 422
    assert "Cấp ủy này đã có 1 tài khoản, mức nhiều nhất" in said(full)
    assert await accounts(cast) == 1

    await allow(cast, accounts=2)
    assert (await client.post(f"/invitations/{token}", data=form)).status_code == 303
    assert await accounts(cast) == 2


async def test_somebody_who_is_inside_takes_a_second_role_however_full_it_is(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    await allow(cast, accounts=1)
    async with platform_transaction():
        token = await invite(cast.pleiku.id, role="committee_administrator", by=cast.office)

    assert (await client.post(f"/invitations/{token}", data={"mine": "1"})).status_code == 303


async def accounts(cast: Cast) -> int:
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT count(DISTINCT account)::int AS n FROM platform.account_grant
            WHERE committee = $1 AND revoked_at IS NULL""",
            cast.pleiku.id,
        )
    assert row is not None
    return int(row["n"])
