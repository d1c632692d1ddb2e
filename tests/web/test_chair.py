"""Who chairs and who records a meeting, and who sits in the cell's committee, as the pages show it."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import httpx
import pytest

from infra.postgres import sql
from tenants.transactions import transaction
from tests.cast import Cast
from tests.web.plans import typed_plan
from tests.web.walking import signed_in


@pytest.fixture
async def an(cast: Cast) -> UUID:
    """Nguyễn Văn An, the cell's secretary and a cadre of the commune."""
    async with transaction():
        rows = await sql("SELECT id FROM member WHERE no = $1", cast.numbers["Nguyễn Văn An"])
        await sql(
            """INSERT INTO seat (id, member, cell, role, from_on, commune_cadre)
            VALUES ($1, $2, $3, 'secretary', '2020-01-01', true)""",
            uuid4(), rows[0]["id"], cast.cell,
        )  # fmt: skip
    found: UUID = rows[0]["id"]
    return found


def select(name: str, html: str) -> str:
    """The options of a select."""
    found: list[str] = re.findall(rf'<select[^>]* name="{name}".*?</select>', html, re.DOTALL)
    return found[0]


async def test_the_form_offers_the_cells_people_with_the_secretary_in_the_chair(
    client: httpx.AsyncClient, cast: Cast, an: UUID
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    typed = typed_plan()

    form = (await client.get(f"/{cast.pleiku.slug}/meetings/new")).text
    refused = await client.post(f"/{cast.pleiku.slug}/meetings", data={**typed, "chair": str(uuid4())})
    made = await client.post(
        f"/{cast.pleiku.slug}/meetings", data={**typed, "chair": str(an), "recorder": ""}
    )
    shown = (await client.get(made.headers["location"])).text

    names = re.findall(r"<option[^>]*>([^<]+)</option>", select("chair", form))
    assert names == [
        "Chưa phân công", "Nguyễn Văn An", "Trần Thị Bình", "Lê Đình Dũng", "Phạm Thị Em", "Ksor Giang",
        "Rơ Châm H&#39;Cúc",
    ]  # fmt: skip
    assert f'value="{an}" selected' in select("chair", form)
    assert "selected" not in select("recorder", form)
    assert refused.status_code == 422
    assert 'id="e-chair"' in refused.text
    assert "<dt>Chủ trì</dt><dd>Nguyễn Văn An</dd>" in shown
    assert "<dt>Thư ký</dt><dd>chưa ghi</dd>" in shown


async def test_people_are_named_on_the_meetings_page_and_faults_stand_at_their_field(
    client: httpx.AsyncClient, cast: Cast, an: UUID
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    address = f"/{cast.pleiku.slug}/meetings/{await cast.meeting()}"

    for wrong in ("nobody", str(uuid4())):
        refused = await client.post(f"{address}/people", data={"chair": str(an), "recorder": wrong})
        assert refused.status_code == 422
        assert 'id="e-recorder"' in refused.text
        assert f'value="{an}" selected' in select("chair", refused.text)
    named = await client.post(f"{address}/people", data={"chair": "", "recorder": str(an)})

    assert named.status_code == 303
    assert "<dt>Thư ký</dt><dd>Nguyễn Văn An</dd>" in (await client.get(address)).text


async def test_who_may_not_plan_is_offered_no_choice_and_told_so(
    client: httpx.AsyncClient, cast: Cast, an: UUID
) -> None:
    await signed_in(client, "member", cast, at_neighbour=False)
    address = f"/{cast.pleiku.slug}/meetings/{await cast.meeting()}"

    shown = await client.get(address)
    refused = await client.post(f"{address}/people", data={"chair": str(an)})

    assert '/people"' not in shown.text
    assert refused.status_code == 422
    assert "Chỉ bí thư" in refused.text


async def test_the_cells_page_shows_its_committee_and_every_figure_on_its_base(
    client: httpx.AsyncClient, cast: Cast, an: UUID
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    shown = (await client.get(f"/{cast.pleiku.slug}/cells/{cast.cell}")).text

    committee = re.findall(r'aria-labelledby="committee">(.*?)</section>', shown, re.DOTALL)[0]
    assert "Nguyễn Văn <b>An</b>" in committee
    assert '<span class="muted">Bí thư</span>' in committee
    assert "cán bộ, công chức xã" in committee
    assert shown.count("<b>1/6</b>") == 2
