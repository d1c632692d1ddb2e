"""The province sends a document; an office opens it; the province sees that, and may take it back."""

from __future__ import annotations

import html
import re
from uuid import UUID, uuid4

import httpx
import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import sql
from tenants.transactions import platform_transaction
from tests.bulletins.desk import pdf, slug_of
from tests.cast import Cast
from tests.web.walking import signed_in

TITLE = "Hướng dẫn sinh hoạt chuyên đề quý I"


@pytest.fixture
async def desk(client: httpx.AsyncClient, cast: Cast, own_store: None) -> httpx.AsyncClient:
    """The browser of the province's administrator."""
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    return client


async def send(
    client: httpx.AsyncClient, cast: Cast, *, file: bytes | None = None, **typed: str
) -> httpx.Response:
    data = {"title": TITLE, "body": "Xin phổ biến.", "to": "all", "nonce": str(uuid4()), **typed}
    files = {"file": ("" if file is None else "huong-dan.pdf", file or b"", "application/octet-stream")}
    return await client.post(f"/provinces/{await slug_of(cast.province)}/bulletins", data=data, files=files)


def said(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def receipts(bulletin: UUID | str) -> dict[str, tuple[bool, bool]]:
    """{slug: (received, opened)}"""
    async with platform_transaction(read_only=True):
        rows = await sql(
            """SELECT c.slug, r.received_at, r.opened_at FROM platform.bulletin_receipt r
            JOIN platform.committee c ON c.id = r.committee WHERE r.bulletin = $1""",
            UUID(str(bulletin)),
        )
    return {r["slug"]: (r["received_at"] is not None, r["opened_at"] is not None) for r in rows}


async def test_an_office_finds_it_at_home_opens_it_and_the_province_sees_that(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    sent = await send(desk, cast, file=pdf(), number="12-HD/BTCTU")
    where = sent.headers["location"]
    bulletin, here = where.rpartition("/")[2], cast.pleiku.slug
    untouched = await receipts(bulletin)
    await signed_in(desk, "office", cast, at_neighbour=False)
    home = await desk.get(f"/{here}")
    received = await receipts(bulletin)
    opened = await desk.get(f"/{here}/bulletins/{bulletin}")
    again = await desk.get(f"/{here}")

    assert sent.status_code == 303
    assert untouched == {here: (False, False), cast.neighbour.slug: (False, False)}
    assert "Tỉnh gửi 1 văn bản chưa mở" in home.text
    assert received[here] == (True, False)
    assert "Xin phổ biến." in opened.text
    assert await receipts(bulletin) == {here: (True, True), cast.neighbour.slug: (False, False)}
    assert "văn bản chưa mở" not in again.text
    await signed_in(desk, "province_administrator", cast, at_neighbour=False)
    assert "đã mở 1/2, đã nhận 1/2" in said(await desk.get(where.rpartition("/")[0]))
    assert "chưa nhận" in said(await desk.get(where))


async def test_its_file_comes_back_byte_for_byte_as_an_attachment_that_nothing_guesses_at(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    content = pdf()
    where = (await send(desk, cast, file=content)).headers["location"]
    ours = await desk.get(f"{where}/file")
    await signed_in(desk, "office", cast, at_neighbour=False)
    theirs = await desk.get(f"/{cast.pleiku.slug}/bulletins/{where.rpartition('/')[2]}/file")

    for answer in (ours, theirs):
        assert answer.content == content
        assert answer.headers["content-type"] == "application/pdf"
        assert re.fullmatch(
            r'attachment; filename="van-ban-[0-9a-f]{8}\.pdf"', answer.headers["content-disposition"]
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers.get_list("content-security-policy")


@pytest.mark.parametrize(
    ("file", "why"),
    [(b"PK\x03\x04 a Word file", "phải là PDF"), (b"%PDF-1.7 cut off", "hỏng"), (pdf(script=True), "chạy")],
    ids=["word", "cut off", "script"],
)
async def test_a_file_that_is_no_quiet_pdf_is_refused_and_nothing_is_lost_or_kept(
    desk: httpx.AsyncClient, cast: Cast, file: bytes, why: str
) -> None:
    answer = await send(desk, cast, file=file, to="some", **{f"c-{cast.pleiku.slug}": "1"})

    assert answer.status_code == 422
    assert 'id="e-file"' in answer.text
    assert TITLE in answer.text
    assert f'name="c-{cast.pleiku.slug}" value="1" checked' in answer.text
    assert f'name="c-{cast.neighbour.slug}" value="1" checked' not in answer.text
    assert await objects.list_keys(f"provinces/{cast.province}/") == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"title": " a"}, "title"), ({"body": ""}, "body"), ({"to": "some"}, "to"),
     ({"to": "some", "c-nowhere": "1"}, "to"),
     ({"number": "x" * 61}, "number"), ({"body": "x" * 5001}, "body")],
)  # fmt: skip
async def test_what_is_typed_wrong_is_said_at_its_field(
    desk: httpx.AsyncClient, cast: Cast, typed: dict[str, str], field: str
) -> None:
    answer = await send(desk, cast, **typed)

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


async def test_only_who_was_chosen_can_open_it(desk: httpx.AsyncClient, cast: Cast) -> None:
    where = (await send(desk, cast, file=pdf(), to="some", **{f"c-{cast.pleiku.slug}": "1"})).headers[
        "location"
    ]
    bulletin = where.rpartition("/")[2]
    await signed_in(desk, "office", cast, at_neighbour=True)

    for path in ("", "/file"):
        assert (await desk.get(f"/{cast.neighbour.slug}/bulletins/{bulletin}{path}")).status_code == 404
    assert TITLE not in (await desk.get(f"/{cast.neighbour.slug}/bulletins")).text


async def test_taken_back_it_says_why_and_its_text_and_file_are_gone(
    desk: httpx.AsyncClient, cast: Cast
) -> None:
    where = (await send(desk, cast, file=pdf())).headers["location"]
    bulletin, here = where.rpartition("/")[2], f"/{cast.pleiku.slug}/bulletins"
    silent = await desk.post(f"{where}/taking-back", data={"reason": " "})
    first = await desk.post(f"{where}/taking-back", data={"reason": "Gửi nhầm bản dự thảo"})
    again = await desk.post(f"{where}/taking-back", data={"reason": "Lý do khác"})
    after = await desk.get(where)
    await signed_in(desk, "office", cast, at_neighbour=False)
    theirs = await desk.get(f"{here}/{bulletin}")

    assert (silent.status_code, first.status_code, again.status_code) == (422, 303, 303)
    assert "Gửi nhầm bản dự thảo" in after.text
    assert "Lý do khác" not in after.text
    assert (await desk.get(f"{here}/{bulletin}/file")).status_code == 404
    assert "Gửi nhầm bản dự thảo" in theirs.text
    assert "Xin phổ biến." not in theirs.text
    assert (await receipts(bulletin))[cast.pleiku.slug] == (False, False)
    assert "đã thu hồi" in (await desk.get(here)).text
    async with platform_transaction(read_only=True):
        events = await sql(
            "SELECT action, subject FROM platform.province_event WHERE province = $1 ORDER BY id",
            cast.province,
        )
    assert [tuple(e) for e in events] == [("bulletin_published", bulletin), ("bulletin_taken_back", bulletin)]


async def test_a_viewer_reads_and_publishes_nothing(desk: httpx.AsyncClient, cast: Cast) -> None:
    where = (await send(desk, cast)).headers["location"]
    await signed_in(desk, "province_viewer", cast, at_neighbour=False)

    assert (await desk.get(where)).status_code == 200
    assert "Thu hồi" not in (await desk.get(where)).text
    assert (await send(desk, cast)).status_code == 404
    for verb in ("taking-back", "further"):
        assert (await desk.post(f"{where}/{verb}", data={"reason": "Không có quyền"})).status_code == 404


async def test_sent_twice_it_is_one(desk: httpx.AsyncClient, cast: Cast) -> None:
    nonce = str(uuid4())
    places = {(await send(desk, cast, nonce=nonce)).headers["location"] for _ in range(2)}

    assert len(places) == 1


async def test_another_provinces_bulletin_is_nobodys_here(
    desk: httpx.AsyncClient, cast: Cast, database: Servers
) -> None:
    other = await Cast.assemble(database.owner_url)
    bulletin = (await send(desk, cast)).headers["location"].rpartition("/")[2]
    await signed_in(desk, "province_administrator", other, at_neighbour=False)
    there = f"/provinces/{await slug_of(other.province)}/bulletins"

    assert (await desk.get(f"{there}/{bulletin}")).status_code == 404
    assert (await desk.post(f"{there}/{bulletin}/taking-back", data={"reason": "Lạ mặt"})).status_code == 404
    assert (await send(desk, other, nonce=bulletin)).status_code == 404
