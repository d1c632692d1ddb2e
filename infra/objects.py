"""The object store, by S3's protocol: SeaweedFS, MinIO, Ceph or AWS."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from infra.settings import Settings, settings

CONNECT_SECONDS, ANSWER_SECONDS = 3, 10

# Whatever goes wrong between us and the store.
ObjectErrors = (MinioException, urllib3.exceptions.HTTPError, OSError)


def make_client(given: Settings) -> Minio:
    """A client that tries once and answers or raises within seconds; it may be shared between threads."""
    place = urlsplit(given.objects_url)
    return Minio(
        place.netloc,
        access_key=given.objects_access_key,
        secret_key=given.objects_secret_key,
        secure=place.scheme == "https",
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS), retries=False, maxsize=8
        ),
    )


@lru_cache(maxsize=1)
def client() -> Minio:
    """The client of this process, by its settings."""
    return make_client(settings())


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
