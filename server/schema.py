"""The migrations of this product, read once: what the platform and every committee must have."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import tenants.migrations
from tenants.migrations import Migration, read_line


@lru_cache(maxsize=1)
def platform_lines() -> tuple[tuple[str, list[Migration]], ...]:
    """The named lines of schema ``platform`` in the order in which they apply."""
    of_tenants = Path(tenants.migrations.__file__).parent / "platform"
    return (("tenants", read_line(of_tenants)), ("server", read_line(_HERE / "platform")))


@lru_cache(maxsize=1)
def committee_line() -> list[Migration]:
    """The line that every committee's schema follows."""
    return read_line(_HERE / "committee")


_HERE = Path(__file__).parent / "migrations"
