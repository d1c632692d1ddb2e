"""The figures that the demonstration has to add up to, read from their file."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@lru_cache(maxsize=8)
def table(name: str) -> dict[str, Any]:
    """One of the data files beside this module: ``figures``, ``names`` or ``places``."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


def figure(name: str) -> int:
    """A printed or chosen figure such as ``pleiku.members``. Raises KeyError for an unknown one."""
    figures = table("figures")
    value: int = (figures["printed"].get(name) or figures["chosen"][name])["value"]
    return value


def figure_or(name: str, otherwise: int) -> int:
    """The same, or ``otherwise`` where no figure is given."""
    figures = table("figures")
    return figure(name) if name in figures["printed"] or name in figures["chosen"] else otherwise
