"""How this process stands: what it still waits for since its start, and whether it has been told to end.

Probes ask it whether work may come; what lasts (streams of events) asks it when to end. One process, one standing.
"""

from __future__ import annotations

from collections.abc import Callable

DRAINING = "draining"

_awaited: dict[str, str] = {}
_when_closing: list[Callable[[], None]] = []
_draining = _closing = False


def awaits(what: str, why: str) -> None:
    """This process can't work before ``what`` (such as "database") is there; ``why`` says what is known of that."""
    _awaited[what] = why


def has(what: str) -> None:
    """It is there now."""
    _awaited.pop(what, None)


def awaited(what: str) -> str:
    """Why ``what`` is still waited for; "" if it is not."""
    return _awaited.get(what, "")


def drain() -> None:
    """Told to end: nothing new should be sent here from now on, what comes nevertheless is still done."""
    global _draining
    _draining = True


def close() -> None:
    """The end: what would last for minutes ends now, in its orderly way."""
    global _closing
    drain()
    _closing = True
    for told in _when_closing:
        told()


def when_closing(told: Callable[[], None]) -> None:
    """Have something called at ``close``."""
    _when_closing.append(told)


def draining() -> bool:
    """Whether this process has been told to end."""
    return _draining


def closing() -> bool:
    """Whether what lasts has to end now."""
    return _closing


def not_ready() -> str:
    """Why no work should come to this process, in a word or a sentence; "" if it may come."""
    if _draining:
        return DRAINING
    # A list of its own: a worker is asked from another thread than the one that waits.
    return "; ".join(f"{what}: {why}" for what, why in list(_awaited.items()))


def begin_anew() -> None:
    """Forget everything: a process's standing at its start."""
    global _draining, _closing
    _draining = _closing = False
    _awaited.clear()
    _when_closing.clear()
