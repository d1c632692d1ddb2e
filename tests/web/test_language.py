"""Everything that is said in Vietnamese can be said in English, with the same blanks to fill."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from server.words import say
from web.language import tell

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "web" / "locale" / "en" / "LC_MESSAGES" / "nennep.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "newstyle_gettext": "true"}}
KEYWORDS = {"_": None, "gettext": None, "say": None, "msgid": None}


def spoken() -> set[str]:
    """Every message id in the code and the templates."""
    found = set()
    for folder in ("server", "web"):
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found - {""}


def english() -> Catalog:
    with CATALOGUE.open("rb") as source:
        return read_po(source)


def blanks(sentence: str) -> list[str]:
    """What is filled in, in both manners: {name} and %(name)s."""
    return sorted(re.findall(r"\{(\w+)\}|%\((\w+)\)s", sentence))


def test_every_sentence_has_its_english() -> None:
    known = {m.id for m in english() if m.id and m.string and not m.fuzzy}

    assert spoken() - known == set(), "these sentences have no English: add them to nennep.po"


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    assert {m.id for m in english() if m.id} - spoken() == set(), (
        "these are said nowhere any more: remove them"
    )


@pytest.mark.parametrize("message", [m for m in english() if m.id], ids=lambda m: str(m.id)[:40])
def test_a_translation_fills_the_same_blanks(message: object) -> None:
    assert blanks(message.id) == blanks(message.string)  # type: ignore[attr-defined]


def test_a_sentence_within_a_sentence_is_told_in_the_same_language() -> None:
    sentence = say("{time} {weekday}, {day}", time="19:30", weekday=say("Thứ Ba"), day="03/11/2026")

    assert tell(sentence, "vi") == "19:30 Thứ Ba, 03/11/2026"
    assert "Tuesday" in tell(sentence, "en")


def test_words_that_only_look_like_sentences_stay_as_they_are() -> None:
    assert tell("", "en") == ""
    assert tell("Nguyễn Văn An {x}", "en") == "Nguyễn Văn An {x}"


def test_what_somebody_typed_is_quoted_as_it_was_typed() -> None:
    """A heading of the office's own list, even where the service has the same words and translates them."""
    sentence = say("Cột “{column}” là công thức nên không lấy.", column="Chi bộ")

    assert "“Chi bộ”" in tell(sentence, "en")
