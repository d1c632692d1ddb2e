"""From a template and what it shows to an answer: whole pages, or one named block of them for htmx."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Response
from litestar.enums import MediaType
from markupsafe import Markup

from server.accounts.reader import COMMITTEE_ROLES, PROVINCE_ROLES, ROLE_WORDS, Reader
from server.accounts.secrets import csrf_token
from server.words import Refused, Say, say
from tenants.current import CommitteeRef
from web import hints
from web import language as languages
from web.access import looks_only
from web.asking import Asked
from web.assets import asset
from web.folding import FoldingEnvironment
from web.words import when

# A queue that is started again is away for a moment, of which nobody need be told.
QUEUE_AWAY_SECONDS = 10.0


@dataclass(frozen=True)
class Place:
    """Where the reader is: what stands at the head of the page and in the bar at its foot."""

    title: str
    slug: str
    nav: list[tuple[str, str, str, bool]]


@dataclass(frozen=True)
class Shown:
    """The reader as the layout shows them."""

    name: str
    account_id: str
    may_choose_place: bool
    role_word: str


@lru_cache(maxsize=len(languages.LANGUAGES))
def environment(language: str) -> Environment:
    """The templates in one language. Undefined names are errors, not blanks."""
    made = FoldingEnvironment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        # Whatever sentence of the service a template shows is told in the reader's language, without asking for it.
        finalize=lambda shown: languages.tell(shown, language) if type(shown) is Say else shown,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        _filled(language), languages.catalogue(language).ngettext, newstyle=False
    )
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(asset=asset, language=language, tell=lambda words: languages.tell(words, language))
    made.globals["_"] = made.globals["gettext"]
    return made


def _filled(language: str) -> Callable[..., Markup]:
    """``_("… %(name)s …", name=…)`` of the templates: translated, its values told in the same language and escaped."""

    def gettext(words: str, **values: Any) -> Markup:
        told = {key: languages.tell(v, language) if type(v) is Say else v for key, v in values.items()}
        return Markup(languages.catalogue(language).gettext(words)) % told  # noqa: S704  our own sentences

    return gettext


def page(
    request: Asked,
    template: str,
    *,
    part: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **shown: Any,
) -> Response[str]:
    """A page, or its block ``part`` alone when htmx asks for one. Call it after the transaction has ended."""
    language = languages.chosen(request.cookies)
    fragment = part is not None and request.headers.get("HX-Request") == "true"
    context = {
        "reader": _shown(request),
        "place": _place(request, language),
        "path": request.url.path,
        "csrf": _csrf(request),
        "looking_until": _looking_until(request),
        "work_waits": _work_waits(request),
        **shown,
    }
    found = environment(language).get_template(template)
    if fragment:
        assert part is not None
        body = "".join(found.blocks[part](found.new_context(context)))
    else:
        body = found.render(context)
    # A fragment and its page share a URL: caches must keep them apart, and pages of people are nobody else's.
    sent = {"Cache-Control": "private, no-store", "Vary": "HX-Request, Cookie", **(headers or {})}
    return Response(body, status_code=status, media_type=MediaType.HTML, headers=sent)


def errors(request: Asked, refused: Refused) -> dict[str, str]:
    """A refusal's reasons by field, in the reader's language: what forms show."""
    language = languages.chosen(request.cookies)
    return {field: languages.tell(reason, language) for field, reason in refused.reasons.items()}


def translate(request: Asked, sentence: str) -> str:
    """A sentence in the reader's language."""
    return languages.tell(sentence, languages.chosen(request.cookies))


def _shown(request: Asked) -> Shown | None:
    reader: Reader | None = request.scope["state"].get("reader")
    if reader is None:
        return None
    word = languages.tell(reader.role_word, languages.chosen(request.cookies)) if reader.grants else ""
    return Shown(reader.name, str(reader.account_id), True, word)


def _csrf(request: Asked) -> Markup:
    """The field that every form carries, bound to the session; nothing when nobody is logged in."""
    state = request.scope["state"]
    if state.get("reader") is None:
        return Markup()
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf_token(state["token"]))


def _looking_until(request: Asked) -> Say | None:
    """For whom a committee lets look: until when, on every page of it."""
    if not looks_only(request):
        return None
    return when(max(g.until for g in request.scope["state"]["reader"].grants if g.until))


def _work_waits(request: Asked) -> bool:
    """Whether an office or a province should know that what is done behind the pages waits for the queue."""
    reader: Reader | None = request.scope["state"].get("reader")
    told = (*COMMITTEE_ROLES, *PROVINCE_ROLES)
    return reader is not None and reader.has(*told) and hints.queue_away() > QUEUE_AWAY_SECONDS


def _place(request: Asked, language: str) -> Place | None:
    committee: CommitteeRef | None = request.scope["state"].get("committee")
    reader: Reader | None = request.scope["state"].get("reader")
    if committee is None or reader is None or not reader.grants:
        return None
    at = request.url.path.rstrip("/")
    nav = _nav(committee.slug, reader) if committee.state == "active" else []
    here = next((href for href, _, _, pages in nav if re.fullmatch(f"/{committee.slug}({pages})", at)), None)
    shown = [(href, languages.tell(label, language), icon, href == here) for href, label, icon, _ in nav]
    return Place(committee.title, committee.slug, shown)


# The pages of assigned work, wherever they hang.
_WORK = (
    r"/(assignments|work|usual-work|reminders|resolutions)(/.*)?|/cells/[^/]+/(assignments|usual-work)(/.*)?"
)
_MEETINGS = r"/(meetings|minutes)(/.*)?"


def _nav(slug: str, reader: Reader) -> list[tuple[str, str, str, str]]:
    """At most four places: address, words, drawing, and a pattern of the pages that are in it; the first that fits."""
    first = (f"/{slug}/", say("Hôm nay"), "home", "")
    meetings = (f"/{slug}/meetings", say("Cuộc họp"), "meeting", _MEETINGS)
    if reader.sees_all:
        return [
            first, meetings, (f"/{slug}/assignments", say("Việc"), "work", _WORK),
            (f"/{slug}/cells", say("Chi bộ"), "cells", "/(cells|members)(/.*)?"),
        ]  # fmt: skip
    work = "assignments" if reader.has("secretary", "deputy", "recorder") else "work"
    own = next(iter(reader.cells()), None)
    cell = [(f"/{slug}/cells/{own}", say("Chi bộ"), "cells", f"/cells/{own}.*")] if own else []
    return [first, meetings, (f"/{slug}/{work}", say("Việc"), "work", _WORK), *cell]


def role_word(role: str) -> str:
    """A role in Vietnamese (a message id)."""
    return ROLE_WORDS[role]
