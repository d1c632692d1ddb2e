"""What people and processes reach by https: the certificate that stands there, and for how long."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from infra.addresses import is_loopback
from infra.log import describe
from infra.settings import Settings
from workers.doctor.findings import Found, fail, ok, warn

SOON_DAYS, NOW_DAYS = 21, 3
CONNECT_SECONDS = 5.0


async def public(given: Settings) -> AsyncIterator[Found]:
    """The address that people type."""
    place = urlsplit(given.public_url)
    if given.https:
        yield await _certificate("NENNEP_PUBLIC_URL", place.hostname or "", place.port or 443)
    elif is_loopback(place.hostname):
        yield ok(f"{given.public_url} is for this machine only, without https")
    else:
        yield fail(
            f"{given.public_url} is not https: passwords go in clear",
            "put a proxy with a certificate before it",
        )


async def store(given: Settings) -> AsyncIterator[Found]:
    """The object store's address, where it is https."""
    place = urlsplit(given.objects_url)
    if place.scheme == "https":
        yield await _certificate("NENNEP_OBJECTS_URL", place.hostname or "", place.port or 443)


async def _certificate(variable: str, host: str, port: int) -> Found:
    where = f"{host}:{port} ({variable})"
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, line = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        return fail(
            f"the certificate of {where}: {error.verify_message}",
            "renew it, or trust its authority here (SSL_CERT_FILE)",
        )
    except (OSError, TimeoutError) as error:
        return warn(
            f"the certificate of {where} could not be looked at: {describe(error)}",
            "look at it from where people are; here it may be out of reach",
        )
    told = line.get_extra_info("peercert")
    line.close()
    days = int((ssl.cert_time_to_seconds(told["notAfter"]) - time.time()) / 86_400)
    if days < SOON_DAYS:
        level = fail if days < NOW_DAYS else warn
        return level(
            f"the certificate of {where} ends in {days} days",
            "renew it, and see why that did not happen by itself",
        )
    return ok(f"the certificate of {where} is good for {days} days")
