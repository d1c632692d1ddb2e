"""An original as people may download it: the same pages, without where, when and with what they were taken.

Runs in a child process with limits. Pictures keep their bytes where their kind allows it; how a picture is turned is
the one thing of its Exif data that stays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import AppendingTiffWriter

from server.paper import segments
from server.paper.found import Unusable
from server.paper.heif_items import heic
from server.paper.identify import identify

_ORIENTATION, _EXIF_HEAD = 0x0112, b"Exif\0\0"
# Of a PDF and of everything in it: texts about it, and what programs leave in it for themselves.
_PDF_TEXTS = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")


def write(source: Path, kind: str, target: Path) -> None:
    """Write the bare copy of an original of a kind to ``target``. Raises Unusable("damaged")."""
    # No limit of ours: it was checked when the file came in, by the settings of that day.
    Image.MAX_IMAGE_PIXELS = None
    try:
        _WRITERS[kind](source, target)
        identify(target, pages=10**6, pixels=10**9)
    except (ValueError, IndexError, OSError, pikepdf.PdfError) as error:
        raise Unusable("damaged") from error


def _jpeg(source: Path, target: Path) -> None:
    target.write_bytes(segments.jpeg(source.read_bytes(), _turned(source, "JPEG")))


def _png(source: Path, target: Path) -> None:
    target.write_bytes(segments.png(source.read_bytes(), _turned(source, "PNG").removeprefix(_EXIF_HEAD)))


def _webp(source: Path, target: Path) -> None:
    target.write_bytes(segments.webp(source.read_bytes(), _turned(source, "WEBP").removeprefix(_EXIF_HEAD)))


def _heic(source: Path, target: Path) -> None:
    target.write_bytes(heic(source.read_bytes()))


def _turned(source: Path, form: str) -> bytes:
    """Exif data that says how a picture is turned and nothing else; empty where it stands upright."""
    with Image.open(source, formats=[form]) as image:
        turned = image.getexif().get(_ORIENTATION, 1)
    if turned not in range(2, 9):
        return b""
    kept = Image.Exif()
    kept[_ORIENTATION] = turned
    return kept.tobytes()


def _tiff(source: Path, target: Path) -> None:
    with Image.open(source, formats=["TIFF"]) as image, AppendingTiffWriter(str(target), new=True) as writer:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            page = ImageOps.exif_transpose(image.copy())
            dots = image.info.get("dpi")
            page.info.clear()
            page.save(
                writer, format="TIFF", compression="group4" if page.mode == "1" else "tiff_adobe_deflate",
                **({"dpi": dots} if dots else {}),
            )  # fmt: skip
            writer.newFrame()


def _pdf(source: Path, target: Path) -> None:
    with pikepdf.open(source) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for entry in pdf.objects:
            if isinstance(entry, pikepdf.Dictionary | pikepdf.Stream):
                _strip(entry)
        pdf.save(target, deterministic_id=True, encryption=False)


def _strip(entry: Any) -> None:
    for key in _PDF_TEXTS:
        if key in entry:
            del entry[key]
    filters: Any = entry.get("/Filter")
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    if isinstance(entry, pikepdf.Stream) and filters == pikepdf.Name.DCTDecode:
        # A photo put into a PDF as it is brings its Exif data along.
        entry.write(segments.jpeg(entry.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)


_WRITERS: dict[str, Callable[[Path, Path], None]] = {
    "jpeg": _jpeg, "png": _png, "webp": _webp, "heic": _heic, "tiff": _tiff, "pdf": _pdf,
}  # fmt: skip
