"""Pages of a committee's life: names, kinds, putting away, merging, splitting, many at once; and its closed doors."""

from __future__ import annotations

import html
import re
from uuid import UUID, uuid4

import httpx
import pytest

from infra.postgres import one, sql
from server import clock
from server.committees import merging
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.fleet.running import go_through
from tests.province.full_cell import administrator, fill, province_slug, second_cell
from tests.web.walking import signed_in

SCRIPT = {"X-Requested-With": "nennep"}
pytestmark = pytest.mark.usefixtures("own_store")


@pytest.fixture
async def home(client: httpx.AsyncClient, cast: Cast) -> str:
    """The committee's page; its province's administrator is logged in."""
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    return f"/provinces/{await province_slug(cast)}/committees/{cast.pleiku.slug}"


def text(page: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def test_every_page_of_a_committees_life_is_there(client: httpx.AsyncClient, home: str) -> None:
    page = await client.get(home)
    for verb in ("name", "kind", "merger", "split", "archiving"):
        assert f"{home}/{verb}" in page.text
        assert (await client.get(f"{home}/{verb}")).status_code == 200
    many = home.rsplit("/", 1)[0] + "/many"
    assert (await client.get(many)).status_code == 200
    assert (await client.get(f"{many}/template.xlsx")).content.startswith(b"PK")


async def test_a_name_is_changed_and_a_slip_stays_on_the_form(client: httpx.AsyncClient, home: str) -> None:
    slip = await client.post(f"{home}/name", data={"name": "Phố Núi", "day": "31/31/2026"})
    assert slip.status_code == 422
    assert 'value="Phố Núi"' in slip.text

    today = clock.today().isoformat()
    assert (await client.post(f"{home}/name", data={"name": "Phố Núi", "day": today})).status_code == 303
    told = text(await client.get(home))
    assert "Thành ủy Phố Núi" in told
    assert "Tên trước đây Thành ủy Pleiku" in told


async def test_a_kind_is_changed(client: httpx.AsyncClient, home: str) -> None:
    sent = {"kind": "ward_committee", "unit_code": "", "day": clock.today().isoformat()}
    assert (await client.post(f"{home}/kind", data=sent | {"kind": "?"})).status_code == 422
    assert (await client.post(f"{home}/kind", data=sent)).status_code == 303
    assert "Đảng ủy phường Pleiku" in text(await client.get(home))


async def test_put_away_and_brought_back(client: httpx.AsyncClient, cast: Cast, home: str) -> None:
    assert (await client.post(f"{home}/archiving", data={"reason": "Giải thể"})).status_code == 422
    assert (
        await client.post(f"{home}/archiving", data={"reason": "Giải thể", "agreed": "1"})
    ).status_code == 303
    page = await client.get(home)
    assert "đã lưu trữ" in page.text
    assert "Giải thể" in page.text

    door = await client.get(f"/{cast.pleiku.slug}/")
    assert door.status_code == 423
    assert "Giải thể" not in door.text, "the reason is for the committee's own people"
    await signed_in(client, "office", cast, at_neighbour=False)
    assert "Giải thể" in (await client.get(f"/{cast.pleiku.slug}/")).text

    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    assert (await client.post(f"{home}/unarchiving")).status_code == 303
    await signed_in(client, "office", cast, at_neighbour=False)
    assert (await client.get(f"/{cast.pleiku.slug}/")).status_code == 200


async def test_a_merger_is_shown_before_it_begins_and_its_doors_say_where_to_go(
    client: httpx.AsyncClient, cast: Cast, home: str
) -> None:
    await fill(cast)
    shown = text(await client.get(f"{home}/merger?into={cast.neighbour.slug}"))
    assert "Thành ủy Pleiku vào Thị ủy Ayun Pa" in shown
    assert re.search(r"Chi bộ chuyển sang 1\b|\b1 Chi bộ chuyển sang", shown)
    assert "1 chi bộ trùng tên" in shown
    sent = {"into": cast.neighbour.slug, "day": clock.today().isoformat()}
    assert (await client.post(f"{home}/merger", data=sent)).status_code == 422
    begun = await client.post(f"{home}/merger", data=sent | {"agreed": "1"})
    assert begun.status_code == 303
    run = begun.headers["Location"].rsplit("/", 1)[1]
    assert "Sáp nhập" in (await client.get(begun.headers["Location"])).text

    moving = await client.get(f"/{cast.pleiku.slug}/", headers=SCRIPT)
    assert moving.status_code == 423
    assert "sẽ tự gửi lại" in moving.json()["message"]

    await go_through(UUID(run))
    phone = await client.get(f"/{cast.pleiku.slug}/", headers=SCRIPT)
    assert phone.status_code == 423
    assert "xin báo văn phòng Thị ủy Ayun Pa" in phone.json()["message"]
    page = await client.get(f"/{cast.pleiku.slug}/meetings")
    assert page.status_code == 423
    assert f'href="/{cast.neighbour.slug}/"' in page.text
    told = text(await client.get(home))
    assert "Đã sáp nhập vào Thị ủy Ayun Pa" in told
    assert f"{home}/unarchiving" not in (await client.get(home)).text
    # Whose cell went has the same account there, and the cell's past.
    await signed_in(client, "office", cast, at_neighbour=True)
    assert "Chi bộ Tổ dân phố 5 (Thành ủy Pleiku)" in (await client.get(f"/{cast.neighbour.slug}/cells")).text
    assert (await client.get(f"/{cast.neighbour.slug}/cells/{cast.cell}")).status_code == 200


async def test_a_chain_of_mergers_leads_to_the_last(client: httpx.AsyncClient, cast: Cast, home: str) -> None:
    province, by, today = await province_slug(cast), administrator(cast), clock.today()
    async with platform_transaction():
        third = await registry.add_committee(
            cast.province, kind="ward_committee", name=f"Ba {uuid4().hex[:6]}"
        )
        await sql("UPDATE platform.committee SET state = 'active' WHERE id = $1", third.id)
        await sql(
            """INSERT INTO platform.committee_succession (id, kind, predecessor, successor, on_day, cells)
            VALUES (gen_random_uuid(), 'merger', $1, $2, $3, 1)""",
            cast.neighbour.id, third.id, today,
        )  # fmt: skip
    run = await merging.merge(
        province, cast.pleiku.slug, into=cast.neighbour.slug, day=today, agreed=True, by=by
    )
    await go_through(run)
    async with platform_transaction():
        await sql("UPDATE platform.committee SET state = 'archived' WHERE id = $1", cast.neighbour.id)

    assert f'href="/{third.slug}/"' in (await client.get(f"/{cast.pleiku.slug}/")).text


async def test_an_erased_committee_was_never_there(client: httpx.AsyncClient, cast: Cast, home: str) -> None:
    async with platform_transaction():
        await sql("UPDATE platform.committee SET state = 'erased' WHERE id = $1", cast.pleiku.id)
    assert (await client.get(f"/{cast.pleiku.slug}/")).status_code == 404


async def test_a_split_is_begun_with_the_cells_that_were_ticked(
    client: httpx.AsyncClient, cast: Cast, home: str
) -> None:
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    sent = {"kind": "ward_committee", "name": "Hoa Lư", "administrator": "Nguyễn Thị Hương",
            "day": clock.today().isoformat()}  # fmt: skip
    slip = await client.post(f"{home}/split", data=sent)
    assert slip.status_code == 422
    assert 'value="Hoa Lư"' in slip.text
    slip = await client.post(f"{home}/split", data=sent | {"name": "", "cell": str(cast.cell)})
    assert f'value="{cast.cell}" checked' in slip.text
    begun = await client.post(f"{home}/split", data=sent | {"cell": str(cast.cell)})
    assert begun.status_code == 303
    assert "/runs/" in begun.headers["Location"]


_FOUNDED = "SELECT state FROM platform.committee WHERE name = 'Ia Thử Một' AND province = $1"


async def test_many_are_read_looked_at_and_founded_by_a_run(
    client: httpx.AsyncClient, cast: Cast, home: str
) -> None:
    many = home.rsplit("/", 1)[0] + "/many"
    content = (
        "Loại cấp ủy,Tên,Người quản trị\nĐảng ủy xã,Ia Thử Một,Siu Bình\nĐảng ủy xã,,Siu Bình\n".encode()
    )
    assert (await client.post(many, files={"file": ("a.csv", b"x")})).status_code == 422
    shown = await client.post(many, files={"file": ("a.csv", content, "text/csv")})
    assert shown.status_code == 200
    told = text(shown)
    assert "Lập 1 cấp ủy" in told
    assert "Dòng 3" in told
    async with platform_transaction(read_only=True):
        assert (
            await one(
                "SELECT 1 FROM platform.committee WHERE name = 'Ia Thử Một' AND province = $1", cast.province
            )
            is None
        )

    kept = html.unescape(re.search(r'name="rows"[^>]*value="([^"]*)"', shown.text)[1])  # type: ignore[index]
    assert (await client.post(f"{many}/founding", data={"rows": "[[1]]"})).status_code == 422
    begun = await client.post(f"{many}/founding", data={"rows": kept})
    assert begun.status_code == 303
    run = UUID(begun.headers["Location"].rsplit("/", 1)[1])
    assert (await go_through(run))["state"] == "done"
    page = await client.get(begun.headers["Location"])
    assert "Tải các lời mời" in page.text
    links = await client.post(f"{begun.headers['Location']}/invitations.xlsx")
    assert links.content.startswith(b"PK")
    async with platform_transaction(read_only=True):
        row = await one(
            "SELECT state FROM platform.committee WHERE name = 'Ia Thử Một' AND province = $1", cast.province
        )
    assert row is not None
    assert row["state"] == "active"
