"""Every act that is written into a record is called something in Vietnamese where the record is read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from server.accounts.reader import ROLE_WORDS, ROLES
from server.province import log_words
from tests.house.sources import below
from web.accounts import looks

# Functions that write a line, by what their record is, with the position of the act among their arguments.
PROVINCE = {"record_event": 2, "record_of_account": 2, "_tell_province": 2}
COMMITTEE = {"record_event": 1, "_record": 1}


def acts(floors: tuple[str, ...], known: dict[str, int], *, province: bool) -> Iterator[tuple[str, str]]:
    """(where, act) of every act that is named in the code as a text."""
    for source in below(*floors):
        for call in source.calls():
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name not in known or len(call.args) <= known[name]:
                continue
            if name == "record_event" and _is_provinces(call) != province:
                continue
            for text in _texts(call.args[known[name]], source.tree):
                yield f"{source.path}:{call.lineno}", text


def _is_provinces(call: ast.Call) -> bool:
    """The province's record takes the province first, the committee's the person."""
    first = ast.unparse(call.args[0])
    return not re.fullmatch(r"by|self\.by|reader|reader_of\(request\)|who|\w*\.by|person", first)


def _texts(node: ast.expr, module: ast.Module) -> Iterator[str]:
    """The texts that an expression can be: itself, one of two, what a variable of its name is given in the file."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, module)
        yield from _texts(node.orelse, module)
    elif isinstance(node, ast.Name):
        for given in ast.walk(module):
            if isinstance(given, ast.Assign) and any(ast.unparse(to) == node.id for to in given.targets):
                yield from _texts(given.value, module)


def test_the_provinces_acts_have_words() -> None:
    found = {
        act: where for where, act in acts(("server", "tenants", "workers", "web"), PROVINCE, province=True)
    }

    assert len(found) > 10
    assert {act: where for act, where in found.items() if act not in log_words.ACTIONS} == {}


def test_the_committees_acts_have_words() -> None:
    found = {act: where for where, act in acts(("server", "web", "workers"), COMMITTEE, province=False)}

    assert len(found) > 20
    assert {act: where for act, where in found.items() if act not in looks.ACTIONS} == {}


@pytest.mark.parametrize("role", ROLES)
def test_roles_in_details_are_told_in_words(role: str) -> None:
    assert log_words.detail_words("person_invited", role) == ROLE_WORDS[role]
