"""Pages are read in their order, unreadable ones are said to be so, and pages the wrong way up are turned."""

from __future__ import annotations

import json
from functools import cache
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from infra import needs
from server.paper.engine import PLACES, language_folder
from server.paper.reading import read, why_not_reading
from server.paper.rereading import numerals
from server.paper.shapes import Box, Line, Reading, Word, around
from server.paper.stored import as_json, from_json
from server.paper.trust import blank, trusted
from tests.paper.cer import cer, line_cer
from tests.paper.photos import MINUTES, UNREADABLE, cleaned

SCAN = MINUTES / "a3-truong-thcs"
BLANK = np.full((2339, 1654), 245, np.uint8)
needs_tesseract = pytest.mark.skipif(
    why_not_reading() is not None, reason="Tesseract's Vietnamese is not installed (tesseract-ocr-vie)"
)


@cache
def scan(number: int) -> np.ndarray:
    with pypdfium2.PdfDocument(next(SCAN.glob("*.pdf"))) as document:
        return np.asarray(document[number - 1].render(scale=200 / 72, grayscale=True).to_pil().convert("L"))


@cache
def reading_of(number: int) -> Reading:
    return read(scan(number))


def truth(number: int) -> str:
    return (SCAN / f"page-{number}.txt").read_text(encoding="utf-8")


def word(text: str, sure: int) -> Word:
    return Word(text, Box(0, 0, 10 * len(text), 20), sure)


@needs_tesseract
@pytest.mark.parametrize("number", [1, 2, 3])
def test_typed_scans_are_read_in_their_order(number: int) -> None:
    reading = reading_of(number)
    assert (reading.readable, reading.turned) == (True, 0)
    assert line_cer(truth(number), reading.text) <= 0.008
    assert cer(truth(number), reading.text) <= 0.042 / 2


@needs_tesseract
def test_tables_and_signatures_are_told_apart_and_every_word_stands_in_its_line() -> None:
    reading = reading_of(3)
    rows = {line.row for line in reading.lines if line.role == "cell"}
    names = {line.text for line in reading.lines if line.role.startswith("foot")}
    assert rows == set(range(5))
    assert names == {"NGƯỜI GHI BIÊN BẢN", "Chu Đức Mạnh", "CHỦ TRÌ HỘI NGHỊ", "Lại Thị Hồng Diễm"}
    assert all(line.box == around(found.box for found in line.words) for line in reading.lines)
    assert all(
        line.box.right <= reading.width and line.box.bottom <= reading.height for line in reading.lines
    )


@needs_tesseract
def test_a_figure_with_a_ruling_line_through_it_is_doubtful() -> None:
    dates = [
        found
        for line in reading_of(3).lines
        if line.role == "cell" and line.column == 3
        for found in line.words
        if found.text.count("/") > 1
    ]
    assert len(dates) == 3
    assert max(found.sure for found in dates) <= 50


@needs_tesseract
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_the_wrong_way_up_is_turned(quarters: int) -> None:
    reading = read(np.ascontiguousarray(np.rot90(scan(3), quarters)))
    assert reading.turned == quarters * 90
    assert (reading.height, reading.width) == scan(3).shape
    assert line_cer(truth(3), reading.text) <= 0.01


@needs_tesseract
def test_a_page_blurred_on_purpose_is_said_to_be_unreadable() -> None:
    assert not read(cleaned(UNREADABLE).page).readable


@needs_tesseract
def test_a_page_that_can_hardly_be_read_is_said_to_be_unreadable() -> None:
    upper = scan(3)[:900]
    assert read(cv2.GaussianBlur(upper, (0, 0), 2)).readable
    assert not read(cv2.GaussianBlur(upper, (0, 0), 7)).readable


@needs_tesseract
def test_a_wall_is_unreadable_and_the_back_of_a_sheet_is_not() -> None:
    bricks = np.full((2339, 1654), 220, np.uint8)
    for y, x in product(range(0, 2339, 120), range(0, 1654, 260)):
        cv2.rectangle(bricks, (x + y % 240, y), (x + y % 240 + 260, y + 120), 120, 4)
    assert (read(bricks).readable, read(bricks).lines) == (False, ())
    assert (read(BLANK).readable, read(BLANK).lines) == (True, ())


def test_without_its_language_reading_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert why_not_reading() in {"no_tesseract_language", "no_tesseract"}
    monkeypatch.setattr("server.paper.engine.find_spec", lambda name: None)
    assert why_not_reading() == "no_tesseract"


@pytest.mark.parametrize(("folder", "found"), [(".", True), ("tessdata", True), ("elsewhere", False)])
def test_the_look_before_the_start_finds_the_language_where_the_reader_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str, found: bool
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "vie.traineddata").touch()
    assert (needs.vietnamese(), language_folder() is not None) == (found, found)
    assert needs.TESSDATA == PLACES


def test_what_is_trusted() -> None:
    assert trusted([word("đồng", 90), word("chí", 88), word("xq", 70)])
    assert not trusted([word("đồng", 50), word("chí", 60)])
    assert not trusted([word("xqk", 95), word("chí", 95), word("brrm", 95)])
    assert not trusted([])


def test_grain_and_uneven_light_leave_a_page_blank_and_faint_writing_does_not() -> None:
    grain = np.random.default_rng(3).normal(0, 8, BLANK.shape) - np.linspace(0, 90, BLANK.shape[1])
    assert blank(np.clip(BLANK + grain, 0, 255).astype(np.uint8), 200)
    assert not blank(cv2.GaussianBlur(scan(3), (0, 0), 8), 200)


@pytest.mark.parametrize(
    ("read_as", "strokes", "meant"), [("HI.", 3, "III."), ("II.", 3, "III."), ("II.", 1, "I.")]
)
def test_roman_numerals_are_told_by_their_strokes(read_as: str, strokes: int, meant: str) -> None:
    ink = np.zeros((60, 200), np.uint8)
    for stroke in range(strokes):
        ink[10:40, 10 + 14 * stroke : 15 + 14 * stroke] = 255
    line = Word(read_as, Box(10, 10, 60, 30), 60), Word("PHẦN", Box(90, 10, 80, 30), 90)
    assert [found.text for found in numerals(ink, line)] == [meant, "PHẦN"]


def test_a_figure_one_is_no_numeral() -> None:
    ink = np.full((60, 200), 255, np.uint8)
    line = (Word("1.", Box(10, 10, 20, 30), 60), Word("KHAI", Box(90, 10, 80, 30), 90))
    assert numerals(ink, line) == line


def test_a_reading_comes_back_from_json_as_it_was() -> None:
    words = Word("Đảng", Box(10, 20, 50, 30), 96), Word('“"', Box(70, 20, 10, 30), 3)
    lines = Line(words, Box(10, 20, 70, 30), 0, "head_left"), Line(words[:1], words[0].box, 1, "cell", 2, 3)
    reading = Reading(lines, True, 91, 1654, 2339, 270)
    kept = json.loads(json.dumps(as_json(reading)))
    assert from_json(kept) == reading
    assert from_json(kept).text == 'Đảng “"\nĐảng'
