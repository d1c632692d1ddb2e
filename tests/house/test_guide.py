"""The user guide and its pictures fit each other, and it reads as a guide does: short sentences, pictures that say
what they show.
"""

from __future__ import annotations

import re

import pytest

from tests.house.sources import ROOT
from web.guide.pages import FIRST, HERE, PICTURES, names

FOLDER = ROOT / "web" / "static" / "guide"
LARGEST, LARGEST_TOGETHER = 100_000, 2_000_000  # bytes
LONGEST_SENTENCE = 34  # words: a sentence that is read on a phone in a hall


def text(name: str) -> str:
    return (HERE / f"{name}.md").read_text(encoding="utf-8")


def pictures(name: str) -> list[tuple[str, str]]:
    """(what it shows, file) of every picture on a page."""
    return re.findall(rf"!\[([^\]]*)\]\({re.escape(PICTURES)}([^)]+)\)", text(name))


def test_every_page_is_led_to_and_there_are_no_others() -> None:
    assert {*names(), FIRST} == {file.stem for file in HERE.glob("*.md")}
    assert len(names()) >= 10


def test_every_picture_is_there_and_every_picture_is_used() -> None:
    used = {file for name in names() for _, file in pictures(name)}

    assert used == {file.name for file in FOLDER.iterdir()}
    assert len(used) >= 15


def test_pictures_are_light() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.iterdir()}

    assert [name for name, size in sizes.items() if size > LARGEST] == []
    assert sum(sizes.values()) <= LARGEST_TOGETHER


@pytest.mark.parametrize("name", names())
def test_a_page_begins_with_its_name_and_its_pictures_say_what_they_show(name: str) -> None:
    assert re.match(r"# \S", text(name))
    assert text(name).count("\n# ") == 0
    assert [file for alt, file in pictures(name) if len(alt) < 15] == []
    assert not re.search(r"127\.0\.0\.1|localhost|https?://", text(name))


@pytest.mark.parametrize("name", [FIRST, *names()])
def test_sentences_are_short(name: str) -> None:
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)|[*#>`|]", r"\1", text(name))
    sentences = re.split(r"(?<=[.!?:;])\s|\n", plain)

    assert [one for one in sentences if len(one.split()) > LONGEST_SENTENCE] == []
