"""After a recovery to a moment the object store knows more than the database: what people sent meanwhile is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from infra import objects
from infra.postgres import sql
from server import clock, recovery, versions
from server.minutes import erasing
from tenants import registry
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.commands.conftest import Nennep, nennep, quick  # noqa: F401  fixtures


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def forgotten(cast: Cast) -> AsyncIterator[None]:
    """No other test sweeps after a recovery."""
    yield
    async with platform_transaction():
        await sql("DELETE FROM platform.setting WHERE name = $1", recovery.SETTING)
        await sql("UPDATE platform.committee SET versions_from = 0")


@pytest.fixture
def everything_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "OLD", timedelta(seconds=-60))


async def stray(cast: Cast, folder: Path) -> str:
    """An object of the committee that no row names."""
    key, file = f"{cast.pleiku.schema_name}/{uuid4()}/{uuid4()}/{'d' * 64}", folder / "page"
    file.write_bytes(b"a page")
    await objects.put_file(key, file, "image/jpeg")
    return key


@pytest.mark.usefixtures("everything_is_old")
async def test_what_was_sent_after_the_moment_is_told_and_spared(
    cast: Cast,
    tmp_path: Path,
    nennep: Nennep,  # noqa: F811
) -> None:
    key = await stray(cast, tmp_path)

    told = await nennep("recovered", "--to", (clock.now() - timedelta(hours=1)).isoformat())
    await erasing.sweep_minutes()

    assert told.code == 0, told.err
    assert f"{cast.pleiku.slug}\t1" in told.out.splitlines()
    assert await objects.exists(key)


@pytest.mark.usefixtures("everything_is_old")
async def test_what_was_there_before_the_moment_is_swept_as_ever(cast: Cast, tmp_path: Path) -> None:
    key = await stray(cast, tmp_path)
    await recovery.note(clock.now() + timedelta(hours=1))

    await erasing.sweep_minutes()

    assert not await objects.exists(key)


@pytest.mark.usefixtures("everything_is_old")
async def test_after_sixty_days_nothing_is_spared_any_more(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recovery.note(clock.now() - timedelta(hours=1))
    key = await stray(cast, tmp_path)
    monkeypatch.setattr(recovery, "SPARED", -2 * recovery.CLOCKS)

    await erasing.sweep_minutes()

    assert not await objects.exists(key)


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-22T20:15:00", "2999-01-01T00:00:00+07:00"])
async def test_a_moment_that_is_none_is_refused(nennep: Nennep, moment: str) -> None:  # noqa: F811
    refused = await nennep("recovered", "--to", moment)

    assert refused.code == 1
    assert moment in refused.err


async def test_a_second_recovery_forgets_nothing_of_the_first(cast: Cast) -> None:
    first, second = clock.now() - timedelta(days=9), clock.now() - timedelta(hours=1)

    await recovery.note(first)
    await recovery.note(second)
    await recovery.note(second)

    lost = await recovery.lost_stretch()
    assert lost is not None
    assert lost[0] == first - recovery.CLOCKS
    assert lost[1] > clock.now()


async def test_phones_take_what_is_there_now_for_newer_than_what_they_heard(cast: Cast) -> None:
    before = await as_it_is(cast.pleiku)

    await recovery.note(clock.now() - timedelta(hours=1))
    once = await as_it_is(cast.pleiku)
    await recovery.note(clock.now() - timedelta(hours=1))
    twice = await as_it_is(cast.pleiku)

    assert before.versions_from + 1_000_000 < once.versions_from < twice.versions_from < versions.MOST
    assert (
        once.versions_from % registry.VERSIONS_OF_A_LIFE
        == twice.versions_from % registry.VERSIONS_OF_A_LIFE
        == 0
    )


async def as_it_is(ref: CommitteeRef) -> CommitteeRef:
    async with platform_transaction(read_only=True):
        found = await registry.find_by_id(ref.id)
    assert found is not None
    return found
