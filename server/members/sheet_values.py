"""
Single values of a member row: text, card and telephone numbers, sex, status, posts; and safe text for
exports.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from server.members.legacy_text import to_unicode
from server.members.sheet_columns import words
from server.members.sheet_types import CellValue, Formula
from server.names import tidy

_COMPUTED = re.compile(r"^[\s\x00-\x1f]*[=+\-@＝＋－＠]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

STATUSES = {
    "official": "chinh thuc|dv chinh thuc|dang vien chinh thuc|dvct|ct|dang sinh hoat",
    "probationary": "du bi|dv du bi|dang vien du bi|dvdb|db",
    "exempt": (
        "mien|mien sh|mien sinh hoat|"
        "duoc mien|mien cong tac va sinh hoat|mien cong tac sinh hoat|mien sinh hoat dang"
    ),
    "away": "tam mien|tam mien sh|tam mien sinh hoat|di lam an xa|di lam xa|lam an xa",
    "left": (
        "da chuyen|chuyen di|da chuyen di|chuyen sinh hoat|da chuyen sinh hoat|chuyen sinh hoat di|"
        "xoa ten|da xoa ten|khai tru|ra khoi dang|xin ra khoi dang"
    ),
    "deceased": "tu tran|da tu tran|da mat|mat|qua doi|da qua doi|chet|da chet|hy sinh",
}
STATUS_OF = {word: status for status, listed in STATUSES.items() for word in listed.split("|")}

# 11-digit mobile prefixes changed in September 2018 (plan of the Ministry of Information and Communications).
_NEW_PREFIX = {"0186": "056", "0188": "058", "0199": "059"}
_NEW_PREFIX |= {f"016{i}": f"03{i}" for i in range(2, 10)}
_NEW_PREFIX |= {"0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078"}
_NEW_PREFIX |= {"0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082"}
_TODAY = re.compile(r"0[35789]\d{8}|02\d{9}")
_BEFORE_2018 = re.compile(r"01\d{9}")
_SEVERAL = re.compile(r"[/;,\n|]|\bhoặc\b|\bvà\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A value that was read: the value or None, the code to tell, how it was tidied."""

    value: str | None
    code: str | None = None
    fix: str | None = None
    more: str | None = None


def safe_cell(text: str) -> str:
    """Text for a cell of an export: what a sheet program would compute gets a leading apostrophe."""
    return f"'{text}" if _COMPUTED.match(text) or text[:1] in ("\t", "\r", "\n") else text


def looks_computed(value: CellValue) -> bool:
    """A formula, or text that a sheet program could take for one (`=`, `+`, `-`, `@` first)."""
    return isinstance(value, Formula) or (isinstance(value, str) and bool(_COMPUTED.match(value)))


def plain(value: CellValue, letters: int = 500) -> str:
    """A cell as one line of Unicode text, at most `letters` long; whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return f"{value:%d/%m/}{value.year}"
    text = unicodedata.normalize("NFC", to_unicode(str(value)[:letters])[0])
    return " ".join(_CONTROL.sub(" ", text).replace("\ufeff", "").replace("\u200b", "").split())


def note(value: CellValue, letters: int) -> Found:
    """Free text; a formula is left out. A leading dash is a bullet, not a sign."""
    text = re.sub(r"^[-+–•]\s+", "", plain(value, letters))
    if isinstance(value, Formula) or looks_computed(text):
        return Found(None, "formula_dropped") if text.strip("-+–") else Found(None)
    return Found(text or None)


def card(value: CellValue) -> Found:
    """
    Party card number: 12 digits, or 8 in the form before them.

    Numbers lost their leading zeros: 9 to 11 digits are padded to 12, 7 to 8 (38-HD/BTCTW 2025: 12 digits).
    """
    text = plain(value)
    digits = re.sub(r"[\s.\-]", "", text)
    if not digits.strip("0") and len(digits) < 2:
        return Found(None)
    if not (digits.isascii() and digits.isdigit()) or not 7 <= len(digits) <= 12:
        return Found(None, "card_unusable")
    spaced = "card_spaces" if digits != text else None
    if len(digits) in (8, 12):
        return Found(digits, "card_old_form" if len(digits) == 8 else None, spaced)
    if len(digits) == 7:
        return Found(digits.zfill(8), "card_zero_padded", spaced, more="card_old_form")
    return Found(digits.zfill(12), "card_zero_padded", spaced)


def phone(value: CellValue) -> Found:
    """A telephone number of today, digits only, from 0; the first if there are two."""
    text = plain(value)
    if not text or not text.strip("-–. "):
        return Found(None)
    if isinstance(value, Formula):
        return Found(None, "formula_dropped")
    numbers = [digits for part in _SEVERAL.split(text) for digits in _numbers(part)]
    usable = [(digits, today) for digits in numbers if (today := _today(digits))]
    if not usable:
        return Found(None, "phone_unusable")
    digits, today = usable[0]
    code = "phone_second_dropped" if len(usable) > 1 else "phone_old_prefix" if today != digits else None
    tidied = len(usable) == 1 and code is None and (text != today or not isinstance(value, str))
    both = "phone_old_prefix" if code == "phone_second_dropped" and today != digits else None
    return Found(today, code, "phone_shape" if tidied else None, more=both)


def _numbers(part: str) -> list[str]:
    digits = re.sub("[^0-9]", "", part)
    if (
        len(digits) == 20 and digits[0] == digits[10] == "0"
    ):  # two numbers with only a blank or dash between them
        return [digits[:10], digits[10:]]
    if re.fullmatch(r"84[1-9]\d{8,9}", digits):
        digits = "0" + digits[2:]
    elif re.fullmatch(r"[35789]\d{8}|1\d{9}|2\d{9}", digits):  # stored as a number: the zero is gone
        digits = "0" + digits
    return [digits] if digits else []


def _today(digits: str) -> str | None:
    if _TODAY.fullmatch(digits):
        return digits
    if _BEFORE_2018.fullmatch(digits) and digits[:4] in _NEW_PREFIX:
        return _NEW_PREFIX[digits[:4]] + digits[4:]
    return None


def sex(value: CellValue) -> str | None:
    """`Nam`, `Nữ`, or None."""
    return {"nam": "Nam", "nu": "Nữ", "m": "Nam", "f": "Nữ", "trai": "Nam", "gai": "Nữ"}.get(
        words(plain(value))
    )


def status(value: CellValue) -> str | None:
    """The status a word stands for, `away` for a temporary exemption; None if it is not known."""
    return STATUS_OF.get(words(plain(value)))


def seats(post: str | None) -> tuple[str, ...]:
    """Seats in the cell named by a post: `Chi ủy viên, Tổ trưởng tổ 1` -> (committee_member, group_leader)."""
    found = (_seat(words(part)) for part in re.split(r"[,;+/]| kiêm ", post or ""))
    return tuple(dict.fromkeys(seat for seat in found if seat))


def _seat(post: str) -> str | None:
    if re.search(r"\bdoan\b|doan thanh nien|chi doan", post):
        return None
    if re.fullmatch(r"(?:bi thu|bt)(?: chi bo| chi uy| cb)?", post):
        return "secretary"
    if re.fullmatch(r"(?:pho bi thu|pbt)(?: chi bo| chi uy| cb)?", post):
        return "deputy_secretary"
    if re.fullmatch(r"(?:chi uy vien|cuv|chi uy)(?: chi bo)?", post):
        return "committee_member"
    return "group_leader" if re.fullmatch(r"to truong(?: to)?(?: dang)?(?: so)?(?: \d+)?", post) else None


def name_fixes(raw: str, tidied: str) -> list[str]:
    """How a name was tidied: name_nfc, name_spaces, name_capitals."""
    composed = unicodedata.normalize("NFC", raw)
    spaced = " ".join(composed.split())
    made = {"name_nfc": composed != raw, "name_spaces": spaced != composed, "name_capitals": tidied != spaced}
    return [fix for fix, done in made.items() if done]


def whole_name(value: CellValue) -> tuple[str, bool]:
    """(tidied name, whether it came in an old encoding)."""
    text, converted = to_unicode(str(value or "")[:500])
    return tidy(_CONTROL.sub(" ", text)), converted
