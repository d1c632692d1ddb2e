"""Names of people in running text: where they end, and which member of the cell a misread one means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise, zip_longest

from server.names import fold, split, tidy

from .flow import Flow, Place
from .phrases import distance

LONGEST = 6  # words of a name
MOST_BEFORE = 8  # words that lead up to a name: "Chủ trì: đồng chí Đại úy …"
_ENDS = ",.;:()[]/|"
_ROMAN = re.compile(r"[IVX]+[.)]?")  # the number of the next heading
_PREFIX = re.compile(r"\bH['’ʼ ]?(\w\w)")
_STRANGE = re.compile(r"[^\w'’ʼ\-]|[\d_]|^-|-$")
# What stands before a name, and what a sentence goes on with after it; folded.
_BEFORE = {
    "",
    "dong",
    "chi",
    "d/c",
    "a/c",
    "dc",
    "dic",
    "dlc",
    "ong",
    "ba",
    "anh",
    "co",
    "la",
    "gom",
    "=",
    "do",
    "va",
}
_RANKS = {  # of the police, the army, and of the learned; capitalised, as names are
    *((size, rank) for size in ("thieu", "trung", "thuong", "dai") for rank in ("ta", "uy", "tuong")),
    ("thac", "si"), ("thac", "sy"), ("tien", "si"), ("tien", "sy"), ("bac", "si"), ("bac", "sy"), ("ky", "su"),
}  # fmt: skip
_TITLES = {
    ("bi", "thu"), ("pho", "bi"), ("chi", "uy"), ("dang", "uy"), ("dang", "vien"), ("truong", "thon"),
    ("truong", "lang"), ("truong", "khu"), ("to", "truong"), ("thu", "ky"), ("chu", "tri"), ("uy", "vien"),
}  # fmt: skip
# Verbs that a task begins with, where a table's name runs into it.
_TASKS = {
    "lap", "cung", "huong", "ra", "goi", "kem", "dich", "lien", "tong", "xep", "kiem", "theo", "hoan", "giu", "gap",
    "phoi", "chuan", "xay", "nop", "bao", "viet", "don", "phu", "lam", "trien", "thuc", "giup", "soan", "nhac",
}  # fmt: skip


def capital(word: str) -> bool:
    """Whether a word begins as a name does; a reader's quote or bar before it does not count."""
    first = word.lstrip("(\"'“|[¬")[:1]
    return first.isalpha() and first.isupper()


def name_at(flow: Flow, start: int, past: int | None = None) -> range:
    """The words of the name that begins at word ``start``, after words like ``đồng chí`` or ``:``; may be none."""
    end = len(flow.places) if past is None else past
    for _ in range(MOST_BEFORE):
        pair = flow.places[start : start + 2]
        if tuple(fold(place.word.text).strip(_ENDS) for place in pair) in _RANKS:
            start += 2
        elif pair and start < end and _before(pair):
            start += 1
        else:
            break
    return range(start, start + name_length(flow.places[start:end]))


def _before(places: Sequence[Place]) -> bool:
    """Whether the first of two words leads up to a name: ``Ông`` before a name does, ``Ông Thái Bảo`` is one."""
    word = fold(places[0].word.text).strip("(:,+-.")
    if not capital(places[0].word.text) or "/" in word:
        return word in _BEFORE
    return word in {"dong", "dc"} and len(places) > 1 and fold(places[1].word.text).startswith("chi")


def titled(places: Sequence[Place]) -> bool:
    """Whether two words are an office of the cell or the village: ``Bí thư``."""
    return tuple(fold(place.word.text).strip(_ENDS) for place in places) in _TITLES


def name_length(places: Sequence[Place]) -> int:
    """How many of these words are a name: capitalised, up to a sign or a title."""
    count = 0
    for place, after in zip_longest(places, places[1:]):
        word = place.word.text
        following = fold(after.word.text).strip(_ENDS) if after else ""
        if not capital(word) or count == LONGEST or (fold(word), following) in _TITLES:
            break
        if count and (_ROMAN.fullmatch(word) or word.startswith(("(", "["))):
            break
        new_line = count >= 2 and place.line != places[count - 1].line
        ended = word[-1:] in _ENDS
        if new_line and not ended and after and after.word.text[:1].islower() and after.line == place.line:
            break  # "Lý Văn Páo", and on the next line "Người ghi biên bản"
        count += 1
        if word.rstrip()[-1:] in _ENDS:
            break
    return count


def name_before_task(places: Sequence[Place]) -> int:
    """How many of these words are a name with a task behind it, which begins with a capital: ``Y Nhưn Cùng già``."""
    count = name_length(places)
    if count < 3 or count == len(places) or places[count - 1].word.text[-1:] in _ENDS:
        return count
    verbs = [at for at in range(max(count - 3, 2), count) if fold(places[at].word.text) in _TASKS]
    return verbs[-1] if verbs else count - 1


def clean(words: Sequence[Place]) -> str:
    """A name as it should be written, from its words: no signs that no name has, no capital within a word but behind
    the ``H'`` of Jrai and Ede women, whose apostrophe is easily lost.
    """
    name = tidy(" ".join(filter(None, (_STRANGE.sub("", place.word.text) for place in words))))
    parted = "".join(f" {b}" if a.islower() and b.isupper() else b for a, b in pairwise(f" {name}"))
    return _PREFIX.sub(lambda found: f"H'{found[1]}" if found[1].istitle() else found[0], parted.strip())


def known(name: str, people: Sequence[str]) -> str | None:
    """The one person who can be meant by a name as it was read; None if nobody or more than one fits."""
    by_steps: dict[int, set[str]] = {}
    read, printed = _letters(name), tidy(name)
    most = max(1, len(read) // 7)
    if " " not in name:  # people of one cell call each other by the given name
        called = [person for person in people if fold(split(person)[1]) == fold(name)]
        return called[0] if len(called) == 1 else None
    for person in people:
        if tidy(person) == printed:
            return person
        by_steps.setdefault(distance(_letters(person), read, most), set()).add(person)
    nearest = by_steps.get(min(by_steps, default=0), set())
    return nearest.pop() if len(nearest) == 1 and min(by_steps) <= most else None


@lru_cache(maxsize=4096)
def _letters(name: str) -> str:
    return fold(name).replace(" ", "")


def told(places: Sequence[Place], people: Sequence[str], sure: int) -> tuple[str, int]:
    """(name, how sure) of a person named in these words: surer for a member of the cell, less for a single word."""
    name = clean(places)
    if member := known(name, people):
        return member, min(sure + 5, 99)
    return name, sure if " " in name else sure - 25


def spoken_of(flow: Flow) -> tuple[str, ...]:
    """Names that the text has after ``đồng chí``, as they were read."""
    found = (name_at(flow, flow.at(match.start())) for match in re.finditer(r"\bdong chi\b", flow.text))
    return tuple(clean(flow.places[words.start : words.stop]) for words in found if len(words) > 1)


def spelled(name: str, spoken: Iterable[str]) -> str:
    """A name as the same paper has it elsewhere, where this reading lost a blank or an apostrophe of it."""
    same = [other for other in spoken if _letters(other) == _letters(name)]
    return max((name, *same), key=lambda other: ("'" in other, len(other.split())))
