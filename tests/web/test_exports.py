"""An administrator of the province takes a committee out as a file, and two of them end it, on the province's pages."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from infra.embedded import Servers
from infra.postgres import sql
from server.exports import exporting
from server.province import actions
from tenants.export.verifying import verify
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.export.lived import lived_in
from tests.export.playing import administrator, played, province_of_cast, state_of
from tests.web.walking import signed_in

pytestmark = pytest.mark.usefixtures("own_store")


async def as_administrator(client: httpx.AsyncClient, cast: Cast) -> str:
    """Another administrator logs in; where the committee's pages of the province are."""
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    province = await province_of_cast(cast)
    return f"/provinces/{province.slug}/committees/{cast.pleiku.slug}"


async def done(answer: httpx.Response) -> None:
    """The run that an answer leads to is worked to its end."""
    assert answer.status_code == 303, answer.text[:2000]
    ended = await played(UUID(answer.headers["location"].rsplit("/", 1)[1]))
    assert ended["state"] == "done", ended["errors"]


async def test_a_file_is_asked_for_made_tried_and_fetched(
    client: httpx.AsyncClient, cast: Cast, tmp_path: Path
) -> None:
    await lived_in(cast, tmp_path)
    home = await as_administrator(client, cast)
    assert "Chưa xuất lần nào" in (await client.get(f"{home}/exports")).text

    begun = await client.post(f"{home}/exports", data={"with_pages": "1"})
    waiting = await client.get(f"{home}/exports")
    run = await client.get(begun.headers["location"])
    await done(begun)
    shown = await client.get(f"{home}/exports")

    assert "Đang xuất dữ liệu" in waiting.text
    assert run.status_code == 200
    assert "Xuất dữ liệu" in run.text
    assert "khớp, " in shown.text
    [link] = re.findall(r'href="([^"]+/file)"', shown.text)
    fetched = await client.get(link)
    assert fetched.headers["content-type"] == "application/zip"
    assert re.fullmatch(r'attachment; filename="[a-z0-9-]+\.zip"', fetched.headers["content-disposition"])
    file = tmp_path / "fetched.zip"
    file.write_bytes(fetched.content)
    manifest, sha256 = verify(file)
    assert sha256 in shown.text
    assert manifest.pages == 1


async def test_who_fetched_it_stands_in_both_records(
    client: httpx.AsyncClient, cast: Cast, tmp_path: Path
) -> None:
    await lived_in(cast, tmp_path)
    home = await as_administrator(client, cast)
    await done(await client.post(f"{home}/exports", data={}))
    [link] = re.findall(r'href="([^"]+/file)"', (await client.get(f"{home}/exports")).text)

    await client.get(link)

    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT action FROM platform.province_event WHERE committee = $1 ORDER BY id", cast.pleiku.id
        )
    assert [row["action"] for row in rows][-2:] == ["export_asked", "export_fetched"]
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    looks = await client.get(f"/{cast.pleiku.slug}/looks")
    assert looks.status_code == 200
    assert "tải toàn bộ dữ liệu của cấp ủy về" in looks.text


@pytest.mark.parametrize("role", ["province_viewer", "province_auditor", "office", "committee_administrator"])
async def test_nobody_but_administrators_of_the_province_sees_these_pages(
    client: httpx.AsyncClient, cast: Cast, role: str, tmp_path: Path
) -> None:
    await lived_in(cast, tmp_path)
    export = uuid4()
    await exporting.make(export, cast.pleiku, reason="person", with_pages=False, by_name="test")
    home = await as_administrator(client, cast)
    await signed_in(client, role, cast, at_neighbour=False)

    for path in ("exports", f"exports/{export}/file", "erasure"):
        assert (await client.get(f"{home}/{path}")).status_code == 404
    assert (await client.post(f"{home}/erasure", data={})).status_code == 404


async def test_a_file_of_another_committee_is_not_had_through_ones_own(
    client: httpx.AsyncClient, cast: Cast, database: Servers
) -> None:
    other = await Cast.assemble(database.owner_url)
    export = uuid4()
    await exporting.make(export, other.pleiku, reason="person", with_pages=False, by_name="test")
    home = await as_administrator(client, cast)

    assert (await client.get(f"{home}/exports/{export}/file")).status_code == 404
    theirs = await province_of_cast(other)
    path = f"/provinces/{theirs.slug}/committees/{other.pleiku.slug}/exports"
    assert (await client.get(path)).status_code == 404
    assert (await client.get(f"{path}/{export}/file")).status_code == 404


async def test_two_administrators_end_a_committee_and_one_brings_it_back(
    client: httpx.AsyncClient, cast: Cast, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    province = await province_of_cast(cast)
    by = await administrator(cast, "Rah Lan Hương")
    home = await as_administrator(client, cast)
    assert "tạm ngừng hoặc đã lưu trữ" in (await client.get(f"{home}/erasure")).text
    await actions.suspend(province.slug, ref.slug, reason="Chờ xóa hẳn", by=by)

    wrong = await client.post(f"{home}/erasure", data={"reason": "ngắn", "typed": "gì đó"})
    assert wrong.status_code == 422
    assert "gì đó" in wrong.text
    assert "Xin gõ đúng" in wrong.text
    reason = "Kết thúc hoạt động theo Nghị quyết 12"
    asked = await client.post(f"{home}/erasure", data={"reason": reason, "typed": ref.slug})
    assert asked.status_code == 303
    assert "một quản trị viên khác" in (await client.get(f"{home}/erasure")).text
    alone = await client.post(f"{home}/erasure/confirmation", data={"typed": ref.slug})
    assert alone.status_code == 422
    assert "phải khác người đề nghị" in alone.text

    await as_administrator(client, cast)
    assert reason in (await client.get(f"{home}/erasure")).text
    await done(await client.post(f"{home}/erasure/confirmation", data={"typed": ref.slug}))

    assert await state_of(ref.id) == "erased"
    assert (await client.get(f"{home}/erasure")).status_code == 404
    assert (await client.get(f"/{ref.slug}/")).status_code == 404
    stones = await client.get(f"/provinces/{province.slug}/fleet/erased")
    assert f"Thành ủy {ref.name}" in stones.text
    [stone] = re.findall(r'href="([^"]+/erasure)"', stones.text)
    shown = await client.get(stone)
    assert reason in shown.text
    assert "Phục hồi cấp ủy này" in shown.text
    await done(await client.post(f"{stone}/revival"))
    assert await state_of(ref.id) == "active"
    assert (await client.get(f"{home}/exports")).status_code == 200


async def test_an_erasure_is_taken_back_by_anybody_of_them(client: httpx.AsyncClient, cast: Cast) -> None:
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    await actions.suspend(province.slug, cast.pleiku.slug, reason="Chờ xóa hẳn", by=by)
    home = await as_administrator(client, cast)
    await client.post(
        f"{home}/erasure", data={"reason": "Kết thúc hoạt động theo Nghị quyết 12", "typed": cast.pleiku.slug}
    )

    await as_administrator(client, cast)
    back = await client.post(f"{home}/erasure/withdrawal")

    assert back.status_code == 303
    assert "Đề nghị xóa hẳn" in (await client.get(f"{home}/erasure")).text
    late = await client.post(f"{home}/erasure/confirmation", data={"typed": cast.pleiku.slug})
    assert late.status_code == 422
