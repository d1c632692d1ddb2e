"""infra/Dockerfile and infra/compose.yaml as facts."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from tests.house.sources import ROOT

DOCKERFILE, COMPOSE, LOCAL = ROOT / "infra/Dockerfile", ROOT / "infra/compose.yaml", ROOT / "infra/compose"
Service = dict[str, Any]


@dataclass
class Image:
    """What the last stage of the Dockerfile says."""

    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)

    @property
    def entry_point(self) -> list[str]:
        return list(json.loads(self.lines["ENTRYPOINT"]))

    @property
    def command(self) -> list[str]:
        return list(json.loads(self.lines["CMD"]))

    @property
    def health_check(self) -> list[str]:
        return list(json.loads(self.lines["HEALTHCHECK"].split(" CMD ")[1]))


@lru_cache(maxsize=1)
def image() -> Image:
    """Read the Dockerfile; a later line of the same kind counts, as it does when it is built."""
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE.read_text("utf-8")))
    found = Image()
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        rest = re.sub(r"\s+", " ", rest.strip())
        pairs = (
            dict(word.split("=", 1) for word in shlex.split(rest) if "=" in word) if kind in _PAIRED else {}
        )
        if kind == "FROM":
            found = Image(arguments=found.arguments)
        elif kind == "ARG":
            found.arguments |= pairs
        elif kind == "ENV":
            found.environment |= pairs
        elif kind == "LABEL":
            found.labels |= pairs
        if kind:
            found.lines[kind] = rest
        if kind == "ARG" and "=" in rest:
            found.lines[f"ARG {rest.split('=')[0]}"] = rest.split("=", 1)[1]
    return found


_PAIRED = ("ARG", "ENV", "LABEL")


@lru_cache(maxsize=1)
def compose() -> dict[str, Any]:
    """The compose file, with its anchors followed; variables stay as they are written."""
    return dict(yaml.safe_load(COMPOSE.read_text("utf-8")))


def services() -> dict[str, Service]:
    """By name."""
    return dict(compose()["services"])


def ours() -> dict[str, Service]:
    """Those that run the product."""
    return {name: one for name, one in services().items() if one["image"].startswith("nennep:")}


def command_of(name: str) -> list[str]:
    """What a service of ours runs: its own entry point and command, else the image's."""
    one = services()[name]
    return [*one.get("entrypoint", image().entry_point), *one.get("command", image().command)]


def resolved(text: str, given: dict[str, str]) -> str:
    """What compose makes of ``${NAME:-default}`` and ``${NAME:?message}``."""

    def value(match: re.Match[str]) -> str:
        name, how, rest = match.group(1), match.group(2), match.group(3)
        assert name in given or how == ":-", f"{name}: {rest}"
        return given.get(name) or rest

    return re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text)
