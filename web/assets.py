"""The built browser files: names with a content hash, kept in memory with their compressed twins."""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"


class NotBuilt(RuntimeError):
    """``python -m web.build`` has not been run."""


@dataclass(frozen=True)
class Asset:
    """One file as it is sent, by encoding (``""`` plain, ``br``, ``gzip``)."""

    media_type: str
    bodies: dict[str, bytes] = field(default_factory=dict)

    def best(self, accepted: str) -> tuple[str, bytes]:
        """The smallest body that a browser with this Accept-Encoding takes, and its encoding."""
        for encoding in ("br", "gzip"):
            if encoding in accepted and encoding in self.bodies:
                return encoding, self.bodies[encoding]
        return "", self.bodies[""]


@lru_cache(maxsize=1)
def manifest() -> dict[str, str]:
    """Logical name → file name with its hash. Raises NotBuilt."""
    try:
        names: dict[str, str] = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotBuilt("The browser files have not been built: run `python -m web.build`.") from None
    return names


@lru_cache(maxsize=1)
def files() -> dict[str, Asset]:
    """Every built file by its path below /static/."""
    found = {}
    for path in sorted(p for p in DIST.rglob("*") if p.is_file() and p.suffix not in {".br", ".gz", ".map"}):
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if path.suffix == ".js":
            kind = "text/javascript; charset=utf-8"
        bodies = {"": path.read_bytes()}
        for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
            twin = path.with_name(path.name + suffix)
            if twin.is_file():
                bodies[encoding] = twin.read_bytes()
        found[path.relative_to(DIST).as_posix()] = Asset(kind, bodies)
    return found


def asset(name: str) -> str:
    """The address of a built file by its logical name, such as ``app.css``."""
    return f"/static/{manifest()[name]}"
