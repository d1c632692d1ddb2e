"""A backup is put back beside the committee or in its place, equal or not at all; drills prove it by night."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import connect, connection, one, sql
from server import clock
from server.backups import drilling, keeping, reading, taking_back
from server.backups.standing import standing
from server.exports import erasing, exporting, restoring
from server.minutes.keeping import StoreAway
from server.province import actions
from server.rollups.verify import verify as compare
from server.words import Refused
from tenants.current import CommitteeRef, using
from tenants.export.comparing import differences
from tenants.export.tables import PLAIN
from tenants.runs import Work
from tenants.transactions import as_committee, platform_transaction, transaction
from tests.backup.conftest import OTHER_KEY, choose
from tests.backup.playing import (
    backed_up,
    files_of,
    lived_and_backed_up,
    pages_of,
    rows,
    suspended,
    unmounted,
)
from tests.cast import Cast
from tests.export.lived import lived_in
from tests.export.playing import administrator, played, province_of_cast, state_of
from workers.jobs import perform


async def apart(ref: CommitteeRef, location: str) -> list[str]:
    """What is not in a committee as a backup says."""
    async with reading.fetched(location) as found, platform_transaction(read_only=True):
        await connection().execute(PLAIN)
        async with as_committee(ref):
            return await differences(connection(), ref.schema_name, found.manifest)


async def damaged(ref: CommitteeRef, key: str) -> None:
    """Names are overwritten and a page is lost."""
    with using(ref):
        async with transaction():
            await sql("UPDATE member SET name = 'hỏng'")
            await sql("UPDATE meeting SET place = 'hỏng'")
    await objects.remove([key])


async def test_beside_the_one_that_was_backed_up(cast: Cast, backups: Path, tmp_path: Path) -> None:
    _, row = await lived_and_backed_up(cast, tmp_path)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")

    async with reading.fetched(row["location"]) as found:
        restored = await restoring.restore(
            found.file, province, name="Pleiku 2", pages=partial(reading.put_pages, found), by=by
        )

    assert await apart(restored.ref, row["location"]) == []
    [key] = await objects.list_keys(f"{restored.ref.schema_name}/")
    [page] = found.about.pages
    assert key == f"{restored.ref.schema_name}/{page.key}"
    assert restored.known == 1


async def test_a_damaged_committee_goes_back_and_what_it_had_is_put_aside(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, _, key = await lived_in(cast, tmp_path)
    row = await backed_up(ref)
    await damaged(ref, key)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    grants = await rows("SELECT * FROM platform.account_grant WHERE committee = $1 ORDER BY id", ref.id)
    with pytest.raises(Refused, match="tạm ngừng trước"):
        await taking_back.take_back(ref, row["location"], province, by=by)

    aside = await taking_back.take_back(await suspended(cast, ref), row["location"], province, by=by)

    async with platform_transaction(read_only=True):
        back = await exporting.ref_by_id(ref.id)
    assert (back.slug, back.name, back.state) == (ref.slug, ref.name, "suspended")
    assert (aside.schema_name, aside.state) == (ref.schema_name, "archived")
    assert back.schema_name != ref.schema_name
    assert await apart(back, row["location"]) == []
    assert any(line.startswith("member: other contents") for line in await apart(aside, row["location"]))
    [page] = await objects.list_keys(f"{back.schema_name}/")
    assert page.split("/", 1)[1] == key.split("/", 1)[1]
    assert (
        await rows("SELECT * FROM platform.account_grant WHERE committee = $1 ORDER BY id", ref.id) == grants
    )
    await actions.resume(province.slug, ref.slug, by=by)
    await perform("recompute_dirty", back.schema_name, {})
    _, wrong = await compare(back)
    assert wrong == []
    # Of what was put aside there is one backup; of the committee itself there is none yet.
    async with platform_transaction(read_only=True):
        assert await drilling.newest(back) is None
        assert (await drilling.newest(aside))["location"] == row["location"]  # type: ignore[index]


async def test_it_goes_back_once_and_to_no_other_committees_backup(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, row = await lived_and_backed_up(cast, tmp_path)
    other = await backed_up(cast.neighbour)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    closed = await suspended(cast, ref)

    with pytest.raises(Refused, match="một cấp ủy khác"):
        await taking_back.take_back(closed, other["location"], province, by=by)
    await taking_back.take_back(closed, row["location"], province, by=by)
    with pytest.raises(Refused, match="vừa được đưa về"):
        await taking_back.take_back(closed, row["location"], province, by=by)

    assert len(await rows("SELECT 1 FROM platform.committee WHERE province = $1", cast.province)) == 3


async def test_with_the_tables_the_figures_are_asked_for_and_the_province_is_told(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right behind the commit, nobody could begin it again: nothing may be left to do by then."""
    ref, row = await lived_and_backed_up(cast, tmp_path)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    closed = await suspended(cast, ref)
    real = taking_back.put_back

    async def killed(*given: Any, **more: Any) -> None:
        await real(*given, **more)
        raise asyncio.CancelledError

    monkeypatch.setattr(taking_back, "put_back", killed)
    with pytest.raises(asyncio.CancelledError):
        await taking_back.take_back(closed, row["location"], province, by=by)

    async with platform_transaction(read_only=True):
        back = await exporting.ref_by_id(ref.id)
    assert back.schema_name != ref.schema_name
    assert await rows("SELECT 1 FROM platform.rollup_dirty WHERE schema_name = $1", back.schema_name)
    assert await rows(
        "SELECT 1 FROM platform.outbox WHERE schema_name = $1 AND job = 'recompute_dirty'", back.schema_name
    )
    [told] = await rows(
        "SELECT account, committee FROM platform.province_event WHERE action = 'committee_taken_back' AND subject = $1",
        ref.slug,
    )
    assert (told["account"], told["committee"]) == (by.account_id, ref.id)


async def test_another_moment_can_be_chosen_after_the_wrong_one(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, first = await lived_and_backed_up(cast, tmp_path)
    second = await backed_up(ref)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    await taking_back.take_back(await suspended(cast, ref), second["location"], province, by=by)
    async with platform_transaction(read_only=True):
        back = await exporting.ref_by_id(ref.id)

    await taking_back.take_back(back, first["location"], province, by=by)

    async with platform_transaction(read_only=True):
        again = await exporting.ref_by_id(ref.id)
    assert again.schema_name not in (ref.schema_name, back.schema_name)
    assert await apart(again, first["location"]) == []


async def test_cells_that_moved_since_stand_in_no_two_committees(
    cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, row = await lived_and_backed_up(cast, tmp_path)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    closed = await suspended(cast, ref)
    await rows(
        """INSERT INTO platform.committee_succession (id, kind, predecessor, successor, on_day, cells)
        VALUES (gen_random_uuid(), 'split', $1, $2, current_date, 1)""",
        ref.id, cast.neighbour.id,
    )  # fmt: skip

    with pytest.raises(Refused, match="chi bộ đã chuyển"):
        await taking_back.take_back(closed, row["location"], province, by=by)

    async with platform_transaction(read_only=True):
        assert (await exporting.ref_by_id(ref.id)).schema_name == ref.schema_name
    younger = await backed_up(ref)
    await taking_back.take_back(closed, younger["location"], province, by=by)


def work_of(ref: CommitteeRef) -> Work:
    """An item of a run of drills."""
    return Work(
        ref.id, "restore_drill", 1, 1, ref.slug, ref.id, {"export": str(ref.id)}, {}, None, None, "Nền Nếp", 1
    )


async def test_a_drill_tries_the_newest_backup_and_leaves_nothing(
    cast: Cast, backups: Path, database: Servers, tmp_path: Path
) -> None:
    ref, _ = await lived_and_backed_up(cast, tmp_path)
    newest = await backed_up(ref)
    owner = await connect(database.owner_url)
    before = await owner.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^c_'")

    found = await drilling.perform(work_of(ref))

    assert found["backup"] == str(newest["id"])
    assert await owner.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^c_'") == before
    await owner.close()
    async with platform_transaction(read_only=True):
        row = await drilling.newest(ref)
        assert await one("SELECT 1 FROM platform.export WHERE committee = $1", ref.id) is None
    assert row is not None
    assert row["rehearsal_fault"] == ""
    assert row["rehearsal_seconds"] > 0
    [told] = [one_of for one_of in await standing() if one_of.slug == ref.slug]
    assert told.rehearsed_at == row["rehearsed_at"]
    assert told.age is not None
    assert told.age < clock.now() - row["began_at"]


async def test_a_drill_that_fails_is_kept_and_told(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, row = await lived_and_backed_up(cast, tmp_path)
    [page] = pages_of(backups, ref)
    page.write_bytes(page.read_bytes()[:-1])

    with pytest.raises(Refused, match="không còn nguyên vẹn"):
        await drilling.perform(work_of(ref))
    [told] = [one_of for one_of in await standing() if one_of.slug == ref.slug]
    assert "the file was cut there" in told.fault
    choose(monkeypatch, key=OTHER_KEY)
    with pytest.raises(Refused, match="một khóa khác"):
        await drilling.perform(work_of(ref))

    assert told.rehearsed_at is None
    assert row["rehearsed_at"] is None


async def test_an_erased_committee_has_no_backups_any_more(cast: Cast, backups: Path, tmp_path: Path) -> None:
    ref, _ = await lived_and_backed_up(cast, tmp_path)
    other = await backed_up(cast.neighbour)
    closed = await suspended(cast, ref)
    province = await province_of_cast(cast)
    first, second = await administrator(cast, "Rah Lan Hương"), await administrator(cast, "Đặng Văn Tuấn")
    await erasing.ask(
        province.slug, closed.slug, reason="Kết thúc hoạt động theo Nghị quyết", typed=closed.slug, by=first
    )
    run = await erasing.confirm(province.slug, closed.slug, typed=closed.slug, by=second)
    (backups / ref.schema_name / "left").write_bytes(b"by a kill")

    ended = await played(run)

    assert (ended["state"], await state_of(ref.id)) == ("done", "erased"), ended["errors"]
    assert files_of(backups, ref) == set()
    assert (
        await rows("SELECT 1 FROM platform.backup WHERE committee = $1 AND removed_at IS NULL", ref.id) == []
    )
    await reading.verify(other["location"])


async def test_an_erasure_waits_for_the_place_of_backups(
    cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, _ = await lived_and_backed_up(cast, tmp_path)
    unmounted(backups)

    with pytest.raises(StoreAway):
        await keeping.remove_all(ref)
    choose(monkeypatch, url="")
    with pytest.raises(Refused, match="NENNEP_BACKUP_URL"):
        await keeping.remove_all(ref)
    assert await keeping.remove_all(cast.neighbour) == 0
