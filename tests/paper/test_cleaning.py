"""A photographed page comes out straight, evenly lit and readable, and what is no page comes out unharmed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from server.paper.cleaning import clean
from server.paper.engine import reader, why_not_reading
from server.paper.light import NATURAL, without_stamps
from server.paper.look import alike, look
from server.paper.outline import Pixels
from server.paper.reading import read
from tests.paper.cer import line_cer, word_recall
from tests.paper.photos import LIT, MINUTES, PAGES, RULES, bent, cleaned, drawn_page, photograph, unevenness

CORNERS = np.array([[0.1, 0.06], [0.93, 0.1], [0.9, 0.95], [0.05, 0.93]], np.float32)


def text_of(page: Pixels) -> str:
    with reader() as tesseract:
        height, width = page.shape
        tesseract.SetImageBytes(page.tobytes(), width, height, 1, width)
        tesseract.SetSourceResolution(200)
        return str(tesseract.GetUTF8Text())


@pytest.mark.skipif(why_not_reading() is not None, reason="Tesseract with Vietnamese is not installed")
@pytest.mark.parametrize("stem", ["IMG_4128", "IMG20260804201702"])
def test_curled_typed_pages_are_read_as_well_as_flat_ones(stem: str) -> None:
    truth = (MINUTES / f"{PAGES[stem]}.txt").read_text(encoding="utf-8")
    found = text_of(cleaned(stem).page)
    assert line_cer(truth, found) <= 0.02
    assert word_recall(truth, found) >= 0.95


@pytest.mark.parametrize("curl", [-0.04, 0.0, 0.05])
def test_a_bent_sheet_is_found_and_its_lines_come_out_level(curl: float) -> None:
    result = clean(bent(drawn_page(), curl, CORNERS))
    assert result.corners is not None
    assert np.abs(np.array(result.corners) - CORNERS).max() < 0.012
    assert result.page.shape == (2339, 1654)
    assert unevenness(result.page) <= 4
    assert result.faults == ()


def test_without_its_outline_a_bent_sheet_is_levelled_by_its_writing() -> None:
    filling = np.array([[-0.04, -0.09], [1.03, -0.06], [1.05, 1.03], [-0.03, 1.05]], np.float32)
    picture = bent(drawn_page(), 0.03, filling)
    result = clean(picture)
    before = cv2.cvtColor(cv2.resize(picture, result.page.shape[::-1]), cv2.COLOR_RGB2GRAY)
    assert result.corners is None
    assert slope(result.page) < 0.3 * slope(before)


def slope(page: Pixels) -> float:
    """How blurred a page's rows are over its width: 0 where all writing is level."""
    ink = (255 - page[:, 200:-200]).astype(np.float32)
    level = cv2.blur(ink, (150, 1)).var(axis=0).mean()
    return float(1 - ink.mean(axis=1).var() / level)


def test_a_page_laid_askew_is_turned_and_not_sheared() -> None:
    page = drawn_page()
    page[300:2000, 1480:1484] = 20  # at a right angle to the lines
    turn = cv2.getRotationMatrix2D((827, 1170), 4, 1.0)
    askew = cv2.warpAffine(page, turn, (1654, 2339), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
    result = clean(askew)
    upper, lower = (result.page[y : y + 200, 1380:1620].mean(axis=0).argmin() for y in (420, 1720))
    assert abs(int(upper) - int(lower)) <= 8
    assert unevenness(result.page) <= 3


def test_a_flat_page_stays_where_it_is() -> None:
    page = drawn_page()
    result = clean(page)
    assert result.corners is None
    assert result.page.shape == page.shape[:2]
    assert result.faults == ()
    for y in RULES:
        band = result.page[y - 40 : y + 44, 300:1354].mean(axis=1)
        assert abs(int(band.argmin()) - 41) <= 2
    assert unevenness(result.page) <= 2


def test_the_edge_of_a_shadow_is_not_the_edge_of_the_sheet() -> None:
    y, x = np.mgrid[0:2339, 0:1654]
    shade = 1 - 0.45 / (1 + np.exp(-(x + 0.4 * y - 1500) / 25))
    result = clean((drawn_page() * shade[..., None]).astype(np.uint8))
    assert result.corners is None
    paper = result.page[2150:2300]
    assert np.ptp(np.percentile(paper, 50, axis=0)) < 12
    assert unevenness(result.page) <= 2


def test_a_pale_table_is_told_from_the_paper() -> None:
    result = clean(bent(drawn_page(), 0.0, CORNERS, table=(205, 196, 188)))
    assert result.corners is not None
    assert np.abs(np.array(result.corners) - CORNERS).max() < 0.012


def test_dents_in_the_outline_do_not_bend_the_page() -> None:
    picture = bent(drawn_page(), 0.0, CORNERS)
    cv2.ellipse(picture, (90, 1000), (60, 130), 10, 0, 360, (95, 60, 45), -1)  # a thumb over the left side
    result = clean(picture)
    assert result.corners is not None
    assert unevenness(result.page) <= 4


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_that_lies_sideways_or_upside_down_comes_out_upright(quarters: int) -> None:
    upright = cleaned("IMG20260804201641")
    turned = clean(np.ascontiguousarray(np.rot90(photograph("IMG20260804201641"), quarters)))
    assert turned.page.shape == upright.page.shape
    assert alike(look(turned.page), look(upright.page))


def test_corners_pointed_out_by_hand_are_believed() -> None:
    picture = np.full((800, 600, 3), 90, np.uint8)
    picture[100:400, 50:300] = LIT
    picture[450:750, 300:550] = (60, 140, 60)
    result = clean(picture, corners=((0.5, 0.5625), (0.9167, 0.5625), (0.9167, 0.9375), (0.5, 0.9375)))
    red, green, blue = result.colour.reshape(-1, 3).mean(axis=0)
    assert green > 1.5 * red
    assert green > 1.5 * blue
    assert result.corners is not None
    assert result.corners[0] == pytest.approx((0.5, 0.5625))


def test_a_stamp_stays_red_for_people() -> None:
    page = drawn_page(lines=20)
    cv2.circle(page, (1100, 1700), 130, (190, 30, 40), 12)
    result = clean((page * 0.6).astype(np.uint8))
    red, green, blue = result.colour[1695:1705, 965:975].reshape(-1, 3).mean(axis=0)
    assert red > green + 80
    assert red > blue + 80
    assert np.median(result.page[2200:2300]) > 240


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (5, 7), (12, 3000), (3000, 12), (600, 800)])
@pytest.mark.parametrize("kind", ["noise", "black", "white"])
def test_what_is_no_page_does_no_harm(shape: tuple[int, int], kind: str) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (*shape, 3)).astype(np.uint8)
    picture = {"noise": noise, "black": noise * 0, "white": noise * 0 + 255}[kind].astype(np.uint8)
    result = clean(picture)
    assert result.page.dtype == np.uint8
    assert result.colour.shape == (*result.page.shape, 3)
    assert max(result.page.shape) <= 3 * 1654
    assert len(look(result.page)) == 64


@pytest.mark.parametrize(
    "corners", [((0.5, 0.5),) * 4, ((0, 0), (1, 1), (0.5, 0.5), (0.2, 0.2)), ((-9, -9),) * 4]
)
def test_corners_without_sense_do_no_harm(corners: tuple[tuple[float, float], ...]) -> None:
    result = clean(np.full((300, 200, 3), 200, np.uint8), corners=corners)
    assert result.colour.shape == (*result.page.shape, 3)


def test_a_red_stamp_is_no_writing_and_black_ink_below_it_is() -> None:
    natural = np.full((800, 600, 3), NATURAL, np.uint8)
    cv2.putText(natural, "Nguyen Van Nam", (60, 210), cv2.FONT_HERSHEY_DUPLEX, 1.6, (30, 30, 34), 3)
    bare = natural.copy()
    stamp = natural.copy()
    cv2.circle(stamp, (330, 200), 90, (205, 40, 50), 10)
    natural = cv2.addWeighted(natural, 0.5, stamp, 0.5, 0)
    page, below = (cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY) for seen in (natural, bare))

    cleared = without_stamps(page, natural)

    ring = (np.ptp(stamp.astype(int), axis=2) > 100) & (below > 200)
    assert page[ring].mean() < 200
    assert cleared[ring].min() > 200
    assert cleared[below < 60].max() < 170
    assert (
        cleared[np.ptp(natural.astype(int), axis=2) < 8] == page[np.ptp(natural.astype(int), axis=2) < 8]
    ).mean() > 0.97


def test_a_page_written_in_red_keeps_its_writing() -> None:
    natural = np.full((600, 600, 3), NATURAL, np.uint8)
    for y in range(40, 600, 45):
        cv2.putText(natural, "Nguyen Van Nam vang", (20, y), cv2.FONT_HERSHEY_DUPLEX, 1.4, (190, 40, 50), 3)
    page = cv2.cvtColor(natural, cv2.COLOR_RGB2GRAY)
    assert (without_stamps(page, natural) == page).all()


ODD = {
    "one pixel": np.zeros((1, 1, 3)),
    "a thread": np.full((1, 3000, 3), 200),
    "a strip": np.random.default_rng(1).integers(0, 255, (10, 5000, 3)),
    "black": np.zeros((300, 200, 3)),
    "white": np.full((300, 200, 3), 255),
    "noise": np.random.default_rng(2).integers(0, 255, (300, 200, 3)),
    "grey": np.repeat(np.random.default_rng(3).integers(0, 255, (200, 300, 1)), 3, 2),
}


@pytest.mark.parametrize("picture", ODD.values(), ids=ODD.keys())
def test_odd_pictures_are_cleaned_and_read_without_a_word(picture: np.ndarray) -> None:
    cleaned_page = clean(picture.astype(np.uint8))
    assert cleaned_page.page.shape == cleaned_page.colour.shape[:2]
    if why_not_reading() is None:
        assert read(cleaned_page.page).lines == ()
