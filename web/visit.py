"""The way in: who asks, for which committee, from which page. One query, before any handler runs.

The committee is set here, in ASGI middleware: a context variable set by a framework dependency would be lost as soon
as a handler has two of them.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from infra import standing
from infra.postgres import Away, Behind
from infra.settings import settings
from server.accounts import sessions
from server.rulebook import local
from tenants.current import set_current
from tenants.slugs import PATTERN, RESERVED

# Paths that need to know nobody: files, the guide and health are answered without a query.
_OPEN = ("/static/", "/health/", "/guide/", "/sw.js", "/manifest.webmanifest", "/favicon.ico")
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; font-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "worker-src 'self'"
)
_HEADERS = [
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), camera=(self)"),
]
_LAST = ((b"connection", b"close"),)


def cookie_name() -> str:
    """``__Host-`` ties the cookie to this very host; browsers allow the prefix with https only. Without https, which
    only a machine of one's own should do, the name says so.
    """
    return "__Host-nennep" if settings().https else "nennep-plain-http"


class Entrance:
    """Sets state.reader, state.committee and state.token, the current committee, and the headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["cross_site"] = scope["method"] in _UNSAFE and _from_elsewhere(scope)
        state["reader"] = state["committee"] = state["token"] = None
        state["unknown_slug"] = state["down"] = state["behind"] = state["awaits_factor"] = False
        path = scope["path"]
        # A connection that is used again must not begin with the committee of the request before.
        set_current(None)
        if not path.startswith(_OPEN) and path not in ("/offline", "/guide"):
            try:
                await _recognise(scope, path)
            except Away:
                state["down"] = True
            except Behind:
                state["behind"] = True
        await self.app(scope, receive, _with_headers(send))


async def _recognise(scope: Scope, path: str) -> None:
    state = scope["state"]
    token = _cookie(scope, cookie_name())
    first = path.split("/", 2)[1]
    slug = first if first not in RESERVED and PATTERN.fullmatch(first) else None
    if token is None and slug is None:
        return
    visit = await sessions.visit(token, slug)
    state["token"] = token
    state["reader"], state["committee"] = visit.reader, visit.committee
    state["awaits_factor"] = visit.awaits_factor
    state["unknown_slug"] = slug is not None and visit.committee is None
    set_current(visit.committee)
    if visit.committee is not None and visit.reader is not None:
        await local.load(visit.committee)


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _cookie(scope: Scope, name: str) -> str | None:
    try:
        found = SimpleCookie(_header(scope, b"cookie") or "").get(name)
    except CookieError:
        return None
    return found.value if found else None


def _from_elsewhere(scope: Scope) -> bool:
    """Whether a writing request was made by a page that is not ours.

    Browsers say so themselves: Sec-Fetch-Site where they have it, Origin on every POST. A request with neither is no
    browser's form, and is refused as well.
    """
    site = _header(scope, b"sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = _header(scope, b"origin")
    return origin is None or urlsplit(origin).netloc != _header(scope, b"host")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            # Who keeps a line open is let go with an answer, not cut when the line is.
            last = _LAST if standing.draining() else ()
            message["headers"] = [*message["headers"], *_HEADERS, *last]
        await send(message)

    return sending
