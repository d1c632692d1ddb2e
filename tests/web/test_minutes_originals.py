"""Originals as people take them: the same pages, under a name of ours, without where and with what they were taken."""

from __future__ import annotations

import io
from datetime import date
from functools import partial
from pathlib import Path

import httpx
import pikepdf
import pillow_heif
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from infra import objects
from infra.postgres import sql
from server import clock
from server.minutes.names import download_name
from server.paper import bare
from server.paper.identify import identify
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.sending import HEIC, HOSTILE, MINUTES, PHOTO, SCAN, picture, rows, sent
from tests.web.walking import signed_in

pillow_heif.register_heif_opener()
# As the fixtures' phones and scanner wrote them, and as their Exif data keeps numbers.
TRACES = [
    b"samsung", b"Galaxy", b"A155FXX", b"2026:10:03", b"GPS", b"Apple", b"iPhone", b"17.6.1", b"2026:09:12", b"OPPO",
    b"Xiaomi", b"Redmi", b"MediaTek", b"Office scanner", b"Scan to PDF", b"D:20261106", b"xmp", b"secret",
]  # fmt: skip


def exif(turned: int = 6) -> bytes:
    data = Image.Exif()
    data[0x0112], data[0x010F] = turned, "secret maker"
    data.get_ifd(0x8825)[1] = "secret N"
    return data.tobytes()


def with_texts(form: str) -> bytes:
    """A picture of a kind with texts wherever the kind has room for them."""
    made = io.BytesIO()
    if form == "TIFF":
        info = {270: "secret description", 305: "secret software", 34853: {1: "secret"}}
        pages = [Image.new("L", (90, 60), shade) for shade in (10, 240)]
        pages[0].save(made, "TIFF", save_all=True, append_images=pages[1:], tiffinfo=info, compression="raw")
        return made.getvalue()
    saved = {"JPEG": {"comment": b"secret"}, "WEBP": {"xmp": b"secret xmp", "lossless": True}}.get(form, {})
    if form == "PNG":
        texts = PngInfo()
        texts.add_text("Author", "secret")
        texts.add_itxt("XML:com.adobe.xmp", "secret")
        saved = {"pnginfo": texts}
    return picture(90, form=form, exif=exif(), **saved)


def photo_in_pdf() -> bytes:
    """A phone's photo put into a PDF as it is, and texts about it."""
    made = io.BytesIO()
    with pikepdf.new() as new, Image.open(PHOTO) as photo:
        page = new.add_blank_page(page_size=(595, 842))
        image = new.make_stream(
            PHOTO.read_bytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=photo.width,
            Height=photo.height, ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        page.PieceInfo = pikepdf.Dictionary(Private=pikepdf.String("secret"))
        new.docinfo["/Author"] = "secret"
        with new.open_metadata() as about:
            about["dc:title"] = "secret xmp"
        new.save(made)
    return made.getvalue()


SCANS = {
    "photo": PHOTO.read_bytes, "heic": HEIC.read_bytes, "scan": SCAN.read_bytes, "photo in a pdf": photo_in_pdf,
    "polyglot": (HOSTILE / "polyglot.jpg").read_bytes,
    **{form: partial(with_texts, form) for form in ("JPEG", "PNG", "WEBP", "TIFF")},
}  # fmt: skip


@pytest.fixture
async def reader(client: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    objects.client.cache_clear()
    await signed_in(client, "member", cast, at_neighbour=False)
    return client


@pytest.mark.parametrize("name", SCANS)
async def test_nothing_of_place_time_and_device_is_in_a_download(
    reader: httpx.AsyncClient, cast: Cast, name: str
) -> None:
    data = SCANS[name]()
    minutes, (file,) = await sent(cast, data)
    kind = (await rows("SELECT kind FROM minutes_file"))[0]["kind"]
    if name != "polyglot":
        assert [trace for trace in TRACES if trace in data], "the fixture has nothing to be taken out"

    answer = await reader.get(f"/{cast.pleiku.slug}/minutes/{minutes}/files/{file}/original")

    assert answer.status_code == 200
    assert not [trace for trace in TRACES if trace in answer.content]
    assert b"<script" not in answer.content.lower()
    assert int(answer.headers["content-length"]) == len(answer.content)
    _same_pages(data, answer.content, kind)


def _same_pages(before: bytes, after: bytes, kind: str) -> None:
    if kind == "pdf":
        with pikepdf.open(io.BytesIO(after)) as pdf:
            assert len(pdf.pages) == len(pikepdf.open(io.BytesIO(before)).pages)
            assert "/Info" not in pdf.trailer
        return
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
        assert new.getexif().get(0x0112, 1) == old.getexif().get(0x0112, 1)
        assert dict(new.getexif().get_ifd(0x8825)) == {}
        for number in range(getattr(old, "n_frames", 1)):
            old.seek(number)
            new.seek(number)
            assert new.convert("RGB").tobytes() == old.convert("RGB").tobytes()


async def test_a_download_is_a_file_with_a_name_of_ours_and_is_written_down(
    reader: httpx.AsyncClient, cast: Cast
) -> None:
    minutes, (file,) = await sent(cast, picture(1))

    answer = await reader.get(f"/{cast.pleiku.slug}/minutes/{minutes}/files/{file}/original")

    name = f"bien-ban-chi-bo-to-dan-pho-5-{clock.today().isoformat()}-tep-1.jpg"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert "content-encoding" not in answer.headers
    noted = await rows("SELECT subject FROM event WHERE action = 'minutes_downloaded'")
    assert [row["subject"] for row in noted] == [str(minutes)]


async def test_an_original_that_is_gone_from_the_store_is_not_found(
    reader: httpx.AsyncClient, cast: Cast
) -> None:
    minutes, (file,) = await sent(cast, picture(2))
    await objects.remove([(await rows("SELECT object_key FROM minutes_file"))[0]["object_key"]])

    answer = await reader.get(f"/{cast.pleiku.slug}/minutes/{minutes}/files/{file}/original")

    assert answer.status_code == 404


async def test_what_lies_in_the_bin_is_for_those_who_can_fetch_it_back(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    minutes, (file,) = await sent(cast, picture(3))
    async with transaction():
        await sql("UPDATE minutes SET binned_at = now(), erase_on = current_date + 30 WHERE id = $1", minutes)
    for role, status in (("member", 404), ("secretary", 200)):
        await signed_in(client, role, cast, at_neighbour=False)
        answer = await client.get(f"/{cast.pleiku.slug}/minutes/{minutes}/files/{file}/original")
        assert answer.status_code == status


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(MINUTES.glob("*/*")) if path.suffix not in (".txt", ".json")],
    ids=lambda path: path.name,
)
def test_every_scan_of_the_fixtures_can_be_copied_bare(tmp_path: Path, path: Path) -> None:
    copy, before = tmp_path / "copy", identify(path)

    bare.write(path, before.kind, copy)

    assert identify(copy) == before
    assert not [trace for trace in TRACES if trace in copy.read_bytes()]


@pytest.mark.parametrize(
    ("cell", "number", "kind", "name"),
    [
        ("Chi bộ Thôn 1, Đăk Rông", 2, "tiff", "bien-ban-chi-bo-thon-1-dak-rong-2026-10-03-tep-2.tif"),
        ('"; filename="x.html', None, "pdf", "bien-ban-filename-x-html-2026-10-03.pdf"),
        ("…/\r\n", 1, "heic", "bien-ban-2026-10-03-tep-1.heic"),
        ("ộ" * 300, 1, "png", f"bien-ban-{'o' * 60}-2026-10-03-tep-1.png"),
    ],
)
def test_a_downloads_name_is_plain(cell: str, number: int | None, kind: str, name: str) -> None:
    assert download_name(cell, date(2026, 10, 3), number, kind) == name
