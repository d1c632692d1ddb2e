"""What the documents say is there: links, headings, commands, targets, settings, paths; and every page is led to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import PurePosixPath
from urllib.parse import unquote

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.house.sources import ROOT, files
from web.guide.pages import anchor
from workers.commands import cli

INDEX = "docs/README.md"
# Folders and files that a document may name though the repository does not hold them: made by running something.
MADE = re.compile(r"\.local|\.venv|node_modules|build|dist|infra/\.env|/tmp|/var|/etc|/run|/opt")


@lru_cache(maxsize=1)
def documents() -> dict[str, str]:
    """The Markdown of the repository by its path, without what tests keep as material."""
    found = [name for name in files() if name.endswith(".md") and not name.startswith("tests/")]
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in found}


@cache
def tokens_of(name: str) -> list[Token]:
    """A document as its parts."""
    return MarkdownIt("commonmark").enable("table").parse(documents()[name])


@lru_cache(maxsize=1)
def paths() -> frozenset[str]:
    """Every file and folder."""
    return frozenset(files()) | {
        folder.as_posix() for file in files() for folder in PurePosixPath(file).parents
    }


def links(name: str) -> Iterator[tuple[str, str]]:
    """(file, anchor) that a document's relative links and pictures lead to; the file from the root."""
    for token in tokens_of(name):
        for inner in token.children or ():
            shown = re.search(r'<img src="([^"]+)"', inner.content) if inner.type == "html_inline" else None
            target = shown[1] if shown else inner.attrGet("href") or inner.attrGet("src")
            if target and not re.match(r"[a-z]+:", str(target)):
                path, _, part = unquote(str(target)).partition("#")
                at = (ROOT / name).parent / path if path else ROOT / name
                yield at.resolve().relative_to(ROOT).as_posix(), part


def anchors(name: str) -> set[str]:
    """The headings of a document as links name them."""
    tokens = tokens_of(name)
    return {anchor(tokens[at + 1].content) for at, one in enumerate(tokens) if one.type == "heading_open"}


def code(name: str) -> Iterator[str]:
    """What stands in a document as code, a piece of a line or a line of a block at a time."""
    for token in tokens_of(name):
        if token.type == "fence":
            yield from re.sub(r"\\\n\s*", " ", token.content).splitlines()
        for inner in token.children or ():
            if inner.type == "code_inline":
                yield inner.content


@pytest.mark.parametrize("name", documents())
def test_every_link_leads_somewhere(name: str) -> None:
    lost = [
        f"{file}#{part}"
        for file, part in links(name)
        if file not in paths() or (part and file in documents() and part not in anchors(file))
    ]

    assert lost == []


def test_every_document_is_led_to_from_the_index() -> None:
    seen, ahead = set[str](), [INDEX]
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += [file for file, _ in links(name) if file in documents()]

    assert sorted(set(documents()) - seen) == []


@pytest.mark.parametrize("name", documents())
def test_every_command_that_is_named_exists(name: str) -> None:
    wrong = [line for line in code(name) for words in _calls(line) if not _exists(words)]

    assert wrong == []


def _calls(line: str) -> Iterator[list[str]]:
    """The words behind each ``nennep`` of a line that calls it."""
    for call in re.findall(r"(?:^|[;&|(] *|\$ |run |exec |-- )nennep((?: +[^\s;&|)#`]+)*)", line):
        yield call.split()


def _exists(words: list[str]) -> bool:
    """Whether the words are commands and options of ours as far as they say."""
    at: click.Command = cli
    for word in words:
        if isinstance(at, click.Group) and re.fullmatch(r"[a-z][a-z-]*", word):
            found = at.get_command(click.Context(at), word)
            if found is None:
                return False
            at = found
        elif (option := re.match(r"--[a-z][a-z-]*", word)) and option[0] not in _options(at):
            return False
    return True


def _options(of: click.Command) -> set[str]:
    return {"--help"} | {name for one in of.params for name in (*one.opts, *one.secondary_opts)}


def test_what_does_not_exist_is_found_out() -> None:
    good = [
        "nennep web --host 0.0.0.0",
        "FOO=1; nennep migrate --dry-run",
        "nennep account password-link LOGIN",
        "nennep",
    ]
    bad = ["nennep fly", "nennep web --wings", "nennep account create", "docker compose run nennep dance"]

    assert [line for line in good if not all(map(_exists, _calls(line)))] == []
    assert [line for line in bad if all(map(_exists, _calls(line)))] == []


@pytest.mark.parametrize("name", documents())
def test_every_target_that_is_named_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = {*re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)}
    named = {word for line in code(name) for word in re.findall(r"(?:^|[;&] *)make +([a-z][a-z-]*)", line)}

    assert named - known == set()


@lru_cache(maxsize=1)
def settings_known() -> frozenset[str]:
    """In .env.example, which a test holds equal to the settings; or read beside them by a file of ours."""
    found = set[str]()
    for file in files():
        ours = file.startswith(("infra/", "workers/", "helm/", "e2e/", "tests/")) and "/fixtures/" not in file
        if (ours or file in ("Makefile", ".env.example")) and not file.endswith((".md", ".webp", ".gz")):
            text = (ROOT / file).read_text(encoding="utf-8", errors="ignore")
            found |= {*re.findall(r"\bNENNEP_[A-Z_]+\b", text)}
    return frozenset(found)


@pytest.mark.parametrize("name", documents())
def test_every_setting_that_is_named_exists(name: str) -> None:
    known = settings_known()
    # "NENNEP_BACKUP_*" names a family.
    named = {*re.findall(r"\bNENNEP_[A-Z_]+\b\*?", documents()[name])}
    families = {
        word
        for word in named
        if word.endswith(("_", "*")) and any(k.startswith(word.strip("*")) for k in known)
    }

    assert named - known - families == set()


@pytest.mark.parametrize("name", documents())
def test_every_path_that_is_named_exists(name: str) -> None:
    floors = "infra|tenants|server|web|workers|tests|e2e|helm|docs"
    wrong = []
    for line in code(name):
        for path in re.findall(rf"(?:^|[\s'\"(=])((?:{floors})/[\w./{{}},*…-]+)", line):
            plain = path.rstrip("/.,")
            if not re.search(r"[*{}…]|NNNN", plain) and not MADE.search(plain) and plain not in paths():
                wrong.append(plain)

    assert wrong == []
