"""As little HTTP as a client can do: one kept connection, one request under way, no parsing beyond what is needed."""

from __future__ import annotations

import asyncio
import re

from server.accounts.secrets import csrf_token

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
PHONE = (
    "user-agent: Mozilla/5.0 (Linux; Android 13; SM-A245F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0 Mobile"
    " Safari/537.36\r\naccept-language: vi-VN,vi;q=0.9\r\nsec-fetch-site: same-origin\r\nsec-fetch-dest: empty\r\n"
    "sec-fetch-mode: cors\r\n"
)


class Line(asyncio.Protocol):
    """A connection; ``ask`` sends a whole request and gives status, head and body of its answer."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes, bytes]] | None = None
        self._whole = self._body = 0

    @classmethod
    async def open(cls, port: int) -> Line:
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed"))

    def close(self) -> None:
        self._transport.close()

    @property
    def closed(self) -> bool:
        """Whether one of the two sides has ended it: servers end what is idle for some seconds."""
        return self._transport.is_closing()

    def ask(self, request: bytes) -> asyncio.Future[tuple[int, bytes, bytes]]:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._whole:
            end = self._held.find(b"\r\n\r\n")
            if end < 0:
                return
            found = _LENGTH.search(self._held, 0, end)
            self._body = end + 4
            self._whole = self._body + (int(found[1]) if found else 0)
        if len(self._held) >= self._whole:
            head, body = bytes(self._held[: self._body]), bytes(self._held[self._body : self._whole])
            self._held, self._whole = bytearray(), 0
            self._answer.set_result((int(head[9:12]), head, body))


def get(path: str, token: str, *, encoding: str = "gzip, deflate, br") -> bytes:
    """A page as a phone asks for it."""
    return (
        f"GET {path} HTTP/1.1\r\nhost: bench\r\naccept: text/html,*/*\r\naccept-encoding: {encoding}\r\n"
        f"cookie: nennep-plain-http={token}\r\n{PHONE}\r\n"
    ).encode()


def post_head(path: str, token: str) -> bytes:
    """The head of a batch of marks up to the value of its length."""
    return (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\naccept: */*\r\naccept-encoding: gzip, deflate, br\r\n"
        f"cookie: nennep-plain-http={token}\r\norigin: http://bench\r\ncontent-type: application/json\r\n"
        f"x-requested-with: nennep\r\nx-csrf: {csrf_token(token)}\r\n{PHONE}content-length: "
    ).encode()


def post(head: bytes, body: bytes) -> bytes:
    """A whole request."""
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)
