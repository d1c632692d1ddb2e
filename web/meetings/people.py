"""Who chairs a meeting and who records it: the choice that a form offers, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from infra.postgres import Record
from server.words import Refused, Say, say

ROLES = ("chair", "recorder")


def choices(people: Iterable[Record]) -> list[tuple[str, str]]:
    """The options of a select: [(member's id, name)]."""
    return [(str(one["id"]), one["name"]) for one in people]


def secretary_of(people: Iterable[Record]) -> str:
    """The id of the cell's secretary, who usually chairs; empty where there is none."""
    return next((str(one["id"]) for one in people if one["secretary"]), "")


def read_people(values: dict[str, str]) -> dict[str, UUID | None]:
    """{chair, recorder} of a form, None for nobody. Raises Refused at the field that names no member."""
    found: dict[str, UUID | None] = {}
    faults: dict[str, Say] = {}
    for role in ROLES:
        try:
            found[role] = UUID(values[role]) if values.get(role) else None
        except ValueError:
            faults[role] = say("Xin chọn một đồng chí trong danh sách.")
    if faults:
        raise Refused(**faults)
    return found
