"""One tick confirms all that agrees with the roll call, and nothing that did not stand under it."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

from infra.postgres import sql
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.read_pages import change, read_minutes
from tests.web.walking import signed_in


@pytest.fixture
async def minutes(cast: Cast) -> UUID:
    """Minutes whose day and kind are those of the meeting, and whose chair is on the paper only."""
    held = await read_minutes(cast.pleiku, cast.cell, "Có mặt 33 đồng chí")
    await change(
        cast.pleiku,
        """INSERT INTO minutes_field (minutes, name, proposed, printed, sure)
        SELECT d.id, f.name, f.value, f.value, 90 FROM minutes d JOIN meeting m ON m.id = d.meeting,
        LATERAL (VALUES ('meeting_date', m.held_on::text), ('kind', m.kind), ('chair', 'Trần Thị Láng')) f (name, value)
        WHERE d.id = $1""",
        held,
    )
    return held


async def confirmed(cast: Cast, minutes: UUID) -> set[str]:
    with using(cast.pleiku):
        async with transaction(read_only=True):
            rows = await sql(
                "SELECT name FROM minutes_field WHERE minutes = $1 AND confirmed IS NOT NULL", minutes
            )
    return {row["name"] for row in rows}


def sent_of(page: str, *, ticked: bool) -> dict[str, str]:
    """What a browser sends of the figures that stand under the one tick."""
    shown = {name for name in ("meeting_date", "kind", "chair") if f'name="agreed.{name}-0"' in page}
    return {f"agreed.{name}-0": "1" for name in shown} | ({"agreed": "1"} if ticked else {})


async def test_one_tick_confirms_what_agrees_and_no_more(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    path = f"/{cast.pleiku.slug}/minutes/{minutes}/figures"
    with using(cast.pleiku):
        async with transaction(read_only=True):
            rows = await sql("SELECT name, proposed FROM minutes_field WHERE minutes = $1", minutes)
    seen = {f"seen.{row['name']}-0": row["proposed"] for row in rows}
    page = (await client.get(path)).text

    await client.post(path, data=seen | sent_of(page, ticked=False))
    none = await confirmed(cast, minutes)
    await client.post(path, data=seen | sent_of(page, ticked=True))

    assert none == set()
    assert await confirmed(cast, minutes) == {"meeting_date", "kind"}
    assert 'name="agreed.' not in (await client.get(path)).text
