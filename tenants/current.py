"""Whose turn it is: the only thing that is ambient in this product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from infra.log import facts_from

_SCHEMA = re.compile(r"c_[a-z0-9]{13}")


class NoTenant(RuntimeError):
    """Tenant data was asked for while no committee was set."""


@dataclass(frozen=True)
class CommitteeRef:
    """A committee as the registry knows it. Built from registry rows only, never from what a client sent."""

    id: UUID
    province_id: UUID
    slug: str
    schema_name: str
    kind: str
    name: str
    state: str
    state_reason: str = ""
    # Grows with every rule set published to this committee; 0: the product's own rulebook and nothing else.
    rules_version: int = 0
    # What is added to versions that phones are told; above 0 where the committee went back to an earlier state.
    versions_from: int = 0

    def __post_init__(self) -> None:
        if not _SCHEMA.fullmatch(self.schema_name):
            raise ValueError(f"not a tenant's schema: {self.schema_name!r}")

    @property
    def title(self) -> str:
        """The committee's full name, such as ``Thành ủy Pleiku``."""
        return f"{KINDS[self.kind]} {self.name}"


# What a committee is called by its kind. The three of the districts ended on 2025-07-01 and stay for older data.
KINDS: dict[str, str] = {
    "commune_committee": "Đảng ủy xã",
    "ward_committee": "Đảng ủy phường",
    "special_zone_committee": "Đảng ủy đặc khu",
    "district_committee": "Huyện ủy",
    "town_committee": "Thị ủy",
    "city_committee": "Thành ủy",
    "agency_committee": "Đảng ủy",
}

_current: ContextVar[CommitteeRef | None] = ContextVar("committee", default=None)


def current() -> CommitteeRef:
    """The committee of this task. Raises NoTenant where none is set."""
    ref = _current.get()
    if ref is None:
        raise NoTenant("no committee is set")
    return ref


def set_current(ref: CommitteeRef | None) -> None:
    """Set the committee for the rest of this task: for the middleware, which owns the whole request."""
    _current.set(ref)


def _told() -> dict[str, str]:
    """What a line of the log says of the committee: its schema, which is random and names nobody."""
    ref = _current.get()
    return {} if ref is None else {"committee": ref.schema_name}


facts_from(_told)


@contextmanager
def using(ref: CommitteeRef) -> Iterator[CommitteeRef]:
    """Set the committee for the length of a block: for jobs, commands and tests."""
    token = _current.set(ref)
    try:
        yield ref
    finally:
        _current.reset(token)
