"""What a province has published to a committee: its rules stand before the product's own, on the days they name.

A rule is looked up in the middle of a calculation, so it can't wait for the database: whoever sets the current
committee loads its rules first. A look-up that finds them not loaded raises; it never answers with another number.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from contextvars import ContextVar
from uuid import UUID

from infra.postgres import sql
from server.rulebook.entries import Lines, Rule, lines_of, read_entry
from tenants.current import CommitteeRef, NoTenant, current
from tenants.transactions import platform_transaction

# Committees whose rules a process keeps; each takes a few kilobytes.
MOST_KEPT = 500
# A committee and the version of its rules: a version that has been told is never told differently.
Version = tuple[UUID, int]

_kept: OrderedDict[Version, Lines] = OrderedDict()
# What this task loaded: still there when others have pushed it out of what the process keeps.
_held: ContextVar[tuple[Version, Lines] | None] = ContextVar("local rules", default=None)

# The newest publication first: where two name the same day, it is the one that counts.
_PUBLISHED = """SELECT b.rules FROM platform.bulletin_receipt r JOIN platform.bulletin b ON b.id = r.bulletin
WHERE r.committee = $1 AND b.kind = 'rules' AND b.taken_back_at IS NULL ORDER BY b.published_at DESC, b.id"""


class NotLoaded(RuntimeError):
    """A rule was looked up for a committee with rules of its own before ``load`` was called."""


async def load(ref: CommitteeRef) -> None:
    """Have the rules of a committee at hand for look-ups in this task; costs nothing where it has none of its own, and
    one query where the process does not keep them. Call it outside of any transaction, before what looks up.
    """
    if not ref.rules_version:
        return
    version = (ref.id, ref.rules_version)
    lines = _kept.get(version)
    if lines is None:
        async with platform_transaction(read_only=True):
            lines = lines_of(await published_to(ref.id))
        _kept[version] = lines
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    else:
        _kept.move_to_end(version)
    _held.set((version, lines))


async def published_to(committee: UUID) -> list[Rule]:
    """The rules that are published to a committee and not taken back, the newest publication first. Needs a platform
    transaction.
    """
    return [
        read_entry(entry) for row in await sql(_PUBLISHED, committee) for entry in json.loads(row["rules"])
    ]


def local_lines() -> Lines:
    """The rules of the current committee by key and scope, those that count first; none where no committee is set.

    Raises NotLoaded.
    """
    try:
        ref = current()
    except NoTenant:
        return {}
    if not ref.rules_version:
        return {}
    version, held = (ref.id, ref.rules_version), _held.get()
    lines = held[1] if held is not None and held[0] == version else _kept.get(version)
    if lines is None:
        raise NotLoaded(f"the rules of {ref.slug} (version {ref.rules_version}) are not loaded")
    return lines
