"""Functions that are imported when they are first called.

What writes workbooks and PDFs brings 30 MB of libraries into each process that imports it, and most never write one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazy(place: str) -> Callable[..., Any]:
    """The function ``module:name``, whose module is imported at the first call, in the thread that calls."""
    module, _, name = place.partition(":")

    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(import_module(module), name)(*arguments, **named)

    return call
