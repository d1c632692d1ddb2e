"""The head of the province's pages, and the places of its bar: at most four, by what the reader may do."""

from __future__ import annotations

import re

from server.accounts.reader import Reader
from server.province.actions import ADMINISTRATORS, AUDITORS, READERS, Province
from server.words import Say, say
from web.asking import Asked, reader_of
from web.render import Place, translate

# Address below the province, words, drawing, a pattern of the pages that are in it, who has it.
_PLACES: tuple[tuple[str, Say, str, str, tuple[str, ...]], ...] = (
    ("", say("Số liệu"), "figures", r"(figures|map|comparison|reports|silent|checks)?(/.*)?", READERS),
    ("fleet", say("Cấp ủy"), "cells", r"(fleet|committees|runs)(/.*)?", ADMINISTRATORS),
    ("bulletins", say("Văn bản"), "minutes", r"(bulletins|rules)(/.*)?", READERS),
    ("log", say("Nhật ký"), "work", r"(log|people)(/.*)?", AUDITORS),
)


def place_of(province: Province, request: Asked) -> Place:
    """The head of the province's pages for this reader."""
    home, reader = f"/provinces/{province.slug}/", reader_of(request)
    below = request.url.path.removeprefix(home.rstrip("/")).strip("/")
    shown = [entry for entry in _PLACES if _has(reader, province, entry[4])]
    here = next((entry for entry in shown if re.fullmatch(entry[3], below)), None)
    nav = [(f"{home}{e[0]}", translate(request, e[1]), e[2], e is here) for e in shown]
    return Place(province.name, f"provinces/{province.slug}", nav)


def administers(request: Asked, province: Province) -> bool:
    """Whether who asks administers this very province: found committees, publish, remind."""
    return _has(reader_of(request), province, ADMINISTRATORS)


def _has(reader: Reader, province: Province, roles: tuple[str, ...]) -> bool:
    return any(g.role in roles and g.province == province.id for g in reader.grants)
