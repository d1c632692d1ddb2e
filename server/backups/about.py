"""What a backup says of itself: backup.json, which is stored last. Where there is none, there is no backup.

Below the place's root a committee's schema has a folder:

    c_…/20261122T160000Z-1a2b3c4d/rows.zip      every table, as an export without pages
    c_…/20261122T160000Z-1a2b3c4d/backup.json   what belongs together, with the SHA-256 of all of it
    c_…/pages/…                                 each page once, however many backups name it
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Annotated

import msgspec

from infra.objects import Entry
from tenants.export import described
from tenants.export.faults import WrongFile
from tenants.export.manifest import Province, Registered

FORMAT, FORMAT_VERSION = "nennep-backup", 1
ABOUT, ROWS, PAGES = "backup.json", "rows.zip", "pages"
_STAMP = "%Y%m%dT%H%M%SZ"
_LOCATION = re.compile(r"c_[a-z0-9]{13}/\d{8}T\d{6}Z-[0-9a-f]{8}")
_PAGE = re.compile(r"([0-9a-f]{32})-([0-9a-f]{64})")

_Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class Page(msgspec.Struct, frozen=True):
    """An object of the committee: its key below the committee's name, and the file that has its bytes."""

    key: Annotated[
        str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")
    ]
    name: Annotated[str, msgspec.Meta(pattern=rf"^{_PAGE.pattern}$")]
    bytes: _Count
    sha256: _Sha256


class About(msgspec.Struct, frozen=True):
    """``taken_at``: the moment whose rows these are; ``rows_sha256`` is that of rows.zip before it was sealed, and
    ``manifest_sha256`` that of the manifest in it; ``key``: the id of the key that sealed it, '' where none did.
    """

    format: str
    format_version: int
    taken_at: datetime
    committee: Registered
    province: Province
    version: Annotated[int, msgspec.Meta(ge=1, le=10**6)]
    rows: _Count
    rows_bytes: _Count
    rows_sha256: _Sha256
    manifest_sha256: _Sha256
    key: str
    pages: list[Page]

    @property
    def pages_bytes(self) -> int:
        """Bytes of all pages before they were sealed."""
        return sum(page.bytes for page in self.pages)


def new_location(schema_name: str, taken_at: datetime) -> str:
    """Where a backup that begins now will lie: every attempt has a place of its own."""
    return f"{schema_name}/{taken_at.astimezone(UTC).strftime(_STAMP)}-{token_hex(4)}"


def is_location(text: str) -> bool:
    """Whether a text is one of those."""
    return _LOCATION.fullmatch(text) is not None


def taken_at_of(location: str) -> datetime:
    """The moment in a location's name."""
    return datetime.strptime(location.split("/")[1].split("-", maxsplit=1)[0], _STAMP).replace(tzinfo=UTC)


def id_of_page(entry: Entry, key: str, sealed_with: str) -> str:
    """By what a page that is stored already is known without reading it: another key, other bytes (another ETag), or
    sealed in another way, is another page.
    """
    told = "\0".join((sealed_with, key, entry.etag, str(entry.bytes)))
    return sha256(told.encode()).hexdigest()[:32]


def known_page(name: str) -> tuple[str, str] | None:
    """The id and the SHA-256 that the name of a page's file tells."""
    match = _PAGE.fullmatch(name)
    return (match[1], match[2]) if match else None


def pages_in(told: str) -> set[str]:
    """The ids of the pages that a fault of a backup names."""
    return {match[1] for match in _PAGE.finditer(told)}


def read(text: bytes) -> About:
    """backup.json of somebody. Raises WrongFile."""
    foreign = WrongFile("manifest", "no backup of a committee")
    return described.read(text, About, (FORMAT, FORMAT_VERSION), foreign=foreign)
