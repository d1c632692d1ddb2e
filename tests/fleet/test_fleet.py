"""Every committee of a province with what needs attention, page by page, found by name: 3,321 as well as three."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.fleet.queries import FILTERS, Fleet, facts_of, fleet
from tenants.transactions import platform_transaction
from tests.backup.conftest import backups, choose
from tests.fleet.town import change, many

__all__ = ["backups"]
pytestmark = pytest.mark.usefixtures("fleets")
SCHEMA = "(SELECT schema_name FROM platform.committee WHERE id = $1)"
WAITING = f"""INSERT INTO platform.outbox (id, schema_name, job, arguments, created_at, due_at, attempts, dead_at)
    SELECT gen_random_uuid(), {SCHEMA}, 'read_page', '{{}}', now() - interval '11 minutes', """
# What has to happen to a committee that is in order for a filter to find it.
TROUBLE = {
    "behind": "UPDATE platform.committee SET version = version - 1 WHERE id = $1",
    "stuck": f"{WAITING} now() + interval '5 minutes', 3, NULL",
    "failed": f"{WAITING} now(), 10, now()",
    "silent": "UPDATE platform.committee_health SET active_at = now() - interval '31 days' WHERE committee = $1",
    "nearly_full": "INSERT INTO platform.committee_quota (committee, members, by_name) VALUES ($1, 600, 'x')",
    "unexported": "UPDATE platform.export SET made_at = now() - interval '31 days' WHERE committee = $1",
    "unsafe": """INSERT INTO platform.backup (id, committee, taken_at, ended_at, rehearsed_at, rehearsal_fault)
        VALUES (gen_random_uuid(), $1, now(), now(), now(), 'lệch')""",
    "untested": "UPDATE platform.export SET test_fault = 'lệch' WHERE committee = $1",
    "wrong_figures": """INSERT INTO platform.rollup_check (committee, months, differences)
        VALUES ($1, 12, '[["2026-01-01", "cells", 1, 2]]')""",
}
MORE_TROUBLE = [
    ("behind", "UPDATE platform.committee SET migration_error = 'stuck' WHERE id = $1"),
    ("behind", "UPDATE platform.committee_health SET drift = 'cell: no index' WHERE committee = $1"),
    ("stuck", "UPDATE platform.committee SET state = 'founding' WHERE id = $1"),
    ("failed", """INSERT INTO platform.outbox (id, job, arguments, dead_at) VALUES (gen_random_uuid(),
        'found_committee', jsonb_build_object('committee', $1::uuid), now())"""),
    ("silent", "DELETE FROM platform.committee_health WHERE committee = $1"),
    ("nearly_full", "INSERT INTO platform.committee_quota (committee, object_megabytes, by_name) VALUES ($1, 24, 'x')"),
    ("untested", "DELETE FROM platform.export WHERE committee = $1"),
    ("wrong_figures", "DELETE FROM platform.rollup WHERE committee = $1"),
    ("wrong_figures", f"""INSERT INTO platform.rollup_dirty (schema_name, month, at)
        SELECT {SCHEMA}, '2026-01-01', now() - interval '11 minutes'"""),
]  # fmt: skip


async def page(province: object, **asked: str) -> Fleet:
    async with platform_transaction(read_only=True):
        return await fleet(province, **asked)  # type: ignore[arg-type]


def test_every_filter_is_tried() -> None:
    assert set(TROUBLE) == set(FILTERS)


@pytest.mark.parametrize(("name", "statement"), [*TROUBLE.items(), *MORE_TROUBLE])
async def test_a_filter_finds_the_one_in_trouble_and_nobody_else(name: str, statement: str) -> None:
    province = await many(3)
    assert (await page(province)).counts == {"all": 3, "attention": 0, **dict.fromkeys(FILTERS, 0)}

    slug = await change(province, 2, statement)

    assert [row["slug"] for row in (await page(province, chosen=name)).rows] == [slug]
    assert [row["slug"] for row in (await page(province, chosen="attention")).rows] == [slug]
    counts = (await page(province)).counts
    assert (counts["all"], counts["attention"], counts[name]) == (3, 1, 1)


async def test_work_that_is_for_tomorrow_is_not_stuck_and_an_archived_committee_asks_for_nothing() -> None:
    province = await many(2)
    await change(province, 1, f"{WAITING} now() + interval '1 day', 0, NULL")
    for statement in ("silent", "unexported", "untested", "wrong_figures"):
        await change(province, 2, TROUBLE[statement])
    await change(province, 2, "UPDATE platform.committee SET state = 'archived' WHERE id = $1")

    assert (await page(province)).counts["attention"] == 0


async def test_an_old_backup_needs_attention_where_backups_are_made(
    backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = """INSERT INTO platform.backup (id, committee, taken_at, ended_at)
        VALUES (gen_random_uuid(), $1, now() - interval '25 hours', now())"""
    province = await many(3)
    young = await change(province, 1, made)
    old = await change(province, 2, made.replace("25", "27"))
    removed = await change(
        province, 3, made.replace("ended_at)", "ended_at, removed_at)").replace("now())", "now(), now())")
    )

    found = (await page(province, chosen="unsafe")).rows

    assert [row["slug"] for row in found] == [old, removed]
    assert [row["backed_at"] is None for row in found] == [False, True]
    assert (await page(province, name=young)).rows[0]["unsafe"] is False
    choose(monkeypatch, url="")
    assert (await page(province)).counts["unsafe"] == 0


async def test_an_erased_committee_is_no_longer_of_the_fleet() -> None:
    province = await many(2)
    await change(province, 1, "UPDATE platform.committee SET state = 'erased' WHERE id = $1")

    assert (await page(province)).counts["all"] == 1


@pytest.mark.parametrize("name", ["đắk 77", "DAK 77", "dak 77", "xã đắk 77"])
async def test_a_name_is_found_with_and_without_accents(name: str) -> None:
    province = await many(80)

    found = await page(province, name=name)

    assert [row["name"] for row in found.rows] == ["Đắk 77"]
    assert (found.found, found.before, found.after) == (1, None, None)
    assert (await page(province, name="Chư Prông")).rows == []


async def test_the_whole_country_is_one_page_at_a_time() -> None:
    province = await many(3321)
    await change(province, 3000, TROUBLE["behind"])

    first = await page(province)
    further = await page(province, after=first.after or "")

    assert (first.found, first.counts["behind"], len(first.rows), len(further.rows)) == (3321, 1, 50, 50)
    assert first.rows[-1]["slug"] < further.rows[0]["slug"]


async def test_they_are_paged_forward_and_back_without_a_gap() -> None:
    province = await many(221)

    first = await page(province)
    assert (first.found, len(first.rows), first.before) == (221, 50, None)
    seen, at = [row["slug"] for row in first.rows], first
    while at.after:
        at = await page(province, after=at.after)
        seen += [row["slug"] for row in at.rows]
    assert seen == sorted(set(seen))
    assert len(seen) == 221

    back = await page(province, before=at.rows[0]["slug"])
    assert [row["slug"] for row in back.rows] == seen[150:200]
    second = await page(province, after=seen[49])
    assert second.before == seen[50]
    start = await page(province, before=second.before)
    assert [row["slug"] for row in start.rows] == seen[:50]
    assert start.before is None


async def test_one_committee_is_told_with_what_it_may_have() -> None:
    province = await many(2)
    await change(province, 1, TROUBLE["nearly_full"])
    row = (await page(province, chosen="nearly_full")).rows[0]

    async with platform_transaction(read_only=True):
        told = await facts_of(province, row["id"])

    assert (told["members"], told["most_members"], told["most_object_bytes"]) == (500, 600, 100_000 * 10**6)
    assert told["nearly_full"]
