"""The three servers together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

from . import account, database, objects, programs, queue
from .folder import Folder
from .process import ServerFailed, Spawner
from .server import Server

Made = TypeVar("Made", bound=Server)
DISK_NEEDED = 300 * 2**20


@dataclass(frozen=True)
class Servers:
    """Where the servers are; URLs carry passwords. ``pids`` by ``database``, ``queue``, ``objects``."""

    database_url: str
    owner_url: str
    app_url: str
    queue_url: str
    objects_url: str
    objects_access_key: str
    objects_secret_key: str
    objects_bucket: str
    secret_key: str
    pids: dict[str, int]

    def environment(self) -> dict[str, str]:
        """The settings that point the application at these servers. A second factor is offered, not required."""
        return {
            "NENNEP_DATABASE_URL": self.app_url,
            "NENNEP_OWNER_DATABASE_URL": self.owner_url,
            "NENNEP_QUEUE_URL": self.queue_url,
            "NENNEP_OBJECTS_URL": self.objects_url,
            "NENNEP_OBJECTS_ACCESS_KEY": self.objects_access_key,
            "NENNEP_OBJECTS_SECRET_KEY": self.objects_secret_key,
            "NENNEP_OBJECTS_BUCKET": self.objects_bucket,
            "NENNEP_SECRET_KEY": self.secret_key,
            "NENNEP_SECOND_FACTOR": "offered",
            # One web process: there is nobody else to whom anything could go meanwhile.
            "NENNEP_LINGER_SECONDS": "0",
        }


class Embedded:
    """PostgreSQL, Valkey and SeaweedFS of one data folder, from ``start`` to ``stop``."""

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        self._folder = Folder(data)
        self._fast = fast
        self._spawner = Spawner()
        self._given_up = Event()
        self._database: database.Database
        self._queue: queue.Queue
        self._objects: objects.Objects
        self._servers: dict[str, Server] = {}

    @classmethod
    def start(cls, data: Path, *, fresh: bool = False, fast: bool = False) -> Embedded:
        """Start all three in ``data`` and return when all answer.

        ``fresh`` empties the folder first; ``fast`` does not wait for the disk while a new folder is laid out
        (the servers themselves always do). Raises ServerFailed with a text for people.
        """
        embedded = cls(data, fast=fast)
        try:
            embedded._folder.hold()
            embedded._start(fresh)
        except BaseException:
            embedded.stop()
            raise
        return embedded

    def _start(self, fresh: bool) -> None:
        self._folder.end_orphans()
        if fresh:
            self._folder.empty()
        if shutil.disk_usage(self._folder.path).free < DISK_NEEDED:
            raise ServerFailed(
                f"{self._folder.path}: less than {DISK_NEEDED >> 20} MB are free on this disk."
            )
        secrets = self._folder.secrets()
        who = account.choose(self._folder.path, (programs.postgres(), programs.valkey(), programs.weed()))
        logs = self._folder.logs()

        def make(kind: type[Made]) -> Made:
            log = logs / f"{kind.name}.log"
            made = kind(self._folder.part(kind.name), log, who, secrets, fast=self._fast)
            self._servers[kind.name] = made
            return made

        self._database = make(database.Database)
        self._queue = make(queue.Queue)
        self._objects = make(objects.Objects)
        self._launch()

    def _launch(self) -> None:
        with ThreadPoolExecutor(len(self._servers)) as pool:
            given_up = self._given_up.is_set
            starts = [pool.submit(one.launch, self._spawner, given_up) for one in self._servers.values()]
            try:
                wait(starts, return_when=FIRST_EXCEPTION)
            finally:
                # All ready, or one failed, or we were interrupted: in the latter two the rest need not go on.
                if not all(start.done() and start.exception() is None for start in starts):
                    self._given_up.set()
        for failed in [start.exception() for start in starts]:
            if failed is not None and "interrupted" not in str(failed):
                raise failed

    @property
    def servers(self) -> Servers:
        """Where the servers are at this moment."""
        base, store = self._database, self._objects
        running = {name: one.process for name, one in self._servers.items() if one.process}
        return Servers(
            database_url=base.url(),
            owner_url=base.url("owner"),
            app_url=base.url("app"),
            queue_url=self._queue.url,
            objects_url=store.url,
            objects_access_key=store.secrets["objects_access"],
            objects_secret_key=store.secrets["objects_secret"],
            objects_bucket=objects.BUCKET,
            secret_key=self._folder.kept_key(),
            pids={name: process.pid for name, process in running.items() if process.poll() is None},
        )

    def fallen(self) -> list[str]:
        """Names of the servers that have ended though nobody stopped them."""
        return [name for name, one in self._servers.items() if one.process and one.process.poll() is not None]

    def kill(self, name: str) -> None:
        """SIGKILL to one server (``database``, ``queue``, ``objects``); returns when it is gone."""
        self._servers[name].kill()

    def restart(self, name: str) -> None:
        """Start one server again on the same port, killing it first if it runs; returns when it answers."""
        one = self._servers[name]
        one.kill()
        why = one.run(self._spawner)
        if why is not None:
            raise one.failure(why)

    def stop(self) -> None:
        """End all three in their orderly ways and give the folder back. Stopping twice does no harm."""
        self._given_up.set()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda one: one.stop(), self._servers.values()))
        self._spawner.close()
        self._folder.release()

    def __enter__(self) -> Embedded:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextmanager
def running(data: Path, *, fresh: bool = False, fast: bool = False) -> Iterator[Embedded]:
    """A context manager: the servers are started before its block and stopped after it."""
    embedded = Embedded.start(data, fresh=fresh, fast=fast)
    try:
        yield embedded
    finally:
        embedded.stop()
