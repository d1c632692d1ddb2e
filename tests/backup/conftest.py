"""Backups go to a folder of the test's own, sealed with a key of its own."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import backup_place, objects
from infra.embedded import Servers
from infra.settings import settings

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
OTHER_KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).decode().rstrip("=")


def choose(patch: pytest.MonkeyPatch, **chosen: str) -> None:
    """Set these of NENNEP_BACKUP_…, for this process and what it starts."""
    for name, value in chosen.items():
        patch.setenv(f"NENNEP_BACKUP_{name.upper()}", value)
    settings.cache_clear()
    backup_place.place.cache_clear()


@pytest.fixture
def backups(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which backups lie."""
    objects.client.cache_clear()
    root = tmp_path / "backups"
    root.mkdir()
    choose(monkeypatch, url=root.as_uri(), key=KEY)
    yield root
    for name in [name for name in os.environ if name.startswith("NENNEP_BACKUP_")]:
        monkeypatch.delenv(name)
    settings.cache_clear()
    backup_place.place.cache_clear()
