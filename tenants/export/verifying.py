"""Whether a file is what was exported: with nothing but the file itself."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from tenants.export.archive import Reader, opened
from tenants.export.faults import WrongFile
from tenants.export.manifest import MANIFEST, SUMS, Manifest, Rows, read
from tenants.export.pieces import Counted, Looked

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def verify(path: Path) -> tuple[Manifest, str]:
    """Read a whole file and compare it with its own manifest; the manifest and the SHA-256 of it, which may be compared
    with paper. Raises WrongFile. Blocks for as long as that takes.
    """
    with opened(path) as archive:
        manifest, sha = manifest_of(archive)
        sums = _sums(archive, manifest)
        _check_names(archive, manifest, sums)
        for folder, found in (("tables", manifest.tables), ("platform", manifest.platform)):
            for rows in found:
                _check_rows(archive, f"{folder}/{rows.name}.csv", rows, sums, manifest.committee.schema_name)
        _check_pages(archive, manifest, sums)
    return manifest, sha


def manifest_of(archive: Reader) -> tuple[Manifest, str]:
    """What a file says of itself, and the SHA-256 of that. Raises WrongFile."""
    text = archive.text(MANIFEST)
    return read(text), sha256(text).hexdigest()


def _sums(archive: Reader, manifest: Manifest) -> dict[str, str]:
    text = archive.text(SUMS)
    if sha256(text).hexdigest() != manifest.sums_sha256:
        raise WrongFile("broken", SUMS)
    sums: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match[2] in sums:
            raise WrongFile("lie", f"{SUMS}: {line[:100]}")
        sums[match[2]] = match[1]
    return sums


def _check_names(archive: Reader, manifest: Manifest, sums: dict[str, str]) -> None:
    there = archive.names.keys() - {MANIFEST, SUMS}
    if lacking := sums.keys() - there:
        raise WrongFile("missing", min(lacking))
    if beyond := there - sums.keys():
        raise WrongFile("unlisted", min(beyond))
    told = {f"tables/{rows.name}.csv" for rows in manifest.tables}
    told |= {f"platform/{rows.name}.csv" for rows in manifest.platform}
    if wrong := told ^ {name for name in there if name.endswith(".csv") and not name.startswith("pages/")}:
        raise WrongFile("lie", min(wrong))


def _check_rows(archive: Reader, name: str, rows: Rows, sums: dict[str, str], schema: str) -> None:
    counted, looked = Counted(), Looked(schema)
    for piece in archive.pieces(name):
        counted.feed(piece)
        looked.feed(piece)
    if counted.sha256 != sums[name]:
        raise WrongFile("broken", name)
    if (counted.rows, counted.bytes, counted.sha256) != (rows.rows, rows.bytes, rows.sha256):
        raise WrongFile("lie", f"{name}: {counted.rows} rows, told {rows.rows}")
    if looked.stranger:
        raise WrongFile("elsewhere", f"{name}: {looked.stranger}")


def _check_pages(archive: Reader, manifest: Manifest, sums: dict[str, str]) -> None:
    pages = size = 0
    for name, told in sums.items():
        if not name.endswith(".csv") or name.startswith("pages/"):
            counted = sha256()
            for piece in archive.pieces(name):
                counted.update(piece)
                size += len(piece) if name.startswith("pages/") else 0
            if counted.hexdigest() != told:
                raise WrongFile("broken", name)
            pages += name.startswith("pages/")
    if (pages, size) != (manifest.pages, manifest.pages_bytes):
        raise WrongFile("lie", f"{pages} pages, told {manifest.pages}")
