"""A wire between the phone and the product that a test can cut.

The browser's own "offline" switch does not always reach service workers and leaves open streams alone; a proxy that
refuses connections is what a dead spot in a hall looks like to all of them.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """One request as it came from the browser."""

    method: str
    path: str
    body: bytes


# What stands in for the product: a whole HTTP answer, or None to let the request through.
Answer = Callable[[Asked], bytes | None]


def plain_answer(status: int, body: bytes = b"", media_type: str = "text/plain", *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [
        f"HTTP/1.1 {status} Changed",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


class Cut:
    """``address`` leads to the product while the wire is ``on``; each connection carries one request.

    ``asked``: all requests so far; ``told``: those that were answered, with the bytes of the answer, headers and all.
    """

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        self._there = (there.hostname or "127.0.0.1", there.port or 80)
        # Bound, never listening: nobody else is given the port while the wire is off.
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._place.bind(("127.0.0.1", 0))
        self._server: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.answer: Answer = lambda asked: None
        self.loses: Callable[[Asked], bool] = lambda asked: False
        self.asked: list[Asked] = []
        self.told: list[tuple[Asked, int]] = []
        self.on()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._place.getsockname()[1]}"

    def on(self) -> None:
        """The signal comes back."""
        if self._server is not None:
            return
        server = self._server = socket.create_server(self._place.getsockname(), backlog=64)
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def off(self) -> None:
        """The signal goes away, in the middle of what is on the way."""
        server, self._server = self._server, None
        if server is not None:
            # Closing alone would not wake the thread that accepts.
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        with self._lock:
            for line in self._open:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """For good."""
        self.off()
        self._place.close()

    def count(self, method: str, end: str) -> int:
        """How many requests of this method to a path with this end came so far."""
        return sum(1 for one in self.asked if one.method == method and one.path.split("?")[0].endswith(end))

    def size(self, end: str) -> int:
        """Bytes of the first answer from a path with this end, once it is whole."""
        until = time.monotonic() + 15
        while True:
            for asked, size in list(self.told):
                if asked.path.endswith(end):
                    return size
            assert time.monotonic() < until, f"no answer from …{end}"
            time.sleep(0.02)

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with self._kept(line), suppress(OSError):
            head, body = _read_request(line)
            if not head:
                return
            method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            asked = Asked(method, path, body)
            self.asked.append(asked)
            if (instead := self.answer(asked)) is not None:
                line.sendall(instead)
            else:
                self._relay(line, head, asked)

    def _relay(self, line: socket.socket, head: bytes, asked: Asked) -> None:
        there = socket.create_connection(self._there, timeout=30)
        with self._kept(there):
            there.settimeout(None)
            there.sendall(_closing(head) + asked.body)
            # The browser gives up by closing its end; without looking, an event stream would stay open for ever.
            threading.Thread(target=_until_gone, args=(line, there), daemon=True).start()
            lost, size = self.loses(asked), 0
            try:
                while data := there.recv(65536):
                    size += len(data)
                    if not lost:
                        line.sendall(data)
            finally:
                self.told.append((asked, size))

    def _kept(self, line: socket.socket) -> _Kept:
        return _Kept(line, self._open, self._lock)


@dataclass
class _Kept:
    """A connection that ``off`` finds while it is in use."""

    line: socket.socket
    open: set[socket.socket]
    lock: threading.Lock

    def __enter__(self) -> None:
        with self.lock:
            self.open.add(self.line)

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.open.discard(self.line)
        self.line.close()


def _read_request(line: socket.socket) -> tuple[bytes, bytes]:
    got = b""
    while _END not in got:
        data = line.recv(65536)
        if not data:
            return b"", b""
        got += data
    head, body = got.split(_END, 1)
    told = (one for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:"))
    length = int(next(told, b":0").split(b":", 1)[1])
    while len(body) < length:
        data = line.recv(65536)
        if not data:
            return b"", b""
        body += data
    return head, body


def _closing(head: bytes) -> bytes:
    lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + _END


def _until_gone(line: socket.socket, there: socket.socket) -> None:
    with suppress(OSError):
        while line.recv(4096):
            pass
    with suppress(OSError):
        there.shutdown(socket.SHUT_RDWR)
