"""Numbers in minutes: in digits, with the letters that readers take for digits, or written in words."""

from __future__ import annotations

import re

_DIGITS = str.maketrans("oli|!", "01111")
_UNITS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5,
    "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_UNIT = "|".join(_UNITS)
SPOKEN = (
    rf"(?:(?:{_UNIT}) tram(?: (?:linh|le) (?:{_UNIT}))?(?: (?:{_UNIT}))?(?: muoi(?: (?:{_UNIT}))?)?"
    rf"|(?:{_UNIT}) muoi(?: (?:{_UNIT}))?|muoi(?: (?:{_UNIT}))?|(?:{_UNIT}))"
)
# A share in percent as it is printed; how far, in percentage points, one decimal may be from the share itself.
PERCENT = re.compile(r"(?<![\d.,])(?P<percent>\d{1,3}(?:[.,]\d{1,2})?)\s?%")
ROUNDED = 0.06
# A number with letters among its digits; at least one digit says that it is a number.
_MIXED = re.compile(r"(?=[oli|!]*\d)[\doli|!]+(?:[/:.,\-][\doli|!]+)*")


def digits(word: str) -> str:
    """A folded word, with letters that stand among digits made digits (``l2`` -> ``12``, ``3o/35`` -> ``30/35``)."""
    core = word.strip("()[]:;,.\"'-+")
    return word.replace(core, core.translate(_DIGITS)) if core and _MIXED.fullmatch(core) else word


def rounds_to(part: int, whole: int, percent: float) -> bool:
    """Whether a percentage, printed with one decimal or more, is that of ``part`` in ``whole``."""
    return whole > 0 and abs(part / whole * 100 - percent) < ROUNDED


def number(text: str) -> int | None:
    """The count that a folded text says: ``06``, ``o``, ``khong``, ``bon muoi hai``; None if it says none."""
    text = " ".join(text.split())
    if text.isdigit():
        return int(text)
    if text and set(text) <= set("ol|"):
        return int(text.translate(_DIGITS))
    return _spoken(text.split())


def _spoken(words: list[str]) -> int | None:
    total, last = 0, None
    for word in words:
        if word in {"tram", "muoi"}:
            size = 100 if word == "tram" else 10
            total += size if last is None else last * size
            last = None
        elif word in _UNITS and last is None:
            last = _UNITS[word]
        elif word not in {"linh", "le"}:
            return None
    return total + (last or 0) if words else None
