"""Evidence beside work: sent, shown, taken back without where it was taken, removed with a reason."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
import urllib3
from PIL import Image

from infra import objects
from server.assignments import evidence
from server.minutes import erasing
from tests.assignments.saying import AN, BINH, give, row
from tests.cast import Cast
from tests.minutes.sending import HEIC, HOSTILE, PHOTO, SCAN, hashed, in_store, picture, rows
from tests.web.sending import account_of
from tests.web.walking import signed_in


class Desk:
    """Nguyễn Văn An at the page of his work."""

    def __init__(self, client: httpx.AsyncClient, cast: Cast, no: int) -> None:
        self.client, self.cast, self.no = client, cast, no
        self.base = f"/{cast.pleiku.slug}/assignments/{no}"

    async def page(self) -> str:
        return (await self.client.get(self.base)).text

    async def send(self, data: bytes, name: str = "anh.jpg", nonce: str = "") -> httpx.Response:
        form = {"nonce": nonce or str(uuid4())}
        return await self.client.post(f"{self.base}/files", data=form, files={"file": (name, data)})

    async def file(self) -> str:
        """The address of the only file that stands on the page."""
        (found,) = re.findall(r'<li id="f([0-9a-f-]+)">', await self.page())
        return f"{self.base}/files/{found}"


@pytest.fixture
async def desk(client: httpx.AsyncClient, cast: Cast, own_store: None) -> Desk:
    no = (await row(await give(cast), cast.hoa))["no"]
    await signed_in(client, "member", cast, at_neighbour=False, member=await cast.member(AN))
    return Desk(client, cast, no)


async def test_a_photo_is_shown_small_and_taken_back_without_where_it_was_taken(desk: Desk) -> None:
    sent = await desk.send(PHOTO.read_bytes(), "hiến đất.jpg")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{desk.base}#files")
    assert "hiến đất.jpg" in await desk.page()

    path = await desk.file()
    taken, small = await desk.client.get(path), await desk.client.get(f"{path}?small=1")

    assert taken.headers["content-disposition"].startswith('attachment; filename="viec-')
    assert taken.headers["x-content-type-options"] == "nosniff"
    assert taken.headers["cache-control"] == "private, no-store"
    assert "sandbox" in taken.headers["content-security-policy"]
    for data in (taken.content, small.content):
        image = Image.open(io.BytesIO(data))
        assert not image.getexif().get_ifd(0x8825)
        assert b"samsung" not in data
    assert (small.headers["content-type"], max(Image.open(io.BytesIO(small.content)).size)) == (
        "image/webp",
        320,
    )


@pytest.mark.parametrize(("path", "kind"), [(SCAN, "application/pdf"), (HEIC, "image/heic")])
async def test_scans_and_photos_of_other_phones_are_taken_too(desk: Desk, path: object, kind: str) -> None:
    await desk.send(path.read_bytes(), path.name)  # type: ignore[attr-defined]
    found = await desk.file()
    assert (await desk.client.get(found)).headers["content-type"] == kind
    assert (await desk.client.get(f"{found}?small=1")).content[8:12] == b"WEBP"


async def test_a_form_sent_twice_brings_its_file_once_and_another_file_is_refused(desk: Desk) -> None:
    nonce = str(uuid4())
    answers = [await desk.send(picture(shade), nonce=nonce) for shade in (10, 10, 20)]

    assert [answer.status_code for answer in answers] == [303, 303, 422]
    assert 'id="e-file"' in answers[2].text
    assert [r["sha256"] for r in await rows("SELECT sha256 FROM assignment_file")] == [hashed(picture(10))]


async def test_a_phone_puts_a_file_and_may_put_it_again(desk: Desk) -> None:
    account = await account_of(desk.client)
    data, path = picture(30), f"{desk.base}/files/{uuid4()}"
    headers = {
        "X-Requested-With": "nennep",
        "X-Account": str(account),
        "X-Sha256": hashed(data),
        "X-Name": "a.jpg",
    }

    answers = [await desk.client.put(path, content=data, headers=headers) for _ in range(2)]
    broken = await desk.client.put(f"{desk.base}/files/{uuid4()}", content=data[:-9], headers=headers)
    stranger = await desk.client.put(path, content=data, headers=headers | {"X-Account": str(uuid4())})

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (broken.status_code, broken.json()["code"]) == (409, "broken")
    assert stranger.status_code in (303, 401)
    assert len(await rows("SELECT 1 FROM assignment_file")) == 1


@pytest.mark.parametrize("name", ["truncated.jpg", "script.svg", "javascript.pdf"])
async def test_what_can_not_be_taken_is_said_at_the_field(desk: Desk, name: str) -> None:
    answer = await desk.send((HOSTILE / name).read_bytes(), name)

    assert answer.status_code == 422
    assert re.search(r'<p class="err" id="e-file">[^<]{20,}', answer.text)
    assert await rows("SELECT 1 FROM assignment_file") == []


async def test_an_empty_form_asks_for_a_file(desk: Desk) -> None:
    answer = await desk.client.post(f"{desk.base}/files", data={"nonce": str(uuid4())})
    assert (answer.status_code, "Xin chọn một ảnh" in answer.text) == (422, True)


async def test_only_so_many_files_have_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_FILES", 1)
    assert [(await desk.send(picture(shade))).status_code for shade in (1, 2)] == [303, 422]


async def test_a_file_is_removed_with_a_reason_and_its_bytes_go_by_night(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.send(picture(40), "nhầm.jpg")
    gone = await desk.file()
    no_reason = await desk.client.post(f"{gone}/removal", data={"why": " "})
    assert (no_reason.status_code, "e-why-" in no_reason.text) == (422, True)
    removed = await desk.client.post(f"{gone}/removal", data={"why": "Chụp nhầm nhà"})
    await desk.send(picture(50))
    monkeypatch.setattr(erasing, "OLD", timedelta(seconds=-60))
    await erasing.sweep_minutes()

    assert removed.status_code == 303
    assert "Chụp nhầm nhà" in await desk.page()
    assert (await desk.client.get(gone)).status_code == 404
    (stays,) = await rows("SELECT object_key FROM assignment_file WHERE removed_at IS NULL")
    assert await in_store() == [stays["object_key"], f"{stays['object_key']}.webp"]
    assert (await desk.client.get(await desk.file())).status_code == 200


async def test_others_neither_send_nor_remove_and_strangers_find_nothing(desk: Desk) -> None:
    await desk.send(picture(60))
    path, client, cast = await desk.file(), desk.client, desk.cast
    await signed_in(client, "secretary", cast, at_neighbour=False)
    await client.post(f"/{cast.pleiku.slug}/cells/{cast.cell}/assignments/seeing", data={"see": "1"})

    await signed_in(client, "member", cast, at_neighbour=False, member=await cast.member(BINH))
    assert (await client.get(path)).status_code == 200
    assert (await client.post(f"{path}/removal", data={"why": "tôi muốn"})).status_code == 422
    assert (await desk.send(picture(70))).status_code == 422
    await signed_in(client, "secretary", cast, at_neighbour=True)
    assert (await client.get(path)).status_code == 404
    assert (await desk.send(picture(70))).status_code == 404

    await signed_in(client, "secretary", cast, at_neighbour=False)
    assert (await client.post(f"{path}/removal", data={"why": "Ảnh có người ngoài"})).status_code == 303


async def test_a_store_that_is_away_is_said_and_nothing_is_written_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise urllib3.exceptions.HTTPError

    with monkeypatch.context() as patched:
        patched.setattr(objects, "put_file", away)
        answer = await desk.send(picture(80))
    assert (answer.status_code, "tạm nghỉ" in answer.text) == (503, True)
    assert await rows("SELECT 1 FROM assignment_file") == []
