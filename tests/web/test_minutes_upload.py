"""Pages of minutes over HTTP: as a phone sends them, and as a plain form does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from infra.embedded import Embedded, Servers
from infra.postgres import sql
from infra.settings import settings
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.read_pages import change
from tests.minutes.sending import HOSTILE, PHOTO, hashed, picture, rows, sent, stored_bytes
from tests.web.sending import Phone
from tests.web.walking import filled, handlers, signed_in


async def test_a_phone_sends_its_pages_and_gets_a_receipt(phone: Phone) -> None:
    first, second = uuid4(), uuid4()

    arranged = await phone.arrange(first, second)
    answers = [await phone.put(first, picture(1)), await phone.put(second, PHOTO.read_bytes())]
    receipt = await phone.client.get(f"{phone.base}/receipt", headers=phone.headers)

    assert (arranged.status_code, arranged.json()["safe"]) == (200, [])
    assert [(a.status_code, len(a.json()["safe"])) for a in answers] == [(200, 1), (200, 2)]
    assert receipt.json() == {
        "minutes": str(phone.minutes), "state": "reading", "wanted": [str(first), str(second)],
        "safe": [str(first), str(second)], "same": [],
    }  # fmt: skip
    assert [row["name"] for row in await rows("SELECT name FROM minutes_file")] == ["trang 1.jpg"] * 2


async def test_a_body_without_a_length_is_taken_too(phone: Phone) -> None:
    file, data = uuid4(), PHOTO.read_bytes()
    await phone.arrange(file)

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 50_000):
            yield data[at : at + 50_000]

    answer = await phone.put(file, chunks(), **{"X-Sha256": hashed(data)})

    assert answer.json()["safe"] == [str(file)]
    assert await stored_bytes((await rows("SELECT object_key FROM minutes_file"))[0]["object_key"]) == data


async def test_the_same_bytes_are_told_with_their_address(phone: Phone) -> None:
    first, second = uuid4(), uuid4()
    await phone.arrange(first, second)
    await phone.put(first, picture(2))

    told = (await phone.put(second, picture(2))).json()

    (page,) = await rows("SELECT id FROM minutes_page WHERE file = $1", second)
    assert told["same"] == [
        {"file": str(second), "how": "bytes", "minutes": str(phone.minutes), "decided": "", "url": phone.base,
         "decide": f"{phone.base}?page={page['id']}"}
    ]  # fmt: skip


async def test_a_page_that_looks_like_another_is_told_in_the_receipt(phone: Phone) -> None:
    first, second = uuid4(), uuid4()
    await phone.arrange(first, second)
    for file, shade in ((first, 2), (second, 3)):
        await phone.put(file, picture(shade))
    (one,), (other,) = [await rows("SELECT id FROM minutes_page WHERE file = $1", f) for f in (first, second)]
    await change(
        phone.cast.pleiku, "UPDATE minutes_page SET same_page = $1 WHERE id = $2", one["id"], other["id"]
    )

    told = (await phone.client.get(f"{phone.base}/receipt", headers=phone.headers)).json()

    assert told["same"] == [
        {"file": str(second), "how": "looks", "minutes": str(phone.minutes), "decided": "",
         "url": f"{phone.base}?page={one['id']}", "decide": f"{phone.base}?page={other['id']}"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("truncated.jpg", 422, "damaged"),
        ("script.svg", 422, "not_a_scan"),
        ("javascript.pdf", 422, "active_content"),
    ],
)
async def test_what_is_refused_for_good_is_told_with_its_code(
    phone: Phone, name: str, status: int, code: str
) -> None:
    file = uuid4()
    await phone.arrange(file)

    answer = await phone.put(file, (HOSTILE / name).read_bytes())

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


async def test_a_file_that_is_too_large_is_told_the_limit(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(settings(), minutes_largest_mb=1)
    monkeypatch.setattr("server.minutes.queries.settings", lambda: small)
    file = uuid4()
    await phone.arrange(file)

    answer = await phone.put(file, bytes(1_000_001))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "1 MB" in answer.json()["message"]


async def test_what_can_be_sent_again_is_a_conflict(phone: Phone) -> None:
    file = uuid4()

    unknown = await phone.put(file, picture(3))
    await phone.arrange(file)
    broken = await phone.put(file, picture(3), **{"X-Sha256": hashed(picture(4))})
    await phone.put(file, picture(3))
    other = await phone.put(file, picture(4))

    told = [(a.status_code, a.json()["code"]) for a in (unknown, broken, other)]
    assert told == [(409, "unknown"), (409, "broken"), (422, "other_bytes")]


@pytest.mark.parametrize("headers", [{"X-Sha256": "x"}, {"X-Sha256": ""}, {"X-Sha256": "A" * 63}])
async def test_a_file_without_its_hash_is_not_taken(phone: Phone, headers: dict[str, str]) -> None:
    file = uuid4()
    await phone.arrange(file)

    assert (await phone.put(file, picture(5), **headers)).status_code == 422
    assert not await rows("SELECT 1 FROM minutes_file")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"meeting":"x","files":[]}', b'{"files":[]}', b"\xff"])
async def test_an_arrangement_that_cannot_be_read_is_told_so(phone: Phone, body: bytes) -> None:
    answer = await phone.client.put(phone.base, content=body, headers=phone.headers)

    assert answer.status_code == 422
    assert "vẫn còn trong máy" in answer.json()["message"]


async def test_pages_of_another_account_wait_for_its_own_log_in(phone: Phone) -> None:
    file = uuid4()
    await phone.arrange(file)

    for answer in (
        await phone.put(file, picture(6), **{"X-Account": str(uuid4())}),
        await phone.arrange(file, **{"X-Account": str(uuid4())}),
    ):
        assert answer.status_code == 401


async def test_a_put_without_the_headers_of_our_pages_is_refused(phone: Phone) -> None:
    file = uuid4()
    await phone.arrange(file)
    for missing in ("X-Requested-With", "X-Account"):
        headers = {k: v for k, v in phone.headers.items() if k != missing}
        for kind in ("image/jpeg", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
            given = headers | {"Content-Type": kind, "X-Sha256": hashed(picture(7))}
            answer = await phone.client.put(f"{phone.base}/files/{file}", content=picture(7), headers=given)
            assert answer.status_code == 403, (missing, kind)
    evil = await phone.put(file, picture(7), Origin="https://evil.test")
    assert evil.status_code == 403
    assert not await rows("SELECT 1 FROM minutes_file")


async def test_the_store_is_away_and_the_phone_keeps_its_pages(
    phone: Phone, embedded: Embedded, servers: Servers
) -> None:
    file = uuid4()
    await phone.arrange(file)
    await asyncio.to_thread(embedded.kill, "objects")
    try:
        answer = await phone.put(file, picture(8))
    finally:
        await asyncio.to_thread(embedded.restart, "objects")

    assert answer.status_code == 503
    assert "Kho ảnh đang tạm nghỉ" in answer.json()["message"]
    assert "vẫn còn trong máy" in answer.json()["message"]
    assert not await rows("SELECT 1 FROM minutes_file")
    assert (await phone.put(file, picture(8))).status_code == 200


async def test_a_secretary_of_another_cell_finds_none_of_it(
    client: httpx.AsyncClient, cast: Cast, own_store: None
) -> None:
    minutes, (file,) = await sent(cast, picture(9))
    page = (await rows("SELECT id FROM minutes_page"))[0]["id"]
    other = uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Thôn 2', '2')", other)
    await signed_in(client, "secretary", replace(cast, cell=other), at_neighbour=False)
    for path, method, _ in handlers():
        if "{minutes" not in path or method == "PUT":
            continue
        here = filled(path, cast, uuid4(), minutes=minutes, file=file, page=page)
        answer = await client.request(method, here, data={"reason": "x"} if method == "POST" else None)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"


async def post_form(
    client: httpx.AsyncClient, cast: Cast, meeting: UUID, *files: tuple[str, bytes], **fields: Any
) -> httpx.Response:
    sent = [("pages", (name, data, "text/html")) for name, data in files]
    return await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/minutes", files=sent, data=fields)


async def test_a_plain_form_sends_all_pages_and_twice_is_once(
    client: httpx.AsyncClient, cast: Cast, own_store: None
) -> None:
    await signed_in(client, "recorder", cast, at_neighbour=False)
    meeting, nonce = await cast.meeting(), str(uuid4())
    files = [("a.jpg", picture(20)), ("b.png", picture(21, form="PNG"))]

    first = await post_form(client, cast, meeting, *files, minutes=nonce)
    again = await post_form(client, cast, meeting, *files, minutes=nonce)

    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    stored = await rows(
        "SELECT f.name, f.kind, d.meeting FROM minutes_file f JOIN minutes d ON d.id = f.minutes ORDER BY 1"
    )
    assert [(row["name"], row["kind"], row["meeting"]) for row in stored] == [
        ("a.jpg", "jpeg", meeting), ("b.png", "png", meeting),
    ]  # fmt: skip


async def test_one_bad_file_of_a_form_is_named_and_nothing_is_taken(
    client: httpx.AsyncClient, cast: Cast, own_store: None
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    script = (HOSTILE / "script.svg").read_bytes()

    answer = await post_form(
        client,
        cast,
        await cast.meeting(),
        ("a.jpg", picture(22)),
        ("<img src=x>.jpg", script),
        ("c.jpg", b""),
    )

    assert answer.status_code == 422
    assert "&lt;img src=x&gt;.jpg" in answer.text
    assert "<img src=x>" not in answer.text
    assert "Tệp trống" in answer.text
    assert not await rows("SELECT 1 FROM minutes")


async def test_a_form_without_files_and_one_of_another_site(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    meeting = await cast.meeting()

    empty = await post_form(client, cast, meeting, ("", b""))
    client.headers.pop("X-CSRF")
    forged = await post_form(client, cast, meeting, ("a.jpg", picture(23)))

    assert empty.status_code == 422
    assert "ít nhất một trang" in empty.text
    assert forged.status_code == 403
    assert not await rows("SELECT 1 FROM minutes")
