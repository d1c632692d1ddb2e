"""The rows of a cell's board: there may be hundreds, so Python writes them, as it does those of a roll call.

Everything that people have typed passes ``escape`` here; the rest is numbers and the reader's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from web.words import day

# Writing a date is half of the work of a row, and hundreds share few dates.
_day = lru_cache(maxsize=1000)(day)


def rows(
    found: Iterable[Mapping[str, Any]], told: Mapping[str, str], *, base: str, today: date, person: bool
) -> Markup:
    """The list items of some assignments. ``base``: the address that a number is put behind; ``person``: whether the
    name of the assignee is told, for it does not stand above.

    ``told`` holds words in the reader's language: late ("quá hạn {n} ngày"), today, none, asked, reported, unclear.
    """
    made = []
    for row in found:
        words = [escape(row["member_name"], False)] if person else []
        words.append(_due(row["due_on"], told, today, late=row["state"] == "open"))
        words += [
            told[name] for name, said in (("asked", row["asked_due"]), ("unclear", row["rivals"])) if said
        ]
        if not person and row["state"] == "reported":
            words.append(told["reported"])
        made.append(
            f'<li><a href="{base}{row["no"]}">{escape(row["text"], False)}</a><p>{" · ".join(words)}</p>'
        )
    return Markup("\n".join(made))  # noqa: S704 - see above


def _due(due: date | None, told: Mapping[str, str], today: date, *, late: bool) -> str:
    if due is None:
        return told["none"]
    shown = _day(due)
    if due >= today or not late:
        return shown
    return f"{shown} <em>{told['late'].format(n=(today - due).days)}</em>"
