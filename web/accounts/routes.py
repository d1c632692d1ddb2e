"""Logging in and out, invitations, choosing a place, the language."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.settings import settings
from server.accounts import actions, queries, sessions
from server.accounts.reader import ROLE_WORDS
from server.accounts.rules import SHORTEST_PASSWORD
from server.words import Refused, say
from tenants.registry import ref_of
from web import language
from web.access import anyone, signed_in
from web.asking import Asked, Form, reader_of
from web.render import errors, page, translate
from web.visit import cookie_name


@get("/login", access=anyone)
async def login_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002  the URL's word
    """The log-in form; who is logged in already goes on, and who has given the password goes to the code."""
    if request.scope["state"]["reader"] is not None:
        return Redirect(safe(next), status_code=303)
    if request.scope["state"]["awaits_factor"]:
        return Redirect(f"/login/code?next={quote(next)}", status_code=303)
    return page(request, "accounts/login.html", next=next, login="", error=None)


@post("/login", access=anyone)
async def log_in(request: Asked, data: Form) -> Response[Any]:
    """Check name and password and begin a new session: always a new token."""
    login, after = data.get("login", "")[:200], data.get("next", "")
    try:
        token = await sessions.log_in(
            login,
            data.get("password", ""),
            address=address_of(request),
            device=request.headers.get("user-agent", ""),
        )
    except Refused as refusal:
        shown = errors(request, refusal)["login"]
        return page(request, "accounts/login.html", status=422, next=after, login=login, error=shown)
    if old := request.scope["state"]["token"]:
        await sessions.log_out(old)
    return logged_in(Redirect(safe(after), status_code=303), token)


@post("/logout", access=anyone)
async def log_out(request: Asked) -> Response[Any]:
    """End the session; the page's script has emptied what the phone kept of this account."""
    if token := request.scope["state"]["token"]:
        await sessions.log_out(token)
    return logged_out(Redirect("/login", status_code=303))


def logged_out(answer: Response[Any]) -> Response[Any]:
    """An answer that takes the session's cookie away."""
    # With Secure, like the cookie itself: browsers refuse a __Host- cookie without it, and would keep the old one.
    gone = Cookie(
        key=cookie_name(), value="", path="/", httponly=True, secure=settings().https, samesite="lax", max_age=0
    )  # fmt: skip
    answer.set_cookie(gone)
    return answer


def logged_in(answer: Response[Any], token: str) -> Response[Any]:
    """An answer with the cookie of a new session."""
    chosen = settings()
    answer.set_cookie(
        Cookie(
            key=cookie_name(), value=token, path="/", httponly=True, secure=chosen.https, samesite="lax",
            max_age=chosen.session_days * 86_400,
        )
    )  # fmt: skip
    return answer


def safe(after: str) -> str:
    """Only paths of ours: two slashes, or a slash and a backslash, would lead away to another host."""
    # Browsers drop tabs and line breaks from addresses before they follow them.
    inside = after.startswith("/") and not after.startswith(("//", "/\\")) and after.isprintable()
    return after if inside else "/"


def address_of(request: Asked) -> str:
    """Where a request comes from, for counting failures."""
    # uvicorn has put the proxy's word for it in here, where the proxy is one that we trust.
    return request.client.host if request.client else "unknown"


@get("/", access=signed_in)
async def front(request: Asked) -> Response[Any]:
    """Straight to the only place of work, or the choice among several."""
    places = await _places(request)
    if len(places) == 1:
        return Redirect(places[0][0], status_code=303)
    return page(request, "accounts/places.html", places=places)


@get("/places", access=signed_in)
async def choose_place(request: Asked) -> Response[Any]:
    """Where this account may work."""
    return page(request, "accounts/places.html", places=await _places(request))


async def _places(request: Asked) -> list[tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    for row in await queries.places_of(reader_of(request).account_id):
        word = translate(request, ROLE_WORDS[row["role"]])
        if row["province_slug"]:
            href, title = f"/provinces/{row['province_slug']}/", row["province_name"]
        elif row["slug"] is None:
            href, title = "/country/", translate(request, say("Toàn quốc"))
        else:
            ref = ref_of(row)
            href, title = f"/{ref.slug}/", ref.title
            word = f"{word} · {row['cell_name']}" if row["cell_name"] else word
        found.setdefault(href, (href, title, word))
    return list(found.values())


@get("/invitations/{token:str}", access=anyone)
async def invitation(request: Asked, token: FromPath[str]) -> Response[Any]:
    """The form behind an invitation's link."""
    found = await actions.open_invitation(token)
    if found is None:
        return await _gone(request, token)
    values = {"name": found.invited_name, "login": ""}
    return _invitation_page(request, token, found, values, {})


@post("/invitations/{token:str}", access=anyone)
async def accept(request: Asked, token: FromPath[str], data: Form) -> Response[Any]:
    """Make the account and log it in, or take the role with the account that is logged in."""
    if data.get("mine") == "1" and request.scope["state"]["reader"] is not None:
        return await _accept_as(request, token)
    found = await actions.open_invitation(token)
    values = {"name": data.get("name", ""), "login": data.get("login", "")}
    try:
        session = await actions.accept(
            token, name=values["name"], login=values["login"], password=data.get("password", ""),
            device=request.headers.get("user-agent", ""),
        )  # fmt: skip
    except Refused as refusal:
        if found is not None:
            return _invitation_page(request, token, found, values, errors(request, refusal), status=422)
        session = None
    if session is None or found is None:
        return await _gone(request, token)
    return logged_in(Redirect(_landing(found), status_code=303), session)


async def _accept_as(request: Asked, token: str) -> Response[Any]:
    try:
        taken = await actions.accept_as(token, by=reader_of(request))
    except Refused as refusal:
        found = await actions.open_invitation(token)
        if found is None:
            return await _gone(request, token)
        values = {"name": found.invited_name, "login": ""}
        return _invitation_page(request, token, found, values, errors(request, refusal), status=422)
    return Redirect(_landing(taken), status_code=303) if taken else await _gone(request, token)


async def _gone(request: Asked, token: str) -> Response[Any]:
    return page(request, "accounts/invitation_gone.html", status=404, reason=await actions.why_gone(token))


def _landing(taken: actions.OpenInvitation) -> str:
    if taken.province is not None:
        return f"/provinces/{taken.province.slug}/"
    assert taken.committee is not None
    return f"/{taken.committee.slug}/"


def _invitation_page(
    request: Asked, token: str, found: actions.OpenInvitation, values: dict[str, str],
    faults: dict[str, str], status: int = 200,
) -> Response[Any]:  # fmt: skip
    shown = {
        "place_title": found.committee.title if found.committee else found.province and found.province.name,
        "role_word": translate(request, ROLE_WORDS[found.role]),
        "cell_name": found.place.cell_name or None,
    }
    return page(
        request, "accounts/invitation.html", status=status, action=f"/invitations/{token}", invitation=shown,
        values=values, errors=faults, shortest=SHORTEST_PASSWORD,
    )  # fmt: skip


@post("/language", access=anyone)
async def choose_language(data: Form) -> Response[Any]:
    """Remember the language in this browser and go back."""
    wanted = data.get("language", "vi")
    answer = Redirect(safe(data.get("next", "/")), status_code=303)
    answer.set_cookie(
        Cookie(
            key=language.COOKIE, value=wanted if wanted in language.LANGUAGES else "vi", path="/", samesite="lax",
            max_age=400 * 86_400, secure=settings().https,
        )
    )  # fmt: skip
    return answer
