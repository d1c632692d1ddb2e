"""The object store, by S3's protocol: SeaweedFS, MinIO, Ceph or AWS.

The client's library blocks, so a few threads of their own wait for it. Files go to and from the disk piece by piece:
no object is ever held in memory as a whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error, ServerError

from infra.settings import Settings, settings

CONNECT_SECONDS, ANSWER_SECONDS = 3, 10
# Between two pieces of a file, or until the store has confirmed what was sent.
TRANSFER_SECONDS = 60
# Calls to the store that a process makes at once; others wait for their turn.
AT_ONCE = 8
PIECE_BYTES = 256 * 1024
_SIGNED_FOR = timedelta(minutes=10)
Answer = TypeVar("Answer")

# Whatever goes wrong between us and the store.
ObjectErrors = (MinioException, urllib3.exceptions.HTTPError, OSError)


class Missing(FileNotFoundError):
    """The store answers and has no such object."""


def make_client(given: Settings) -> Minio:
    """A client that tries once and answers or raises within seconds; it may be shared between threads."""
    return client_of(given.objects_url, given.objects_access_key, given.objects_secret_key)


def client_of(url: str, access_key: str, secret_key: str) -> Minio:
    """The same for a store at any address."""
    place = urlsplit(url)
    return Minio(
        place.netloc,
        access_key=access_key,
        secret_key=secret_key,
        secure=place.scheme == "https",
        http_client=_connections(ANSWER_SECONDS),
    )


def _connections(patience: float) -> urllib3.PoolManager:
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=patience), retries=False, maxsize=AT_ONCE
    )


@lru_cache(maxsize=1)
def client() -> Minio:
    """The client of this process, by its settings."""
    return make_client(settings())


@dataclass(frozen=True)
class Bucket:
    """A bucket of a store. Where a function takes none, the deployment's own is meant."""

    store: Minio
    name: str


@dataclass(frozen=True)
class Entry:
    """An object in a list: its key, bytes, ETag (another one where its bytes are others) and when it was stored."""

    key: str
    bytes: int
    etag: str
    stored_at: datetime | None


def _or_own(bucket: Bucket | None) -> Bucket:
    return bucket or Bucket(client(), settings().objects_bucket)


@lru_cache(maxsize=1)
def _transfers() -> urllib3.PoolManager:
    return _connections(TRANSFER_SECONDS)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="objects")


async def _apart(work: Callable[..., Answer], *arguments: Any) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_threads(), work, *arguments)


def ensure_bucket(store: Minio, bucket: str) -> None:
    """Make the bucket if it is missing; two at once do no harm."""
    if store.bucket_exists(bucket):
        return
    try:
        store.make_bucket(bucket)
    except S3Error as error:
        if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise


def ping() -> None:
    """Nothing if the store answers and holds our bucket; raises one of ObjectErrors if it does not."""
    if not client().bucket_exists(settings().objects_bucket):
        raise FileNotFoundError(f"the object store has no bucket {settings().objects_bucket}")


async def put_file(key: str, path: Path, content_type: str) -> None:
    """Store a file's bytes under a key, in one request that either stores all of it or nothing."""
    await _apart(_put, _or_own(None), key, path, content_type)


def _put(into: Bucket, key: str, path: Path, content_type: str) -> None:
    # The library's own way reads a part of the file into memory; a signed address takes the open file.
    address = into.store.presigned_put_object(into.name, key, _SIGNED_FOR)
    headers = {"Content-Type": content_type, "Content-Length": str(path.stat().st_size)}
    with path.open("rb") as file:
        answer = _transfers().request("PUT", address, body=file, headers=headers)
    if answer.status != 200:
        raise ServerError(f"the object store answered {answer.status} to a file", answer.status)


# A store may refuse more than 5 GB in one request; parts of a larger file are read into memory, three at a time.
_ONE_REQUEST_BYTES, _PART_BYTES = 1_000_000_000, 16 * 1024 * 1024


async def put_large(key: str, path: Path, content_type: str, *, bucket: Bucket | None = None) -> None:
    """Store a file that may be larger than one request may bring: then in parts, of which all are stored or nothing."""
    await _apart(_put_large, _or_own(bucket), key, path, content_type)


def _put_large(into: Bucket, key: str, path: Path, content_type: str) -> None:
    if path.stat().st_size <= _ONE_REQUEST_BYTES:
        _put(into, key, path, content_type)
        return
    into.store.fput_object(into.name, key, str(path), content_type=content_type, part_size=_PART_BYTES)


async def get_file(key: str, path: Path, *, bucket: Bucket | None = None) -> None:
    """Write an object's bytes into a file. Raises Missing."""
    await _apart(_get, _or_own(bucket), key, path)


def _get(of: Bucket, key: str, path: Path) -> None:
    answer = _open(of, key)
    try:
        with path.open("wb") as file:
            for piece in answer.stream(PIECE_BYTES):
                file.write(piece)
    finally:
        answer.close()
        answer.release_conn()


def _open(of: Bucket, key: str) -> Any:
    address = of.store.presigned_get_object(of.name, key, _SIGNED_FOR)
    answer = _transfers().request("GET", address, preload_content=False)
    if answer.status == 200:
        return answer
    answer.drain_conn()
    answer.release_conn()
    if answer.status == 404:
        raise Missing(key)
    raise ServerError(f"the object store answered {answer.status} for an object", answer.status)


async def copy_all(pairs: Collection[tuple[str, str]]) -> int:
    """Have the store copy objects from the first key of a pair to the second, each whole or not at all; how many there
    were. One that is not there is passed over.
    """
    return sum(await asyncio.gather(*(_apart(_copy, key, target) for key, target in pairs)))


def _copy(key: str, target: str) -> int:
    bucket = settings().objects_bucket
    try:
        client().copy_object(bucket, target, CopySource(bucket, key))
    except S3Error as error:
        if error.code in ("NoSuchKey", "ResourceNotFound"):
            return 0
        raise
    return 1


async def open_stream(key: str) -> AsyncIterator[bytes]:
    """An object's bytes, piece by piece. Raises Missing before the first piece."""
    answer = await _apart(_open, _or_own(None), key)
    try:
        while piece := await _apart(answer.read, PIECE_BYTES):
            yield piece
    finally:
        answer.close()
        answer.release_conn()


async def remove(keys: Collection[str], *, bucket: Bucket | None = None) -> None:
    """Remove objects; those that are not there count as removed."""
    if keys:
        await _apart(_remove, _or_own(bucket), keys)


def _remove(of: Bucket, keys: Collection[str]) -> None:
    left = [*of.store.remove_objects(of.name, [DeleteObject(key) for key in keys])]
    if failed := [error for error in left if error.code != "NoSuchKey"]:
        raise ServerError(f"{len(failed)} objects were not removed: {failed[0].code}", 500)


async def list_keys(prefix: str) -> list[str]:
    """Every key that begins with a prefix."""
    return [entry.key for entry in await entries(prefix)]


async def entries(prefix: str, *, bucket: Bucket | None = None) -> list[Entry]:
    """Every object whose key begins with a prefix, by key."""
    return await _apart(_entries, _or_own(bucket), prefix)


def _entries(of: Bucket, prefix: str) -> list[Entry]:
    found = of.store.list_objects(of.name, prefix, recursive=True)
    return [
        Entry(entry.object_name, entry.size or 0, entry.etag or "", entry.last_modified)
        for entry in found
        if entry.object_name
    ]


async def weigh(prefix: str) -> tuple[int, int]:
    """How many objects begin with a prefix, and how many bytes they are together."""
    found = await entries(prefix)
    return len(found), sum(entry.bytes for entry in found)


async def exists(key: str) -> bool:
    """Whether the store holds an object under a key."""
    try:
        await _apart(client().stat_object, settings().objects_bucket, key)
    except S3Error as error:
        if error.code in ("NoSuchKey", "ResourceNotFound"):
            return False
        raise
    return True
