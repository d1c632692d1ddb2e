"""The rows of a roll's page: the only HTML that Python writes.

There are 151 of them, and the template's loop took more time than all the rest of the request. Everything that people
have typed passes ``escape`` here; the rest is numbers, ids and the template's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from markupsafe import Markup

from web.roll_call.show import Entry


def rows(people: Iterable[Entry], told: Mapping[str, Any], *, mine: bool) -> Markup:
    """The list items of some people; ``mine``: this reader may mark them.

    ``told`` holds the template's words: ``signs`` and ``said`` by state, ``kinds`` by kind of exemption, ``call``,
    ``other``, ``comrade``, ``unclear`` and ``probationary``.
    """
    signs, kinds = _plain(told["signs"]), _plain(told["kinds"])
    call, other, on_probation = str(told["call"]), str(told["other"]), f" <i>{told['probationary']}</i>"
    made = []
    for no, family, given, _, _, base, exempt_kind, probationary, state, reason, heads, rivals in people:
        data, shown, below = "", signs[state], ""
        if reason:
            typed = escape(reason)
            data, shown = f' data-r="{typed}"', f"{shown}: {typed}"
        if rivals:
            data, shown, below = f"{data} data-w", f"⚠ {told['unclear']}", _rivals(no, rivals, told, mine)
        notes = on_probation if probationary else ""
        if exempt_kind:
            notes = f"{notes} <i>{kinds.get(exempt_kind) or escape(exempt_kind)}</i>"
        acts = (
            f'<button name="m" value="{no}.present">{call}</button><a href="entries/{no}">{other}</a>'
            if mine
            else ""
        )
        made.append(
            f'<li id="m{no}" data-s="{state}" data-h="{heads}" data-b="{base}"{data}><p>{escape(family, False)} '
            f"<b>{escape(given, False)}</b>{notes}</p><span>{shown}</span>{acts}{below}</li>"
        )
    return Markup("\n".join(made))  # noqa: S704 - see above


def _rivals(no: int, rivals: Iterable[Mapping[str, str]], told: Mapping[str, Any], mine: bool) -> str:
    """One button for each mark that disagrees: a tap on it settles."""
    made = []
    for rival in rivals:
        by, reason = escape(rival["by"]), escape(rival.get("reason", ""))
        data = f' data-r="{reason}"' if reason else ""
        because = f": {reason}" if reason else ""
        made.append(
            f'<button name="m" value="{no}.{rival["state"]}" data-id="{rival["id"]}" data-by="{by}"{data}'
            f"{'' if mine else ' disabled'}>{told['comrade']} {by}: {told['said'][rival['state']]}{because}</button>"
        )
    return f"<div>{''.join(made)}</div>"


def _plain(words: Mapping[str, Any]) -> dict[str, str]:
    # Markup formats itself slowly.
    return {name: str(word) for name, word in words.items()}
