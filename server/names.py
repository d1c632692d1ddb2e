"""Names of people the Vietnamese way: split, tidied, sorted, and folded for search. Pure; standard library only."""

import re
import unicodedata

# Letters that are letters of their own in the Vietnamese alphabet (not a letter with an accent).
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# The sort key has to be plain ASCII in ascending byte order, because the database sorts by bytes (collation
# C).
_WEIGHTS = dict(zip(_ALPHABET, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg", strict=True))
_LETTER_MARKS = {
    ("a", "\u0306"),
    ("a", "\u0302"),
    ("e", "\u0302"),
    ("o", "\u0302"),
    ("o", "\u031b"),
    ("u", "\u031b"),
}
# Tone order of Vietnamese dictionaries: ngang (no mark), huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_OTHER_MARK = "6"  # ĕ, č, ŏ … of Jrai, Bahnar and Ede: after the plain letter, never before it

# Letters with a bar do not fall apart under NFD. Đ of Vietnamese keeps its own place; Ð (Icelandic eth) is
# typed for it.
_BARRED = str.maketrans({"ð": "đ", "ƀ": "b\u0335"})
_APOSTROPHES = re.compile("['’‘ʼʹ`´]")
_LETTERS = re.compile(
    r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*"
)  # up to an apostrophe or hyphen: H'Lan, not H'lan
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def split(name: str) -> tuple[str, str]:
    """(family and middle names, given name): `Rơ Châm H'Bia` -> (`Rơ Châm`, `H'Bia`); one word is a given name."""
    words = tidy(name).split(" ")
    return " ".join(words[:-1]), words[-1]


def tidy(name: str) -> str:
    """NFC, single blanks, nothing invisible; capitals only where the whole name is in capitals or has none."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", name)).replace("Ð", "Đ").replace("ð", "đ")
    text = " ".join(text.split())
    if text.isupper() or text.islower():
        text = _LETTERS.sub(lambda word: word[0].capitalize(), text)
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Text for searching: lower case, no accents, đ as d, no apostrophes, single blanks (`H'Bia` -> `hbia`)."""
    plain = unicodedata.normalize("NFD", _INVISIBLE.sub("", text).casefold().translate(_BARRED))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).replace("đ", "d")
    return " ".join(_APOSTROPHES.sub("", letters).split())


def sort_key(name: str) -> str:
    """
    ASCII key whose byte order is the Vietnamese order of people: given name, middle names, family name.

    Each word is compared by its letters (a ă â … y), then by its tones; NFC and NFD, capitals, blanks,
    apostrophes and the two ways of placing a tone (hoà, hòa) make no difference. A two-word family name
    counts as family, middle.
    """
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", name)).casefold()
    words = [key for key in map(_word_key, re.split(r"[\s\-–]+", text)) if key]
    if not words:
        return ""
    # Blank, exclamation mark and comma are below every weight: the shorter word, and the shorter part, comes
    # first.
    return " ".join((words[-1], ",".join(words[1:-1]), ",".join(words[:-1][:1])))


def title_key(title: str) -> str:
    """ASCII key whose byte order is the Vietnamese order of places and things: word by word from the first, numbers by
    their size.
    """
    words = re.split(r"[\s\-–]+", unicodedata.normalize("NFC", _INVISIBLE.sub("", title)).casefold())
    # A comma between words is above a blank: what follows a blank begins another part of a key.
    return ",".join(word.zfill(6) if word.isdecimal() else _word_key(word) for word in words if word)


def _word_key(word: str) -> str:
    letters: list[str] = []
    tones: list[str] = []
    for base, marks in _clusters(_APOSTROPHES.sub("", word)):
        own = next((m for m in marks if (base, m) in _LETTER_MARKS), "")
        letters.append(_weight(unicodedata.normalize("NFC", base + own)))
        tones += [_TONES.get(mark, _OTHER_MARK) for mark in marks if mark != own]
    return "".join(letters) + "!" + ("".join(sorted(tones)) or "0") if letters else ""


def _clusters(word: str) -> list[tuple[str, list[str]]]:
    """[(letter, its marks)] of a word, whatever its normal form; punctuation is left out."""
    found: list[tuple[str, list[str]]] = []
    for character in unicodedata.normalize("NFD", word.translate(_BARRED)):
        if unicodedata.combining(character):
            if found:
                found[-1][1].append(character)
        elif character.isalnum():
            found.append((character, []))
    return found


def _weight(letter: str) -> str:
    if letter in _WEIGHTS:
        return _WEIGHTS[letter]
    return letter if "0" <= letter <= "9" else f"z{ord(letter):06x}"
