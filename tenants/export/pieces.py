"""Bytes that pass by: counted, hashed, looked through and renamed without ever being held as a whole."""

from __future__ import annotations

import re
from hashlib import sha256

# Names that a tenant's row may hold only if they are its own: see ``Looked``.
_SCHEMA = re.compile(rb"c_[a-z0-9]{13}/")
_PLATFORM = re.compile(rb"(?:exports|bulletins)/[0-9a-f-]{36}")
# The longest of both, less one byte: what the end of a piece may hold of a name that goes on in the next.
_OVERLAP = 46


class Counted:
    """SHA-256, bytes, and the records of a CSV (line ends outside quotes)."""

    def __init__(self) -> None:
        self.bytes, self.lines, self._hash, self._quoted = 0, 0, sha256(), False

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        self.bytes += len(piece)
        self._hash.update(piece)
        for number, part in enumerate(piece.split(b'"')):
            if number:
                self._quoted = not self._quoted
            if not self._quoted:
                self.lines += part.count(b"\n")

    @property
    def rows(self) -> int:
        """Records after the head."""
        return max(0, self.lines - 1)

    @property
    def sha256(self) -> str:
        """The hash of all that came, in hex."""
        return self._hash.hexdigest()


class Renamed:
    """Objects' keys begin with the tenant's schema: puts another name, as long, in its place, across pieces too."""

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = f"{old}/".encode(), f"{new}/".encode()
        if len(self._old) != len(self._new):
            raise ValueError("schemas have names of one length")
        self._kept = b""

    def feed(self, piece: bytes) -> bytes:
        """What can be passed on by now."""
        if self._old == self._new:
            return piece
        whole = (self._kept + piece).replace(self._old, self._new)
        keep = len(self._old) - 1
        self._kept = whole[-keep:]
        return whole[:-keep]

    def end(self) -> bytes:
        """What is left."""
        return self._kept


class Looked:
    """Finds keys that are not the tenant's own: a forged row could otherwise open another committee's pages."""

    def __init__(self, own: str) -> None:
        self._own, self._kept = f"{own}/".encode(), b""
        self.stranger = ""

    def feed(self, piece: bytes) -> None:
        """Look through the next piece."""
        whole = self._kept + piece
        for pattern in (_SCHEMA, _PLATFORM):
            for match in pattern.finditer(whole):
                if match[0] != self._own:
                    self.stranger = match[0].decode()
        self._kept = whole[-_OVERLAP:]
