"""Whoever waits for a long command sees how far it is, how quick, and how long it still takes."""

from __future__ import annotations

import pytest

from workers.commands.ground import pace, progress


@pytest.mark.parametrize(
    ("seconds", "done", "left", "shown"),
    [
        (0.0, 0, 10, ""), (5.0, 0, 10, ""), (10.0, 100, 900, ", 10.0/s, 1:30 left"),
        (60.0, 30, 3291, ", 0.5/s, 109:42 left"), (10.0, 100, 0, ", 10.0/s"),
    ],
)  # fmt: skip
def test_rate_and_remaining_time(seconds: float, done: int, left: int, shown: str) -> None:
    assert pace(seconds, done, left) == shown


def test_beside_a_terminal_every_tenth_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    show = progress("committees")
    for done in range(1, 201):
        show(done, 200)

    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"committees {n}/200" for n in range(20, 201, 20)]
    assert all("/s, " in line for line in lines[:-1])


def test_what_was_done_before_does_not_make_it_look_quick(capsys: pytest.CaptureFixture[str]) -> None:
    show = progress("committees")
    show(191, 200)
    first = capsys.readouterr().err

    assert first == "committees 191/200\n"
