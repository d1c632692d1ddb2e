"""A committee that is founded from the template is the committee that all migrations would have made."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import pytest

from infra.postgres import sql
from tenants import lifecycle, registry, shape
from tenants.current import CommitteeRef, using
from tenants.migrations import Migration
from tenants.migrations.runner import apply_text
from tenants.template import template_of
from tenants.transactions import platform_transaction, transaction
from tenants.walls import keys, room
from tests.tenants.town import LINE, Town


async def written_down(town: Town, count: int) -> list[CommitteeRef]:
    async with platform_transaction():
        province = await registry.add_province("Đắk Lắk")
        return [
            await registry.add_committee(province, kind="ward_committee", name=f"Tân An {n}")
            for n in range(count)
        ]


async def by_history(town: Town, ref: CommitteeRef, line: Sequence[Migration], *, step: int) -> None:
    """Build a committee as one that lived through all versions was built: ``step`` migrations at a time."""
    async with town.owner.transaction():
        await town.owner.execute(f"{room(ref.schema_name)}; {keys(ref.schema_name)}")
    for start in range(0, len(line), step):
        async with town.owner.transaction():
            await town.owner.execute(apply_text(ref.id, ref.schema_name, list(line[start : start + step])))


async def hash_of(town: Town, ref: CommitteeRef) -> str:
    return (await shape.hashes(town.owner, [ref.schema_name]))[ref.schema_name]


async def test_the_template_is_the_full_history_by_the_hash_of_the_schema(town: Town) -> None:
    born, grown = await written_down(town, 2)
    template = await template_of(town.owner, LINE)

    assert await lifecycle.found_with(town.owner, born.id, LINE)
    await by_history(town, grown, LINE, step=1)

    assert template.squashed, "the line has something that the template can't say: founding replays all of it"
    assert await shape.lines(town.owner, born.schema_name) == await shape.lines(town.owner, grown.schema_name)
    assert await hash_of(town, born) == await hash_of(town, grown) == template.sha256
    assert await town.ledger(born) == await town.ledger(grown) == list(range(1, len(LINE) + 1))


async def test_every_version_of_the_past_has_a_template_too(town: Town) -> None:
    refs = await written_down(town, len(LINE))
    for version, ref in enumerate(refs, start=1):
        await lifecycle.found_with(town.owner, ref.id, LINE[:version])
        assert await hash_of(town, ref) == (await template_of(town.owner, LINE[:version])).sha256
    assert len({await hash_of(town, ref) for ref in refs}) > len(LINE) // 2


async def test_the_hash_sees_what_a_person_might_change_by_hand(town: Town) -> None:
    [ref] = await town.committees(1)
    before = await hash_of(town, ref)
    path = f'SET LOCAL search_path = "{ref.schema_name}", ext'
    changes = (
        "ALTER TABLE member ADD COLUMN nickname text",
        "ALTER TABLE member DROP COLUMN phone",
        "ALTER TABLE member ALTER COLUMN phone TYPE varchar(20)",
        "ALTER TABLE member ALTER COLUMN post DROP DEFAULT",
        "ALTER TABLE member ALTER COLUMN folded DROP NOT NULL",
        "ALTER TABLE member ALTER COLUMN sort_key TYPE text COLLATE ext_none".replace(
            "ext_none", '"default"'
        ),
        "DROP INDEX meeting_by_date",
        "CREATE INDEX by_hand ON member (phone)",
        "ALTER TABLE meeting DROP CONSTRAINT meeting_kind_check",
        "ALTER TABLE cell ADD CONSTRAINT named CHECK (name <> '') NOT VALID",
        "ALTER TABLE roll_call RESET (fillfactor)",
        "ALTER SEQUENCE member_no_seq INCREMENT BY 2",
        f'GRANT DELETE ON mark TO "{ref.schema_name}"',
        f'REVOKE SELECT ON mark FROM "{ref.schema_name}"',
        "GRANT SELECT ON member TO nennep_app",
        "GRANT SELECT (name) ON member TO nennep_app",
        f'GRANT USAGE ON SCHEMA "{ref.schema_name}" TO nennep_app',
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{ref.schema_name}" GRANT SELECT ON TABLES TO nennep_app',
        f'GRANT "{ref.schema_name}" TO nennep_app WITH INHERIT TRUE',
        "CREATE VIEW everybody AS SELECT name FROM member",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE mood AS ENUM ('good')",
        "ALTER TABLE member ENABLE ROW LEVEL SECURITY",
        """CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER quiet BEFORE INSERT ON member FOR EACH ROW EXECUTE FUNCTION quiet()""",
    )
    for change in changes:
        trial = town.owner.transaction()
        await trial.start()
        await town.owner.execute(f"{path}; {change}")
        assert await hash_of(town, ref) != before, change
        await trial.rollback()
    assert await hash_of(town, ref) == before


async def test_rows_are_no_part_of_the_shape(town: Town) -> None:
    [ref] = await town.committees(1)
    before = await hash_of(town, ref)
    with using(ref):
        async with transaction():
            await sql("INSERT INTO cell (id, name, sort_key) VALUES (gen_random_uuid(), 'Chi bộ', '1')")

    assert await hash_of(town, ref) == before


@pytest.mark.parametrize(
    "odd",
    [
        "INSERT INTO setting (name, value) VALUES ('colour', '1')",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW everybody AS SELECT name FROM member",
        "CREATE TYPE mood AS ENUM ('good'); ALTER TABLE member ADD COLUMN mood mood",
    ],
)
async def test_what_the_template_can_not_say_is_founded_by_the_line_itself(town: Town, odd: str) -> None:
    line = [*LINE, Migration(len(LINE) + 1, "0098_odd", odd)]
    born, grown = await written_down(town, 2)

    template = await template_of(town.owner, line)
    await lifecycle.found_with(town.owner, born.id, line)
    await by_history(town, grown, line, step=1)

    assert not template.squashed
    assert await hash_of(town, born) == await hash_of(town, grown) == template.sha256
    rows = [
        await town.owner.fetchval(f'SELECT count(*) FROM "{ref.schema_name}".setting')
        for ref in (born, grown)
    ]
    assert rows[0] == rows[1]


async def test_a_template_is_made_once_and_leaves_nothing_behind(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = [*LINE, Migration(len(LINE) + 1, "0098_own", "CREATE TABLE own_of_this_test (id int)")]
    names = """SELECT (SELECT count(*) FROM pg_roles WHERE rolname LIKE 'c\\_%')
        + (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'c\\_%')"""
    before = await town.owner.fetchval(names)

    first = await template_of(town.owner, line)
    closed = await asyncpg.connect(town.owner_url)
    await closed.close()

    assert await template_of(closed, line) is first
    assert await town.owner.fetchval(names) == before


async def test_a_line_that_can_not_be_applied_says_why(town: Town) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await template_of(town.owner, [*LINE, Migration(len(LINE) + 1, "0098_broken", "SELECT 1 / 0")])
