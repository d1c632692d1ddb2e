"""Marks as they come over HTTP: from the queue of a phone, and from a plain form."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pytest

from server import clock
from server.roll_call.actions import NewMark, open_roll, record
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


async def test_half_an_emoji_in_a_reason_does_not_hold_back_the_other_marks(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    marks = [
        {"id": str(uuid4()), "no": no, "state": "absent_excused", "seq": seq, "at": "", "reason": "ốm \ud83d"}
        for seq, no in enumerate(cast.numbers.values(), start=1)
    ]
    headers = {"X-Requested-With": "nennep", "Content-Type": "application/json"}
    body = json.dumps({"device": str(uuid4()), "marks": marks})

    answer = await client.post(f"/{cast.pleiku.slug}/meetings/{meeting}/marks", content=body, headers=headers)

    assert answer.status_code == 200
    assert answer.json()["acked"] == [mark["id"] for mark in marks]
    assert {entry["reason"] for entry in answer.json()["entries"]} == {"ốm ?"}


async def test_a_plain_member_learns_who_is_absent_but_not_why(client: httpx.AsyncClient, cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    an, binh = cast.numbers["Nguyễn Văn An"], cast.numbers["Trần Thị Bình"]
    said = [("absent_excused", "ốm nặng"), ("late", "đi khám")]
    for by, (state, reason) in zip((cast.hoa, cast.deputy), said, strict=True):
        marks = [
            NewMark(uuid4(), no, state, 1, clock.now(), reason)
            for no in ((an, binh) if by is cast.hoa else (binh,))
        ]
        await record(meeting, marks, device=uuid4(), since=0, by=by)
    await signed_in(client, "member", cast, at_neighbour=False)
    base = f"/{cast.pleiku.slug}/meetings/{meeting}"
    nothing = {"device": str(uuid4()), "marks": []}

    answers = [
        *[
            await client.get(f"{base}/{part}")
            for part in ("roll-call", "changes", f"entries/{an}", f"entries/{binh}")
        ],
        await client.post(f"{base}/marks", json=nothing),
    ]

    for answer in answers:
        assert answer.status_code == 200
        for why in ("ốm nặng", "đi khám", "tuổi cao", "age_health"):
            assert why not in answer.text
    entries = {entry["no"]: entry for entry in answers[1].json()["entries"]}
    assert entries[an]["state"] == "absent_excused"
    assert len(entries[binh]["rivals"]) == 2


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
