"""Files that are no scans, pretend to be, or hurt who opens them: refused with a reason or survived, never a fault."""

from __future__ import annotations

import io
import json
import struct
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pikepdf
import psutil
import pytest

from server.minutes.names import shown_name
from server.minutes.receiving import Unfit
from server.minutes.rules import LONGEST_NAME, REASONS
from server.minutes.uploads import take
from server.paper.found import Unusable
from server.paper.identify import identify
from tests.cast import Cast
from tests.minutes.sending import HEIC, HOSTILE, PHOTO, document, in_store, jobs, picture, rows, send

# What becomes of each file: why it is refused, or (kind, pages) of what is taken.
EXPECTED: dict[str, str | tuple[str, int]] = {
    "bomb-30000x30000.png": "too_many_pixels",
    "empty.jpg": "empty",
    "fifty-pages.tiff": ("tiff", 50),
    "formulas.csv": "not_a_scan",
    "formulas.xlsx": "not_a_scan",
    "javascript.pdf": "active_content",
    "polyglot.jpg": ("jpeg", 1),
    "program.jpg": "not_a_scan",
    "script.svg": "not_a_scan",
    "truncated.jpg": "damaged",
    "zipbomb.xlsx": "not_a_scan",
}
NAMES = json.loads((HOSTILE / "names.json").read_text(encoding="utf-8"))["names"]


def test_every_hostile_file_is_tried() -> None:
    there = {path.name for path in HOSTILE.iterdir()} - {"index.json", "names.json"}

    assert there == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_hostile_file_is_refused_or_survived(cast: Cast, name: str) -> None:
    file, expected = uuid4(), EXPECTED[name]
    minutes = await document(cast, [file])
    data = (HOSTILE / name).read_bytes()

    if isinstance(expected, tuple):
        assert (await send(minutes, file, data, by=cast.hoa, name=name)).safe == [file]
        row = (await rows("SELECT kind, pages FROM minutes_file"))[0]
        assert (row["kind"], row["pages"]) == expected
        return
    with pytest.raises(Unfit) as refused:
        await send(minutes, file, data, by=cast.hoa, name=name)
    assert refused.value.code == expected
    assert refused.value.reasons["file"]
    assert not await in_store()
    assert not await rows("SELECT 1 FROM minutes_file")
    assert not await jobs("clean_page")


async def test_a_limit_is_named_where_it_was_passed(cast: Cast, few_pages: None) -> None:
    file = uuid4()
    minutes = await document(cast, [file])
    for name, words in (("fifty-pages.tiff", "4 trang"), ("bomb-30000x30000.png", "10 triệu điểm ảnh")):
        with pytest.raises(Unfit, match=words):
            await send(minutes, file, (HOSTILE / name).read_bytes(), by=cast.hoa)


@pytest.mark.parametrize("told", [True, False], ids=["with a length", "without one"])
async def test_a_file_that_is_too_large_is_stopped_on_its_way(cast: Cast, told: bool) -> None:
    """A photo with 60 MB of zeros behind it: any reader would show it."""
    file, came = uuid4(), 0
    minutes = await document(cast, [file])

    async def large() -> AsyncIterator[bytes]:
        nonlocal came
        yield PHOTO.read_bytes()
        for _ in range(60):
            came += 1
            yield bytes(1_000_000)

    before = psutil.Process().memory_info().rss
    with pytest.raises(Unfit, match="30 MB") as refused:
        await take(
            minutes, file, large(), sha256="0" * 64, size=60_224_683 if told else None, name="", by=cast.hoa
        )

    assert refused.value.code == "too_large"
    assert came == (0 if told else 30)
    assert psutil.Process().memory_info().rss - before < 20_000_000


@pytest.mark.parametrize("name", [n["name"] for n in NAMES], ids=[n["why"] for n in NAMES])
async def test_the_name_of_an_upload_is_text_to_show_and_nothing_else(cast: Cast, name: str) -> None:
    file = uuid4()
    minutes = await document(cast, [file])

    await send(minutes, file, picture(60), by=cast.hoa, name=name)

    row = (await rows("SELECT name, object_key, sha256 FROM minutes_file"))[0]
    assert row["object_key"] == f"{cast.pleiku.schema_name}/{minutes}/{file}/{row['sha256']}"
    assert await in_store() == [row["object_key"]]
    shown = row["name"]
    assert shown == unicodedata.normalize("NFC", shown)
    assert len(shown) <= LONGEST_NAME
    assert not {"/", "\\"} & set(shown)
    assert not [c for c in shown if unicodedata.category(c)[0] == "C"]
    assert shown.strip(".") or not shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../bien-ban.jpg", "bien-ban.jpg"), ("C:\\bien-ban.jpg", "bien-ban.jpg"), ("...", ""), ("", ""),
        ("bien\nban.jpg", "bien ban.jpg"), ("bien\u202egpj.exe", "biengpj.exe"), ("b.jpg\0.html", "b.jpg.html"),
        ("Bie\u0302n ba\u0309n.jpg", "Biên bản.jpg"), ("\ud800.jpg", ".jpg"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_name(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def test_a_long_name_keeps_its_ending() -> None:
    cut = shown_name("ộ" * 300 + ".jpg")

    assert (len(cut), cut[-5:]) == (LONGEST_NAME, "….jpg")
    assert len(shown_name("a" * 5000)) == LONGEST_NAME


def unusable(data: bytes, folder: Path, **limits: int) -> str:
    path = folder / "given"
    path.write_bytes(data)
    with pytest.raises(Unusable) as refused:
        identify(path, **limits)
    assert refused.value.code in REASONS
    return refused.value.code


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_picture_that_was_cut_off_is_damaged(tmp_path: Path, form: str, share: float) -> None:
    noisy = io.BytesIO()
    from PIL import Image

    Image.effect_noise((300, 300), 90).convert("RGB").save(noisy, form)
    data = noisy.getvalue()

    assert unusable(data[: int(len(data) * share)], tmp_path) == "damaged"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_heic_and_a_pdf_that_were_cut_off_are_damaged(tmp_path: Path, share: float) -> None:
    for data in (HEIC.read_bytes(), pdf()):
        assert unusable(data[: max(20, int(len(data) * share))], tmp_path) == "damaged"


def test_a_head_that_lies_about_its_size_costs_nothing(tmp_path: Path) -> None:
    webp = bytearray(picture(1, form="WEBP", lossless=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"))
    assert webp[12:16] == b"VP8X"
    webp[24:30] = b"\xff\x3f\0\xff\x3f\0"
    jpeg = bytearray(picture(1))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 65500, 65500)

    assert unusable(bytes(webp), tmp_path) == "too_many_pixels"
    assert unusable(bytes(jpeg), tmp_path) == "too_many_pixels"


def test_a_tiff_whose_pages_go_round_in_a_circle_ends(tmp_path: Path) -> None:
    data = bytearray(picture(1, form="TIFF"))
    first = struct.unpack("<I", data[4:8])[0]
    entries = struct.unpack("<H", data[first : first + 2])[0]
    data[first + 2 + 12 * entries : first + 6 + 12 * entries] = struct.pack("<I", first)

    path = tmp_path / "circle.tiff"
    path.write_bytes(data)
    assert identify(path).pages == 1


@pytest.mark.parametrize(
    "head", [b"GIF89a", b"BM", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", b"PK\3\4", b"<html>", b"\x89PNG"]
)
def test_other_kinds_are_no_scans(tmp_path: Path, head: bytes) -> None:
    assert unusable(head + bytes(500), tmp_path) == "not_a_scan"


def pdf(change=None, **saved) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as new:
        new.add_blank_page(page_size=(595, 842))
        if change:
            change(new)
        new.save(made, **saved)
    return made.getvalue()


def _action(kind: str):
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), JS=pikepdf.String("app.alert(1)"))


def _launch(new: pikepdf.Pdf) -> None:
    new.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))


def _page_action(new: pikepdf.Pdf) -> None:
    new.pages[0].AA = pikepdf.Dictionary(O=_action("JavaScript"))


def _attached(new: pikepdf.Pdf) -> None:
    new.attachments["a.exe"] = b"MZ"


def _form(new: pikepdf.Pdf) -> None:
    new.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=new.make_stream(b"<xdp/>"))


def _film(new: pikepdf.Pdf) -> None:
    film = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia, Rect=[0, 0, 9, 9])
    new.pages[0].Annots = [new.make_indirect(film)]


def _named_script(new: pikepdf.Pdf) -> None:
    new.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["a", _action("JavaScript")]))


@pytest.mark.parametrize("change", [_launch, _page_action, _attached, _form, _film, _named_script])
def test_a_pdf_that_does_something_is_refused(tmp_path: Path, change) -> None:
    assert unusable(pdf(change), tmp_path) == "active_content"
    packed = pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert unusable(packed, tmp_path) == "active_content"


def test_a_pdf_with_a_password_is_locked_and_one_that_only_forbids_printing_is_not(tmp_path: Path) -> None:
    assert unusable(pdf(encryption=pikepdf.Encryption(owner="a", user="b")), tmp_path) == "locked"
    path = tmp_path / "open.pdf"
    path.write_bytes(pdf(encryption=pikepdf.Encryption(owner="a", user="")))
    assert identify(path).pages == 1


def test_a_pdf_is_measured_before_it_is_drawn(tmp_path: Path) -> None:
    def vast(new: pikepdf.Pdf) -> None:
        image = new.make_stream(
            b"\0", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=30000, Height=30000
        )
        new.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))

    def long(new: pikepdf.Pdf) -> None:
        for _ in range(61):
            new.add_blank_page()

    assert unusable(pdf(vast), tmp_path) == "too_many_pixels"
    assert unusable(pdf(long), tmp_path) == "too_many_pages"
    assert unusable(pdf(lambda new: new.pages.__delitem__(0)), tmp_path) == "damaged"


async def test_what_kills_the_one_who_looks_is_refused_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.paper import child

    monkeypatch.setattr(child, "LOOK_SECONDS", 0.0)
    file = uuid4()
    minutes = await document(cast, [file])

    with pytest.raises(Unfit) as refused:
        await send(minutes, file, picture(70), by=cast.hoa)

    assert refused.value.code == "too_slow"
    assert not await rows("SELECT 1 FROM minutes_file")
