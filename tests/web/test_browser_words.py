"""The browser's modules say Vietnamese sentences; pages in another language bring exactly those along, translated."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "web" / "static" / "src").rglob("*.js"))
WORDS = ROOT / "web" / "pwa" / "words.html"

TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
LETTER = re.compile("[À-ÖØ-öø-ɏḀ-ỿ]")
ACCENTS = "/đ/g"  # a name's search key, not a sentence


def code(module: Path) -> str:
    """A module without its comments."""
    return re.sub(r"/\*.*?\*/|(?<![:\w])//[^\n]*", "", module.read_text(), flags=re.DOTALL)


def said() -> set[str]:
    """What modules say: every t("…"), and the words that they hand to t() from a list."""
    plain = {words for module in MODULES for words in re.findall(rf"\bt\({TEXT.pattern}", code(module))}
    listed = {text for module in MODULES for text in TEXT.findall(code(module)) if LETTER.search(text)}
    return plain | listed


def brought() -> list[tuple[str, str]]:
    """The entries of words.html: the key, and what is translated for it."""
    return re.findall(rf"^\s*{TEXT.pattern}: _\({TEXT.pattern}\)", WORDS.read_text(), flags=re.MULTILINE)


def test_a_page_brings_the_sentences_that_its_modules_say_and_no_others() -> None:
    keys = [key for key, _ in brought()]

    assert said() - set(keys) == set(), "add these to web/pwa/words.html"
    assert set(keys) - said() == set(), "no module says these any more: remove them from web/pwa/words.html"
    assert len(keys) == len(set(keys))


def test_each_sentence_is_brought_with_its_own_translation() -> None:
    assert [key for key, translated in brought() if key != translated] == []
    assert len(brought()) == WORDS.read_text().count("_("), "an entry is not written as the others are"


def test_modules_say_vietnamese_only_in_plain_texts_that_can_be_found() -> None:
    """No sentence is put together in a template literal, where it would have no translation."""
    rest = {module.name: TEXT.sub("", code(module)).replace(ACCENTS, "") for module in MODULES}

    assert {name for name, text in rest.items() if LETTER.search(text)} == set()
