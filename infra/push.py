"""Telling a browser something while its pages are closed: web push (RFC 8030), encrypted (8291), signed (8292).

Browsers say where they are told; only hosts of the setting push_hosts are ever asked, by https, without redirects: an
address that an account has sent us must lead nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

import urllib3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.settings import settings

CONNECT_SECONDS, ANSWER_SECONDS = 3, 10
# Messages that a process sends at once.
AT_ONCE = 8
# What a service believes our signature for; at most a day is allowed.
_SIGNED_SECONDS = 12 * 3600
LONGEST_ENDPOINT, LONGEST_PAYLOAD = 1000, 3000
POINT_BYTES, AUTH_BYTES = 65, 16

# ok: taken; gone: nobody is there any more; later: try again; never: the service will not have it from us.
Outcome = Literal["ok", "gone", "later", "never"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Address:
    """Where a browser is told, and the keys only it can read with: both base64url, as the browser gave them."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class Message:
    """What is told: a payload of at most LONGEST_PAYLOAD bytes, which takes the place of one of the same ``topic`` that
    waits (32 characters of base64url at most) and is dropped after ``seconds``.
    """

    payload: bytes
    topic: str
    seconds: int
    urgency: Literal["low", "normal", "high"] = "normal"


def new_key() -> str:
    """A private key for the setting push_private_key."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _text(number.to_bytes(32, "big"))


def public_key() -> str | None:
    """What a browser subscribes with; None where no key is set, and nobody is pushed to."""
    return _vapid_of(settings().push_private_key)[1] if settings().push_private_key else None


def possible(address: Address) -> bool:
    """Whether a message could be sent there: an allowed host, keys of the right kind."""
    try:
        point, auth = _bytes(address.p256dh), _bytes(address.auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        return False
    return len(point) == POINT_BYTES and len(auth) == AUTH_BYTES and allowed(address.endpoint)


def allowed(endpoint: str) -> bool:
    """Whether an endpoint is one of a push service that we may ask."""
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        return False
    try:
        place = urlsplit(endpoint)
        port = place.port
    except ValueError:
        return False
    host = place.hostname or ""
    known = any(_fits(host, pattern) for pattern in settings().push_hosts.split())
    plain = "@" not in place.netloc and "\\" not in endpoint and " " not in endpoint
    return known and plain and (_loopback(host) or (place.scheme == "https" and port in (None, 443)))


def _fits(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _loopback(host: str) -> bool:
    """A service of tests, which has to be named in the setting like any other."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def send_all(messages: Sequence[tuple[Address, Message]]) -> list[Outcome]:
    """Send each, some at once; what became of each, in the same order. Never raises for what a service does."""
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*(loop.run_in_executor(_threads(), _send, *one) for one in messages))


def _send(address: Address, message: Message) -> Outcome:
    if not possible(address):
        return "never"  # it was possible once: the setting has changed, and may change back
    place = urlsplit(address.endpoint)
    try:
        answer = _connections().request(
            "POST", address.endpoint, body=_encrypted(address, message.payload), redirect=False,
            headers=_headers(place, message),
        )  # fmt: skip
    except urllib3.exceptions.HTTPError as error:
        log.info("push failed", extra={"host": place.hostname, "error": type(error).__name__})
        return "later"
    if answer.status >= 400:
        log.info("push refused", extra={"host": place.hostname, "status": answer.status})
    return _outcome(answer.status)


def _outcome(status: int) -> Outcome:
    if status in (200, 201, 202, 204):
        return "ok"
    if status in (404, 410):
        return "gone"
    return "later" if status == 429 or status >= 500 else "never"


def _headers(place: SplitResult, message: Message) -> dict[str, str]:
    return {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(message.seconds),
        "Topic": message.topic,
        "Urgency": message.urgency,
        "Authorization": _signature(
            str(settings().push_private_key),
            f"{place.scheme}://{place.netloc}",
            int(time.time()) // _SIGNED_SECONDS,
        ),
    }


@lru_cache(maxsize=64)
def _signature(key: str, audience: str, period: int) -> str:
    """One a service and half a day: each takes as long as several messages take to write."""
    chosen = settings()
    contact = chosen.push_contact or (chosen.public_url if chosen.https else "mailto:root@localhost")
    claims = {"aud": audience, "exp": (period + 2) * _SIGNED_SECONDS - 60, "sub": contact}
    signed: dict[str, str] = _vapid_of(key)[0].sign(claims)
    return signed["Authorization"]


@lru_cache(maxsize=4)
def _vapid_of(key: str) -> tuple[Any, str]:
    from py_vapid import Vapid02  # noqa: PLC0415 - only who pushes has a use for it

    vapid = Vapid02.from_raw(key.encode())
    return vapid, _text(vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _encrypted(address: Address, payload: bytes) -> bytes:
    import http_ece  # noqa: PLC0415 - only who pushes has a use for it

    assert len(payload) <= LONGEST_PAYLOAD
    sealed: bytes = http_ece.encrypt(
        payload,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(address.p256dh),
        auth_secret=_bytes(address.auth),
        version="aes128gcm",
    )
    return sealed


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@lru_cache(maxsize=1)
def _connections() -> urllib3.PoolManager:
    patience = urllib3.Timeout(
        connect=CONNECT_SECONDS, read=ANSWER_SECONDS, total=CONNECT_SECONDS + ANSWER_SECONDS
    )
    return urllib3.PoolManager(timeout=patience, retries=False, maxsize=AT_ONCE)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push")
