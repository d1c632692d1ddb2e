"""Valkey: the queue. Every command goes to the append-only file; a power cut loses the last second at most."""

from __future__ import annotations

import socket
from typing import ClassVar

from .folder import write_private
from .process import LOOPBACK, Spawner
from .programs import valkey
from .server import Server

CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir .
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
tcp-keepalive 60
"""


class Queue(Server):
    """Valkey on loopback with a password."""

    name: ClassVar[str] = "queue"
    title: ClassVar[str] = "Valkey"

    @property
    def url(self) -> str:
        """redis://… with the password."""
        return f"redis://:{self.secrets['queue']}@{LOOPBACK}:{self.port}/0"

    def prepare(self, _: Spawner, /) -> None:
        """Nothing: the configuration names the port and is written at each start."""

    def command(self) -> list[str]:
        """The password goes by file: arguments can be read by every account of the machine."""
        file = self.folder / "valkey.conf"
        write_private(
            file,
            CONFIGURATION.format(host=LOOPBACK, port=self.port, password=self.secrets["queue"]),
        )
        self.account.give(file)
        return [str(valkey()), str(file)]

    def ask(self) -> None:
        """PING, after AUTH; "loading" counts as not ready."""
        with socket.create_connection((LOOPBACK, self.port), 1) as line:
            line.sendall(f"AUTH {self.secrets['queue']}\r\nPING\r\n".encode("ascii"))
            answer = b""
            while answer.count(b"\r\n") < 2:
                piece = line.recv(256)
                if not piece:
                    break
                answer += piece
        if answer != b"+OK\r\n+PONG\r\n":
            raise ConnectionError(answer.decode("ascii", "replace").strip() or "closed")
