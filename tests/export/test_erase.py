"""Two administrators erase a committee: its last file, then everything; a stone stays, and nothing of its people."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server import clock
from server.accounts import sessions
from server.accounts.actions import add_account, give, invite
from server.accounts.reader import Reader
from server.committees import founding, merging
from server.exports import erasing, exporting, parts, restoring
from server.province import actions
from server.words import Refused
from tenants import registry, runs
from tenants.current import CommitteeRef, using
from tenants.outbox import Hopeless, later
from tenants.runs import Item
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.export.lived import lived_in, name_of
from tests.export.playing import administrator, played, province_of_cast, state_of
from workers.jobs import perform

REASON = "Kết thúc hoạt động theo Nghị quyết số 12"


async def closed(cast: Cast, folder: Path) -> tuple[CommitteeRef, str, Reader, Reader, str]:
    """A lived-in committee that is suspended, its secretary's log-in name, two administrators, the province's path."""
    ref, login, _ = await lived_in(cast, folder)
    province = await province_of_cast(cast)
    first, second = await administrator(cast, "Rah Lan Hương"), await administrator(cast, "Đặng Văn Tuấn")
    await actions.suspend(province.slug, ref.slug, reason="Chờ xóa hẳn", by=first)
    return ref, login, first, second, province.slug


async def erased(cast: Cast, folder: Path) -> tuple[CommitteeRef, str, Reader, str]:
    """An erased committee; its secretary's log-in name, an administrator, the province's path."""
    ref, login, first, second, province = await closed(cast, folder)
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)
    ended = await played(await erasing.confirm(province, ref.slug, typed=ref.slug, by=second))
    assert ended["state"] == "done", ended["errors"]
    return ref, login, first, province


async def test_who_asks_never_confirms(cast: Cast, own_store: None, tmp_path: Path) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)

    with pytest.raises(Refused, match="Chưa ai đề nghị"):
        await erasing.confirm(province, ref.slug, typed=ref.slug, by=first)
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)
    with pytest.raises(Refused, match="phải khác người đề nghị"):
        await erasing.confirm(province, ref.slug, typed=ref.slug, by=first)
    with pytest.raises(Refused, match="Xin gõ đúng"):
        await erasing.confirm(province, ref.slug, typed="", by=second)
    run = await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)

    assert await erasing.confirm(province, ref.slug, typed=ref.slug, by=second) == run
    assert (await played(run))["state"] == "done"
    async with platform_transaction(read_only=True):
        gone = await exporting.ref_by_id(ref.id)
    with pytest.raises(Refused, match="không rút lại được"):
        await erasing.withdraw(province, gone.slug, by=first)


async def test_an_open_committee_is_not_erased_nor_one_that_was_opened_again(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)
    await actions.resume(province, ref.slug, by=first)
    with pytest.raises(Refused, match="tạm ngừng"):
        await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)

    await actions.suspend(province, ref.slug, reason="Chờ xóa hẳn", by=first)
    run = await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)
    await actions.resume(province, ref.slug, by=first)
    ended = await played(run)

    assert "mở lại" in ended["errors"]
    assert await state_of(ref.id) == "active"
    with using(ref):
        async with transaction(read_only=True):
            assert await sql("SELECT 1 FROM member")


async def test_nothing_is_erased_while_cells_are_on_their_way_into_it(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    """They would arrive in nothing, and the committee that they left would stay closed for ever."""
    ref, _, first, second, province = await closed(cast, tmp_path)
    other = cast.neighbour if ref.id == cast.pleiku.id else cast.pleiku
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)
    await actions.resume(province, ref.slug, by=first)
    await merging.merge(province, other.slug, into=ref.slug, day=clock.today(), agreed=True, by=first)
    await actions.suspend(province, ref.slug, reason="Chờ xóa hẳn", by=first)

    with pytest.raises(Refused, match="đang sáp nhập hoặc tách"):
        await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)


async def test_cells_that_set_out_after_it_was_confirmed_hold_it_up(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)
    other = cast.neighbour if ref.id == cast.pleiku.id else cast.pleiku
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)
    run = await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)
    await actions.resume(province, ref.slug, by=first)
    await merging.merge(province, other.slug, into=ref.slug, day=clock.today(), agreed=True, by=first)
    await actions.suspend(province, ref.slug, reason="Chờ xóa hẳn", by=first)

    assert "đang sáp nhập hoặc tách" in (await played(run))["errors"]
    assert await state_of(ref.id) == "suspended"


async def test_confirmed_and_then_withdrawn_in_time_nothing_goes(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)
    run = await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)

    await erasing.withdraw(province, ref.slug, by=second)

    assert "rút lại" in (await played(run))["errors"]
    assert await state_of(ref.id) == "suspended"


async def test_withdrawn_it_never_was(cast: Cast, own_store: None, tmp_path: Path) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)

    await erasing.withdraw(province, ref.slug, by=second)

    with pytest.raises(Refused, match="Chưa ai đề nghị"):
        await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=second)


@pytest.mark.parametrize(("reason", "typed", "field"), [("ngắn", "", "typed"), ("ngắn", "pleiku", "reason")])
async def test_asking_wants_a_reason_and_the_path_typed(
    cast: Cast, own_store: None, tmp_path: Path, reason: str, typed: str, field: str
) -> None:
    ref, _, first, _, province = await closed(cast, tmp_path)

    with pytest.raises(Refused) as refused:
        await erasing.ask(province, ref.slug, reason=reason, typed=typed and ref.slug, by=first)

    assert field in refused.value.reasons


async def test_nothing_of_its_people_is_left_anywhere_but_in_the_last_file(
    cast: Cast, database: Servers, own_store: None, tmp_path: Path
) -> None:
    office = await _more_traces(cast)
    with using(cast.pleiku):
        async with transaction():
            await sql("UPDATE member SET name = $1", f"Rơ Châm {office}")

    ref, login, _, _ = await erased(cast, tmp_path)

    owner = await connect(database.owner_url)
    everything = await _platform_text(owner)
    schemas = await owner.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = $1", ref.schema_name)
    roles = await owner.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", ref.schema_name)
    await owner.close()
    for trace in (login, name_of(login), office, "Siu H'Lan Canary", "canary-endpoint"):
        assert trace not in everything, trace
    assert (schemas, roles) == (0, 0)
    assert await objects.list_keys(f"{ref.schema_name}/") == []
    async with platform_transaction(read_only=True):
        [last] = await exporting.exports_of(ref.id)
        stone = await erasing.tombstone_of(ref.id)
        assert await registry.find(ref.slug) is None
    assert await objects.exists(last["object_key"])
    assert stone is not None
    assert (stone["slug"], stone["name"], stone["reason"]) == (ref.slug, ref.name, REASON)
    assert (stone["asked_name"], stone["confirmed_name"]) == ("Rah Lan Hương", "Đặng Văn Tuấn")
    assert (stone["rows"], stone["objects"], stone["export_sha256"]) == (last["rows"], 1, last["sha256"])


async def _more_traces(cast: Cast) -> str:
    """Invitations, sessions, pushes, log-in failures, links, jobs; the log-in name of somebody with all of them."""
    login = f"canary{uuid4().hex[:8]}"
    by = Reader(uuid4(), "Siu H'Lan Canary")
    async with platform_transaction():
        account = await add_account(name="Siu H'Lan Canary", login=login, password_hash="x")
        await give(account, cast.pleiku.id, "office", by_name="Siu H'Lan Canary")
        await invite(cast.pleiku.id, role="office", name="Siu H'Lan Canary", by=by)
        await sessions.start(account, device="Siu H'Lan Canary")
        await sql("INSERT INTO platform.login_failure (subject) VALUES ($1)", f"login:{login}")
        await sql(
            """INSERT INTO platform.push_subscription (id, account, endpoint, p256dh, auth)
            VALUES (gen_random_uuid(), $1, 'https://canary-endpoint.test', '', '')""",
            account,
        )
        await sql(
            """INSERT INTO platform.password_link (token_hash, account, committee, issued_by, expires_at)
            VALUES (sha256('x'), $1, $2, $1, now())""",
            account, cast.pleiku.id,
        )  # fmt: skip
        await sql("INSERT INTO platform.second_factor (account, sealed) VALUES ($1, 'x')", account)
        await sql("INSERT INTO platform.recovery_code (account, code_hash) VALUES ($1, 'x')", account)
        await sql(
            """INSERT INTO platform.province_event (province, account, by_name, action, subject, committee)
            VALUES ($1, $2, 'Siu H''Lan Canary', 'support_given', 'x', $3)""",
            cast.province, account, cast.pleiku.id,
        )  # fmt: skip
        # As it was founded from a list: its first administrator's name stands in the item.
        run = await runs.start(
            "found_committees", [Item("Pleiku", {"administrator": "Siu H'Lan Canary"})], province=cast.province,
            by_account=None, by_name="test",
        )  # fmt: skip
        await sql(
            "UPDATE platform.run_item SET state = 'done', result = $2 WHERE run = $1",
            run, f'{{"committee": "{cast.pleiku.id}"}}',
        )  # fmt: skip
        await sql("UPDATE platform.run SET state = 'done', done = 1 WHERE id = $1", run)
    with using(cast.pleiku):
        async with transaction():
            await later("push_nudge", note="Siu H'Lan Canary")
    return login


async def _platform_text(owner: object) -> str:
    """Everything that stands in schema platform, as text; without the cast's other committee, which has the same people
    in its own schema only.
    """
    tables = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'platform'")  # type: ignore[attr-defined]
    found = [
        await owner.fetchval(f'SELECT string_agg(t::text, chr(10)) FROM platform."{table["tablename"]}" t')  # type: ignore[attr-defined]
        for table in tables
    ]
    return "\n".join(text or "" for text in found)


async def test_who_works_elsewhere_too_keeps_their_account(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    async with platform_transaction():
        account = await add_account(name="Hai Nơi", login=f"hainoi{uuid4().hex[:8]}", password_hash="x")
        for place in (cast.pleiku, cast.neighbour):
            await give(account, place.id, "office", by_name="test")
        token = await sessions.start(account, device="test")

    await erased(cast, tmp_path)

    visit = await sessions.visit(token, cast.neighbour.slug)
    assert visit.reader is not None
    assert visit.reader.has("office")
    async with platform_transaction(read_only=True):
        rows = await sql("SELECT committee FROM platform.account_grant WHERE account = $1", account)
    assert [row["committee"] for row in rows] == [cast.neighbour.id]


async def test_the_neighbour_and_closed_months_stay_as_they_were(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.rollup_closed (committee, month, province, figures, kind, name)
            VALUES ($1, '2026-01-01', $2, '{"cells": 2}', 'city_committee', 'Pleiku')""",
            cast.pleiku.id, cast.province,
        )  # fmt: skip

    ref, *_ = await erased(cast, tmp_path)

    async with platform_transaction(read_only=True):
        row = await one("SELECT name, figures FROM platform.rollup_closed WHERE committee = $1", ref.id)
        assert await one("SELECT 1 FROM platform.rollup WHERE committee = $1", ref.id) is not None
    assert row is not None
    assert row["name"] == "Pleiku"
    with using(cast.neighbour):
        async with transaction(read_only=True):
            assert len(await sql("SELECT 1 FROM member")) == len(cast.numbers)


async def test_what_changed_after_the_last_file_makes_a_newer_one(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)
    await played(await exporting.ask(province, ref.slug, with_pages=True, by=first))
    with using(ref):
        async with transaction():
            await sql("UPDATE member SET post = 'đổi sau khi xuất'")
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)

    assert (await played(await erasing.confirm(province, ref.slug, typed=ref.slug, by=second)))[
        "state"
    ] == "done"

    async with platform_transaction(read_only=True):
        newest, older = await exporting.exports_of(ref.id)
        stone = await erasing.tombstone_of(ref.id)
    assert (newest["reason"], older["reason"]) == ("erasure", "person")
    assert stone is not None
    assert stone["export_sha256"] == newest["sha256"] != older["sha256"]


async def test_a_young_and_tried_file_of_the_same_rows_will_do(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)
    await played(await exporting.ask(province, ref.slug, with_pages=True, by=first))
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)

    await played(await erasing.confirm(province, ref.slug, typed=ref.slug, by=second))

    async with platform_transaction(read_only=True):
        [only] = await exporting.exports_of(ref.id)
    assert only["reason"] == "person"


async def test_a_file_that_can_not_be_put_back_stops_everything(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, _, first, second, province = await closed(cast, tmp_path)
    await played(await exporting.ask(province, ref.slug, with_pages=True, by=first))
    async with platform_transaction(read_only=True):
        [export] = await exporting.exports_of(ref.id)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK nothing")
    await objects.put_file(export["object_key"], broken, "application/zip")
    await erasing.ask(province, ref.slug, reason=REASON, typed=ref.slug, by=first)

    ended = await played(await erasing.confirm(province, ref.slug, typed=ref.slug, by=second))

    assert ended["state"] != "done"
    assert await state_of(ref.id) == "suspended"
    with using(ref):
        async with transaction(read_only=True):
            assert await sql("SELECT 1 FROM member")


async def test_an_erased_committee_lives_again_from_its_last_file(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, _, by, province = await erased(cast, tmp_path)
    async with platform_transaction(read_only=True):
        gone = await exporting.ref_by_id(ref.id)

    ended = await played(await restoring.ask_to_revive(province, gone.slug, by=by))

    assert ended["state"] == "done", ended["errors"]
    async with platform_transaction(read_only=True):
        back = await registry.find(ref.slug)
    assert back is not None
    assert (back.id, back.name, back.state, back.schema_name) == (ref.id, ref.name, "active", ref.schema_name)
    with using(back):
        async with transaction(read_only=True):
            names = {row["name"] for row in await sql("SELECT name FROM member")}
    assert set(cast.numbers) <= names
    assert len(await objects.list_keys(f"{ref.schema_name}/")) == 1


async def test_path_and_name_are_free_for_others_at_once(cast: Cast, own_store: None, tmp_path: Path) -> None:
    ref, _, by, province = await erased(cast, tmp_path)

    again, _ = await founding.found_committee(
        province, kind=ref.kind, name=ref.name, slug=ref.slug, administrator="Nông An", by=by
    )

    assert again.id != ref.id
    assert again.slug == ref.slug


async def test_a_job_that_comes_after_everything_finds_nobody(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, *_ = await erased(cast, tmp_path)

    with pytest.raises(Hopeless):
        await perform("recompute_rollups", ref.schema_name, {})


async def test_every_table_that_knows_a_committee_or_its_people_is_decided(database: Servers) -> None:
    """A new table of the platform has to say whether it is exported, and what an erasure makes of it."""
    owner = await connect(database.owner_url)
    rows = await owner.fetch(
        """SELECT c.relname, array_agg(a.attname::text) AS columns FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'platform'::regnamespace AND c.relkind = 'r' GROUP BY c.relname"""
    )
    people = await owner.fetch(
        """SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint
        WHERE confrelid = 'platform.account'::regclass AND contype = 'f'"""
    )
    await owner.close()
    of_committee = {r["relname"] for r in rows if {"committee", "predecessor"} & set(r["columns"])}
    with_schema = {r["relname"] for r in rows if "schema_name" in r["columns"]}
    of_people = {row["name"].removeprefix("platform.") for row in people}

    exported = {part.name for part in parts.PARTS if part.put_back} | parts.TOLD_BY_QUERY
    forgotten = {table for table, _ in parts.FORGET}
    assert of_committee <= exported | parts.NOT_EXPORTED.keys()
    assert not exported & parts.NOT_EXPORTED.keys()
    assert of_committee | with_schema | of_people <= forgotten | parts.KEPT.keys()
    assert not forgotten & parts.KEPT.keys()
