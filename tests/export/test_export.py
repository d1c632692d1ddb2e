"""An administrator exports a committee: everything is in the file, the file proves itself, and it was tried."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import connect, one, sql
from server.exports import exporting
from server.exports.parts import PARTS
from tenants import registry
from tenants.current import using
from tenants.export import folders
from tenants.export.tables import tables_of
from tenants.export.verifying import verify
from tenants.export.writing import write_export
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.export.lived import lived_in, name_of, rows_of
from tests.export.playing import administrator, played, province_of_cast
from tests.house.sources import ROOT


async def test_an_export_holds_every_table_every_page_and_who_had_which_role(
    cast: Cast, database: Servers, tmp_path: Path
) -> None:
    ref, login, key = await lived_in(cast, tmp_path)
    file = tmp_path / "export.zip"

    made = await write_export(ref, file, parts=PARTS, with_pages=True)

    owner = await connect(database.owner_url)
    tables = [table.name for table in await tables_of(owner, ref.schema_name)]
    counted = await rows_of(owner, ref.schema_name, tables)
    await owner.close()
    assert {rows.name: rows.rows for rows in made.manifest.tables} == counted
    assert counted["assignment_change"] > 0
    with ZipFile(file) as opened:
        names = set(opened.namelist())
        assert f"pages/{key.split('/', 1)[1]}" in names
        people = [*csv.DictReader(io.TextIOWrapper(opened.open("platform/people.csv"), "utf-8"))]
        assert [(p["login"], p["name"], p["role"]) for p in people] == [(login, name_of(login), "secretary")]
        everything = b"".join(opened.read(name) for name in names)
        assert b"rgon2" not in everything
        assert b"token" not in everything


async def test_the_neighbour_is_in_nobodys_file(cast: Cast, tmp_path: Path) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    with using(cast.neighbour):
        async with transaction():
            await sql("UPDATE member SET name = 'Đinh Thị Canary'")
    file = tmp_path / "export.zip"

    await write_export(ref, file, parts=PARTS, with_pages=True)

    with ZipFile(file) as opened:
        everything = b"".join(opened.read(name) for name in opened.namelist())
    assert b"Canary" not in everything
    assert cast.neighbour.schema_name.encode() not in everything


async def test_a_file_is_proved_with_no_database_and_by_ordinary_tools(cast: Cast, tmp_path: Path) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    file, folder = tmp_path / "export.zip", tmp_path / "unpacked"
    made = await write_export(ref, file, parts=PARTS, with_pages=True)

    manifest, sha256 = verify(file)

    assert sha256 == made.sha256
    assert (manifest.rows, manifest.pages) == (made.manifest.rows, 1)
    with ZipFile(file) as opened:
        opened.extractall(folder)
    assert ordinary_tool(folder, "-c", "SHA256SUMS", "--quiet", "--strict") == ""
    assert ordinary_tool(folder, "manifest.json").split()[0] == sha256


def ordinary_tool(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["sha256sum", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


async def test_a_run_makes_the_file_tries_it_and_writes_it_down(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")

    run = await exporting.ask(province.slug, ref.slug, with_pages=True, by=by)
    again = await exporting.ask(province.slug, ref.slug, with_pages=True, by=by)
    ended = await played(run)

    assert again == run
    assert (ended["state"], ended["done"], ended["errors"]) == ("done", 2, " | ")
    async with platform_transaction(read_only=True):
        [row] = await exporting.exports_of(ref.id)
    assert (row["test_fault"], row["pages"], row["object_key"]) == ("", 1, f"exports/{row['id']}.zip")
    assert row["tested_at"] > row["made_at"]
    got, stream = await exporting.fetch(province.slug, ref.slug, row["id"], by=by)
    assert len(b"".join([piece async for piece in stream])) == got["bytes"]
    assert await _seen_inside(ref, row["id"])


async def _seen_inside(ref: registry.CommitteeRef, export: UUID) -> bool:
    """Whether the committee's own record says that its data was fetched."""
    with using(ref):
        async with transaction(read_only=True):
            row = await one(
                "SELECT 1 FROM event WHERE action = 'export_fetched' AND subject = $1", str(export)
            )
    return row is not None


async def test_a_rehearsal_leaves_nothing_behind(
    cast: Cast, database: Servers, own_store: None, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    owner = await connect(database.owner_url)
    before = (
        await owner.fetchval("SELECT count(*) FROM pg_namespace"),
        await owner.fetchval("SELECT count(*) FROM pg_roles"),
    )

    await played(await exporting.ask(province.slug, ref.slug, with_pages=False, by=by))

    after = (
        await owner.fetchval("SELECT count(*) FROM pg_namespace"),
        await owner.fetchval("SELECT count(*) FROM pg_roles"),
    )
    await owner.close()
    assert after == before
    async with platform_transaction(read_only=True):
        assert {c.slug for c in await registry.committees(cast.province)} == {ref.slug, cast.neighbour.slug}


async def test_a_file_goes_on_its_last_day_and_what_is_known_of_it_stays(
    cast: Cast, own_store: None, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    export = uuid4()
    await exporting.make(export, ref, reason="person", with_pages=True, by_name="test")
    async with platform_transaction():
        await sql("UPDATE platform.export SET made_at = now() - interval '29 days' WHERE id = $1", export)
    await exporting.tidy()
    assert await objects.exists(exporting.key_of(export))

    async with platform_transaction():
        await sql("UPDATE platform.export SET made_at = now() - interval '31 days' WHERE id = $1", export)
    await exporting.tidy()

    assert not await objects.exists(exporting.key_of(export))
    async with platform_transaction(read_only=True):
        [row] = await exporting.exports_of(ref.id)
    assert row["removed_at"] is not None
    assert row["sha256"]


def left_in(folder: Path) -> list[Path]:
    return [*folder.glob("nennep-export-*")]


async def test_an_export_made_again_after_a_kill_is_the_same_export(
    cast: Cast, own_store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = tmp_path / "nennep-export-4194999-left"
    dead.mkdir()
    (dead / "export.zip").write_bytes(b"half a file")
    export = uuid4()

    first = await exporting.make(export, ref, reason="person", with_pages=True, by_name="test")
    second = await exporting.make(export, ref, reason="person", with_pages=True, by_name="test")

    assert first["sha256"] == second["sha256"]
    assert left_in(tmp_path) == []


HOLD = """
from tenants.export.folders import temporary
with temporary() as folder:
    print(folder, flush=True)
    input()
"""


def test_the_folder_of_who_lives_stays_and_that_of_who_was_killed_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number of the process is: containers that share a folder have each a process of number 1."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        with folders.temporary() as ours:
            beside = {*left_in(tmp_path)}
            assert beside == {theirs, Path(ours)}
    finally:
        other.kill()
        other.communicate()
    assert left_in(tmp_path) == [theirs], "nothing but the lock says that it is dead"
    folders.forget_left()

    assert left_in(tmp_path) == []
