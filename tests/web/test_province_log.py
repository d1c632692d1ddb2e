"""The province's record on its page and as files: who did what, found by person, act, committee and days."""

from __future__ import annotations

import csv
import io
import re
from uuid import UUID, uuid4

import httpx
import pytest
from openpyxl import load_workbook

from infra.postgres import one, sql
from server import clock
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.web.walking import signed_in


async def path_of(cast: Cast) -> str:
    async with platform_transaction(read_only=True):
        row = await one("SELECT slug FROM platform.province WHERE id = $1", cast.province)
    assert row is not None
    return f"/provinces/{row['slug']}/log"


async def happened(
    cast: Cast, action: str = "committee_renamed", *, who: str = "Lê Văn Hùng", account: UUID | None = None,
    subject: str = "", detail: str = "", committee: UUID | None = None, days_ago: int = 0,
) -> None:  # fmt: skip
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.province_event (province, account, by_name, action, subject, detail, committee, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, now() - $8 * interval '1 day')""",
            cast.province, account or uuid4(), who, action, subject, detail, committee, days_ago,
        )  # fmt: skip


def shown(page: httpx.Response) -> list[str]:
    """The rows of the table as one text each."""
    rows = re.findall(r'<tr role="row">(.*?)</tr>', page.text.split("<tbody", 1)[-1], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


async def test_the_auditor_reads_who_did_what_to_whom(client: httpx.AsyncClient, cast: Cast) -> None:
    await happened(cast, detail="<Pleiku mới>", committee=cast.pleiku.id, subject=cast.pleiku.slug)
    await happened(cast, "person_invited", subject="Trần Mai", detail="province_viewer")
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    page = await client.get(await path_of(cast))

    newest, older = shown(page)
    assert "mời một người làm việc cho tỉnh" in newest
    assert "Trần Mai Xem số liệu tỉnh" in newest
    assert "đổi tên một cấp ủy Thành ủy Pleiku &lt;Pleiku mới&gt;" in older
    assert "Không ai sửa hay xóa được" in page.text


@pytest.mark.parametrize(
    ("role", "status"),
    [("province_administrator", 200), ("province_viewer", 404), ("country_viewer", 404), ("office", 404)],
)
async def test_the_record_is_for_auditors_and_administrators(
    client: httpx.AsyncClient, cast: Cast, role: str, status: int
) -> None:
    path = await path_of(cast)
    await signed_in(client, role, cast, at_neighbour=False)

    for ending in ("", ".csv", ".xlsx"):
        assert (await client.get(path + ending)).status_code == status


async def test_each_filter_finds_its_own(client: httpx.AsyncClient, cast: Cast) -> None:
    hung, mai = uuid4(), uuid4()
    await happened(cast, "committee_suspended", account=hung, committee=cast.pleiku.id, days_ago=9)
    await happened(cast, "committee_resumed", account=hung, committee=cast.neighbour.id, days_ago=5)
    await happened(cast, "committee_suspended", who="Mai", account=mai, committee=cast.neighbour.id)
    path = await path_of(cast)
    await signed_in(client, "province_auditor", cast, at_neighbour=False)
    today = clock.today().isoformat()

    async def found(**query: str) -> int:
        return len(shown(await client.get(path, params=query)))

    assert await found() == 3
    assert await found(who=str(hung)) == 2
    assert await found(action="committee_suspended") == 2
    assert await found(committee=cast.neighbour.slug) == 2
    assert await found(committee=f"/{cast.neighbour.slug}/", who=str(mai)) == 1
    assert await found(since=today) == 1
    assert await found(until=today, action="committee_resumed") == 1
    assert await found(who=str(uuid4())) == 0


async def test_what_can_be_no_filter_is_told_at_its_field(client: httpx.AsyncClient, cast: Cast) -> None:
    await happened(cast)
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    page = await client.get(
        await path_of(cast),
        params={"since": "31/02/2026", "committee": "khong-co", "who": "x", "before": "y"},
    )

    assert page.status_code == 200
    assert 'id="e-since"' in page.text
    assert 'id="e-committee"' in page.text
    assert 'value="khong-co"' in page.text


async def test_older_pages_follow_and_keep_the_filter(client: httpx.AsyncClient, cast: Cast) -> None:
    for number in range(53):
        await happened(cast, detail=f"số {number}")
    await happened(cast, "committee_resumed")
    path = await path_of(cast)
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    first = await client.get(path, params={"action": "committee_renamed"})
    following = re.findall(r'href="([^"]+)" rel="next"', first.text)[0].replace("&amp;", "&")
    second = await client.get(following)

    assert len(shown(first)) == 50
    assert [row.rsplit(" ", 2)[-1] for row in shown(second)] == ["2", "1", "0"]
    assert 'rel="next"' not in second.text


async def test_another_provinces_record_stays_there(client: httpx.AsyncClient, cast: Cast) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.province_event (province, by_name, action, subject)
            VALUES ($1, 'Người khác', 'committee_renamed', 'x')""",
            uuid4(),
        )
    path = await path_of(cast)
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    assert "Người khác" not in (await client.get(path)).text
    assert "Người khác" not in (await client.get(f"{path}.csv")).content.decode("utf-8-sig")


async def test_a_file_holds_what_the_filter_shows_computes_nothing_and_is_written_down(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await happened(cast, who="=HYPERLINK(1)", detail="+1", committee=cast.pleiku.id)
    await happened(cast, "committee_resumed")
    path = await path_of(cast)
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    text = await client.get(f"{path}.csv", params={"action": "committee_renamed"})
    book = await client.get(f"{path}.xlsx", params={"action": "committee_renamed"})

    assert text.content.startswith(b"\xef\xbb\xbf")
    lines = [*csv.reader(io.StringIO(text.content.decode("utf-8-sig")))]
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    for rows in (lines, [*sheet.iter_rows(values_only=True)]):
        assert [*rows[0]] == ["Lúc", "Ai", "Việc", "Cấp ủy", "Về"]
        assert [*rows[1]][1:] == ["'=HYPERLINK(1)", "đổi tên một cấp ủy", "Thành ủy Pleiku", "'+1"]
        assert len(rows) == 2
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    taken = shown(await client.get(path, params={"action": "log_exported"}))
    assert ["xlsx, 1" in taken[0], "csv, 1" in taken[1], "Trần Thị Láng" in taken[0]] == [True] * 3


async def people_path(cast: Cast) -> str:
    return (await path_of(cast)).replace("/log", "/people")


async def test_an_administrator_invites_with_a_link_that_is_shown_once(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    path = await people_path(cast)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)

    made = await client.post(f"{path}/invitations", data={"name": "Lê Văn Hùng", "role": "province_auditor"})
    token = re.findall(r'value="[^"]+/invitations/([^"]+)"', made.text)[0]
    again = await client.get(path)
    client.cookies.clear()
    offered = await client.get(f"/invitations/{token}")

    assert "<svg" in made.text
    assert token not in again.text
    assert "Lê Văn Hùng" in again.text
    assert "Kiểm tra nhật ký tỉnh" in offered.text
    assert 'value="Lê Văn Hùng"' in offered.text


async def test_what_is_wrong_with_an_invitation_is_told_at_its_field(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    path = await people_path(cast)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)

    nameless = await client.post(f"{path}/invitations", data={"name": " ", "role": "province_viewer"})
    roleless = await client.post(f"{path}/invitations", data={"name": "Hùng", "role": "office"})

    assert (nameless.status_code, roleless.status_code) == (422, 422)
    assert 'id="e-name"' in nameless.text
    assert 'id="e-role"' in roleless.text
    assert 'value="Hùng"' in roleless.text


async def test_an_auditor_sees_the_people_and_has_nothing_to_press(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    path = await people_path(cast)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    full = await client.get(path)
    await signed_in(client, "province_auditor", cast, at_neighbour=False)

    page = await client.get(path)
    refused = await client.post(f"{path}/invitations", data={"name": "Hùng", "role": "province_viewer"})

    assert 'action="' + path in full.text
    assert page.status_code == 200
    assert 'action="' + path not in page.text
    assert page.text.count("Trần Thị Láng") >= 2
    assert refused.status_code == 404


async def test_ones_own_role_is_refused_on_the_page(client: httpx.AsyncClient, cast: Cast) -> None:
    path = await people_path(cast)
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    async with platform_transaction(read_only=True):
        [row] = await sql("SELECT id FROM platform.account_grant WHERE province = $1", cast.province)

    ended = await client.post(f"{path}/{row['id']}/end")
    reset = await client.post(f"{path}/{row['id']}/factor-reset")

    assert (ended.status_code, reset.status_code) == (422, 422)
    assert "tự thu hồi" in ended.text
    assert "chính mình" in reset.text
