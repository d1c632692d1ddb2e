"""Marks as they come over HTTP: from the queue of a phone, and from a plain form."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from server.roll_call.actions import open_roll
from tests.cast import Cast
from tests.web.walking import signed_in


async def test_marks_of_another_account_wait_for_its_own_log_in(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    mark = {
        "id": str(uuid4()),
        "no": cast.numbers["Nguyễn Văn An"],
        "state": "present",
        "seq": 1,
        "at": "2026-11-03T12:00Z",
    }
    sent = {"device": str(uuid4()), "marks": [mark]}
    headers = {"X-Requested-With": "nennep", "X-Account": str(uuid4())}

    answer = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/marks", json=sent, headers=headers)

    assert answer.status_code == 401
    assert "đăng nhập" in answer.json()["message"].lower()


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"device":"x","marks":[]}', f'{{"device":"{uuid4()}","marks":[{{"id":1}}]}}',
     f'{{"device":"{uuid4()}","marks":{"[" * 2000}}}'],
)  # fmt: skip
async def test_a_malformed_batch_is_told_so_and_nothing_breaks(
    client: httpx.AsyncClient, cast: Cast, body: str
) -> None:
    meeting = await cast.meeting()
    await signed_in(client, "secretary", cast, at_neighbour=False)
    headers = {"X-Requested-With": "nennep", "Content-Type": "application/json"}

    answer = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/marks", content=body, headers=headers)

    assert answer.status_code == 422
    assert "vẫn còn trong máy" in answer.json()["message"]


async def test_taps_without_javascript_are_marks_too_and_a_double_tap_is_one(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    base, an = f"/{cast.pleiku.slug}/meetings/{meeting}", cast.numbers["Nguyễn Văn An"]
    form = {"nonce": str(uuid4()), "m": f"{an}.present"}

    answers = [await client.post(f"{base}/marks", data=form) for _ in range(2)]
    rest = await client.post(f"{base}/marks", data={"nonce": str(uuid4()), "rest": "2"})
    strange = await client.post(f"{base}/marks", data={"nonce": "no uuid", "m": "999.present"})
    summary = (await client.get(f"{base}/changes")).json()["summary"]

    assert [a.status_code for a in [*answers, rest]] == [303, 303, 303]
    assert strange.status_code == 422
    assert summary["present"] == 4
    assert summary["not_called"] == 1
