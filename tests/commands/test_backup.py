"""An operator backs committees up, looks at them, proves them, and puts one back; what is wrong is told in one line."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest

from infra import objects
from tests.backup.conftest import OTHER_KEY, backups, choose
from tests.backup.playing import pages_of, rows, suspended, unmounted
from tests.cast import Cast
from tests.commands.conftest import Nennep
from tests.export.lived import lived_in, page_of
from tests.export.playing import province_of_cast
from tests.export.test_kill import ROOT

__all__ = ["backups"]
KILLS = 4
_BEGUN = "SELECT arguments ->> 'schema' AS name FROM platform.outbox WHERE job = 'sweep_restore'"


async def test_made_listed_verified_and_put_back(
    nennep: Nennep, cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    province = await province_of_cast(cast)

    made = await nennep("backup", "make", ref.slug, cast.neighbour.slug)
    listed = await nennep("backup", "list", ref.slug)
    other = next((backups / ref.schema_name).glob("*/backup.json")).parent
    shutil.copytree(other, other.with_name("20200101T000000Z-00000000"))
    there = await nennep("backup", "list", "--there", ref.slug)
    shutil.rmtree(other.with_name("20200101T000000Z-00000000"))
    location = listed.out.split("\t")[2]
    proved = await nennep("backup", "verify", ref.slug, location)
    status = await nennep("backup", "status")
    beside = await nennep(
        "backup",
        "restore",
        location,
        "--province",
        province.slug,
        "--name",
        "Pleiku 2",
        "--slug",
        "pleiku-2-" + ref.slug[-8:],
    )
    await suspended(cast, ref)
    back = await nennep("backup", "restore", ref.slug, "--in-place")
    again = await nennep("backup", "restore", location, "--in-place")

    for outcome in (made, listed, there, proved, status, beside, back, again):
        assert outcome.code == 0, outcome.err
    assert "20200101T000000Z-00000000: The bytes are not" in there.err
    assert {line.split("\t")[0] for line in made.out.splitlines()} == {ref.slug, cast.neighbour.slug}
    assert listed.out.split("\t")[6:] == ["sealed", "never tried\n"]
    assert there.out.split("\t")[:7] == [*listed.out.split("\t")[:6], "sealed\n"]
    assert [line.split("\t")[1] for line in proved.out.splitlines()] == [location, location]
    assert f"{ref.slug}\t0.0\tnever\t-\t-" in status.out
    assert "RPO: " in status.err
    assert beside.out.splitlines()[0] == "pleiku-2-" + ref.slug[-8:]
    assert "1 pages restored and compared; 1 roles given back, 0 people to be invited" in beside.err
    [row] = await rows("SELECT state FROM platform.committee WHERE slug = $1", back.out.strip())
    assert row["state"] == "archived"


async def test_what_is_wrong_is_told_in_one_line(
    nennep: Nennep, cast: Cast, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    await nennep("backup", "make", ref.slug)
    province = (await province_of_cast(cast)).slug
    [page] = pages_of(backups, ref)

    async def refused(*arguments: str, why: str, code: int = 1) -> None:
        outcome = await nennep("backup", *arguments)
        assert outcome.code == code, outcome.out
        assert why in outcome.err, outcome.err

    await refused("make", why="--all", code=2)
    await refused("make", "nowhere", why="There is no committee")
    await refused("verify", cast.neighbour.slug, why="has no backup")
    await refused("restore", ref.slug, why="Give either", code=2)
    await refused("restore", ref.slug, "--in-place", why="tạm ngừng")
    await refused("restore", ref.slug, "--province", province, why="đường dẫn")
    await refused("restore", ref.slug, "--at", "2020-01-01", "--province", province, why="no backup of")
    page.write_bytes(b"")
    await refused("verify", ref.slug, why="not done. Run the command again")
    choose(monkeypatch, key=OTHER_KEY)
    await refused("verify", ref.slug, why="was sealed with the key")
    unmounted(backups)
    await refused("make", ref.slug, why="is its disk mounted")
    choose(monkeypatch, url="")
    await refused("make", ref.slug, why="NENNEP_BACKUP_URL")


async def test_a_restore_under_kills_is_run_again_and_whole(
    nennep: Nennep, cast: Cast, backups: Path, tmp_path: Path
) -> None:
    ref, *_ = await lived_in(cast, tmp_path)
    for _ in range(6):
        await page_of(ref, tmp_path, meeting=await cast.meeting())
    await nennep("backup", "make", ref.slug)
    await suspended(cast, ref)
    arguments = ("backup", "restore", ref.slug, "--in-place")
    dice, before = (
        random.Random(3),
        await rows("SELECT id FROM platform.committee WHERE province = $1", cast.province),
    )
    known = {row["name"] for row in await rows(_BEGUN)}

    for _ in range(KILLS):
        killed = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "workers.commands", *arguments, cwd=ROOT, env=dict(os.environ),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await _until_there_are_pages(killed, known)
        await asyncio.sleep(dice.uniform(0, 0.3))
        if killed.returncode is None:
            killed.send_signal(signal.SIGKILL)
        await killed.wait()
    [row] = await rows("SELECT schema_name, state FROM platform.committee WHERE id = $1", ref.id)
    if row["schema_name"] == ref.schema_name:
        done = await nennep(*arguments)
        assert done.code == 0, done.err
        [row] = await rows("SELECT schema_name, state FROM platform.committee WHERE id = $1", ref.id)

    assert row["schema_name"] != ref.schema_name
    assert row["state"] == "suspended"
    assert len(await objects.list_keys(f"{row['schema_name']}/")) == 7
    after = await rows("SELECT id FROM platform.committee WHERE province = $1", cast.province)
    assert len(after) == len(before) + 1


async def _until_there_are_pages(process: asyncio.subprocess.Process, known: set[str]) -> None:
    """Wait until a restore has begun to store pages, below a name that was not known before."""
    while process.returncode is None:
        for row in await rows(_BEGUN):
            if row["name"] not in known and await objects.list_keys(f"{row['name']}/"):
                return
        await asyncio.sleep(0.02)
