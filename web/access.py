"""Every route says who may use it; a route that says nothing is refused, and a test walks them all.

``access=`` on a handler is one of the rules below. Rows are loaded by the reader's rights afterwards: a rule decides
whether the door opens, never what lies behind it. ``support=True`` beside it opens a page to whom the committee lets
look for a time. Every other page and every download stays closed to them, new ones too, and they write nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from server.accounts.reader import (
    CELL_ROLES,
    COMMITTEE_ROLES,
    COUNTRY_VIEWER,
    PROVINCE_ROLES,
    SUPPORT,
    Reader,
)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Rule = Callable[[Reader | None], bool]


class NotSignedIn(Exception):
    """Nobody is logged in, and the route needs somebody."""


class NoSuchPage(Exception):
    """There is no such page, or this reader may not know that there is."""


class OnlyLooks(Exception):
    """Whom a committee lets look for a time has asked for more than a page that is open to them."""


class NoRule(RuntimeError):
    """A route without an access rule: a mistake of ours, refused."""


def anyone(_: Reader | None) -> bool:
    """Open to the world: log-in, invitations, files, health."""
    return True


def signed_in(reader: Reader | None) -> bool:
    """Anybody with an account, wherever their roles are."""
    return reader is not None


def in_committee(reader: Reader | None) -> bool:
    """Anybody with a role in the committee of the path."""
    return reader is not None and reader.has(*COMMITTEE_ROLES, *CELL_ROLES, SUPPORT)


def office(reader: Reader | None) -> bool:
    """The committee's office and its administrators, and whom they let look for a time."""
    return reader is not None and reader.has(*COMMITTEE_ROLES, SUPPORT)


def committee_administrator(reader: Reader | None) -> bool:
    """The committee's administrators."""
    return reader is not None and reader.has("committee_administrator")


def province_administrator(reader: Reader | None) -> bool:
    """Administrators of some province; which one is asked when its rows are loaded."""
    return reader is not None and reader.has("province_administrator")


def province_reader(reader: Reader | None) -> bool:
    """Who reads the figures of some province: its administrators, viewers and auditors."""
    return reader is not None and reader.has(*PROVINCE_ROLES)


def province_auditor(reader: Reader | None) -> bool:
    """Who reads the record of some province: its auditors and administrators."""
    return reader is not None and reader.has("province_administrator", "province_auditor")


def country_viewer(reader: Reader | None) -> bool:
    """Who reads the figures of the whole deployment."""
    return reader is not None and reader.has(COUNTRY_VIEWER)


def check(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of the whole application."""
    rule: Rule | None = handler.opt.get("access")
    if rule is None:
        raise NoRule(str(handler))
    reader: Reader | None = connection.scope["state"].get("reader")
    if not rule(reader):
        raise NotSignedIn if reader is None else NoSuchPage
    if looks_only(connection) and not (connection.scope.get("method") in SAFE and handler.opt.get("support")):
        raise OnlyLooks


def looks_only(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether somebody visits a committee that lets them look for a time. (Logging out is no such visit.)"""
    state = connection.scope["state"]
    reader: Reader | None = state.get("reader")
    return reader is not None and state.get("committee") is not None and reader.only_looks
