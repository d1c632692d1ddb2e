# ruff: noqa: F811  pytest hands fixtures over by their names
"""What a rollout needs before anything of the new version starts: the platform and the canaries, and nobody else."""

from __future__ import annotations

from tests.commands.conftest import Nennep
from tests.commands.test_migrating import LINE, behind, place  # noqa: F401  fixtures
from tests.tenants.conftest import other_database, town  # noqa: F401  fixtures
from tests.tenants.town import Town


async def _versions(town: Town) -> dict[str, int]:
    return {row["slug"]: row["version"] for row in await town.owner.fetch("SELECT * FROM platform.committee")}


async def test_only_the_canaries_are_migrated_and_the_rest_goes_on_from_there(
    nennep: Nennep, town: Town, place: dict[str, str]
) -> None:
    slugs = await behind(town, 4)
    await town.owner.execute(
        "UPDATE platform.committee SET canary = true WHERE slug = ANY ($1)", [slugs[1], slugs[3]]
    )

    platform = await nennep("migrate", "--until", "platform", environment=place)
    untouched = await _versions(town)
    first = await nennep("migrate", "--until", "canaries", environment=place)
    after = await _versions(town)
    again = await nennep("migrate", "--until", "canaries", "--canaries", "1", environment=place)
    rest = await nennep("migrate", environment=place)

    assert [o.code for o in (platform, first, again, rest)] == [0, 0, 0, 0], first.err
    assert set(untouched.values()) == {len(LINE) - 1}
    assert {slug for slug, version in after.items() if version == len(LINE)} == {slugs[1], slugs[3]}
    assert "2 committees wait for: nennep migrate" in first.err
    assert "1 committees wait for: nennep migrate" in again.err
    assert set((await _versions(town)).values()) == {len(LINE)}


async def test_a_canary_that_fails_stops_the_rollout_with_nothing_else_touched(
    nennep: Nennep, town: Town, place: dict[str, str]
) -> None:
    slugs = await behind(town, 3)
    schema = await town.owner.fetchval("SELECT schema_name FROM platform.committee WHERE slug = $1", slugs[0])
    await town.owner.execute(f'DROP INDEX "{schema}".meeting_by_date')

    failed = await nennep("migrate", "--until", "canaries", environment=place)

    assert failed.code == 1
    assert f"{slugs[0]}: it would not come out like the template: - index " in failed.err
    assert set((await _versions(town)).values()) == {len(LINE) - 1}


async def test_once_all_are_there_it_does_nothing(nennep: Nennep, town: Town, place: dict[str, str]) -> None:
    await town.committees(1)

    done = await nennep("migrate", "--until", "canaries", environment=place)

    assert done.code == 0
    assert "platform: nothing to do" in done.err
    assert "0 committees wait for" in done.err
