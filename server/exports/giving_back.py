"""Who had which role in a committee that comes back: with the very account that had it, or by invitation."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from infra.postgres import one
from server.accounts.actions import Place, give, invite
from server.accounts.reader import CELL_ROLES, COMMITTEE_ROLES, Reader
from server.accounts.rules import check_role
from server.words import Refused
from tenants.export.archive import opened
from tenants.export.faults import WrongFile

FILE = "platform/people.csv"


@dataclass(frozen=True)
class Invited:
    """Somebody who had a role and has no account here: the link's token lets them take it again."""

    name: str
    login: str
    role: str
    cell_name: str
    token: str


@dataclass(frozen=True)
class Person:
    """A role that somebody had."""

    account: UUID
    login: str
    name: str
    role: str
    place: Place


async def give_back(people: Sequence[Person], committee: UUID, *, by: Reader) -> tuple[int, list[Invited]]:
    """Give roles back: to the very accounts that had them, where they are here still; to all others an invitation.

    How many of the first, and the others. Never by log-in name alone: on another deployment that may be somebody else.
    Needs a platform transaction.
    """
    known, invited = 0, []
    for one_of in people:
        account = await one(
            "SELECT id FROM platform.account WHERE id = $1 AND lower(login) = lower($2) AND disabled_at IS NULL",
            one_of.account, one_of.login,
        )  # fmt: skip
        if account is not None:
            await give(account["id"], committee, one_of.role, one_of.place, by_name=by.name)
            known += 1
            continue
        token = await invite(committee, role=one_of.role, place=one_of.place, name=one_of.name, by=by)
        invited.append(Invited(one_of.name, one_of.login, one_of.role, one_of.place.cell_name, token))
    return known, invited


def people_in(path: Path) -> list[Person]:
    """Who has a role by a verified file; roles that no committee gives are left out. Raises WrongFile. Blocks."""
    with opened(path) as archive:
        if FILE not in archive.names:
            return []
        text = archive.text(FILE)
    try:
        rows = csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True)
        return [
            _person(row)
            for row in rows
            if not row["revoked_at"] and row["role"] in (*COMMITTEE_ROLES, *CELL_ROLES)
        ]
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error, Refused) as error:
        raise WrongFile("columns", f"{FILE}: {error}") from None


def _person(row: dict[str, str]) -> Person:
    group = int(row["group_number"]) if row["group_number"] else None
    if group is not None and not 0 <= group < 2**15:
        raise ValueError(f"group {group}")
    place = Place(_uuid(row["cell"]), row["cell_name"], group, _uuid(row["member"]))
    check_role(row["role"], has_cell=place.cell is not None, has_group=group is not None)
    return Person(UUID(row["account"]), row["login"], row["name"], row["role"], place)


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None
