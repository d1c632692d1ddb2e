"""One version everywhere."""

from __future__ import annotations

from tests.ship.versions import versions


def test_every_place_says_the_same_version() -> None:
    found = versions()

    assert len(found) >= 12
    assert set(found.values()) == {found["pyproject.toml"]}, found
