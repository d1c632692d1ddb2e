"""A committee goes back to a backup: what phones have heard since is above its rows, and they must not cling to it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from server import clock, versions
from server.backups import taking_back
from server.exports import exporting
from server.roll_call.actions import NewMark, Verdict, open_roll, record
from tenants.current import CommitteeRef, using
from tenants.registry import VERSIONS_OF_A_LIFE as LIFE
from tenants.transactions import platform_transaction
from tests.backup.playing import backed_up, suspended
from tests.cast import Cast
from tests.export.playing import administrator, province_of_cast
from web.roll_call.routes import changes_since


async def marked(cast: Cast, meeting: UUID, name: str) -> Verdict:
    mark = NewMark(uuid4(), cast.numbers[name], "present", 1, clock.now())
    return await record(meeting, [mark], device=uuid4(), since=0, by=cast.hoa)


async def taken_back(cast: Cast, location: str) -> CommitteeRef:
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    await taking_back.take_back(await suspended(cast, cast.pleiku), location, province, by=by)
    async with platform_transaction(read_only=True):
        return await exporting.ref_by_id(cast.pleiku.id)


async def test_a_phone_that_heard_later_marks_is_told_the_whole_roll_of_the_backup(
    cast: Cast, backups: Path
) -> None:
    meeting, kept, lost = await cast.meeting(), "Nguyễn Văn An", "Ksor Giang"
    await open_roll(meeting, by=cast.hoa)
    await marked(cast, meeting, kept)
    row = await backed_up(cast.pleiku)
    heard = (await marked(cast, meeting, lost)).changes["version"]

    with using(await taken_back(cast, row["location"])):
        told = json.loads(await changes_since(meeting, heard, cast.hoa))
        again = json.loads(await changes_since(meeting, told["version"], cast.hoa))
        after = (await marked(cast, meeting, lost)).changes

    states = {entry["no"]: entry["state"] for entry in told["entries"]}
    assert told["version"] > heard
    assert versions.seen(told["version"]) < versions.seen(heard)
    assert states == {
        no: "present" if name == kept else "exempt" if name == "Rơ Châm H'Cúc" else "not_called"
        for name, no in cast.numbers.items()
    }
    assert again["entries"] == []
    assert after["version"] == told["version"] + 1


async def test_a_roll_that_was_opened_since_is_planned_again(cast: Cast, backups: Path) -> None:
    meeting = await cast.meeting()
    row = await backed_up(cast.pleiku)
    await open_roll(meeting, by=cast.hoa)
    heard = (await marked(cast, meeting, "Nguyễn Văn An")).changes["version"]

    with using(await taken_back(cast, row["location"])):
        told = json.loads(await changes_since(meeting, heard, cast.hoa))
        await open_roll(meeting, by=cast.hoa)
        opened = json.loads(await changes_since(meeting, told["version"], cast.hoa))

    assert (told["state"], told["version"] > heard) == ("planned", True)
    assert (opened["state"], len(opened["entries"])) == ("open", len(cast.numbers))
    assert opened["version"] > told["version"]


@pytest.mark.parametrize(
    ("told", "known", "seen"),
    [
        (0, 0, 0),
        (7, 0, 7),
        (LIFE - 1, 0, LIFE - 1),
        (LIFE, 0, 0),
        (LIFE + 7, 0, 7),  # in the life before
        (3 * LIFE, 0, 0),
        (3 * LIFE + 3, 3, 3),
        (2**53 - 1, 2**31 - 1, LIFE - 1),
    ],
)
async def test_what_was_told_before_is_no_version_of_now(
    cast: Cast, told: int, known: int, seen: int
) -> None:
    with using(replace(cast.pleiku, versions_from=3 * LIFE)):
        assert versions.known(told) == known
        assert versions.seen(told) == seen
        assert versions.known(versions.told(5)) == versions.seen(versions.told(5)) == 5
