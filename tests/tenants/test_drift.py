"""The operator asks which committees are no longer what their migrations made, and is told by name."""

from __future__ import annotations

import logging

import pytest

from infra.settings import settings
from tenants.drift import check_schemas
from tenants.migrations import Migration
from tenants.outbox import Hopeless
from tests.tenants.town import LINE, Town
from workers.jobs import perform


async def test_nobody_has_drifted(town: Town) -> None:
    refs = await town.committees(3)
    heard: list[tuple[int, int]] = []

    assert await check_schemas(town.owner_url, LINE, progress=lambda *done: heard.append(done)) == {}

    rows = await town.owner.fetch("SELECT committee, schema_sha256, drift FROM platform.committee_health")
    assert {row["committee"] for row in rows} == {ref.id for ref in refs}
    assert len({row["schema_sha256"] for row in rows}) == 1
    assert {row["drift"] for row in rows} == {""}
    assert heard == [(3, 3)]


async def test_what_was_changed_by_hand_is_found_and_named_and_forgotten_when_it_is_mended(
    town: Town,
) -> None:
    refs = await town.committees(3)
    schema = refs[1].schema_name
    await town.owner.execute(
        f'DROP INDEX "{schema}".meeting_by_date; GRANT DELETE ON "{schema}".mark TO "{schema}"'
    )

    assert await check_schemas(town.owner_url, LINE) == {
        refs[1].slug: [
            "- index CREATE INDEX meeting_by_date ON meeting USING btree (held_on)",
            "+ grant DELETE on mark to {role}",
        ]
    }
    kept = await town.owner.fetchval(
        "SELECT drift FROM platform.committee_health WHERE committee = $1", refs[1].id
    )
    assert kept.splitlines()[1] == "+ grant DELETE on mark to {role}"

    await town.owner.execute(
        f"""CREATE INDEX meeting_by_date ON "{schema}".meeting (held_on);
        REVOKE DELETE ON "{schema}".mark FROM "{schema}\""""
    )
    assert await check_schemas(town.owner_url, LINE, only=refs[1].slug) == {}


async def test_who_is_behind_has_not_drifted(town: Town) -> None:
    await town.committees(2)
    newer = [*LINE, Migration(len(LINE) + 1, "0098_note", "CREATE TABLE note (id int)")]

    assert await check_schemas(town.owner_url, newer) == {}


async def test_a_schema_that_is_gone_has_drifted_altogether(town: Town) -> None:
    [ref, _] = await town.committees(2)
    await town.owner.execute(f'DROP SCHEMA "{ref.schema_name}" CASCADE')

    drifted = await check_schemas(town.owner_url, LINE)

    assert set(drifted) == {ref.slug}
    assert len(drifted[ref.slug]) > 300
    kept = await town.owner.fetchval(
        "SELECT drift FROM platform.committee_health WHERE committee = $1", ref.id
    )
    assert len(kept.splitlines()) == 20


async def test_doors_that_are_shut_while_data_is_carried_are_no_drift(town: Town) -> None:
    [ref] = await town.committees(1)
    await town.owner.execute(
        f"""UPDATE platform.committee SET state = 'moving' WHERE id = '{ref.id}';
        REVOKE "{ref.schema_name}" FROM nennep_app"""
    )
    assert await check_schemas(town.owner_url, LINE) == {}

    await town.owner.execute("UPDATE platform.committee SET state = 'active' WHERE id = $1", ref.id)
    assert await check_schemas(town.owner_url, LINE) == {
        ref.slug: ["- member nennep_app of {role} inherit=f set=t"]
    }


async def test_the_clock_asks_every_night_and_the_log_names_who_has_drifted(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [ref] = await town.committees(1)
    await town.owner.execute(f'DROP INDEX "{ref.schema_name}".meeting_by_date')
    with monkeypatch.context() as here, caplog.at_level(logging.ERROR, "nennep.schemas"):
        here.setenv("NENNEP_OWNER_DATABASE_URL", town.owner_url)
        settings.cache_clear()
        await perform("check_schemas", None, {})
        here.delenv("NENNEP_OWNER_DATABASE_URL")
        settings.cache_clear()
        with pytest.raises(Hopeless):
            await perform("check_schemas", None, {})
    settings.cache_clear()

    assert [ref.slug in line and "meeting_by_date" in line for line in caplog.messages] == [True]
