"""The office imports a member list: nothing before it says so, everything after, and nobody twice."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from datetime import date

import pytest

from infra.embedded import Servers
from infra.postgres import connect, sql
from server import clock
from server.members.actions import Upload, confirm, read_in
from server.members.queries import import_rows
from server.roll_call.queries import expected as roll
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.members.office import (
    AN,
    OFFICE,
    TALLY,
    add_cells,
    cell_of,
    count,
    expected,
    imported,
    sheet_of,
    upload,
)
from tests.rollups.papers import marks_of


async def test_the_cell_of_151_arrives_whole(ref: CommitteeRef) -> None:
    told = expected("chi-bo-151")

    await imported(ref, upload("chi-bo-151"))

    cell = await cell_of(ref, told["organisation"]["name"])
    with using(ref):
        async with transaction(read_only=True):
            people = await roll(cell, date(2026, 11, 2))
            seats = await sql(
                "SELECT role, p.name, g.name AS leads FROM seat t JOIN member p ON p.id = t.member"
                " LEFT JOIN party_group g ON g.id = t.party_group"
            )
    assert len(people) == told["members"]
    assert sum(one.base == "expected" for one in people) == told["expected_at_meetings"]
    assert sum(one.probationary for one in people) == told["probationary"]
    assert Counter(one.exempt_kind for one in people if one.exempt_kind) == told["exempt"]
    groups = Counter((one.person.group_number, one.person.group_name) for one in people)
    assert groups == {(n, g["group"]): g["members"] for n, g in enumerate(told["groups"], start=1)}
    assert {(s["leads"], s["name"]) for s in seats if s["role"] == "group_leader"} == {
        (g["group"], g["leader"]) for g in told["groups"]
    }
    committee = [s["name"] for s in seats if s["role"] != "group_leader"]
    assert Counter(committee) == Counter(post["name"] for post in told["committee"])
    assert await count(ref, "SELECT count(keeper) AS kept FROM exemption") == {
        "kept": told["exempt"]["away_work"]
    }


async def test_a_district_of_128_cells_with_equal_names_keeps_them_apart(ref: CommitteeRef) -> None:
    told = expected("dang-bo-thi-xa")

    await imported(ref, upload("dang-bo-thi-xa"))

    assert await count(
        ref,
        """SELECT count(*) AS cells, sum(n)::int AS members, min(n) AS smallest, max(n) AS largest,
            (SELECT count(*) FROM member WHERE official_on IS NULL) AS probationary
        FROM (SELECT cell, count(*) AS n FROM membership GROUP BY cell) AS sizes""",
    ) == {
        "cells": told["cells_altogether"], "members": told["members"], "smallest": told["smallest_cell"],
        "largest": told["largest_cell"], "probationary": told["probationary"],
    }  # fmt: skip


async def test_the_dirty_list_is_told_row_by_row_and_only_its_good_rows_arrive(ref: CommitteeRef) -> None:
    told = expected("dirty")
    await add_cells(ref, told["known_cells"])
    verdicts = {r["row"]: r for r in told["rows"] if r["verdict"] != "skip"}

    with using(ref):
        found = await read_in(upload("dirty", create=False), by=OFFICE)
        async with transaction(read_only=True):
            rows = await import_rows(found)
        before = await count(ref, TALLY)
        await confirm(found, by=OFFICE)

    assert {r["row"]: (r["verdict"], r["of_row"]) for r in rows} == {
        number: (r["verdict"], r.get("of_row")) for number, r in verdicts.items()
    }
    stored = {r["row"]: json.loads(r["value"]) for r in rows}
    for number, row in verdicts.items():
        if row["value"]:
            assert stored[number]["name"] == row["value"]["name"]
            assert stored[number]["cell"] == row["value"]["cell"]
            assert stored[number]["card_number"] == row["value"]["card_number"]
    assert before["members"] == 0
    after = await count(ref, TALLY)
    good = told["tally"]["accept"] + told["tally"]["accept_with_warning"]
    left = sum(r["value"]["status"] in ("left", "deceased") for r in verdicts.values() if r["value"])
    assert (after["members"], after["stays"], after["cells"]) == (good, good - left, len(told["known_cells"]))


@pytest.mark.parametrize("name", ["chi-bo-151", "dirty", "dang-bo-thi-xa"])
async def test_confirming_twice_and_importing_again_adds_nobody(ref: CommitteeRef, name: str) -> None:
    first = await imported(ref, upload(name))
    once = await count(ref, TALLY)

    with using(ref):
        await confirm(first, by=OFFICE)
    second = await imported(ref, upload(name))

    assert first != second
    assert await count(ref, TALLY) == once
    written = await count(ref, f"SELECT written, known FROM member_import WHERE id = '{second}'")
    assert written == {"written": 0, "known": once["members"]}


async def test_two_presses_at_once_write_once(ref: CommitteeRef) -> None:
    with using(ref):
        found = await read_in(upload("chi-bo-151"), by=OFFICE)
        await asyncio.gather(*(confirm(found, by=OFFICE) for _ in range(4)))

    assert (await count(ref, TALLY))["members"] == 151


async def test_the_same_upload_twice_gives_one_preview(ref: CommitteeRef) -> None:
    with using(ref):
        first, second = await asyncio.gather(*(read_in(upload("chi-bo-151"), by=OFFICE) for _ in range(2)))
        other_day = await read_in(upload("chi-bo-151", as_of=date(2026, 11, 2)), by=OFFICE)

    assert first == second != other_day


async def test_a_database_that_dies_in_the_middle_writes_nothing_and_the_retry_all(
    ref: CommitteeRef, database: Servers
) -> None:
    owner = await connect(database.database_url)
    with using(ref):
        found = await read_in(upload("chi-bo-151"), by=OFFICE)
        held = owner.transaction()
        await held.start()
        await owner.execute(f'LOCK TABLE "{ref.schema_name}".seat')
        writing = asyncio.create_task(confirm(found, by=OFFICE))
        while not (gone := await owner.fetch(_KILL, ref.schema_name)):  # noqa: ASYNC110  nobody tells of a lock
            await asyncio.sleep(0.02)
        await held.rollback()
        with pytest.raises(Exception):  # noqa: B017  whatever a lost connection raises
            await writing
        between = await count(ref, TALLY)
        await confirm(found, by=OFFICE)
    await owner.close()

    assert gone
    assert between["members"] == 0
    assert (await count(ref, TALLY))["members"] == 151


# The backend that waits for the lock on the table of seats, when most has been written already.
_KILL = """SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'seat' AND NOT l.granted"""


async def test_two_thousand_rows_are_written_within_five_seconds(ref: CommitteeRef) -> None:
    rows = [(f"Nguyễn Văn An {n}", "21/01/1962", "15/01/1990", "15/01/1991", f"099{n:09}", f"Chi bộ Thôn {n % 40}",
             f"Tổ {n % 5 + 1}") for n in range(2000)]  # fmt: skip
    with using(ref):
        found = await read_in(sheet_of(*rows), by=OFFICE)
        began = time.monotonic()
        await confirm(found, by=OFFICE)
        took = time.monotonic() - began

    assert took < 5
    assert (await count(ref, TALLY))["members"] == 2000
    print(f"2,000 rows written in {took:.2f} s")


async def test_who_is_there_already_is_filled_in_and_never_overwritten(ref: CommitteeRef) -> None:
    await imported(ref, sheet_of(("Nguyễn Văn An", "21/01/1962", "15/01/1990", "", "", "Chi bộ Thôn 1", "")))
    renewed = (*AN[:4], "099000000009", *AN[5:])

    await imported(ref, sheet_of(AN))
    await imported(ref, sheet_of(renewed))

    assert await count(ref, "SELECT count(*) AS n, min(card_number) AS card, min(official_on) AS on FROM member") == {
        "n": 1, "card": "099000000001", "on": date(1991, 1, 15),
    }  # fmt: skip
    assert (await count(ref, TALLY))["groups"] == 1


async def test_a_card_that_belongs_to_somebody_else_is_not_taken_from_them(ref: CommitteeRef) -> None:
    await imported(ref, sheet_of(AN))
    thief = ("Trần Thị Bình", "01/02/1970", "15/01/1995", "15/01/1996", AN[4], "Chi bộ Thôn 1", "")

    found = await imported(ref, sheet_of(thief))

    assert (await count(ref, TALLY))["members"] == 1
    told = await count(ref, f"SELECT outcome FROM member_import_row WHERE member_import = '{found}'")
    assert told == {"outcome": "card_taken"}


async def test_somebody_of_another_cell_is_recognised_and_stays_there(ref: CommitteeRef) -> None:
    await imported(ref, sheet_of(AN))

    await imported(ref, sheet_of((*AN[:5], "Chi bộ Thôn 2", "Tổ 1")))

    where = "SELECT count(*) AS n, min(c.name) AS at FROM membership s JOIN cell c ON c.id = s.cell"
    assert await count(ref, where) == {"n": 1, "at": "Chi bộ Thôn 1"}


async def test_cells_are_made_only_where_the_office_asked_and_once_for_all_spellings(
    ref: CommitteeRef,
) -> None:
    await add_cells(ref, ["Chi bộ Thôn 1"])
    written = ("thôn 1", "CB Thôn Hoà Bình", "Chi bộ thôn Hòa Bình")
    rows = [("Lê Văn Ba", *AN[1:4], f"09900000001{n}", cell, "") for n, cell in enumerate(written)]

    with using(ref):
        strict = await read_in(sheet_of(*rows, create=False), by=OFFICE)
        async with transaction(read_only=True):
            verdicts = [r["verdict"] for r in await import_rows(strict)]
    await imported(ref, sheet_of(*rows))

    assert verdicts == ["accept", "reject", "reject"]
    with using(ref):
        async with transaction(read_only=True):
            names = [r["name"] for r in await sql("SELECT name FROM cell ORDER BY name")]
    assert names == ["Chi bộ Thôn 1", "Chi bộ Thôn Hoà Bình"]


async def test_a_list_without_a_cell_column_goes_to_the_cell_that_was_chosen(ref: CommitteeRef) -> None:
    await add_cells(ref, ["Chi bộ Thôn 1"])
    cell = await cell_of(ref, "Chi bộ Thôn 1")
    content = "Họ và tên,Ngày vào Đảng\nNguyễn Văn An,15/01/1990\n".encode()

    await imported(ref, Upload(content, "ds.csv", clock.today(), cell))

    assert (await count(ref, "SELECT count(*) AS n FROM membership")) == {"n": 1}


async def test_the_province_is_told_and_the_committee_remembers_who_did_it(ref: CommitteeRef) -> None:
    await imported(ref, upload("chi-bo-151"))

    assert await marks_of(ref) == [(date(2026, 11, 1), True, "members")]
    events = await count(ref, "SELECT array_agg(action ORDER BY id) AS did, min(by_name) AS who FROM event")
    assert events == {"did": ["member_list_read", "member_list_written"], "who": "Văn phòng"}
