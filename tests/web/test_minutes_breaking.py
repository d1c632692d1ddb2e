"""Requests about minutes as nobody's page makes them: answered plainly, with nothing shown that is not the reader's."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from server.minutes import receiving
from server.minutes.actions import arrange
from server.minutes.bin import throw_away
from server.paper import child
from tests.cast import Cast
from tests.minutes.pages import send, work
from tests.minutes.read_pages import read_minutes
from tests.minutes.sending import picture, rows
from tests.web.sending import Phone
from tests.web.walking import signed_in

LONG, DIGITS = "9" * 20, "9" * 5000


@pytest.mark.parametrize(
    "path",
    [
        f"/minutes/search?q=a&since=1/1/{LONG}", f"/minutes/search?q=a&until=1/1/{DIGITS}",
        "/minutes/search?q=a&since=1/1/1&until=31/12/9999", "/minutes/search?q=" + "a" * 10_000,
        "/minutes/search?q=" + "+".join(["đảng"] * 500), "/minutes/search?q=%00'%3B--&person=%27%22)|!%5C",
        f"/minutes/search?q=a&after=²_0001-01-01_{uuid4()}", "/looks?day=31/12/9999", "/looks?day=1/1/1",
        f"/looks?day=1/1/{LONG}", "/looks?about=x&before=999999999999999999", "/minutes?month=9999-12&q=%00",
    ],
)  # fmt: skip
async def test_a_question_that_no_page_asks_is_no_fault_of_ours(
    client: httpx.AsyncClient, cast: Cast, path: str
) -> None:
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)

    assert (await client.get(f"/{cast.pleiku.slug}{path}")).status_code in (200, 404, 422)


@pytest.mark.parametrize("row", [DIGITS, "²", "-1", "200", "007", ""], ids=lambda row: row[:5])
async def test_a_row_that_no_list_has_is_left_out(client: httpx.AsyncClient, cast: Cast, row: str) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Có mặt 33 đồng chí")
    await signed_in(client, "secretary", cast, at_neighbour=False)
    name = f"absence.name-{row}"

    answer = await client.post(
        f"/{cast.pleiku.slug}/minutes/{minutes}/figures", data={name: "An", f"seen.{name}": ""}
    )

    assert answer.status_code == 303
    assert not await rows("SELECT 1 FROM minutes_field")


async def test_a_refused_form_of_rows_that_no_list_has_is_shown_again(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    minutes = await read_minutes(cast.pleiku, cast.cell, "Có mặt 33 đồng chí")
    await signed_in(client, "secretary", cast, at_neighbour=False)
    given = {"present-0": "zz", "seen.present-0": ""} | {f"absence.name-{row}": "An" for row in (DIGITS, "²")}

    answer = await client.post(f"/{cast.pleiku.slug}/minutes/{minutes}/figures", data=given)

    assert answer.status_code == 422


@pytest.mark.parametrize("body", [b'{"x":' + b"[" * 400_000, b'{"x":' * 100_000, b"\xff\xfe", b"null"])
async def test_an_arrangement_that_is_none_is_refused(phone: Phone, body: bytes) -> None:
    answer = await phone.client.put(
        phone.base, content=body, headers=phone.headers | {"Content-Type": "application/json"}
    )

    assert answer.status_code == 422


@contextmanager
def full_disk() -> Iterator[tuple[io.BufferedWriter, Path]]:
    with open("/dev/full", "wb") as file:
        yield file, Path("/dev/full")


async def test_a_full_disk_is_told_as_try_again_and_nothing_is_written(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uuid4()
    await phone.arrange(file)

    with monkeypatch.context() as patched:
        patched.setattr(receiving, "_temporary", full_disk)
        answer = await phone.put(file, picture(1) + bytes(600_000))
    with monkeypatch.context() as patched:
        # The process that looks at the file can't write its answer: the file is not to blame.
        patched.setattr(child, "TemporaryDirectory", _no_directory)
        looked = await phone.put(file, picture(1))

    assert (answer.status_code, looked.status_code) == (503, 503)
    assert not await rows("SELECT 1 FROM minutes_file")
    assert (await phone.put(file, picture(1))).status_code == 200


@contextmanager
def _no_directory(**_: str) -> Iterator[str]:
    yield "/dev/null/nowhere"


async def test_a_picture_is_asked_for_every_time(
    client: httpx.AsyncClient, cast: Cast, own_store: None, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(picture(20))
    sent = await send(cast, tmp_path / "a.jpg")
    await work(cast.pleiku)
    (page,) = await sent.pages()
    path = f"/{cast.pleiku.slug}/minutes/{sent.id}/pages/{page['id']}"
    await signed_in(client, "member", cast, at_neighbour=False)

    first = await client.get(f"{path}/colour.webp")
    tag = {"If-None-Match": first.headers["etag"]}
    again = await client.get(f"{path}/colour.webp", headers=tag)

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["cache-control"] == again.headers["cache-control"] == "private, no-cache"
    cookies = dict(client.cookies)
    client.cookies.clear()
    assert (await client.get(f"{path}/colour.webp", headers=tag)).status_code == 303
    client.cookies.update(cookies)
    await throw_away(sent.id, reason="Nhầm", by=cast.hoa)
    for name in ("colour.webp", "thumb.webp"):
        assert (await client.get(f"{path}/{name}", headers=tag)).status_code == 404, name


async def test_a_page_that_was_taken_out_is_shown_to_who_may_bring_it_back(
    client: httpx.AsyncClient, cast: Cast, own_store: None, tmp_path: Path
) -> None:
    for shade in (21, 22):
        (tmp_path / f"{shade}.jpg").write_bytes(picture(shade))
    sent = await send(cast, tmp_path / "21.jpg", tmp_path / "22.jpg")
    await work(cast.pleiku)
    meeting = (await sent.row())["meeting"]
    pages = {page["file"]: page["id"] for page in await sent.pages()}
    await arrange(sent.id, meeting=meeting, files=sent.files[1:], by=cast.hoa)
    base = f"/{cast.pleiku.slug}/minutes/{sent.id}/pages"

    for role, status in (("member", 404), ("secretary", 200)):
        await signed_in(client, role, cast, at_neighbour=False)
        for name in ("colour.webp", "thumb.webp"):
            assert (await client.get(f"{base}/{pages[sent.files[0]]}/{name}")).status_code == status
            assert (await client.get(f"{base}/{pages[sent.files[1]]}/{name}")).status_code == 200


async def test_a_form_of_somebody_who_may_not_send_is_not_even_looked_at(
    client: httpx.AsyncClient, cast: Cast, own_store: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(child, "look_at", never)
    meeting = await cast.meeting()
    for role, at_neighbour, status in (("member", False, 422), ("secretary", True, 404)):
        await signed_in(client, role, cast, at_neighbour=at_neighbour)
        answer = await client.post(
            f"/{cast.pleiku.slug}/meetings/{meeting}/minutes", files=[("pages", ("a.jpg", picture(1)))]
        )
        assert answer.status_code == status


def test_the_process_of_a_page_knows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"NENNEP_OBJECTS_SECRET_KEY": "secret", "PATH": "/bin"}
    monkeypatch.setattr(os, "environ", there)
    child._forget_secrets()

    assert there == {"PATH": "/bin"}
