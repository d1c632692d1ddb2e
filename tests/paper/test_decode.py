"""Pixels of any kind of file: upright, on white, and no more of them than are of use."""

from __future__ import annotations

import io
from pathlib import Path

import img2pdf
import numpy as np
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from server.paper.decode import LONGEST_SIDE, picture
from server.paper.found import Unusable

FIXTURES = Path(__file__).parents[1] / "fixtures"
ORIENTATION = 274


def marked(size: tuple[int, int] = (60, 90)) -> Image.Image:
    """White, with a red upper left corner."""
    image = Image.new("RGB", size, "white")
    image.paste((255, 0, 0), (0, 0, size[0] // 3, size[1] // 3))
    return image


def corner(pixels: np.ndarray) -> str:
    """Where the red is."""
    high, wide = pixels.shape[0] // 4, pixels.shape[1] // 4
    corners = {"upper left": pixels[:high, :wide], "upper right": pixels[:high, -wide:],
               "lower left": pixels[-high:, :wide], "lower right": pixels[-high:, -wide:]}  # fmt: skip
    return min(corners, key=lambda name: corners[name][..., 1].mean())


@pytest.mark.parametrize(
    ("tag", "where", "lying"),
    [(1, "upper left", False), (3, "lower right", False), (6, "upper right", True), (8, "lower left", True)],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_orientation_of_the_camera_is_followed(
    tmp_path: Path, form: str, tag: int, where: str, lying: bool
) -> None:
    image, exif = marked(), Image.Exif()
    exif[ORIENTATION] = tag
    image.save(tmp_path / "x", form, exif=exif.tobytes() if form != "TIFF" else exif)

    page = picture(tmp_path / "x", form.lower(), 0)

    assert page.shape == ((60, 90, 3) if lying else (90, 60, 3))
    assert corner(page) == where


def test_heic_is_turned_once(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    pillow_heif.from_pillow(marked((640, 960))).save(tmp_path / "x.heic", exif=exif.tobytes())

    assert corner(picture(tmp_path / "x.heic", "heic", 0)) == "upper right"


@pytest.mark.parametrize(
    ("turned", "where"), [(90, "upper right"), (180, "lower right"), (270, "lower left")]
)
def test_a_person_turns_it_clockwise_from_there(tmp_path: Path, turned: int, where: str) -> None:
    marked().save(tmp_path / "x", "PNG")
    assert corner(picture(tmp_path / "x", "png", 0, turned=turned)) == where


def test_each_page_of_a_tiff_and_of_a_pdf(tmp_path: Path) -> None:
    shades = [Image.new("L", (620, 877), shade) for shade in (40, 120, 200)]
    shades[0].save(tmp_path / "x.tiff", save_all=True, append_images=shades[1:])
    pages = []
    for shade in shades:
        file = io.BytesIO()
        shade.save(file, "PNG")
        pages.append(file.getvalue())
    layout = img2pdf.get_layout_fun((img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297)))
    (tmp_path / "x.pdf").write_bytes(img2pdf.convert(pages, layout_fun=layout))

    for kind in ("tiff", "pdf"):
        found = [round(float(picture(tmp_path / f"x.{kind}", kind, n).mean()), -1) for n in range(3)]
        assert found == [40, 120, 200]


def test_a_scanned_page_keeps_its_own_resolution_within_reason(tmp_path: Path) -> None:
    layout = img2pdf.get_layout_fun((img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297)))
    heights = []
    for dpi in (72, 200, 600):
        file = io.BytesIO()
        Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255).save(file, "PNG")
        (tmp_path / "x.pdf").write_bytes(img2pdf.convert(file.getvalue(), layout_fun=layout))
        heights.append(picture(tmp_path / "x.pdf", "pdf", 0).shape[0] / 11.69)
    assert [round(height, -1) for height in heights] == [150, 200, 300]


def test_a_pdf_page_as_large_as_a_house_is_drawn_small(tmp_path: Path) -> None:
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(14_400, 7_200)
    pdf.save(tmp_path / "x.pdf")
    assert max(picture(tmp_path / "x.pdf", "pdf", 0).shape) <= LONGEST_SIDE + 1


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_more_pixels_than_are_of_use_are_left_out(tmp_path: Path, form: str) -> None:
    marked((9000, 2000)).save(tmp_path / "x", form)
    page = picture(tmp_path / "x", form.lower(), 0)
    assert max(page.shape) <= LONGEST_SIDE
    assert corner(page) == "upper left"


def test_what_is_seen_through_is_white_and_other_depths_are_grey(tmp_path: Path) -> None:
    Image.new("RGBA", (30, 40), (0, 0, 0, 0)).save(tmp_path / "clear", "PNG")
    assert picture(tmp_path / "clear", "png", 0).min() == 255
    Image.fromarray(np.full((40, 30), 65535, np.uint16)).save(tmp_path / "deep", "PNG")
    assert picture(tmp_path / "deep", "png", 0).min() == 255
    Image.new("CMYK", (30, 40), (0, 0, 0, 0)).save(tmp_path / "ink", "JPEG")
    assert picture(tmp_path / "ink", "jpeg", 0).min() >= 250
    Image.new("1", (30, 40), 1).save(tmp_path / "bits", "TIFF", compression="group4")
    assert picture(tmp_path / "bits", "tiff", 0).min() == 255


def test_a_large_picture_of_sixteen_bits_keeps_its_greys(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 5000).astype(np.uint16)
    Image.fromarray(np.tile(ramp, (50, 1))).save(tmp_path / "deep", "PNG")
    page = picture(tmp_path / "deep", "png", 0)
    assert page.shape[1] <= LONGEST_SIDE
    assert abs(float(page.mean()) - 127) < 3


def test_a_file_that_ends_too_early_is_damaged() -> None:
    with pytest.raises(Unusable) as unusable:
        picture(FIXTURES / "hostile" / "truncated.jpg", "jpeg", 0)
    assert unusable.value.code == "damaged"
