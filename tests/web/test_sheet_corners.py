"""The phone finds the sheet in each photograph of the fixtures, and says what is wrong with its light and its edges."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from pillow_heif import register_heif_opener

from tests.web.test_fold_parity import node

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "web" / "static" / "src" / "minutes"
PHOTOS = sorted((ROOT / "tests" / "fixtures" / "minutes").glob("*/*.[jH][pE]*"))
SIDE = 640  # px, as SEARCH_SIDE of the phone
NEAR = 0.02  # of the picture's width
# Where the sheets' corners are, from the upper left clockwise in shares of the upright picture: looked at by eye.
CORNERS = {
    "20261003_211502.jpg": [(0.109, 0.022), (0.957, 0.019), (0.964, 0.971), (0.052, 0.941)],
    "20261003_211517.jpg": [(0.032, 0.034), (0.891, 0.022), (0.966, 0.918), (0.071, 0.969)],
    "20261003_211531.jpg": [(0.145, 0.022), (0.962, 0.094), (0.936, 0.963), (0.029, 0.971)],
    "IMG_4127.HEIC": [(0.043, 0.074), (0.886, 0.044), (0.951, 0.979), (0.051, 0.971)],
    "IMG_4128.HEIC": [(0.132, 0.041), (0.964, 0.083), (0.944, 0.982), (0.036, 0.977)],
    "IMG_4129.HEIC": [(0.051, 0.029), (0.855, 0.048), (0.949, 0.889), (0.062, 0.976)],
    "IMG20260804201633.jpg": [(0.038, 0.027), (0.957, 0.032), (0.964, 0.917), (0.139, 0.979)],
    "IMG20260804201641.jpg": [(0.061, 0.001), (0.999, 0.001), (0.986, 0.999), (0.024, 0.974)],
    "IMG20260804201702.jpg": [(0.049, 0.032), (0.949, 0.097), (0.869, 0.977), (0.043, 0.979)],
    "IMG_20260603_211208.jpg": [(0.102, 0.039), (0.946, 0.039), (0.946, 0.979), (0.049, 0.939)],
    "IMG_20260603_211221.jpg": [(0.031, 0.096), (0.844, 0.031), (0.973, 0.966), (0.061, 0.974)],
}
PROGRAM = """
import { readFileSync } from "node:fs";
const { findSheet } = await import(process.argv[1]);
const { lightFaults } = await import(process.argv[2]);
const told = JSON.parse(readFileSync(0, "utf8")).map(({ path, width, height }) => {
  const small = { width, height, data: new Uint8ClampedArray(readFileSync(path)) };
  const corners = findSheet(small)?.corners ?? null;
  return { corners, faults: corners && lightFaults(small, corners) };
});
process.stdout.write(JSON.stringify(told));
"""

register_heif_opener()


def on_the_phone(pictures: list[Image.Image], folder: Path) -> list[dict[str, Any]]:
    """What the phone's code tells of each picture: corners (shares) or None, and faults of the light."""
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name in ("sheet_corners.js", "basin.js", "plane.js", "quality.js"):
        (folder / name).write_bytes((SOURCE / name).read_bytes())
    asked = []
    for number, picture in enumerate(pictures):
        small = picture.copy()
        small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
        path = folder / f"{number}.rgba"
        path.write_bytes(small.convert("RGBA").tobytes())
        asked.append({"path": str(path), "width": small.width, "height": small.height})
    modules = [(folder / name).as_uri() for name in ("sheet_corners.js", "quality.js")]
    command = [node(), "--input-type=module", "--eval", PROGRAM, *modules]
    done = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def test_the_sheet_is_found_in_every_photograph(tmp_path: Path) -> None:
    pictures = [ImageOps.exif_transpose(Image.open(photo)).convert("RGB") for photo in PHOTOS]
    assert [photo.name for photo in PHOTOS] == list(CORNERS)
    told = on_the_phone(pictures, tmp_path)
    for (name, corners), picture, one in zip(CORNERS.items(), pictures, told, strict=True):
        assert one["corners"] is not None, name
        off = (np.array(one["corners"]) - corners) * picture.size
        assert np.linalg.norm(off, axis=1).max() < NEAR * picture.width, name


@pytest.mark.parametrize(
    ("paper", "lamp", "at", "faults"),
    [
        (210, 0, 60, []),
        (48, 0, 60, ["dark"]),
        (200, 90, 60, ["glare"]),
        (210, 0, -20, ["cut"]),
    ],
)
def test_light_and_edges_are_warned_of(
    paper: int, lamp: int, at: int, faults: list[str], tmp_path: Path
) -> None:
    table = Image.new("RGB", (480, 640), (25, 20, 18))
    drawn = ImageDraw.Draw(table)
    drawn.polygon([(60, at), (420, at), (430, 590), (50, 590)], fill=(paper, paper, paper))
    drawn.ellipse([240 - lamp, 300 - lamp, 240 + lamp, 300 + lamp], fill=(255, 255, 255) if lamp else None)
    assert on_the_phone([table], tmp_path)[0]["faults"] == faults


def test_what_shows_no_sheet_has_no_corners(tmp_path: Path) -> None:
    dice = np.random.default_rng(7)
    noise = Image.fromarray(dice.integers(60, 90, (640, 480, 3), dtype=np.uint8))
    scan = Image.new("RGB", (480, 640), "white")
    assert [one["corners"] for one in on_the_phone([noise, scan], tmp_path)] == [None, None]
