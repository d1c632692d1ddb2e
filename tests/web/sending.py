"""A phone that sends minutes over HTTP, without its browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx

from infra.postgres import sql
from server.accounts.secrets import token_hash
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.minutes.sending import hashed


class Phone:
    """What the queue of a phone sends for one document."""

    def __init__(self, client: httpx.AsyncClient, cast: Cast, meeting: UUID, account: UUID) -> None:
        self.client, self.cast, self.meeting, self.minutes = client, cast, meeting, uuid4()
        self.base = f"/{cast.pleiku.slug}/minutes/{self.minutes}"
        # A queue's pages may be older than the session: no token of it.
        client.headers.pop("X-CSRF", None)
        self.headers = {"X-Requested-With": "nennep", "X-Account": str(account)}

    async def arrange(self, *files: UUID, **headers: str) -> httpx.Response:
        sent = {"meeting": str(self.meeting), "files": [str(file) for file in files]}
        return await self.client.put(self.base, json=sent, headers=self.headers | headers)

    async def put(self, file: UUID, data: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
        given = self.headers | {"Content-Type": "application/octet-stream", "X-Name": "trang%201.jpg"}
        if isinstance(data, bytes):
            given["X-Sha256"] = hashed(data)
        return await self.client.put(f"{self.base}/files/{file}", content=data, headers=given | headers)


async def account_of(client: httpx.AsyncClient) -> UUID:
    """Whose session the client carries."""
    token = client.cookies["nennep-plain-http"]
    async with platform_transaction(read_only=True):
        found = await sql("SELECT account FROM platform.session WHERE token_hash = $1", token_hash(token))
    return found[0]["account"]
