"""What the tests of uploads share: scans, bodies in pieces, and what is in the database and the store afterwards."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from msgspec.json import decode
from PIL import Image

from infra import objects
from infra.postgres import Record, sql
from server.accounts.reader import Reader
from server.minutes.actions import arrange
from server.minutes.queries import Receipt
from server.minutes.uploads import take
from tenants.current import current
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast

FIXTURES = Path(__file__).parents[1] / "fixtures"
HOSTILE, MINUTES = FIXTURES / "hostile", FIXTURES / "minutes"
PHOTO = MINUTES / "a1-to-dan-pho-7" / "20261003_211531.jpg"
HEIC = MINUTES / "a2-lang-kep" / "IMG_4129.HEIC"
SCAN = MINUTES / "a3-truong-thcs" / "Bien ban thang 11 (scan).pdf"


def picture(
    shade: int = 200, *, form: str = "JPEG", size: tuple[int, int] = (300, 400), **saved: Any
) -> bytes:
    """A small picture; another shade is another content."""
    made = io.BytesIO()
    Image.new("RGB", size, (shade, shade, 200)).save(made, form, **saved)
    return made.getvalue()


def hashed(data: bytes) -> str:
    return sha256(data).hexdigest()


async def pieces(data: bytes, size: int = 7000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def document(cast: Cast, files: Sequence[UUID], *, by: Reader | None = None) -> UUID:
    """A document of a new meeting of the cell that wants these files."""
    minutes = uuid4()
    await arrange(minutes, meeting=await cast.meeting(), files=files, by=by or cast.hoa)
    return minutes


async def send(minutes: UUID, file: UUID, data: bytes, *, by: Reader, name: str = "anh.jpg") -> Receipt:
    return await take(minutes, file, pieces(data), sha256=hashed(data), size=len(data), name=name, by=by)


async def sent(cast: Cast, *contents: bytes, by: Reader | None = None) -> tuple[UUID, list[UUID]]:
    """A document with one file for each content."""
    files = [uuid4() for _ in contents]
    minutes = await document(cast, files, by=by)
    for file, data in zip(files, contents, strict=True):
        await send(minutes, file, data, by=by or cast.hoa)
    return minutes, files


async def rows(query: str, *values: object) -> list[Record]:
    async with transaction(read_only=True):
        return await sql(query, *values)


async def jobs(name: str) -> list[dict[str, Any]]:
    """What the present committee has left for later under a name."""
    schema = current().schema_name
    async with platform_transaction(read_only=True):
        found = await sql(
            "SELECT arguments FROM platform.outbox WHERE schema_name = $1 AND job = $2 ORDER BY due_at",
            schema,
            name,
        )
    return [decode(row["arguments"]) for row in found]


async def in_store() -> list[str]:
    """The keys of the present committee."""
    return sorted(await objects.list_keys(current().schema_name + "/"))


async def stored_bytes(key: str) -> bytes:
    return b"".join([piece async for piece in objects.open_stream(key)])
