"""The document is a PDF/A that looks like the paper, and is searched and copied from like a text."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from server.paper import document
from server.paper.child import Leaf
from server.paper.shapes import Box, Line, Reading, Word
from server.paper.stored import as_json

TITLE = "Biên bản Chi bộ A & <B>, 03/10/2026"
SIZE = (1654, 2339)
TEXTS = (
    "ĐẢNG CỘNG SẢN VIỆT NAM",
    "Hồi 19 giờ 00, ngày 03 tháng 10 năm 2026",
    "tán thành 33/33; Ksor H’Lan, Rơ Châm — 91,67%",
    "Ạ ặ ệ ợ ự ỹ Ư ơ đ ₫ … “trích” ½",
)


def line(number: int, text: str) -> Line:
    words, x = [], 200
    for part in text.split():
        words.append(Word(part, Box(x, 200 + 80 * number, 18 * len(part), 34), 95))
        x += 18 * (len(part) + 1)
    return Line(tuple(words), Box(200, 200 + 80 * number, x - 218, 34), 0)


def reading(*texts: str) -> dict[str, Any]:
    return as_json(Reading(tuple(line(n, text) for n, text in enumerate(texts)), True, 95, *SIZE))


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A picture of a page."""
    Image.effect_noise(SIZE, 8).convert("RGB").save(tmp_path / "page.webp", quality=65)
    return tmp_path / "page.webp"


def written(tmp_path: Path, *leaves: Leaf) -> Path:
    document.write(leaves, tmp_path / "d.pdf", title=TITLE)
    return tmp_path / "d.pdf"


def text_of(path: Path, page: int = 0) -> str:
    with pypdfium2.PdfDocument(path) as pdf:
        return pdf[page].get_textpage().get_text_range()


def test_the_text_is_copied_as_it_was_read_in_nfc(tmp_path: Path, sheet: Path) -> None:
    found = text_of(written(tmp_path, Leaf(sheet, reading(*TEXTS), {})))

    assert [" ".join(row.split()) for row in found.splitlines() if row.strip()] == list(TEXTS)
    assert unicodedata.is_normalized("NFC", found)


def test_words_are_found_where_they_stand(tmp_path: Path, sheet: Path) -> None:
    path = written(tmp_path, Leaf(sheet, reading(*TEXTS), {}))
    with pypdfium2.PdfDocument(path) as pdf:
        page = pdf[0].get_textpage()
        assert page.search("cộng sản").get_next() is not None
        at, count = page.search("tháng 10 năm").get_next()
        left, bottom, *_ = page.get_charbox(at)
        wide, high = pdf[0].get_size()
    box = line(1, TEXTS[1]).words[6].box
    assert count == len("tháng 10 năm")
    assert left / wide == pytest.approx(box.x / SIZE[0], abs=0.01)
    assert box.y / SIZE[1] - 0.01 < 1 - bottom / high < box.bottom / SIZE[1] + 0.01


def test_what_people_put_right_takes_the_place_of_what_was_read(tmp_path: Path, sheet: Path) -> None:
    corrected = {"1": "Hồi 20 giờ 00, ngày 03 tháng 10 năm 2026", "2": "không ai phản đối"}

    found = text_of(written(tmp_path, Leaf(sheet, reading(*TEXTS), corrected)))

    assert "Hồi 20 giờ 00" in found
    assert "không ai phản đối" in found
    assert "19 giờ" not in found
    assert "Ksor" not in found


def test_words_put_right_stand_where_the_words_stood_or_share_the_line() -> None:
    read = line(0, "Hồi 19 giờ")
    same = list(document.spread("Hồi 20 giờ", read.words, read.box))
    other = list(document.spread("lúc tám giờ tối", read.words, read.box))
    assert [box for _, box in same] == [word.box for word in read.words]
    assert [text for text, _ in other] == ["lúc", "tám", "giờ", "tối"]
    assert other[0][1].x == read.box.x
    assert other[-1][1].right == pytest.approx(read.box.right, abs=3)


def test_signs_that_no_font_of_ours_has_do_no_harm(tmp_path: Path, sheet: Path) -> None:
    found = text_of(written(tmp_path, Leaf(sheet, reading("họp 会議 xong"), {"0": "họp 会議 xong 😀"})))
    assert "họp" in found
    assert "xong" in found


def test_a_page_without_text_and_one_that_lies(tmp_path: Path, sheet: Path) -> None:
    Image.new("RGB", (2339, 1654), "white").save(tmp_path / "wide.webp")
    path = written(tmp_path, Leaf(sheet, None, {}), Leaf(tmp_path / "wide.webp", None, {}))
    with pypdfium2.PdfDocument(path) as pdf:
        sizes = [tuple(round(side) for side in page.get_size()) for page in pdf]
    assert sizes == [(595, 842), (842, 595)]
    assert text_of(path).strip() == ""


def test_a_page_takes_little_room(tmp_path: Path, sheet: Path) -> None:
    path = written(tmp_path, *[Leaf(sheet, reading(*TEXTS), {})] * 3)
    assert path.stat().st_size <= 3 * document.PICTURE_BYTES + 40_000


def test_the_metadata_hold_a_title_and_nobody(tmp_path: Path, sheet: Path) -> None:
    with pikepdf.open(written(tmp_path, Leaf(sheet, reading(*TEXTS), {}))) as pdf:
        meta = pdf.open_metadata()
        assert meta["dc:title"] == TITLE
        told = {name.rpartition("}")[2] for name in meta}
        assert told == {"title", "part", "conformance", "CreateDate", "ModifyDate", "MetadataDate"}
        assert not pdf.docinfo


def test_it_bears_the_marks_of_pdf_a(tmp_path: Path, sheet: Path) -> None:
    path = written(tmp_path, Leaf(sheet, reading(*TEXTS), {}))
    assert re.match(rb"%PDF-1\.[4-7]\n%[\x80-\xff]{4}", path.read_bytes())
    with pikepdf.open(path) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "U")
        assert "/Filter" not in pdf.Root.Metadata
        intent = pdf.Root.OutputIntents[0]
        assert intent.S == "/GTS_PDFA1"
        assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"
        assert intent.DestOutputProfile.N == 3
        assert len(pdf.trailer.ID) == 2
        assert not pdf.is_encrypted
        assert str(pdf.Root.Lang) == "vi"
        assert not {"/JavaScript", "/EmbeddedFiles"} & set(pdf.Root.get("/Names", {}))
        _check_objects(pdf)


def _check_objects(pdf: pikepdf.Pdf) -> None:
    """No transparency, no interpolation, no foreign filters, and every font embedded with its letters' meaning."""
    fonts = 0
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            continue
        assert not {"/SMask", "/AA", "/JS", "/CA", "/ca"} & set(thing.keys())
        assert str(thing.get("/Filter", "/FlateDecode")) != "/LZWDecode"
        assert thing.get("/Interpolate", False) is False
        assert str(thing.get("/S", "")) not in ("/JavaScript", "/Launch", "/Transparency")
        if thing.get("/Type") == "/Font":
            fonts += 1
            if thing.Subtype == "/Type0":
                assert "/ToUnicode" in thing
                assert thing.Encoding == "/Identity-H"
            else:
                assert {"/FontFile2", "/FontFile3"} & set(thing.FontDescriptor.keys())
                assert "/CIDToGIDMap" in thing
    assert fonts == 2
