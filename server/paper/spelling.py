"""What a Vietnamese syllable can look like, and the few slips of the reader that leave no doubt what was printed."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

ONSETS = {"", *re.findall(r"\w+", "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")}
# Rhymes without their tone; one that ends in c, ch, p or t is said with sắc or nặng only.
RHYMES = set(
    re.findall(
        r"\w+",
        """a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
        e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
        o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong
        op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi
        uôm uôn uông uôt up ut uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt
        ươu ưt ưu y yêm yên yêng yêt yêu ynh""",
    )
)
TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")
SHARP_OR_HEAVY = re.compile("[\u0301\u0323]")
FIGURES = re.compile(r"[\d.,/:%-]*\d[\d.,/:%-]*[a-z]?|[IVX]+|\w+(?:[-/]\w+)+")
EDGES = "“”\"'‘’.,;:!?()[]…-–"


def likely(word: str) -> bool:
    """Whether this can stand in Vietnamese minutes: a syllable, a figure, or letters joined by a hyphen or stroke."""
    core = word.strip(EDGES)
    return bool(core) and (bool(FIGURES.fullmatch(core)) or syllable(core))


@cache
def syllable(word: str) -> bool:
    """Whether letters make a syllable that can be said in Vietnamese, whatever its tone mark's place."""
    marked = unicodedata.normalize("NFD", word.lower())
    bare = unicodedata.normalize("NFC", marked.translate(TONES))
    stopped = bare.endswith(("c", "p", "t", "ch"))
    if stopped and not SHARP_OR_HEAVY.search(marked):
        return False
    return any(
        bare[:cut] in ONSETS and _rhyme(bare[:cut], bare[cut:]) for cut in range(min(3, len(bare)) + 1)
    )


def _rhyme(onset: str, rest: str) -> bool:
    return (
        rest in RHYMES or (onset == "gi" and f"i{rest}" in RHYMES) or (onset == "qu" and f"u{rest}" in RHYMES)
    )


# Before "đẳng" these make another word: cao đẳng, bình đẳng …
_NO_LEVEL = "".join(
    rf"(?<!{word} )"
    for word in ("cao", "bình", "trung", "sơ", "đồng", "siêu", "thượng", "hạ", "nhất", "đẳng")
)
# Fixed expressions of the trade that the reader takes for a like one that is not said: (wrong, right, what follows, and
# what may not stand before and after, since with it the wrong one can be said: "cao đẳng cộng đồng", "không chỉ bộ").
# Nothing is put right that somebody may have meant: "chỉ hội phụ nữ" is only the women.
EXPRESSIONS = tuple(
    (re.compile(rf"(?<!\w){before}{wrong}(?= (?:{follows})(?!\w)(?! (?:{spared})(?!\w)))"), right)
    for before, wrong, right, follows, spared in (
        (r"(?<!không )", "chỉ", "chi", "bộ", "phận|đội|trưởng|ba|môn|quần|sưu|luật"),
        (r"(?<!không )", "chỉ", "chi", "ủy|uỷ", "ban|quyền|nhiệm|thác"),
        (_NO_LEVEL, "đẳng", "đảng", "viên|ủy|uỷ|bộ|phí|cộng sản", "-"),
        ("", "văng", "vắng", "có lý do|có phép|không lý do|không phép|không có lý do|mặt", "kính|đường"),
        ("", "hăng", "hằng", "ngày|tuần|tháng|quý|năm", "-"),
        ("", "tống", "tổng", "kết|số", "tiền"),
    )
)
PLACES = {"xã", "làng", "thôn", "buôn", "huyện", "phường", "trấn", "sông", "suối", "ủy", "uỷ", "ubnd", "hđnd"}
COMRADE = re.compile(r"([(“\"]?)([đĐ])[íịìỉi|]c(\W*)")
HEADING = re.compile(r"([IVX]+\.)(\w{2,})")


def parts(word: str) -> list[str]:
    """A word as read, slips in its signs put right, and taken apart where two were read as one."""
    clean = unicodedata.normalize("NFC", word).replace("†", "t")
    clean = re.sub(r"^ä(?=$|[./,;])", "đ", clean)
    heading = HEADING.fullmatch(clean)
    if heading and heading[2].isupper():
        return [heading[1], heading[2]]
    return [_apostrophe(part) for part in _taken_apart(clean)]


def _taken_apart(word: str) -> list[str]:
    """No Vietnamese word has a capital after a small letter; ``Y`` before one is a man's name among Jrai, Bahnar and
    Ede. ``VNeID`` and ``YouTube`` are no syllables, and stay whole.
    """
    cuts = [
        place
        for place in range(1, len(word) - 1)
        if word[place].isupper()
        and (word[place - 1].islower() or (word[:place] == "Y" and word[place + 1].islower()))
    ]
    found = [word[start:end] for start, end in pairwise([0, *cuts, len(word)])]
    return (
        found
        if all(syllable(_apostrophe(part).removeprefix("H'").strip(EDGES)) for part in found)
        else [word]
    )


def _apostrophe(word: str) -> str:
    """``HLan`` is ``H'Lan``, a woman's name in the same languages: its apostrophe is too small for the reader."""
    hidden = len(word) > 2 and word[0] == "H" and word[1].isupper() and word[2].islower()
    return f"H'{word[1:]}" if hidden else word


def put_right(texts: list[str]) -> list[str]:
    """The words of a line (or of lines that run on), with fixed expressions put right; as many as were given."""
    around = zip(["", *texts], texts, [*texts[1:], ""], strict=False)
    line = " ".join(_comrade(before, _ia(before, text, after), after) for before, text, after in around)
    low = line.lower()
    if len(low) != len(line):  # a letter without a small form of its own length: places would not agree
        return texts
    for wrong, right in EXPRESSIONS:
        for found in wrong.finditer(low):
            start, end = found.span()
            if (line[start:end].islower() and line[end + 1].isupper()) or line[end + 1 : end + 3].istitle():
                continue  # "chỉ Bộ Công an": a ministry, and not a cell
            line = line[:start] + _as_written(line[start:end], right) + line[end:]
    return line.split(" ")


def _ia(before: str, text: str, following: str) -> str:
    """``Ia`` begins the names of many communes (water, in Jrai); its capital is read as the sign most like it. ``la``
    may be ``là`` before a person's name: it is a commune's where a word for places leads up to it, or the date follows.
    """
    placed = before.lower() in PLACES or (before.isupper() and following.endswith(","))
    return "Ia" if following.istitle() and (text in {"1a", "|a"} or (text == "la" and placed)) else text


def _comrade(before: str, text: str, following: str) -> str:
    """``đ/c`` (comrade) beside a number or before a name; its stroke is read as an i with whatever accent."""
    found = COMRADE.fullmatch(text)
    beside = before.strip(EDGES).isdigit() or following.strip(EDGES).istitle()
    return f"{found[1]}{found[2]}/c{found[3]}" if found and beside else text


def _as_written(model: str, word: str) -> str:
    if model.isupper():
        return word.upper()
    return word.capitalize() if model[0].isupper() else word
