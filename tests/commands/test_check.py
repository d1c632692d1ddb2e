"""A deployment is asked over its own pages: a whole roll call in a committee that is there for it, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.embedded.process import free_ports
from infra.postgres import one, sql
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction
from tests.commands.conftest import Nennep
from tests.kill.house import Web
from tests.kill.room import PASSWORD, a_room


@dataclass(frozen=True)
class Place:
    """A product that answers, its committee for checks, and the secretary's account as a mounted secret."""

    url: str
    ref: CommitteeRef
    neighbour: CommitteeRef
    account: Path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(database: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    room = await a_room(database.owner_url)
    slug = f"kiem-tra-{uuid4().hex[:8]}"
    async with platform_transaction():
        await sql("UPDATE platform.committee SET slug = $2 WHERE id = $1", room.ref.id, slug)
    folder = tmp_path_factory.mktemp("check")
    (folder / "login").write_text(f"{room.secretary.login}\n")
    (folder / "password").write_text(PASSWORD)
    web = Web(database, folder, free_ports(1)[0])
    try:
        await web.ready()
        yield Place(web.url, replace(room.ref, slug=slug), room.neighbour, folder)
    finally:
        web.stop()


async def _rolls(ref: CommitteeRef) -> tuple[int, int, int]:
    """Meetings planned by checks, rolls that are locked, marks."""
    with using(ref):
        async with transaction(read_only=True):
            row = await one(
                """SELECT (SELECT count(*) FROM meeting WHERE place = 'nennep check') AS planned,
                (SELECT count(*) FROM roll_call WHERE closed_at IS NOT NULL) AS locked,
                (SELECT count(*) FROM mark) AS marks"""
            )
    assert row is not None
    return row["planned"], row["locked"], row["marks"]


async def test_a_roll_call_is_taken_over_the_products_own_pages(nennep: Nennep, place: Place) -> None:
    told = await nennep(
        "check",
        "roll-call",
        "--url",
        place.url,
        "--committee",
        place.ref.slug,
        "--account",
        str(place.account),
    )

    assert told.code == 0, told.err
    # 64 people of whom 4 are exempt; sent twice and counted once.
    assert "roll call of 60 taken in " in told.err
    assert await _rolls(place.ref) == (1, 1, 60)
    assert await _rolls(place.neighbour) == (0, 0, 0)
    assert PASSWORD not in told.err + told.out


@pytest.mark.parametrize("committee", ["pleiku", "kiem-traits", "x-kiem-tra", "kiem-tra/../pleiku"])
async def test_a_real_committee_is_never_checked(nennep: Nennep, place: Place, committee: str) -> None:
    told = await nennep(
        "check", "roll-call", "--url", place.url, "--committee", committee, "--account", str(place.account)
    )

    assert told.code == 1
    assert "is no committee for checks" in told.err


async def test_what_is_refused_is_told_with_the_question(
    nennep: Nennep, place: Place, tmp_path: Path
) -> None:
    (tmp_path / "login").write_text("nobody-here")
    (tmp_path / "password").write_text("wrong and long enough")

    refused = await nennep(
        "check",
        "roll-call",
        "--url",
        place.url,
        "--committee",
        place.ref.slug,
        "--account",
        str(tmp_path),
    )
    elsewhere = await nennep(
        "check",
        "roll-call",
        "--url",
        place.url,
        "--committee",
        "kiem-tra-khac",
        "--account",
        str(place.account),
    )

    assert (refused.code, elsewhere.code) == (1, 1)
    assert "Error: POST /login: 422 instead of 303" in refused.err
    assert "/kiem-tra-khac/meetings/new: 404 instead of 200" in elsewhere.err


async def test_health_is_asked_and_a_silent_address_is_told(nennep: Nennep, place: Place) -> None:
    silent = free_ports(1)[0]

    good = await nennep("check", "health", "--url", place.url)
    bad = await nennep("check", "health", "--url", f"http://127.0.0.1:{silent}")

    assert (good.code, bad.code) == (0, 1)
    assert good.err.strip() == "alive and ready"
    assert f"no answer from http://127.0.0.1:{silent}" in bad.err
