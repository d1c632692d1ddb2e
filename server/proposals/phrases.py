"""The words that values stand beside, found in spite of misread letters, broken and joined words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

# Folded. Each has at least two words, or too many words of the language are as near.
PHRASES = (
    "vang khong co ly do", "vang khong ly do", "vang co ly do", "deu co ly do", "khong co ly do", "khong ly do",
    "co ly do", "tong so dang vien", "tong so", "phai co mat", "phai du hop", "phai trieu tap", "trieu tap", "co mat",
    "vang mat", "dang vien", "dong chi", "chinh thuc", "du bi", "mien cong tac", "mien sinh hoat", "sinh hoat",
    "chu tri", "chu toa", "thu ky", "nguoi ghi bien ban", "bien ban", "khong tan thanh", "tan thanh", "khong dong y",
    "dong y", "nhat tri", "khong bieu quyet", "bieu quyet", "khong co y kien", "y kien khac", "nghi quyet", "thong qua",
    "thuong ky", "dinh ky", "chuyen de", "ket thuc", "be mac", "cung ngay", "phan cong", "ho va ten", "noi dung",
    "cong viec", "thoi han", "thoi gian", "thuong xuyen", "hoan thanh",
)  # fmt: skip
# Letters that a reader takes for one another once accents are gone.
_LOOKS = str.maketrans("l1jt!|0ceqv59", "iiiiiioooousg")
_WHOLE = {phrase.replace(" ", "") for phrase in PHRASES}
_OTHERS = {"mot", "cho", "chu"}  # words that mean themselves: "phải có một" is not "phải có mặt"
_EDGE = re.compile(r"^([^\w]*)(.*?)([^\w]*)$", re.DOTALL)


def repaired(words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first, past, phrase) for the folded words that are one of the phrases, or are nearly one; in order, apart."""
    parts = [_EDGE.match(word) for word in words]
    edges = [
        (part[1], part[2], part[3]) if part else ("", word, "")
        for part, word in zip(parts, words, strict=True)
    ]
    taken = [False] * len(words)
    found = []
    for phrase in sorted(PHRASES, key=lambda phrase: -len(phrase)):
        for _, first, past in sorted(_near(phrase.split(), edges)):
            if not any(taken[first:past]):
                taken[first:past] = [True] * (past - first)
                found.append((first, past, edges[first][0] + phrase + edges[past - 1][2]))
    return iter(sorted(found))


def _near(phrase: list[str], edges: Sequence[tuple[str, str, str]]) -> Iterator[tuple[int, int, int]]:
    """(edits, first, past) of every stretch of words that may be the phrase."""
    whole = "".join(phrase)
    for at, (_, core, _) in enumerate(edges):
        for index, word in enumerate(phrase):
            if core != word and not (len(word) > 2 and _looks(core) == _looks(word)):
                continue
            for first in {at - index, at - index + 1, at - index - 1}:
                for past in range(first + len(phrase) - 1, first + len(phrase) + 2):
                    if 0 <= first <= at < past <= len(edges):
                        steps = _steps(whole, edges[first:past])
                        if steps <= slack(len(whole)):
                            yield steps, first, past


def _steps(whole: str, edges: Sequence[tuple[str, str, str]]) -> int:
    """The edits between a phrase and the words read for it; too many where signs stand among them."""
    inner = "".join(edge[2] for edge in edges[:-1]) + "".join(edge[0] for edge in edges[1:])
    read = "".join(core for _, core, _ in edges)
    if set(inner) & set(".,;:()-+\n") or any(core in _OTHERS or core.isdigit() for _, core, _ in edges):
        return len(whole)
    if read != whole and read in _WHOLE:
        return len(whole)  # it is another of the phrases
    return 0 if read == whole else distance(_looks(read), _looks(whole), slack(len(whole)))


@lru_cache(maxsize=4096)
def _looks(word: str) -> str:
    return word.translate(_LOOKS)


def slack(letters: int) -> int:
    """How many letters of a phrase of so many may be misread: 0 below 7, then one in about six."""
    return 0 if letters < 7 else letters // 6


def distance(one: str, two: str, most: int) -> int:
    """The number of edits between two texts; ``most + 1`` where it is more than ``most``."""
    if abs(len(one) - len(two)) > most:
        return most + 1
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
        if min(row) > most:
            return most + 1
    return row[-1]
