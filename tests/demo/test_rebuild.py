"""Building again: the same seed, another seed, after a kill; and what is cleared away and what stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from infra.postgres import connect, one, sql
from server import clock
from server.accounts.reader import Grant, Reader
from server.demo import build as demo
from server.roll_call.actions import open_roll
from server.rollups.verify import verify
from tenants import registry
from tenants.current import using
from tenants.transactions import platform_transaction, transaction

TODAY = date(2026, 11, 14)


@pytest_asyncio.fixture(loop_scope="session")
async def empty(owner_url: str) -> AsyncIterator[str]:
    await demo.wipe(owner_url)
    yield owner_url
    await demo.wipe(owner_url)
    await demo.wipe(owner_url, "load")


async def build(owner_url: str, seed: int = 1930, progress=lambda *_: None, today: date | None = TODAY):
    # Without the papers: what they are drawn from is what a seed decides, and the drawing takes its time.
    return await demo.build(
        owner_url, seed=seed, today=today, part=0.02, minutes=False, communes=2, progress=progress
    )


async def everything(slug: str = "cao-loc") -> list[list[tuple]]:
    """All that a seed decides, in one order."""
    async with platform_transaction(read_only=True):
        ref = await registry.find(slug)
    with using(ref):
        async with transaction(read_only=True):
            tables = (
                "member", "exemption", "seat", "meeting", "roll_entry", "usual_work", "resolution", "assignment",
                "assignment_span",
            )  # fmt: skip
            found = [[tuple(row) for row in await sql(f"SELECT * FROM {t} ORDER BY 1, 2")] for t in tables]
            marks = await sql(
                "SELECT id, meeting, no, state, reason, device, seq, device_at FROM mark ORDER BY id"
            )
            said = await sql(
                """SELECT id, assignment, ordinal, kind, sets, note, seen, meeting, said_on, device, device_at
                FROM assignment_change ORDER BY id"""
            )
            kept = await sql(
                "SELECT id, member, held_on, channel, summary, created_at, by_name FROM contact ORDER BY id"
            )
            return [*found, *([tuple(row) for row in some] for some in (marks, said, kept))]


async def roles_and_schemas(owner_url: str) -> set[str]:
    owner = await connect(owner_url)
    rows = await owner.fetch(
        r"""SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'c\_%'
        UNION SELECT r.rolname FROM pg_roles r JOIN platform.committee c ON c.schema_name = r.rolname"""
    )
    await owner.close()
    return {row["name"] for row in rows}


async def test_a_seed_gives_the_same_people_and_attendance_but_never_the_same_passwords(empty):
    first, people = await build(empty), await everything()
    await demo.wipe(empty)
    second, again = await build(empty), await everything()

    assert people == again
    assert [login.login for login in first] == [login.login for login in second]
    assert not {login.password for login in first} & {login.password for login in second}
    assert len({login.password for login in first}) == len(first)


async def test_another_seed_gives_other_people(empty):
    await build(empty)
    people = {row[2] for row in (await everything())[0]}
    await demo.wipe(empty)
    await build(empty, seed=7)

    assert len(people & {row[2] for row in (await everything())[0]}) < len(people) / 2


async def test_a_build_that_was_killed_is_cleared_away_and_done_again(empty):
    def killed(title: str, done: int, of: int) -> None:
        if title == "Thành ủy Pleiku":
            raise KeyError(title)

    with pytest.raises(ExceptionGroup):
        await build(empty, progress=killed)
    assert not await demo.is_built()

    assert await demo.wipe(empty) == 4 + 2
    assert await roles_and_schemas(empty) == set()
    async with platform_transaction(read_only=True):
        assert (
            await sql("SELECT 1 FROM platform.province WHERE name IN ('Gia Lai', 'Lạng Sơn', 'Nghệ An')")
            == []
        )
        assert await sql("SELECT 1 FROM platform.account") == []
    assert len(await build(empty)) == 29


async def test_it_stands_only_when_its_log_ins_have_been_kept(empty):
    await build(empty)
    assert not await demo.is_built()

    await demo.mark_built()
    assert await demo.is_built()

    await demo.wipe(empty)
    assert not await demo.is_built()


async def test_a_real_province_is_neither_taken_nor_cleared_away(empty):
    async with platform_transaction():
        real = await registry.add_province("Lạng Sơn", slug="lang-son-that")

    with pytest.raises(registry.Taken):
        await build(empty)
    assert await demo.wipe(empty) == 0

    async with platform_transaction():
        assert await one("SELECT 1 FROM platform.province WHERE id = $1", real)
        assert not await one("SELECT 1 FROM platform.province WHERE name = 'Gia Lai'")
    owner = await connect(empty)
    await owner.execute("DELETE FROM platform.province WHERE id = $1", real)
    await owner.close()


async def test_the_secretary_opens_todays_roll_at_once(empty):
    await build(empty, today=None)
    async with platform_transaction(read_only=True):
        ref = await registry.find("pleiku")
        row = await one(
            """SELECT a.id, a.name, g.cell FROM platform.account_grant g JOIN platform.account a ON a.id = g.account
            WHERE a.login = 'bithu.pleiku'"""
        )
    secretary = Reader(row["id"], row["name"], (Grant("secretary", row["cell"]),))
    with using(ref):
        async with transaction():
            meeting = await one(
                "SELECT id FROM meeting WHERE cell = $1 AND held_on = $2", row["cell"], clock.today()
            )
        await open_roll(meeting["id"], by=secretary)
        async with transaction():
            base = await sql(
                "SELECT base, count(*)::int AS n FROM roll_entry WHERE meeting = $1 GROUP BY 1", meeting["id"]
            )
    assert {r["base"]: r["n"] for r in base} == {"expected": 123, "exempt": 28}


async def test_a_load_province_has_the_size_that_was_asked_for(empty):
    heard: list[tuple[str, int, int]] = []
    refs = await demo.build_load(
        empty, committees=3, cells=2, members=40, months=2, seed=1, progress=lambda *said: heard.append(said)
    )
    assert [ref.slug for ref in refs] == ["tai-0001", "tai-0002", "tai-0003"]
    assert heard[-1] == ("Tỉnh Tải", 3, 3)
    for ref in refs:
        with using(ref):
            async with transaction(read_only=True):
                sizes = await sql("SELECT cell, count(*)::int AS n FROM membership GROUP BY cell")
                today = await sql(
                    "SELECT 1 FROM meeting WHERE held_on = $1 AND state = 'planned'", clock.today()
                )
        assert [row["n"] for row in sizes] == [40, 40]
        assert today
        assert (await verify(ref))[1] == []
    assert await demo.is_built("load")


async def test_the_smallest_load_is_one_member_with_a_meeting_today(empty):
    (ref,) = await demo.build_load(
        empty, committees=1, cells=1, members=1, months=0, seed=1, progress=lambda *_: None
    )
    with using(ref):
        async with transaction(read_only=True):
            assert len(await sql("SELECT 1 FROM meeting")) == 2
            assert len(await sql("SELECT 1 FROM member")) == 1
    assert (await verify(ref))[1] == []
