"""From what somebody typed to the rungs of a search, the best first: each the text of a tsquery. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from server.minutes.folding import Word, pair, words_of

LONGEST_QUERY, MOST_WORDS = 200, 12
# From so many words on, all but one make a phrase of their own: that one may be read as anything.
MANY = 5
# A single word or a beginning shorter than this is near to too much.
LEAST_BEGINNING, LEAST_NEAR = 3, 5
_LETTERS = "abcdefghijklmnopqrstuvwxyz01"
# What specks and strokes of neighbours become; a letter may also be written twice.
_STRAY = "ilrntc1"
# What a reader of print takes for one letter and is two, or the other way about.
_DOUBLES = (
    ("rn", "m"),
    ("cl", "d"),
    ("ri", "n"),
    ("li", "h"),
    ("ii", "u"),
    ("vv", "w"),
    ("in", "m"),
    ("ci", "a"),
)

EXACT, FOLDED, BEGUN, NEAR, SCATTERED = range(1, 6)


def typed_words(typed: str) -> list[Word]:
    """The words of a question, as many as are looked for."""
    return words_of(typed[:LONGEST_QUERY])[:MOST_WORDS]


@lru_cache(maxsize=100)
def rungs(typed: str) -> dict[int, str]:
    """{EXACT …: tsquery} with what is worth asking, best first; empty where nothing was asked.

    EXACT: the words one after the other with the accents as typed, if any were typed; FOLDED: without accents; BEGUN:
    the last word only begun; NEAR: one word of the phrase misread by a letter, or a blank lost or put in; SCATTERED:
    all words somewhere on the page.
    """
    words = typed_words(typed)
    if not words:
        return {}
    exact, folded = [word.exact for word in words], [word.folded for word in words]
    found = {
        EXACT: _phrase(exact) if exact != folded else "",
        FOLDED: _phrase(folded),
        BEGUN: _begun(folded),
        NEAR: near(folded),
        SCATTERED: " & ".join([*map(_quoted, folded[:-1]), _beginning(folded[-1])]) if len(words) > 1 else "",
    }
    return {rung: asked for rung, asked in found.items() if asked}


def phrase_or_near(typed: str) -> str:
    """A tsquery for words one after the other, accents or not, a letter wrong or not; empty for no words."""
    folded = [word.folded for word in typed_words(typed)]
    return _any_of(asked for asked in (_phrase(folded), near(folded)) if asked) if folded else ""


def _phrase(words: Sequence[str]) -> str:
    terms = [pair(*two) for two in pairwise(words)] or list(words)
    return " & ".join(map(_quoted, dict.fromkeys(terms)))


def _begun(words: Sequence[str]) -> str:
    *before, last = words
    if not before:
        return _beginning(last) if len(last) >= LEAST_BEGINNING else ""
    whole = [_quoted(pair(*two)) for two in pairwise(before)]
    return " & ".join([*whole, f"{_quoted(pair(before[-1], last))}:*"])


def _beginning(word: str) -> str:
    return _quoted(word) + (":*" if len(word) >= LEAST_BEGINNING else "")


def near(words: Sequence[str]) -> str:
    """A tsquery for a phrase of which one word is read wrong; empty where too much would be near."""
    if sum(map(len, words)) < LEAST_NEAR:
        return ""
    if len(words) == 1:
        return _near_word(words[0])
    ways = [_misread(words, at) for at in range(len(words))]
    ways += [_run_together(words, at) for at in range(len(words) - 1)]
    ways += [_torn(words, at) for at in range(len(words))]
    return _any_of(way for way in ways if way)


def _near_word(word: str) -> str:
    if word.isdigit():
        return ""
    torn = (pair(word[:at], word[at:]) for at in range(1, len(word)))
    return " | ".join(map(_quoted, (*variants(word), *torn)))


def _misread(words: Sequence[str], at: int) -> str:
    if words[at].isdigit():  # another number is no misreading that anybody looks for
        return ""
    if len(words) >= MANY:
        return _apart_from(words, at)
    return _around(words, at, at + 1, [(other, other) for other in variants(words[at])])


def _apart_from(words: Sequence[str], at: int) -> str:
    """All pairs but those with one word, and its neighbours where they are in no other pair."""
    parts = [words[:at], words[at + 1 :]]
    kept = [pair(*two) for part in parts for two in pairwise(part)]
    return " & ".join(map(_quoted, [*kept, *(part[0] for part in parts if len(part) == 1)]))


def _run_together(words: Sequence[str], at: int) -> str:
    one = words[at] + words[at + 1]
    return _quoted(one) if len(words) == 2 else _around(words, at, at + 2, [(one, one)])


def _torn(words: Sequence[str], at: int) -> str:
    word = words[at]
    return _around(words, at, at + 1, [(word[:cut], word[cut:]) for cut in range(1, len(word))])


def _around(words: Sequence[str], start: int, end: int, instead: Sequence[tuple[str, str]]) -> str:
    """The phrase with (first word, last word) of something else in the place of words[start:end]."""
    kept = [_quoted(pair(*two)) for part in (words[:start], words[end:]) for two in pairwise(part)]
    joints = _any_of(_joint(words, start, end, *ends) for ends in instead)
    return " & ".join([*kept, f"({joints})"]) if joints else ""


def _joint(words: Sequence[str], start: int, end: int, first: str, last: str) -> str:
    sides = [pair(words[start - 1], first)] if start else []
    sides += [pair(last, words[end])] if end < len(words) else []
    sides += [pair(first, last)] if first != last else []
    return " & ".join(map(_quoted, sides))


def _any_of(asked: Iterable[str]) -> str:
    return " | ".join(f"({one})" if "&" in one else one for one in asked)


@lru_cache(maxsize=500)
def variants(word: str) -> tuple[str, ...]:
    """What one letter other, less or more, two letters changed about, or a usual misreading makes of a word."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    made = {a + b[1:] for a, b in cuts if b}
    made |= {a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS}
    made |= {a + letter + b for a, b in cuts for letter in {*_STRAY, *a[-1:]}}
    made |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    for two in _DOUBLES:
        for seen, meant in (two, two[::-1]):
            made |= {a + meant + b[len(seen) :] for a, b in cuts if b.startswith(seen)}
    return tuple(sorted(made - {word, ""}))


def _quoted(term: str) -> str:
    return f"'{term}'"  # terms are letters, marks, digits and _ only


def is_near(read: str, word: str) -> bool:
    """Whether a word as it was read is the word, or one of its misreadings."""
    return read == word or (not word.isdigit() and read in variants(word))
