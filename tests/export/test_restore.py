"""A file becomes the committee again: here after an erasure, beside the living one, or in another deployment."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import connect, connection, one, sql
from server import clock
from server.accounts.actions import open_invitation
from server.exports import restoring
from server.exports.parts import PARTS
from server.province.actions import Province
from server.schema import committee_line
from server.words import Refused
from tenants import lifecycle, registry
from tenants.current import CommitteeRef, using
from tenants.export.comparing import differences
from tenants.export.faults import WrongFile
from tenants.export.restoring import Target, put_back, put_objects, schema_for
from tenants.export.tables import PLAIN
from tenants.export.writing import Made, write_export
from tenants.migrations import Migration
from tenants.owner import as_owner
from tenants.transactions import as_committee, platform_transaction, transaction
from tenants.walls import room
from tests.cast import Cast
from tests.export.lived import lived_in, name_of
from tests.export.playing import administrator, province_of_cast


async def exported(cast: Cast, folder: Path) -> tuple[CommitteeRef, Path, Made, str]:
    """A lived-in committee, the file of it, what was made, and the key of its page."""
    ref, _, key = await lived_in(cast, folder)
    file = folder / "export.zip"
    return ref, file, await write_export(ref, file, parts=PARTS, with_pages=True), key


async def another_province() -> Province:
    async with platform_transaction():
        name = f"Đắk Lắk {uuid4().hex[:8]}"
        province = await registry.add_province(name)
        slug = await one("SELECT slug FROM platform.province WHERE id = $1", province)
    assert slug is not None
    return Province(province, slug["slug"], name)


async def apart(ref: CommitteeRef, made: Made) -> list[str]:
    """How a committee differs from what was exported, seen with the application's own rights."""
    async with platform_transaction(read_only=True):
        await connection().execute(PLAIN)
        async with as_committee(ref):
            return await differences(connection(), ref.schema_name, made.manifest)


async def test_a_copy_in_another_province_is_equal_table_by_table(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    _, file, made, key = await exported(cast, tmp_path)
    province, by = await another_province(), await administrator(cast, "Rah Lan Hương")

    restored = await restoring.restore(file, province, by=by)

    assert await apart(restored.ref, made) == []
    assert restored.ref.state == "active"
    assert restored.ref.schema_name != made.manifest.committee.schema_name
    # Rows name the copy's own pages, and those are there.
    with using(restored.ref):
        async with transaction(read_only=True):
            row = await one("SELECT pdf_key, created_by FROM minutes WHERE pdf_key <> ''")
    assert row is not None
    assert row["pdf_key"] == f"{restored.ref.schema_name}/{key.split('/', 1)[1]}"
    assert row["created_by"] == 'Hòa, "thư ký"\ndòng hai'
    assert await objects.exists(row["pdf_key"])


async def test_numbers_go_on_where_they_ended(cast: Cast, own_store: None, tmp_path: Path) -> None:
    with using(cast.pleiku):
        async with transaction():
            # A number that was given and is nobody's any more is not given again.
            await sql(
                "INSERT INTO member (id, name, sort_key, folded) VALUES (gen_random_uuid(), 'x', 'x', 'x')"
            )
            last = await one("DELETE FROM member WHERE name = 'x' RETURNING no")
    _, file, _, _ = await exported(cast, tmp_path)

    restored = await restoring.restore(file, await another_province(), by=cast.office)

    assert last is not None
    with using(restored.ref):
        async with transaction():
            row = await one(
                """INSERT INTO member (id, name, sort_key, folded) VALUES (gen_random_uuid(), 'y', 'y', 'y')
                RETURNING no, (SELECT max(no) FROM member) AS before"""
            )
    assert row is not None
    assert row["no"] > max(last["no"], row["before"])


async def test_people_are_known_by_their_accounts_here_and_invited_elsewhere(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, login, _ = await lived_in(cast, tmp_path)
    file = tmp_path / "export.zip"
    await write_export(ref, file, parts=PARTS, with_pages=True)
    here = await restoring.restore(file, await another_province(), by=cast.office)
    assert (here.known, here.invited) == (1, [])

    # As on another deployment: somebody else has that log-in name there.
    async with platform_transaction():
        await sql("UPDATE platform.account SET login = login || '-x' WHERE login = $1", login)
    elsewhere = await restoring.restore(file, await another_province(), by=cast.office)

    assert elsewhere.known == 0
    [link] = elsewhere.invited
    invitation = await open_invitation(link.token)
    assert invitation is not None
    wanted = (name_of(login), "secretary", cast.cell)
    assert (invitation.invited_name, invitation.role, invitation.place.cell) == wanted
    assert invitation.committee.id == elsewhere.ref.id


async def test_what_the_platform_knew_comes_back_too(cast: Cast, own_store: None, tmp_path: Path) -> None:
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.rollup_closed (committee, month, province, figures, kind, name)
            VALUES ($1, '2026-01-01', $2, '{"cells": 2}', 'city_committee', 'Pleiku')""",
            cast.pleiku.id, cast.province,
        )  # fmt: skip
        await sql(
            """INSERT INTO platform.rollup_correction (committee, month, number, cause, changed)
            VALUES ($1, '2026-01-01', 1, 'roll_reopened', '{"cells": [2, 3]}')""",
            cast.pleiku.id,
        )  # fmt: skip
        await sql(
            "UPDATE platform.committee_name SET to_on = '2025-06-30' WHERE committee = $1", cast.pleiku.id
        )
        await sql(
            "INSERT INTO platform.committee_name VALUES ($1, 'city_committee', 'Pleiku', '2025-07-01')",
            cast.pleiku.id,
        )
    _, file, made, _ = await exported(cast, tmp_path)

    restored = await restoring.restore(file, await another_province(), by=cast.office)

    told = {rows.name: rows.rows for rows in made.manifest.platform}
    async with platform_transaction(read_only=True):
        for table in ("rollup", "rollup_closed", "rollup_correction", "committee_name"):
            [row] = await sql(
                f"SELECT count(*) AS n FROM platform.{table} WHERE committee = $1", restored.ref.id
            )
            assert row["n"] == told[table] > 0, table


async def test_a_copy_adds_nothing_to_the_closed_and_older_figures_of_a_province(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    """Nor does a file that somebody has forged: its closed months could name any province."""
    stranger, here = await another_province(), await province_of_cast(cast)
    async with platform_transaction():
        for month, province in ((1, stranger.id), (2, here.id), (3, uuid4())):
            await sql(
                """INSERT INTO platform.rollup_closed (committee, month, province, figures, kind, name)
                VALUES ($1, $2, $3, '{}', 'city_committee', 'Pleiku')""",
                cast.pleiku.id, date(2026, month, 1), province,
            )  # fmt: skip
    _, file, _, _ = await exported(cast, tmp_path)

    copy = await restoring.restore(file, here, name="Pleiku 2", by=cast.office)

    async with platform_transaction(read_only=True):
        closed = await sql(
            "SELECT 1 FROM platform.rollup_closed WHERE committee = $1 AND province = ANY ($2)",
            copy.ref.id, [stranger.id, here.id],
        )  # fmt: skip
        all_of_it = await sql("SELECT 1 FROM platform.rollup_closed WHERE committee = $1", copy.ref.id)
        [belongs] = await sql(
            "SELECT from_on FROM platform.committee_belonging WHERE committee = $1", copy.ref.id
        )
    assert (closed, len(all_of_it)) == ([], 3)
    assert belongs["from_on"] == clock.today()


async def test_a_restore_that_was_broken_off_is_done_again_and_leaves_no_second_one(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    _, file, made, _ = await exported(cast, tmp_path)
    province = await another_province()
    for seconds in (0.05, 0.1, 0.2, 0.3, None):
        # Refused: the one before had been committed when it was broken off, and is said to be there.
        with contextlib.suppress(TimeoutError, Refused):
            async with asyncio.timeout(seconds):
                await restoring.restore(file, province, slug=f"lai-{uuid4().hex[:8]}", by=cast.office)
            break

    async with platform_transaction(read_only=True):
        [ref] = await registry.committees(province.id)
    assert await apart(ref, made) == []


async def test_pages_of_a_restore_that_never_ended_go_and_those_of_one_that_did_stay(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    _, file, made, _ = await exported(cast, tmp_path)
    restored = await restoring.restore(file, await another_province(), by=cast.office)
    lost = schema_for(made.sha256, "nobody")
    await put_objects(file, lost)

    for schema in (lost, restored.ref.schema_name):
        await restoring.sweep(schema)

    assert await objects.list_keys(f"{lost}/") == []
    assert len(await objects.list_keys(f"{restored.ref.schema_name}/")) == 1


async def test_beside_the_living_one_it_needs_another_name(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, file, made, _ = await exported(cast, tmp_path)
    province = await province_of_cast(cast)

    with pytest.raises(Refused) as refused:
        await restoring.restore(file, province, by=cast.office)
    copy = await restoring.restore(file, province, name="Pleiku (bản phục hồi)", by=cast.office)

    assert "name" in refused.value.reasons
    assert copy.ref.id != ref.id
    assert copy.ref.slug != ref.slug
    assert await apart(copy.ref, made) == await apart(ref, made) == []


async def test_a_file_of_an_older_version_is_brought_up_after_it_was_compared(
    cast: Cast, database: Servers, own_store: None, tmp_path: Path
) -> None:
    _, file, made, _ = await exported(cast, tmp_path)
    newer = Migration(
        len(committee_line()) + 1, "0099_more", "ALTER TABLE cell ADD COLUMN more text NOT NULL DEFAULT 'mới'"
    )
    province = await another_province()
    target = Target(
        uuid4(), province.id, f"x{uuid4().hex[:8]}", schema_for(made.sha256), "city_committee", "Pleiku"
    )

    await put_back(database.owner_url, file, target, [*committee_line(), newer], parts=PARTS)

    async with platform_transaction(read_only=True):
        found = await registry.find(target.slug)
        row = await one("SELECT version FROM platform.committee WHERE id = $1", target.id)
    assert found is not None
    assert row is not None
    assert row["version"] == newer.version
    with using(found):
        async with transaction(read_only=True):
            assert {r["more"] for r in await sql("SELECT more FROM cell")} == {"mới"}


async def test_a_file_of_a_newer_version_is_refused(cast: Cast, database: Servers, tmp_path: Path) -> None:
    _, file, made, _ = await exported(cast, tmp_path)
    target = Target(uuid4(), cast.province, "x", schema_for(made.sha256), "city_committee", "Pleiku 2")

    with pytest.raises(WrongFile, match="newer version"):
        await put_back(database.owner_url, file, target, committee_line()[:-1], parts=PARTS)


async def test_tables_that_refer_to_each_other_in_a_circle_come_back(
    cast: Cast, database: Servers, own_store: None, tmp_path: Path
) -> None:
    circle = Migration(
        len(committee_line()) + 1,
        "0099_circle",
        """CREATE TABLE hen (id int PRIMARY KEY, egg int);
        CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL REFERENCES hen (id), twin int REFERENCES egg (id));
        ALTER TABLE hen ADD CONSTRAINT hatched FOREIGN KEY (egg) REFERENCES egg (id);
        INSERT INTO hen VALUES (1, NULL); INSERT INTO egg VALUES (1, 1, 1); UPDATE hen SET egg = 1""",
    )
    line = [*committee_line(), circle]
    province = await another_province()
    async with platform_transaction():
        ref = await registry.add_committee(province.id, kind="ward_committee", name="Hội Phú")
    async with as_owner(database.owner_url) as owner:
        await lifecycle.found_with(owner, ref.id, line)
    file = tmp_path / "circle.zip"
    made = await write_export(ref, file, parts=PARTS, with_pages=True)
    # The founding line itself left a row; as it stands in the file it would be there twice.
    bare = Migration(circle.version, circle.name, circle.sql.split("INSERT")[0].rstrip("; \n"))
    target = Target(uuid4(), province.id, "vong-tron", schema_for(made.sha256), "ward_committee", "Hội Phú 2")

    await put_back(database.owner_url, file, target, [*committee_line(), bare], parts=PARTS)

    owner = await connect(database.owner_url)
    with pytest.raises(Exception, match="hatched"):
        await owner.execute(f'UPDATE "{target.schema_name}".hen SET egg = 2')
    await owner.close()


async def test_others_are_founded_while_a_restore_takes_its_time(cast: Cast, database: Servers) -> None:
    async with platform_transaction():
        ref = await registry.add_committee(cast.province, kind="ward_committee", name="Hội Phú")
    async with as_owner(database.owner_url, keep=False) as owner:
        await owner.execute("SET LOCAL statement_timeout = '10s'")
        await owner.execute(room("c_" + uuid4().hex[:13]))

        assert await lifecycle.found(database.owner_url, ref.id, committee_line())
