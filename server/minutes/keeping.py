"""Objects of minutes on their way between the store and a page's folder, and what their keys are."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from infra import objects
from tenants.current import current

PDF = "application/pdf"
_TYPES = {".webp": "image/webp", ".png": "image/png", ".pdf": PDF}


class StoreAway(Exception):
    """The object store does not answer: nothing is wrong with the page, and it will be tried again for days."""


def key_of_page(minutes: UUID, page: UUID, attempt: str, name: str) -> str:
    """Where a picture made of a page lies: each attempt has its own, so that a late one overwrites nothing."""
    return f"{current().schema_name}/{minutes}/{page}/{attempt}/{name}"


def key_of_document(minutes: UUID, made_of: str) -> str:
    """Where the document of all pages lies; ``made_of`` is the hash of what went into it."""
    return f"{current().schema_name}/{minutes}/document-{made_of[:12]}.pdf"


async def fetch(key: str, path: Path) -> None:
    """Write an object into a file. Raises objects.Missing where the store has none, StoreAway where it is away."""
    try:
        await objects.get_file(key, path)
    except objects.Missing:
        raise
    except objects.ObjectErrors as error:
        raise StoreAway from error


async def store(key: str, path: Path) -> None:
    """Store a file that we made; its kind is told by its name. Raises StoreAway."""
    try:
        await objects.put_file(key, path, _TYPES[path.suffix])
    except objects.ObjectErrors as error:
        raise StoreAway from error
