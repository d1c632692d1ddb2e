"""That a writing request comes from a page of this very session. Beside it stands the check of where it comes from."""

from __future__ import annotations

from hmac import compare_digest

from server.accounts.secrets import csrf_token
from web.access import SAFE, NotSignedIn
from web.asking import Asked
from web.problems import OldPage, wants_json


async def check(request: Asked) -> None:
    """The hook before every handler. A form carries its session's token; the phone's queue, whose pages may be older
    than the session, carries headers that no other site's page can send, and says whose marks or photos it brings.
    """
    state = request.scope["state"]
    reader = state["reader"]
    # Logging in begins a session and needs none: the page may be older than what another window did. What another app
    # shares comes from no page, and nothing is done with it.
    if request.method in SAFE or reader is None or request.url.path in ("/login", "/share"):
        return
    given = request.headers.get("X-CSRF")
    if given is None and _from_queue(request):
        account = request.headers.get("X-Account")
        if not wants_json(request) or account is None:
            raise OldPage
        if account != str(reader.account_id):
            raise NotSignedIn
        return
    if given is None:
        given = str((await request.form()).get("csrf", ""))
    if not compare_digest(given.encode(errors="replace"), csrf_token(state["token"]).encode()):
        raise OldPage


def _from_queue(request: Asked) -> bool:
    # No form can PUT; and a PUT's body, which may be a large photo, is the handler's to read.
    return request.method == "PUT" or request.headers.get("Content-Type", "").startswith("application/json")
