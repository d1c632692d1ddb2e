"""A cast for every test of minutes, and a watch over the temporary folder: nothing of an upload stays there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra import objects
from infra.embedded import Servers
from infra.settings import settings


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Uploads of a test lie in a folder of its own, which is empty again afterwards."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not [entry.name for entry in folder.iterdir() if "upload" in entry.name or "copy" in entry.name]


@pytest.fixture(autouse=True)
def client_of_these_servers() -> Iterator[None]:
    """The client of this process knows the store where it stands now."""
    objects.client.cache_clear()
    yield
    objects.client.cache_clear()


@pytest.fixture
def few_pages(monkeypatch: pytest.MonkeyPatch, servers: Servers) -> None:
    """A deployment that takes four pages of a document, one megabyte of a file and ten megapixels of a page."""
    few = replace(settings(), minutes_pages=4, minutes_largest_mb=1, minutes_megapixels=10)
    monkeypatch.setattr("server.minutes.queries.settings", lambda: few)
