"""Whether the picture on the screen is the QR code of a link: the painted squares, compared one by one."""

from __future__ import annotations

import base64

import segno
from playwright.sync_api import Page

# The middle of each square of a screenshot: dark or light.
_READ = """async ([picture, squares]) => {
  const image = new Image();
  image.src = picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const paint = canvas.getContext("2d");
  paint.drawImage(image, 0, 0);
  const middle = n => (n + .5) * image.width / squares;
  const dark = (x, y) => paint.getImageData(middle(x), middle(y), 1, 1).data[0] < 128;
  const line = y => Array.from({length: squares}, (_, x) => dark(x, y) ? "1" : "0").join("");
  return Array.from({length: squares}, (_, y) => line(y));
}"""
QUIET = 2


def shows(page: Page, link: str) -> bool:
    """Whether the page's QR code, as it is painted, leads to ``link``."""
    wanted = [
        "".join(str(int(dark)) for dark in row)
        for row in segno.make(link, error="m").matrix_iter(border=QUIET)
    ]
    picture = page.locator(".qr svg").screenshot()
    painted = page.evaluate(
        _READ, ["data:image/png;base64," + base64.b64encode(picture).decode(), len(wanted)]
    )
    return bool(painted == wanted)
