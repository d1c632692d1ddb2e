"""Faults are told where they are and nowhere else; a page is known again, and no other is taken for it."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest

from server.paper.cleaning import clean
from server.paper.look import ALIKE_BITS, alike, look, unlike
from server.paper.quality import SHARP_ENOUGH, sharpness
from tests.paper.photos import PAGES, TWO_SHOTS, UNREADABLE, cleaned, drawn_page

READABLE = sorted(PAGES.keys() - {UNREADABLE})


def test_the_blurred_photograph_is_said_to_be_blurred() -> None:
    assert cleaned(UNREADABLE).faults == ("blurred",)


@pytest.mark.parametrize("stem", READABLE)
def test_readable_photographs_have_no_fault(stem: str) -> None:
    assert cleaned(stem).faults == ()


def test_sharpness_does_not_depend_on_how_much_is_written() -> None:
    full, short = (cv2.cvtColor(drawn_page(lines), cv2.COLOR_RGB2GRAY) for lines in (40, 2))
    for page in (full, short):
        assert sharpness(cv2.GaussianBlur(page, (0, 0), 1)) > SHARP_ENOUGH + 0.1
        assert sharpness(cv2.GaussianBlur(page, (0, 0), 6)) < SHARP_ENOUGH - 0.05


def test_a_bare_page_is_not_blurred() -> None:
    grain = np.random.default_rng(1).normal(238, 3, (2339, 1654, 3))
    assert clean(np.clip(grain, 0, 255).astype(np.uint8)).faults == ()


def test_darkness_is_told() -> None:
    assert clean((drawn_page() * 0.15).astype(np.uint8)).faults == ("dark",)


def test_a_reflected_lamp_is_told_and_white_paper_of_a_scan_is_not() -> None:
    page = drawn_page()
    y, x = np.mgrid[0:2339, 0:1654]
    lamp = 400 * np.exp(-((x - 800) ** 2 + (y - 900) ** 2) / (2 * 200**2))
    assert clean(np.clip(page * 0.9 + lamp[..., None], 0, 255).astype(np.uint8)).faults == ("glare",)
    assert clean(np.clip(page.astype(np.int16) + 40, 0, 255).astype(np.uint8)).faults == ()


@pytest.mark.parametrize("cut", [np.s_[:, 420:], np.s_[:, :1100]])
def test_writing_that_runs_out_of_the_picture_is_told(cut: tuple[slice, slice]) -> None:
    assert clean(np.ascontiguousarray(drawn_page()[cut])).faults == ("cut_edge",)


def test_two_shots_of_one_page_are_alike_and_no_other_pages_are() -> None:
    looks = {stem: look(cleaned(stem).page) for stem in READABLE}
    for one, other in combinations(READABLE, 2):
        same = PAGES[one] == PAGES[other]
        assert same == ({one, other} == set(TWO_SHOTS))
        assert alike(looks[one], looks[other]) == same, (one, other)
        far = unlike(looks[one], looks[other])
        assert far <= ALIKE_BITS * 0.6 if same else far >= ALIKE_BITS * 1.3, (one, other, far)


def test_pages_without_writing_are_not_taken_for_each_other() -> None:
    bare = np.full((2339, 1654), 248, np.uint8)
    assert not alike(look(bare), look(bare))


def test_table_that_came_along_at_the_edge_is_no_writing() -> None:
    page = cleaned("IMG_4127").page
    with_table = page.copy()
    with_table[-70:, 200:1100] = 90
    assert alike(look(page), look(with_table))


@pytest.mark.parametrize("stem", READABLE)
def test_a_look_survives_a_second_shot_of_the_same_page(stem: str) -> None:
    page = cleaned(stem).page
    height, width = page.shape
    moved = cv2.warpAffine(
        page, np.array([[0.99, 0.004, 9], [-0.004, 0.985, 14]]), (width, height), borderValue=248
    )
    assert alike(look(page), look(moved))
