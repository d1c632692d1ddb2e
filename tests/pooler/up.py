"""``nennep up`` with PgBouncer as a fourth server: ``python -m tests.pooler.up …``, for the journeys in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.embedded import Embedded
from tests.pooler.bouncer import Pooled
from workers.commands import up


@contextmanager
def running(data: Path) -> Iterator[Embedded]:
    """In the place of infra.embedded's own: everything above it is the product as it is."""
    with Pooled.start(data) as servers:
        yield servers


if __name__ == "__main__":
    up.running = running  # type: ignore[assignment]
    up.command()
