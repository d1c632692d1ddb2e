"""What the form sends by which a meeting is planned."""

from __future__ import annotations

from uuid import uuid4

from server import clock


def typed_plan(place: str = "") -> dict[str, str]:
    """A regular meeting this evening, from a form that was opened just now."""
    return {
        "kind": "regular",
        "date": clock.today().isoformat(),
        "time": "19:30",
        "place": place,
        "nonce": str(uuid4()),
    }
