"""Nothing here needs servers but the test of the backlog's query."""

from __future__ import annotations

import pytest

from tests.helm.chart import NAMES, Rendering, library, rendered


@pytest.fixture(params=NAMES)
def chart(request: pytest.FixtureRequest) -> Rendering:
    """The chart with each values file of ci/ in turn."""
    library()
    return rendered(request.param)
