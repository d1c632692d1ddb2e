"""Every route says who may use it; a route that says nothing is refused, and a test walks them all.

``access=`` on a handler is one of the rules below. Rows are loaded by the reader's rights afterwards: a rule decides
whether the door opens, never what lies behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from server.accounts.reader import CELL_ROLES, COMMITTEE_ROLES, Reader

Rule = Callable[[Reader | None], bool]


class NotSignedIn(Exception):
    """Nobody is logged in, and the route needs somebody."""


class NoSuchPage(Exception):
    """There is no such page, or this reader may not know that there is."""


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
    return reader is not None and reader.has(*COMMITTEE_ROLES, *CELL_ROLES)


def office(reader: Reader | None) -> bool:
    """The committee's office and its administrators."""
    return reader is not None and reader.has(*COMMITTEE_ROLES)


def committee_administrator(reader: Reader | None) -> bool:
    """The committee's administrators."""
    return reader is not None and reader.has("committee_administrator")


def province_administrator(reader: Reader | None) -> bool:
    """Administrators of some province; which one is asked when its rows are loaded."""
    return reader is not None and reader.has("province_administrator")


def check(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of the whole application."""
    rule: Rule | None = handler.opt.get("access")
    if rule is None:
        raise NoRule(str(handler))
    reader: Reader | None = connection.scope["state"].get("reader")
    if rule(reader):
        return
    if reader is None:
        raise NotSignedIn
    raise NoSuchPage
