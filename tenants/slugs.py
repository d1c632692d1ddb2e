"""A committee's path: short, typed on a phone, free of accents, never one of the product's own paths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

# First path segments that the product itself answers.
RESERVED = frozenset(
    [
        "account",
        "accounts",
        "admin",
        "api",
        "assets",
        "country",
        "docs",
        "favicon.ico",
        "guide",
        "health",
        "home",
        "invitations",
        "language",
        "login",
        "logout",
        "manifest.webmanifest",
        "nennep",
        "offline",
        "passwords",
        "people",
        "places",
        "platform",
        "province",
        "provinces",
        "push",
        "robots.txt",
        "search",
        "share",
        "static",
        "support",
        "sw.js",
        "system",
        "t",
        "tenant",
        "tenants",
        "www",
    ]
)
PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST = 60

_KIND_WORDS = {
    "commune_committee": "xa",
    "ward_committee": "phuong",
    "special_zone_committee": "dac-khu",
    "district_committee": "huyen",
    "town_committee": "thi-xa",
    "city_committee": "thanh-pho",
    "agency_committee": "co-quan",
}


def slug_of(name: str) -> str:
    """``Cao Lộc`` → ``cao-loc``; letters outside Latin are dropped, so the answer may be empty."""
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")


def why_not(slug: str) -> str | None:
    """Why this can't be a path: ``malformed`` (only a-z, 0-9 and single hyphens, at most 60), ``reserved``, or None."""
    if not PATTERN.fullmatch(slug) or len(slug) > LONGEST:
        return "malformed"
    if slug in RESERVED:
        return "reserved"
    return None


def choose(name: str, *, kind: str, province_slug: str, taken: Callable[[str], bool]) -> str:
    """The first free path for a committee: its name, then with its kind (a xã and a phường of one name share a
    province), then with its province, then numbered. ``taken`` says whether a path is in use.
    """
    return next(s for s in _candidates(name, kind, province_slug) if why_not(s) is None and not taken(s))


def _candidates(name: str, kind: str, province_slug: str) -> Iterator[str]:
    base = slug_of(name)[:35].strip("-") or "cap-uy"
    yield base
    with_kind = f"{_KIND_WORDS[kind]}-{base}"
    yield with_kind
    yield f"{base}-{province_slug}"[:LONGEST].strip("-")
    long = f"{with_kind}-{province_slug}"[: LONGEST - 5].strip("-")
    yield long
    number = 2
    while True:
        yield f"{long}-{number}"
        number += 1
