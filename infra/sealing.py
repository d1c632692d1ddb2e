"""Files that only the holder of a key can read, sealed and opened piece by piece.

A sealed file is a head (what it is, which key, a salt) and pieces. Each piece is sealed by AES-256-GCM with a key that
is derived for this file alone; its nonce is its number and whether it is the last, so a file that was cut, lengthened,
reordered, or put in another's place does not open.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# The last digit is the version of the format.
MAGIC = b"NENNEPB1"
_ID_BYTES, _SALT_BYTES, _TAG_BYTES = 8, 32, 16
HEAD_BYTES = len(MAGIC) + _ID_BYTES + _SALT_BYTES
PIECE_BYTES = 256 * 1024


class WrongKey(Exception):
    """A file was sealed with another key, or is sealed and there is none."""


class Broken(Exception):
    """A sealed file is not what was sealed: cut, changed, or another's."""


def key_of(text: str) -> bytes:
    """The 32 bytes of a key as it stands in the settings: base64url without padding. Raises ValueError."""
    key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(key) != 32:
        raise ValueError("must be 32 random bytes as 43 characters of base64url")
    return key


def id_of(key: bytes) -> str:
    """What tells keys apart without telling them, in hex: it stands in each file that was sealed with one."""
    return sha256(b"nennep backup key\0" + key).digest()[:_ID_BYTES].hex()


def is_sealed(head: bytes) -> bool:
    """Whether a file that begins like this is a sealed one."""
    return head.startswith(MAGIC)


def sealed(pieces: Iterable[bytes], key: bytes, place: str) -> Iterator[bytes]:
    """The sealed bytes of what comes in pieces; ``place``: the name under which alone the file will open."""
    head = MAGIC + bytes.fromhex(id_of(key)) + os.urandom(_SALT_BYTES)
    cipher = _cipher(key, head, place)
    yield head
    for number, (piece, last) in enumerate(_regular(pieces, PIECE_BYTES)):
        yield cipher.encrypt(_nonce(number, last=last), piece, head)


def unsealed(pieces: Iterable[bytes], key: bytes | None, place: str) -> Iterator[bytes]:
    """The bytes that were sealed. Raises WrongKey, and Broken, at the latest behind the last piece: until then what
    came may be the beginning of a file that was cut.
    """
    source = iter(pieces)
    begun = b""
    while len(begun) < HEAD_BYTES and (piece := next(source, b"")):
        begun += piece
    head, rest = begun[:HEAD_BYTES], begun[HEAD_BYTES:]
    if len(head) < HEAD_BYTES or not is_sealed(head):
        raise Broken("it does not begin as a sealed file of ours")
    told = head[len(MAGIC) : len(MAGIC) + _ID_BYTES].hex()
    if key is None:
        raise WrongKey(f"it was sealed with the key {told}, and no key is set (NENNEP_BACKUP_KEY)")
    if told != id_of(key):
        raise WrongKey(f"it was sealed with the key {told}, and the key that is set is {id_of(key)}")
    cipher = _cipher(key, head, place)
    for number, (piece, last) in enumerate(_regular(_with(rest, source), PIECE_BYTES + _TAG_BYTES)):
        try:
            yield cipher.decrypt(_nonce(number, last=last), piece, head)
        except InvalidTag:
            raise Broken(f"piece {number} is not what was sealed, or the file was cut there") from None


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _regular(pieces: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in pieces of one size, and whether each is the last; of nothing one empty piece."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        while len(gathered) > size:
            yield bytes(gathered[:size]), False
            del gathered[:size]
    yield bytes(gathered), True


def _cipher(key: bytes, head: bytes, place: str) -> AESGCM:
    salt = head[-_SALT_BYTES:]
    return AESGCM(HKDF(SHA256(), 32, salt, b"nennep backup file\0" + place.encode()).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
