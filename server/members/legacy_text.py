"""
Text typed with the fonts of before Unicode (TCVN3 `.VnTime`, VNI `VNI-Times`), found and turned into Unicode.

Such text is ordinary Latin-1 to a computer, so it is recognised by its spelling: it is converted only if what
comes out is better Vietnamese than what went in.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = (
    {"ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
    | {"â": _CIRCUMFLEX, "à": _CIRCUMFLEX + _GRAVE, "á": _CIRCUMFLEX + _ACUTE}
    | {"å": _CIRCUMFLEX + _HOOK, "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT}
    | {"ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE}
    | {"ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT}
)
_VNI_LETTERS = {"ö": "ư", "ô": "ơ", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_PAIR = re.compile(f"([aeouyôö])([{''.join(_VNI_MARKS)}])", re.IGNORECASE)

_LATIN1 = re.compile("[\u00a1-\u00ff]")
_WORD = re.compile(r"[^\s'’,.;:/()\d-]+")
_TELLING = 150  # letters of a text that are enough to tell
_VOWELS = "aăâeêioôơuưy"
_NOT_A_TONE = {_CIRCUMFLEX, _BREVE, "\u031b"}
_ONSET = "(?:b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?"
_RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo "
    "ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach "
    "oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op "
    "ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ up "
    "ut uy uya uych uyên uyêt uyt uynh uyu uôc uôi uôm uôn uông uôp uôt ư ưa ưc ưi ưm ưn ưng ươc ươi ươm "
    "ươn ương ươp ươt ươu ưt ưu y ych yên yêm yêt yêu ynh"
)
_SYLLABLE = re.compile(_ONSET + "(?:" + _RIMES.replace(" ", "|") + ")")
# Names of Jrai, Bahnar, Ede people: free clusters of consonants around one vowel (`Kpă`, `Rcom`, `Hyưh`,
# `Wên`).
_FREE_SYLLABLE = re.compile(
    "[bcdđghjklmnñpqrstvwxyz]{0,4}(?:[aăâeêioôơuưy]|iê|uô|ươ|yê)[bcdghjklmnprstwyiou]{0,3}"
)


@lru_cache(maxsize=4096)
def to_unicode(text: str) -> tuple[str, bool]:
    """(text in Unicode, whether it was in TCVN3 or VNI). Text that reads well as it is stays as it is."""
    if not _LATIN1.search(text):
        return text, False
    if misread := _from_misread_utf8(text):
        return misread, True
    if any(ord(c) > 0xFF and c.isalpha() for c in text):
        return text, False
    best, best_score = text, _score(text)
    for candidate in (_from_tcvn3(text), _from_vni(text)):
        score = _score(candidate)
        if score > best_score:
            best, best_score = candidate, score
    return best, best != text


def settler(texts: Sequence[str]) -> Callable[[str], str] | None:
    """
    For a sheet mostly in one old font: what converts the cells that `to_unicode` must leave, because alone
    they read well both ways (`Chi bé`: `Chi bộ`). None for a sheet in Unicode, or with a few old rows.
    """
    high = [text for text in texts if not text.isascii()]
    old = [text for text in high if to_unicode(text)[1]]
    if len(old) * 2 <= len(high):
        return None
    decode = max((_from_tcvn3, _from_vni), key=lambda way: sum(_score(way(text)) for text in old))

    def settle(text: str) -> str:
        if not _LATIN1.search(text) or to_unicode(text)[1]:
            return text
        return decode(text) if _score(decode(text)) > 0 else text

    return settle


def _from_misread_utf8(text: str) -> str:
    """
    `VÃµ HÃ¹ng` -> `Võ Hùng`: a UTF-8 file that was opened as Windows text and saved again; empty if it was
    not.
    """
    try:
        return b"".join(c.encode("latin-1") if c <= "\xff" else c.encode("cp1252") for c in text).decode()
    except UnicodeError:
        return ""


def _from_tcvn3(text: str) -> str:
    converted = "".join(_TCVN3.get(character, character) for character in text)
    # The capital fonts (.VnTimeH) show small letters as capitals: only the plain letters tell.
    plain = [character for character in text if character.isascii() and character.isalpha()]
    return converted.upper() if len(plain) > 1 and all(map(str.isupper, plain)) else converted


def _from_vni(text: str) -> str:
    def pair(match: re.Match[str]) -> str:
        base, mark = match.groups()
        return _vni_letter(base) + _VNI_MARKS[mark.lower()]

    paired = _VNI_PAIR.sub(pair, text)
    # Letters that were not part of a pair; composing last keeps the two kinds apart.
    return unicodedata.normalize("NFC", "".join(_vni_letter(character) for character in paired))


def _vni_letter(letter: str) -> str:
    found = _VNI_LETTERS.get(letter.lower(), letter)
    return found.upper() if letter.isupper() else found


def _score(text: str) -> int:
    """
    Two points a word that is a Vietnamese syllable, one that could be a name, minus what cannot be read at
    all.
    """
    total = 0
    for word in _WORD.findall(text[:_TELLING]):
        if len(word) > 1 and not word.isascii():
            total += _word_score(word)
    return total


@lru_cache(maxsize=8192)
def _word_score(word: str) -> int:
    lowered = unicodedata.normalize("NFC", word.lower().replace("ð", "đ"))
    toned = [i for i, letter in enumerate(lowered) if _bare(letter) != letter]
    bare = "".join(map(_bare, lowered))
    if len(toned) > 1 or (toned and not _tone_fits(bare, toned[0])):
        return -2
    if _SYLLABLE.fullmatch(bare):
        return 2
    return 1 if _FREE_SYLLABLE.fullmatch(bare) else -2


@lru_cache(maxsize=1024)
def _bare(letter: str) -> str:
    """A letter without its tone: `ế` -> `ê` (ñ is a letter of its own in Ede)."""
    if letter == "ñ":
        return letter
    decomposed = unicodedata.normalize("NFD", letter)
    kept = (c for c in decomposed if not unicodedata.combining(c) or c in _NOT_A_TONE)
    return unicodedata.normalize("NFC", "".join(kept))


def _tone_fits(bare: str, at: int) -> bool:
    """Is a tone on letter `at` where Vietnamese spelling puts it? (`Lèo`, not `Leò`; both `hoà` and `hòa`.)"""
    start = 2 if bare.startswith(("qu", "gi")) and len(bare) > 2 and bare[2] in _VOWELS else 0
    vowels = [i for i, letter in enumerate(bare) if letter in _VOWELS and i >= start]
    if at not in vowels:
        return False
    marked = [i for i in vowels if bare[i] in "ăâêôơư"]
    if marked:
        return at == marked[-1]
    if vowels[-1] != len(bare) - 1 or len(vowels) == 1:
        return at == vowels[-1]
    return at == vowels[-2] or bare[vowels[-2] :] in ("oa", "oe", "uy")
