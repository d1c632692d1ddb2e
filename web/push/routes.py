"""The browser's side of being told: our key, subscribing with it, and no longer being told. Scripts ask here."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.response import Redirect

from infra import push
from infra.push import Address
from server.accounts import push as browsers
from server.words import Refused, say
from web.access import signed_in
from web.asking import Asked, reader_of
from web.problems import wants_json
from web.render import errors, translate


class Keys(msgspec.Struct):
    """What a browser's messages are sealed with."""

    p256dh: Annotated[str, msgspec.Meta(max_length=200)]
    auth: Annotated[str, msgspec.Meta(max_length=100)]


class Subscription(msgspec.Struct):
    """PushSubscription.toJSON() of a browser."""

    endpoint: Annotated[str, msgspec.Meta(max_length=push.LONGEST_ENDPOINT)]
    keys: Keys | None = None


_DECODE = msgspec.json.Decoder(Subscription)


@get("/push/key", access=signed_in)
async def key() -> Response[Any]:
    """What to subscribe with; null where nobody is told anything."""
    return Response({"key": push.public_key()}, headers={"Cache-Control": "no-store"})


@put("/push/subscription", access=signed_in)
async def subscribe(request: Asked) -> Response[Any]:
    """Tell the account that is logged in here in this browser."""
    sent = await _sent(request)
    if sent is None or sent.keys is None:
        return _unreadable(request)
    address = Address(sent.endpoint, sent.keys.p256dh.rstrip("="), sent.keys.auth.rstrip("="))
    try:
        await browsers.subscribe(reader_of(request).account_id, address)
    except Refused as refusal:
        return Response({"message": " ".join(errors(request, refusal).values())}, status_code=422)
    return Response({"told": True})


@delete("/push/subscription", access=signed_in, status_code=200)
async def unsubscribe(request: Asked) -> Response[Any]:
    """Tell this account nothing in this browser any more."""
    sent = await _sent(request)
    if sent is None:
        return _unreadable(request)
    await browsers.unsubscribe(reader_of(request).account_id, sent.endpoint)
    return Response({"told": False})


@post("/push/ending", access=signed_in)
async def end_everywhere(request: Asked) -> Response[Any]:
    """Tell this account nothing in any browser any more: a plain form, for whoever has lost a phone."""
    await browsers.unsubscribe(reader_of(request).account_id, None)
    return Redirect("/account/password", status_code=303)


async def _sent(request: Asked) -> Subscription | None:
    try:
        return _DECODE.decode(await request.body()) if wants_json(request) else None
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _unreadable(request: Asked) -> Response[Any]:
    words = say("Trình duyệt gửi đăng ký không đúng mẫu nên chưa được nhận.")
    return Response({"message": translate(request, words)}, status_code=422)
