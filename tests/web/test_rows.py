"""The rows that Python writes: what people have typed never becomes markup."""

from __future__ import annotations

from web.roll_call.rows import rows
from web.roll_call.show import Entry

HOSTILE = """"><script>alert('x')</script>&"""
STATES = dict.fromkeys(("present", "late", "not_called"), "word")
TOLD = {
    "signs": STATES, "said": STATES, "kinds": {"age_health": "age"}, "call": "call", "other": "other",
    "comrade": "comrade", "unclear": "unclear", "probationary": "probationary",
}  # fmt: skip


def entry(**more: object) -> Entry:
    return Entry(1, HOSTILE, HOSTILE, 1, "Tổ 1", "expected", "age_health", True, "present", **more)  # type: ignore[arg-type]


def test_everything_that_was_typed_is_escaped() -> None:
    rivals = [
        {"id": "a", "state": "late", "by": HOSTILE, "reason": HOSTILE},
        {"id": "b", "state": "present", "by": "B"},
    ]

    drawn = rows([entry(reason=HOSTILE), entry(reason=HOSTILE, rivals=rivals)], TOLD, mine=True)

    assert "<script" not in drawn
    assert drawn.count("&gt;&lt;script&gt;alert(") == 2 * 2 + 2 + 1 + 4
    # Quotes may stay between tags, where names are; never in an attribute.
    assert drawn.count('"&gt;') == 2 * 2
    assert drawn.count("<li ") == drawn.count("</li>") == 2


def test_who_may_not_mark_gets_no_way_to() -> None:
    rival = {"id": "a", "state": "late", "by": "B"}

    drawn = rows([entry(), entry(rivals=[rival])], TOLD, mine=False)

    assert "entries/" not in drawn
    assert drawn.count("<button") == drawn.count(" disabled") == 1
