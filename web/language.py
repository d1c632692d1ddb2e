"""Vietnamese first, English second. The message ids are the Vietnamese sentences themselves."""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from server.words import Say

LANGUAGES = ("vi", "en")
COOKIE = "language"
_LOCALE = Path(__file__).parent / "locale"


def chosen(cookies: dict[str, str]) -> str:
    """The language that this browser chose; Vietnamese unless it said otherwise."""
    asked = cookies.get(COOKIE, "vi")
    return asked if asked in LANGUAGES else "vi"


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, compiled from its .po file at first use."""
    if language == "vi":
        return gettext.NullTranslations()
    with (_LOCALE / language / "LC_MESSAGES" / "nennep.po").open("rb") as source:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def tell(sentence: str, language: str) -> str:
    """A sentence of the service in the reader's language; a Say is filled in anew."""
    if not sentence:
        return sentence
    if not isinstance(sentence, Say):
        return catalogue(language).gettext(sentence)
    told = catalogue(language).gettext(sentence.msgid)
    return told.format(**{key: _inner(value, language) for key, value in sentence.params.items()})


def _inner(value: Any, language: str) -> Any:
    # Only what the service says itself: a name or a heading that somebody typed is nobody's to translate.
    return tell(value, language) if isinstance(value, Say) else value
