"""A committee of its own for every test about members."""

from __future__ import annotations

import pytest

from infra.embedded import Servers
from tenants.current import CommitteeRef
from tests.members.office import new_committee


@pytest.fixture
async def ref(database: Servers) -> CommitteeRef:
    return await new_committee(database.owner_url)
