"""A filled database of the previous release becomes one of this release, and nobody finds anything changed."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from server.rollups.counting import FIGURES
from server.schema import committee_line, platform_lines
from tests.commands.conftest import Nennep
from tests.tenants.pools import pool_of
from tests.upgrade.loading import Left
from tests.web.walking import ORIGIN
from tests.workers.processes import killed
from web.app import create_app

# What issues since have changed on purpose: figures of the kept release that are counted otherwise now, and why.
CHANGED: dict[str, str] = {}
NEWEST = {line: len(steps) for line, steps in platform_lines()}


async def versions(left: Left) -> dict[str, int]:
    rows = await left.owner.fetch(
        "SELECT line, max(version) AS version FROM platform.migration GROUP BY line"
    )
    committee = await left.owner.fetchval("SELECT min(version) FROM platform.committee")
    return {row["line"]: row["version"] for row in rows} | {"committee": committee}


async def figures(left: Left, names: list[str]) -> dict[tuple[Any, ...], dict[str, int | None]]:
    rows = await left.owner.fetch(
        f"SELECT c.slug, r.month, {', '.join(f'r.{name}' for name in names)} "
        "FROM platform.rollup r JOIN platform.committee c ON c.id = r.committee ORDER BY 1, 2"
    )
    return {(row["slug"], row["month"]): {name: row[name] for name in names} for row in rows}


async def rows_of_everything(left: Left) -> dict[str, int]:
    """How many rows each table of each committee has."""
    tables = await left.owner.fetch(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY ($1) ORDER BY 1, 2",
        left.told["schemas"],
    )
    names = [f'"{table["schemaname"]}"."{table["tablename"]}"' for table in tables]
    return {name: await left.owner.fetchval(f"SELECT count(*) FROM {name}") for name in names}


async def known(left: Left) -> list[str]:
    """The figures that the kept release had."""
    columns = await left.owner.fetch(
        """SELECT attname FROM pg_attribute WHERE attrelid = 'platform.rollup'::regclass AND attnum > 0
        AND NOT attisdropped"""
    )
    return [name for name in FIGURES if name in {column["attname"] for column in columns}]


async def test_what_the_previous_release_left_is_brought_up_and_nothing_in_it_has_changed(
    left: Left, nennep: Nennep
) -> None:
    names = await known(left)
    before, rows = await figures(left, names), await rows_of_everything(left)
    assert await versions(left) == left.told["versions"] != NEWEST | {"committee": len(committee_line())}
    assert len(names) > 20
    assert sum(rows.values()) > 5000

    done = await nennep("migrate", environment=left.place)
    again = await nennep("migrate", environment=left.place)
    looked = await nennep("migrate", "--drift", environment=left.place)

    assert done.code == 0, done.err
    assert "platform: nothing to do" in again.err
    assert "committees: nothing to do" in again.err
    assert "Every schema is as its migrations made it." in looked.err
    assert await versions(left) == NEWEST | {"committee": len(committee_line())}
    assert await figures(left, names) == before
    assert (await rows_of_everything(left)).items() >= rows.items()
    await counted_anew_the_figures_are_those_it_had(left, nennep, before)
    await everybody_logs_in(left)


async def counted_anew_the_figures_are_those_it_had(
    left: Left, nennep: Nennep, before: dict[tuple[Any, ...], dict[str, int | None]]
) -> None:
    recomputed = await nennep("rollups", "recompute", environment=left.place)
    proved = await nennep("rollups", "verify", environment=left.place)

    assert recomputed.code == 0, recomputed.err
    assert (proved.code, proved.out) == (0, ""), proved.err
    after = await figures(left, await known(left))
    differing = {
        name for month, kept in before.items() for name, value in kept.items() if after[month][name] != value
    }
    assert differing == set(CHANGED)


async def everybody_logs_in(left: Left) -> None:
    asked = [one for one in left.told["logins"] if one["committee"] is None or "Pleiku" in one["committee"]]
    async with pool_of(4, left.servers.app_url):
        app = create_app()
        found = {one["login"]: await first_page(app, one) for one in asked}

    assert len(found) >= 8
    assert set(found.values()) == {200}, found


async def first_page(app: Litestar, one: dict[str, Any]) -> int:
    """Log in as a person does and open the page where the log-in begins."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=ORIGIN, headers={"Origin": ORIGIN}
    ) as client:
        answer = await client.post("/login", data={"login": one["login"], "password": one["password"]})
        assert answer.status_code == 303, answer.text
        client.cookies.set("nennep-plain-http", answer.cookies["nennep-plain-http"], domain="nennep.test")
        return (await client.get(one["url_path"], follow_redirects=True)).status_code


@pytest.mark.parametrize(
    ("locked", "until"),
    [
        # Between two steps of the platform: the step that has to wait is not the first.
        ("platform.rollup", "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND mode LIKE 'Access%'"),
        # Between two committees: the first are done, the last waits.
        ("{last}.meeting", "SELECT count(*) FILTER (WHERE version = {newest}) > 0 FROM platform.committee"),
    ],
    ids=["platform", "committees"],
)  # fmt: skip
async def test_killed_in_the_middle_it_goes_on_where_it_was(
    left: Left, nennep: Nennep, locked: str, until: str
) -> None:
    last = await left.owner.fetchval("SELECT schema_name FROM platform.committee ORDER BY slug DESC LIMIT 1")
    reader = await asyncpg.connect(left.servers.database_url)
    held = reader.transaction()
    await held.start()
    await reader.execute(f"SELECT FROM {locked.format(last=last)}")
    await killed(left.owner, left.place, until.format(newest=len(committee_line())), "migrate")
    await held.rollback()
    await reader.close()
    half_way = await versions(left)

    done = await nennep("migrate", environment=left.place)
    looked = await nennep("migrate", "--drift", environment=left.place)

    assert half_way["tenants"] == NEWEST["tenants"] > left.told["versions"]["tenants"]
    assert half_way["committee"] == left.told["versions"]["committee"]
    assert (done.code, looked.code) == (0, 0), done.err + looked.err
    assert await versions(left) == NEWEST | {"committee": len(committee_line())}
