"""Passwords (Argon2id), tokens, and what is kept sealed (AES-GCM). Hashing runs in a small pool of threads: each takes
memory and time on purpose.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.settings import settings

# 19 MiB and two passes: the floor of OWASP's password storage advice, four at a time.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
# What a log-in for an unknown name is compared with, so that it takes as long as one for a known name.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


async def hash_password(password: str) -> str:
    """An Argon2id hash with its parameters."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def password_fits(password: str, hashed: str | None) -> bool:
    """Whether a password fits; None (no such account) takes as long and never fits."""
    fits = await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, password, hashed or _NOBODY)
    return fits and hashed is not None


def _verify(password: str, hashed: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def csrf_token(token: str) -> str:
    """What the forms of a session's pages carry: 22 signs that only who knows the session's token can make."""
    made = hmac.digest(token.encode(), b"csrf", "sha256")
    return urlsafe_b64encode(made).decode()[:22]


_NONCE = 12


def seal(secret: str, account: UUID) -> bytes:
    """A secret of an account for the database, which alone can't open it: the key is a setting. Bound to the account,
    so that one row's value is worth nothing in another's.
    """
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_sealing_key()).encrypt(nonce, secret.encode(), account.bytes)


def unsealed(sealed: bytes, account: UUID) -> str | None:
    """What was sealed for an account; None where the key is another one by now, or the row was tampered with."""
    try:
        return AESGCM(_sealing_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], account.bytes).decode()
    except InvalidTag:
        return None


def _sealing_key() -> bytes:
    # One use, one key: whatever else is sealed one day has a name of its own.
    return hmac.digest(settings().secret_key.encode(), b"nennep second factor", "sha256")
