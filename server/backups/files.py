"""Files into the place of backups and out of it, sealed where there is a key; and what can be wrong with the place."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from infra import backup_place, sealing
from infra.backup_place import Place
from infra.settings import settings
from server.minutes.keeping import StoreAway
from server.words import Refused, say
from tenants.export.faults import WrongFile

Answer = TypeVar("Answer")


@contextmanager
def reached() -> Iterator[None]:
    """What is wrong with the place, said: away, it is tried again (StoreAway); full, a person has to see to it."""
    try:
        yield
    except backup_place.Away as error:
        raise StoreAway(str(error)) from error
    except backup_place.Full as error:
        raise Refused(backup=say("Nơi lưu bản sao đã đầy: {what}.", what=str(error))) from error


def the_place() -> Place:
    """The place of backups. Raises Refused where none is set."""
    place = backup_place.place()
    if place is None:
        raise Refused(backup=say("Chưa đặt nơi lưu bản sao (NENNEP_BACKUP_URL)."))
    return place


def key() -> bytes | None:
    """The key that seals backups; None where none is set."""
    text = settings().backup_key
    return None if text is None else sealing.key_of(text)


def key_id() -> str:
    """The id of that key; '' where none is set."""
    held = key()
    return "" if held is None else sealing.id_of(held)


async def put(name: str, path: Path) -> None:
    """Store a file, sealed where there is a key. Raises StoreAway, Refused."""
    held = key()
    if held is not None:
        path = await asyncio.to_thread(_seal, path, held, name)
    with reached():
        await the_place().put(name, path)


def _seal(path: Path, held: bytes, name: str) -> Path:
    to = path.with_name(f"{path.name}.sealed")
    with to.open("wb") as file:
        file.writelines(sealing.sealed(_pieces(path), held, name))
    return to


async def get(name: str, path: Path, *, sealed: bool = False) -> str:
    """Write what is stored under a name into a file, opened where it was sealed; the SHA-256 of that. ``sealed``: where
    a key is set, it has to be. Raises StoreAway, WrongFile.
    """
    stored = path.with_name(f"{path.name}.stored")
    with reached():
        try:
            await the_place().get(name, stored)
        except backup_place.Missing:
            raise WrongFile("missing", name) from None
    try:
        return await asyncio.to_thread(_open, stored, path, name, sealed=sealed)
    except sealing.WrongKey as fault:
        raise WrongFile("key", f"{name}: {fault}") from None
    except sealing.Broken as fault:
        raise WrongFile("broken", f"{name}: {fault}") from None
    finally:
        stored.unlink(missing_ok=True)


def _open(stored: Path, path: Path, name: str, *, sealed: bool) -> str:
    pieces = _pieces(stored)
    with stored.open("rb") as file:
        if sealing.is_sealed(file.read(len(sealing.MAGIC))):
            pieces = sealing.unsealed(pieces, key(), name)
        elif sealed and key() is not None:
            raise WrongFile("plain", name)
    hashed = sha256()
    with path.open("wb") as file:
        for piece in pieces:
            hashed.update(piece)
            file.write(piece)
    return hashed.hexdigest()


# Pages on their way at the same time.
PAGES_AT_ONCE = 4


async def at_once(works: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """What some works answer that are done beside each other; where one fails, the others are ended first. None of them
    may speak to the database.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def hash_of(text: bytes) -> str:
    """The SHA-256 of a small file, in hex."""
    return sha256(text).hexdigest()


def hash_of_file(path: Path) -> str:
    """The same of any file. Blocks for as long as that takes."""
    hashed = sha256()
    for piece in _pieces(path):
        hashed.update(piece)
    return hashed.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, sealing.PIECE_BYTES), b"")
