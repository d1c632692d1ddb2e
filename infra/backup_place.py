"""Where backups lie: a folder of another disk, or a bucket. A file is there as a whole or not at all."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from infra import objects
from infra.settings import Settings, settings

# A file on its way into a folder is called so; what a killed process left goes after a day.
_PART = ".part-"
_LEFT_SECONDS = 86_400


class Missing(FileNotFoundError):
    """The place is there and has no such file."""


class Away(Exception):
    """The place does not answer, or is not there: what was to be done can be done again later."""


class Full(Exception):
    """The place has no room for a file."""


@dataclass(frozen=True)
class Stored:
    """A file in the place: its name below the place's root, bytes, and when it was stored (seconds since 1970)."""

    name: str
    bytes: int
    stored_at: float


class Place(Protocol):
    """What a place does. Names have parts with / between them. Everything raises Away."""

    async def put(self, name: str, path: Path) -> None:
        """Store a file under a name, whole or not at all, in place of what was there. Raises Full."""

    async def get(self, name: str, path: Path) -> None:
        """Write what is stored under a name into a file. Raises Missing."""

    async def stored(self, prefix: str) -> list[Stored]:
        """Everything whose name begins with a folder's, by name."""

    async def remove(self, names: Collection[str]) -> None:
        """Remove files; those that are not there count as removed."""


@dataclass(frozen=True)
class Folder:
    """A folder, which has to be there: one that was made anew would be on the wrong disk."""

    root: Path

    async def put(self, name: str, path: Path) -> None:
        """Copied under another name, written to the disk, then renamed."""
        await asyncio.to_thread(self._put, name, path)

    def _put(self, name: str, path: Path) -> None:
        self._check_there()
        target = self.root / name
        part = target.with_name(f"{_PART}{uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as source, part.open("xb") as file:
                shutil.copyfileobj(source, file, objects.PIECE_BYTES)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
            _sync(target.parent)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Full(f"there is no room left in {self.root}") from None
            raise Away(f"{self.root}: {error.strerror}") from None

    async def get(self, name: str, path: Path) -> None:
        """Copied."""
        await asyncio.to_thread(self._get, name, path)

    def _get(self, name: str, path: Path) -> None:
        self._check_there()
        try:
            shutil.copyfile(self.root / name, path)
        except FileNotFoundError:
            raise Missing(name) from None
        except OSError as error:
            raise Away(f"{self.root}: {error.strerror}") from None

    async def stored(self, prefix: str) -> list[Stored]:
        """What killed processes left a day ago is removed on the way."""
        return await asyncio.to_thread(self._stored, prefix)

    def _stored(self, prefix: str) -> list[Stored]:
        self._check_there()
        try:
            return sorted(self._found(prefix), key=lambda one: one.name)
        except OSError as error:
            raise Away(f"{error.filename or self.root}: {error.strerror}") from None

    def _found(self, prefix: str) -> Iterator[Stored]:
        # A folder that can't be read is no empty one: pages that a backup in it names would be swept.
        for folder, _, names in os.walk(self.root / prefix, onerror=_but_for_gone):
            for path in (Path(folder, name) for name in names):
                try:
                    about = path.stat()
                except FileNotFoundError:
                    continue
                if path.name.startswith(_PART):
                    if about.st_mtime < time.time() - _LEFT_SECONDS:
                        path.unlink(missing_ok=True)
                else:
                    yield Stored(path.relative_to(self.root).as_posix(), about.st_size, about.st_mtime)

    async def remove(self, names: Collection[str]) -> None:
        """And the folders that are empty then."""
        await asyncio.to_thread(self._remove, names)

    def _remove(self, names: Collection[str]) -> None:
        self._check_there()
        for name in names:
            path = self.root / name
            try:
                path.unlink(missing_ok=True)
                while (path := path.parent) != self.root and path.exists() and not any(path.iterdir()):
                    path.rmdir()
            except OSError as error:
                raise Away(f"{self.root}: {error.strerror}") from None

    def _check_there(self) -> None:
        if not self.root.is_dir():
            raise Away(f"there is no folder {self.root}: is its disk mounted?")


@dataclass(frozen=True)
class InBucket:
    """A bucket with a prefix; what is put is one request, or parts that come to nothing without the last."""

    bucket: objects.Bucket
    prefix: str

    async def put(self, name: str, path: Path) -> None:
        """One request up to a gigabyte."""
        try:
            await objects.put_large(self.prefix + name, path, "application/octet-stream", bucket=self.bucket)
        except objects.ObjectErrors as error:
            raise Away(str(error)) from error

    async def get(self, name: str, path: Path) -> None:
        """Piece by piece."""
        try:
            await objects.get_file(self.prefix + name, path, bucket=self.bucket)
        except objects.Missing:
            raise Missing(name) from None
        except objects.ObjectErrors as error:
            raise Away(str(error)) from error

    async def stored(self, prefix: str) -> list[Stored]:
        """As the store lists them."""
        try:
            below = f"{self.prefix}{prefix}/" if prefix else self.prefix
            found = await objects.entries(below, bucket=self.bucket)
        except objects.ObjectErrors as error:
            raise Away(str(error)) from error
        return [
            Stored(one.key.removeprefix(self.prefix), one.bytes, one.stored_at.timestamp() if one.stored_at else 0.0)
            for one in found
        ]  # fmt: skip

    async def remove(self, names: Collection[str]) -> None:
        """Many in a request."""
        try:
            await objects.remove([self.prefix + name for name in names], bucket=self.bucket)
        except objects.ObjectErrors as error:
            raise Away(str(error)) from error


def place_of(given: Settings) -> Place | None:
    """The place of a deployment's backups; None where none is set."""
    if given.backup_url is None:
        return None
    parts = urlsplit(given.backup_url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)))
    if given.backup_objects_url is None:
        store = objects.make_client(given)
    else:  # with both keys: the settings are refused otherwise
        keys = given.backup_objects_access_key or "", given.backup_objects_secret_key or ""
        store = objects.client_of(given.backup_objects_url, *keys)
    prefix = parts.path.strip("/")
    return InBucket(objects.Bucket(store, parts.netloc), f"{prefix}/" if prefix else "")


@lru_cache(maxsize=1)
def place() -> Place | None:
    """The place of this process, by its settings."""
    return place_of(settings())


def _but_for_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _sync(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
