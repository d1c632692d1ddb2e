"""PgBouncer in transaction mode before the suite's PostgreSQL: a fourth embedded server, for the application's role."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from infra.embedded import Embedded, Servers
from infra.embedded.database import Database
from infra.embedded.folder import write_private
from infra.embedded.process import LOOPBACK, Spawner
from infra.embedded.server import Server

# `make test-pgbouncer`: the whole suite behind it.
EVERYTHING = bool(os.environ.get("NENNEP_TEST_POOLER"))
MISSING = "PgBouncer is not installed here (package pgbouncer): nothing is tried behind it."

# What a deployment would set, but small and short-lived, so that servers are truly shared and truly replaced.
SETTINGS = {
    "pool_mode": "transaction",
    "default_pool_size": "6",
    "max_client_conn": "300",
    "server_lifetime": "60",
    "server_idle_timeout": "30",
    # Below the ten seconds after which a phone gives up waiting for an answer.
    "query_wait_timeout": "8",
    # A server that can't be reached is asked for again after this; meanwhile clients are refused at once.
    "server_login_retry": "1",
}
CONFIGURATION = """\
[databases]
* = host={host} port={database}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = users.txt
admin_users = nennep_app
"""


def program() -> str | None:
    """PgBouncer's program, wherever packages put it; None without one."""
    return shutil.which("pgbouncer", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))


class Bouncer(Server):
    """PgBouncer on loopback, which lets in the application's role alone, by its password."""

    name: ClassVar[str] = "pooler"
    title: ClassVar[str] = "PgBouncer"

    def behind(self, database: Database, **settings: str) -> Bouncer:
        """Stand before this server with these settings beside ours; to be said before it is launched."""
        self.database, self.given = database, SETTINGS | settings
        return self

    def url(self) -> str:
        """The application's way to the database through here."""
        return through(self.database.url("app"), self.port)

    def prepare(self, spawner: Spawner, /) -> None:
        """Nothing on disk: the configuration names the port and is written at each start."""
        self.spawner = spawner

    def again(self) -> None:
        """Start it where it was."""
        why = self.run(self.spawner)
        assert why is None, self.failure(why)

    def command(self) -> list[str]:
        """Passwords go by file; output comes to the log as it does from every server here."""
        head = CONFIGURATION.format(host=LOOPBACK, port=self.port, database=self.database.port)
        lines = [f"{name} = {value}" for name, value in self.given.items()]
        self._write("pgbouncer.ini", head + "\n".join(lines) + "\n")
        self._write("users.txt", f'"nennep_app" "{self.secrets["app"]}"\n')
        found = program()
        assert found, MISSING
        return [found, "pgbouncer.ini"]

    def _write(self, name: str, text: str) -> None:
        write_private(self.folder / name, text)
        self.account.give(self.folder / name)

    def stop(self) -> None:
        """End at once: what its signals mean differs from version to version, and it keeps nothing."""
        self.kill()

    def ask(self) -> None:
        """A statement that goes all the way."""
        asyncio.run(self._ask())

    async def _ask(self) -> None:
        line = await asyncpg.connect(self.url(), timeout=5, statement_cache_size=0)
        await line.execute("SELECT 1")
        await line.close()


def through(url: str, port: int) -> str:
    """The same address by another port."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rsplit(':', 1)[0]}:{port}"))


@dataclass(frozen=True)
class PooledServers(Servers):
    """The servers where the application goes through PgBouncer, here one that knows no prepared statements."""

    def environment(self) -> dict[str, str]:
        """The settings that say so."""
        return super().environment() | {"NENNEP_DATABASE_STATEMENTS": "0"}


class Pooled(Embedded):
    """The embedded servers with PgBouncer as the fourth; the owner's way stays the direct one."""

    _bouncer: Bouncer

    def _start(self, fresh: bool) -> None:
        super()._start(fresh)
        self._bouncer = bouncer_beside(self, self._folder.part("pooler"))
        self._servers["pooler"] = self._bouncer
        self._bouncer.launch(self._spawner, self._given_up.is_set)

    @property
    def servers(self) -> Servers:
        """Where they are; the application's address is PgBouncer's."""
        plain = super().servers
        values = {one.name: getattr(plain, one.name) for one in fields(plain)}
        return PooledServers(**values | {"app_url": self._bouncer.url()})


def bouncer_beside(embedded: Embedded, folder: Path, **settings: str) -> Bouncer:
    """One before the database of these servers, with its files in ``folder``; not launched yet."""
    database = embedded._database
    made = Bouncer(folder, folder / "pooler.log", database.account, database.secrets, fast=False)
    return made.behind(database, **settings)


@contextmanager
def launched(embedded: Embedded, folder: Path, **settings: str) -> Iterator[Bouncer]:
    """One that runs for the length of a block."""
    spawner = Spawner()
    made = bouncer_beside(embedded, folder, **settings)
    try:
        made.launch(spawner, lambda: False)
        yield made
    finally:
        made.stop()
        spawner.close()
