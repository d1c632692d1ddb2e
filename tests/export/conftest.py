"""Fixtures of the tests of exports."""

from __future__ import annotations

import pytest

from infra import objects
from infra.embedded import Servers


@pytest.fixture
def own_store(servers: Servers) -> None:
    """The object store of this test: what another test has opened is not taken for it."""
    objects.client.cache_clear()
