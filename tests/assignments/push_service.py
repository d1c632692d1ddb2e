"""A push service on loopback, and browsers that subscribe at it: what arrives is opened with the browser's own keys."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from infra.postgres import sql
from infra.push import Address, new_key
from infra.settings import settings
from server.accounts.actions import Place, add_account, give
from server.accounts.push import subscribe
from tenants.transactions import platform_transaction


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass
class Heard:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """What arrived; ``answers`` by path is the next status, 201 where nothing is said; while ``held`` is not set,
    all after the first ``free`` wait.
    """

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    status: int = 201
    held: threading.Event = field(default_factory=threading.Event)
    free: int = 0
    waiting: list[str] = field(default_factory=list)

    def browser(self) -> Browser:
        """A new browser that subscribes here."""
        return Browser(f"http://127.0.0.1:{self.port}/{uuid4().hex}")

    def to(self, browser: Browser) -> list[Heard]:
        """What arrived for one browser."""
        return [one for one in self.heard if one.path == browser.path]


class Browser:
    """Subscription and keys of one browser."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.path = endpoint, endpoint[endpoint.rindex("/") :]
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), uuid4().bytes
        self.address = Address(endpoint, text(point(self.key.public_key())), text(self.auth))

    @property
    def json(self) -> dict[str, Any]:
        """As PushSubscription.toJSON() gives it."""
        keys = {"p256dh": self.address.p256dh, "auth": self.address.auth}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def open(self, heard: Heard) -> dict[str, Any]:
        """RFC 8291 and 8188, written down here a second time."""
        body = heard.body
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        info = b"WebPush: info\0" + point(self.key.public_key()) + sender
        first = _hkdf(self.auth, shared, info, 32)
        key = _hkdf(salt, first, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, first, b"Content-Encoding: nonce\0", 12)
        opened = AESGCM(key).decrypt(nonce, sealed, None)
        told: dict[str, Any] = json.loads(opened.rstrip(b"\0")[:-1])
        return told


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def signed_by_us(heard: Heard, service: Service) -> dict[str, Any]:
    """What the signature says of us, if it is right and of our key."""
    authorization = heard.headers["authorization"]
    assert Vapid02.verify(authorization)
    token = authorization.split("t=")[1].split(",")[0]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == f"http://127.0.0.1:{service.port}"
    return claims


@contextmanager
def push_service() -> Iterator[Service]:
    """A running service, and settings that push to it and nowhere else."""
    service = Service()
    service.held.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever sent it was killed in the middle: nothing has arrived
            service.waiting.append(self.path)
            if len(service.waiting) > service.free:
                service.held.wait(30)
            service.heard.append(Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(service.answers.get(self.path, service.status))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    patch = pytest.MonkeyPatch()
    patch.setenv("NENNEP_PUSH_PRIVATE_KEY", new_key())
    patch.setenv("NENNEP_PUSH_HOSTS", "127.0.0.1")
    settings.cache_clear()
    try:
        yield service
    finally:
        patch.undo()
        settings.cache_clear()
        service.held.set()
        server.shutdown()
        server.server_close()
        thread.join()


async def account_with(
    browser: Browser | None,
    committee: UUID,
    member: UUID | None,
    *,
    role: str = "member",
    place: Place | None = None,
) -> UUID:
    """A new account with a role, tied to a member, that is told in a browser."""
    async with platform_transaction():
        account = await add_account(name="Ksor Giang", login=f"p{uuid4().hex[:12]}", password_hash="x")
        await give(account, committee, role, place or Place(), by_name="test")
        await sql("UPDATE platform.account_grant SET member = $2 WHERE account = $1", account, member)
    if browser is not None:
        await subscribe(account, browser.address)
    return account
