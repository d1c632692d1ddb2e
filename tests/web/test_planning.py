"""A secretary plans a meeting on the phone."""

from __future__ import annotations

from uuid import uuid4

import httpx

from tests.cast import Cast
from tests.web.plans import typed_plan
from tests.web.walking import signed_in


async def test_a_form_larger_than_any_of_ours_is_refused(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    answer = await client.post(f"/{cast.pleiku.slug}/meetings", data={"place": "x" * 2_000_000})

    assert answer.status_code == 413


async def test_a_refused_plan_keeps_what_was_typed_and_says_why_at_the_field(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    typed = {
        "kind": "picnic",
        "date": "31/02/2026",
        "time": "25:99",
        "place": "Nhà văn hóa",
        "nonce": str(uuid4()),
    }

    answer = await client.post(f"/{cast.pleiku.slug}/meetings", data=typed)

    assert answer.status_code == 422
    assert "Nhà văn hóa" in answer.text
    assert "Ngày họp không đúng" in answer.text
    assert "Giờ họp không đúng" in answer.text


async def test_planning_twice_with_one_form_plans_once(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    typed = typed_plan()

    first = await client.post(f"/{cast.pleiku.slug}/meetings", data=typed)
    again = await client.post(f"/{cast.pleiku.slug}/meetings", data=typed)

    assert first.headers["location"] == again.headers["location"]
    assert (await client.get(first.headers["location"])).status_code == 200


async def test_letters_that_nothing_can_hold_are_refused_and_break_nothing(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    typed = typed_plan("Nhà \0 văn hóa")

    answer = await client.post(f"/{cast.pleiku.slug}/meetings", data=typed)

    assert answer.status_code == 422
    assert "không đọc được" in answer.text
