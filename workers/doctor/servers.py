"""Queue and object store: reached, told apart from somebody else's, and tried out with a thing that is taken away."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import uuid4

import redis.asyncio
import urllib3

from infra.addresses import host_and_port, is_loopback
from infra.log import describe
from infra.objects import ObjectErrors, make_client
from infra.queue import QueueErrors, QueueWrong, async_client
from infra.settings import Settings
from workers.doctor.database import skew
from workers.doctor.findings import Found, fail, ok, warn

# Beside the committees' folders, whose names begin with c_; an object that was left over is nobody's.
FOLDER = "doctor"
ANONYMOUS_SECONDS = 5.0


async def queue(given: Settings) -> AsyncIterator[Found]:
    """Whether it answers, forgets nothing by itself, and asks for a password."""
    client = async_client(given.queue_url)
    try:
        async for found in _queue(given, client):
            yield found
    except QueueErrors as error:
        wrong = isinstance(error, QueueWrong)
        yield fail(
            f"the queue at {host_and_port(given.queue_url)} (NENNEP_QUEUE_URL): {describe(error)}",
            "check the user and the password" if wrong else "start it, or correct the address",
        )
    finally:
        with suppress(*QueueErrors):
            await client.aclose()


async def _queue(given: Settings, client: redis.asyncio.Redis) -> AsyncIterator[Found]:
    info = await client.info()
    name = (
        f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"
    )
    yield ok(f"{name} at {host_and_port(given.queue_url)}, {info['used_memory'] // 2**20} MB")
    policy = info.get("maxmemory_policy", "unknown")
    if policy != "noeviction":
        yield warn(
            f"the queue's maxmemory-policy is {policy}", "set it to noeviction: jobs are late otherwise"
        )
    before = time.time()
    seconds, micro = await client.time()
    yield skew("the queue", (before + time.time()) / 2 - (seconds + micro / 1e6))
    if "@" not in given.queue_url and not is_loopback(urlsplit(given.queue_url).hostname):
        yield warn("the queue asks for no password", "set requirepass, and a password in NENNEP_QUEUE_URL")


async def store(given: Settings) -> AsyncIterator[Found]:
    """An object is written, read, compared and removed; nobody without a key gets it."""
    try:
        yield await asyncio.to_thread(_tried, given)
    except (*ObjectErrors, ValueError) as error:
        code = getattr(error, "code", "") or describe(error)
        yield fail(
            f"the object store at {host_and_port(given.objects_url)} (NENNEP_OBJECTS_URL): {code}",
            "check that it runs, the two keys, and what they may do in the bucket",
        )


def _tried(given: Settings) -> Found:
    client, bucket, key = make_client(given), given.objects_bucket, f"{FOLDER}/{uuid4()}"
    if not client.bucket_exists(bucket):
        return fail(
            f"the object store has no bucket {bucket}",
            "make it with the store's own tool, closed to strangers",
        )
    written = uuid4().bytes
    client.put_object(bucket, key, io.BytesIO(written), len(written))
    try:
        with client.get_object(bucket, key) as answer:
            read = answer.read()
        stranger = urllib3.request(
            "GET", f"{given.objects_url}/{bucket}/{key}", retries=False, timeout=ANONYMOUS_SECONDS
        ).status
    finally:
        client.remove_object(bucket, key)
    where = f"the bucket {bucket} at {host_and_port(given.objects_url)}"
    if read != written:
        return fail(
            f"{where} gave back other bytes than it was given", "do not use it, and look into its log"
        )
    if stranger == 200:
        return fail(
            f"{where} is open to everybody", "take the public policy away: minutes on paper lie there"
        )
    if any(client.list_objects(bucket, key)):
        return fail(
            f"{where} does not remove what is removed",
            "allow the key s3:DeleteObject, and look at its versioning",
        )
    return ok(f"{where}: written, read, compared, removed; closed to strangers")
