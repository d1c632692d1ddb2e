"""What an export says of itself."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

import msgspec

from tenants.current import KINDS
from tenants.export import described
from tenants.export.faults import WrongFile

FORMAT, FORMAT_VERSION = "nennep-committee", 1
MANIFEST, SUMS, README = "manifest.json", "SHA256SUMS", "README.txt"

_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Registered(msgspec.Struct, frozen=True):
    """The committee as the registry knew it."""

    id: UUID
    slug: _Text
    schema_name: Annotated[str, msgspec.Meta(pattern=r"^c_[a-z0-9]{13}$")]
    kind: _Text
    name: _Text
    unit_code: str = ""


class Province(msgspec.Struct, frozen=True):
    """The province that it belonged to."""

    id: UUID
    slug: _Text
    name: _Text


class Rows(msgspec.Struct, frozen=True):
    """One CSV file: rows (without the head), bytes, SHA-256, in the order of ``columns``."""

    name: _Name
    columns: list[_Name]
    rows: _Count
    bytes: _Count
    sha256: _Sha256


class Manifest(msgspec.Struct, frozen=True):
    """``tables`` stand in the order in which they can be put back; ``sequences``: table.column -> last value."""

    format: str
    format_version: int
    made_at: str
    committee: Registered
    province: Province
    version: Annotated[int, msgspec.Meta(ge=1, le=10**6)]
    tables: list[Rows]
    platform: list[Rows]
    sequences: dict[str, int]
    with_pages: bool
    pages: _Count
    pages_bytes: _Count
    sums_sha256: _Sha256

    @property
    def rows(self) -> int:
        """Rows of all tables of the tenant."""
        return sum(table.rows for table in self.tables)


def read(text: bytes) -> Manifest:
    """The manifest of a file. Raises WrongFile."""
    manifest = described.read(text, Manifest, (FORMAT, FORMAT_VERSION), foreign=WrongFile("no_manifest"))
    if manifest.committee.kind not in KINDS:
        raise WrongFile("manifest", f"kind {manifest.committee.kind}")
    for kind in (manifest.tables, manifest.platform):
        if len({rows.name for rows in kind}) != len(kind):
            raise WrongFile("manifest", "a table is named twice")
    for name in manifest.sequences:
        if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", name):
            raise WrongFile("manifest", name)
    return manifest
