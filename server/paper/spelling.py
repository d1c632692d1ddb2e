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


# Fixed expressions of the trade that the reader takes for a like one that is not said: (wrong, right, what may not
# follow, since with it the wrong one can be said).
EXPRESSIONS = tuple(
    (re.compile(rf"(?<!\w){wrong}(?= (?:{follows})(?!\w)(?! (?:{spared})(?!\w)))"), right)
    for wrong, right, follows, spared in (
        ("chỉ", "chi", "bộ", "phận|đội|trưởng|ba|môn"),
        ("chỉ", "chi", "ủy|uỷ", "ban|quyền|nhiệm|thác"),
        ("chỉ", "chi", "hội", "viên|nghị|họp|đồng|ý"),
        ("chỉ", "chi", "đoàn", "kết|viên|thể"),
        ("đẳng", "đảng", "viên|ủy|uỷ|bộ|phí|cộng", "-"),
        ("văng", "vắng", "có|không|mặt", "-"),
        ("hăng", "hằng", "ngày|tuần|tháng|quý|năm", "-"),
        ("tống", "tổng", "kết|số", "-"),
    )
)
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
    """No word has a capital after a small letter; ``Y`` before one is a man's name among Jrai, Bahnar and Ede."""
    cuts = [
        place
        for place in range(1, len(word) - 1)
        if word[place].isupper()
        and (word[place - 1].islower() or (word[:place] == "Y" and word[place + 1].islower()))
    ]
    return [word[start:end] for start, end in pairwise([0, *cuts, len(word)])]


def _apostrophe(word: str) -> str:
    """``HLan`` is ``H'Lan``, a woman's name in the same languages: its apostrophe is too small for the reader."""
    hidden = len(word) > 2 and word[0] == "H" and word[1].isupper() and word[2].islower()
    return f"H'{word[1:]}" if hidden else word


def put_right(texts: list[str]) -> list[str]:
    """The words of a line (or of lines that run on), with fixed expressions put right; as many as were given."""
    line = " ".join(_ia(text, following) for text, following in pairwise([*texts, ""]))
    low = line.lower()
    if len(low) != len(line):  # a letter without a small form of its own length: places would not agree
        return texts
    for wrong, right in EXPRESSIONS:
        for found in wrong.finditer(low):
            start, end = found.span()
            line = line[:start] + _as_written(line[start:end], right) + line[end:]
    return line.split(" ")


def _ia(text: str, following: str) -> str:
    """``Ia`` begins the names of many communes (water, in Jrai); its capital is read as the sign most like it."""
    return "Ia" if text in {"1a", "la", "|a"} and following.istitle() else text


def _as_written(model: str, word: str) -> str:
    if model.isupper():
        return word.upper()
    return word.capitalize() if model[0].isupper() else word
