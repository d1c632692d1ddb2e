"""What pages say in Vietnamese is marked for translation, in templates and in the code that fills them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for path in (ROOT / "web").rglob("*.html") if "dist" not in path.parts)
CODE = sorted((ROOT / "web").rglob("*.py"))
LETTER = re.compile("[À-ÖØ-öø-ɏḀ-ỿ]")

# What is called the same in every language.
NAMES = ("Nền Nếp", "Tiếng Việt")
# Vietnamese in code that stays as it is. May only shrink.
STAYS = {
    "Nền Nếp: sổ sinh hoạt chi bộ": "the manifest: browsers ask for it without cookies, so in no language but its own",
    "Nền Nếp": "the manifest",
    "Điểm danh, cuộc họp và số liệu của chi bộ, dùng được cả khi mất mạng.": "the manifest",
    " cơ quan": "part of a committee's name, as tenants.current.KINDS",
}


def bare_in_template(text: str) -> Iterator[tuple[int, str]]:
    """Vietnamese outside ``_("…")``, as (line, text). Keys of a mapping (``"…": _("…")``) are nobody's to read."""
    tokens = [t for t in Environment(extensions=["jinja2.ext.i18n"]).lex(text) if t[1] != "whitespace"]
    for at, (line, kind, value) in enumerate(tokens):
        if not LETTER.search(value):
            continue
        before, after = "".join(v for _, _, v in tokens[max(at - 2, 0) : at]), tokens[at + 1 : at + 2]
        if kind == "data":
            for offset, words in enumerate(value.split("\n")):
                if LETTER.search(re.sub("|".join(NAMES), "", words)):
                    yield line + offset, words.strip()
        elif kind == "string" and before != "_(" and not (after and after[0][2] == ":"):
            yield line, value


def bare_in_code(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Vietnamese that is neither said nor a docstring, as (line, text)."""
    spoken = {
        id(text)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("say", "msgid"))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for text in ([node.value] if isinstance(node, ast.Expr) else node.args)
    }
    texts = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    yield from ((n.lineno, n.value) for n in texts if LETTER.search(n.value) and id(n) not in spoken)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_marks_what_it_says(path: Path) -> None:
    assert [*bare_in_template(path.read_text())] == []


def test_code_of_pages_marks_what_it_says() -> None:
    found = {
        text: f"{path}:{line}" for path in CODE for line, text in bare_in_code(ast.parse(path.read_text()))
    }

    assert {text: where for text, where in found.items() if text not in STAYS} == {}, "say() it"
    assert set(STAYS) - set(found) == set(), "an exception is no longer needed: take it off the list"


@pytest.mark.parametrize(
    "template",
    [
        "<p>Có mặt</p>",
        '<input placeholder="Tìm tên">',
        '{{ head("Đảng viên") }}',
        '{{ _("Có" ~ "mặt") }}',
        '{% set words = ["có mặt", _("đến muộn")] %}',
        '{{ _(shown or "có mặt") }}',
    ],
)
def test_the_check_finds_what_is_not_marked(template: str) -> None:
    assert [*bare_in_template(template)]


@pytest.mark.parametrize(
    "template",
    ['{# Có mặt #}<b>Nền Nếp</b>{{ _("Có mặt") }}', '{{ {"có mặt": _( "có mặt" )} }}', "{{ present }} ✓"],
)
def test_the_check_leaves_alone_what_is(template: str) -> None:
    assert [*bare_in_template(template)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_form_that_writes_carries_what_binds_it_to_its_session(path: Path) -> None:
    forms = re.findall(
        r"(<form\b[^>]*method=[\"']?post.*?</form>)", path.read_text(), re.DOTALL | re.IGNORECASE
    )

    assert [form[:80] for form in forms if "{{ csrf }}" not in form] == []
