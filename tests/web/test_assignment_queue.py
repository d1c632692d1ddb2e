"""What a phone's queue says of work over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.assignments.saying import AN, BINH, WORK, day, explained, give
from tests.cast import Cast
from tests.web.sending import account_of
from tests.web.walking import signed_in


def new_work(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()), "assignment": str(uuid4()), "kind": "given", "at": "2026-11-03T12:00Z", "text": WORK,
        "member": cast.numbers[AN], "area": "economy", "cell": str(cast.cell), "due": day(9).isoformat(), **more,
    }  # fmt: skip


async def send(client: httpx.AsyncClient, cast: Cast, *changes: Any, account: str = "") -> httpx.Response:
    headers = {
        "X-Requested-With": "nennep", "Content-Type": "application/json",
        "X-Account": account or str(await account_of(client)),
    }  # fmt: skip
    body = json.dumps({"device": str(uuid4()), "changes": changes})
    return await client.post(f"/{cast.pleiku.slug}/assignments/changes", content=body, headers=headers)


async def test_a_night_without_signal_arrives_in_one_batch(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    new = new_work(cast)
    then = {"id": str(uuid4()), "assignment": new["assignment"], "kind": "accepted", "result": "better",
            "seen": 0, "after": [new["id"]], "at": "không rõ"}  # fmt: skip

    first, again = [(await send(client, cast, new, then)).json() for _ in range(2)]

    assert first == again
    assert (first["acked"], first["refused"]) == ([new["id"], then["id"]], [])
    (row,) = first["rows"]
    assert (row["member"], row["name"], row["v"], row["state"], row["result"], row["due"]) == (
        cast.numbers[AN], AN, 2, "done", "better", new["due"]
    )  # fmt: skip


async def test_one_wrong_change_holds_nothing_else_back(client: httpx.AsyncClient, cast: Cast) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    work = await give(cast, BINH)
    wrong = [
        new_work(cast, due="20266-11-01"), new_work(cast, text="Thu\0 quỹ"), new_work(cast, text="x" * 600),
        new_work(cast, member=12345), new_work(cast, kind="burnt"),
        {"id": str(uuid4()), "assignment": str(work), "kind": "progress", "seen": 1, "note": ""},
    ]  # fmt: skip
    right = new_work(cast, text="Thu quỹ \ud83d", due=None)

    answer = (await send(client, cast, *wrong, right)).json()

    assert answer["acked"] == [right["id"]]
    assert [r["id"] for r in answer["refused"]] == [w["id"] for w in wrong]
    assert all(r["reason"].endswith((".", "!")) for r in answer["refused"])
    assert {row["text"] for row in answer["rows"]} == {"Thu quỹ ?", WORK}
    assert (await explained(work)).state == "open"


async def test_changes_of_another_account_wait_for_its_own_log_in(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    assert (await send(client, cast, new_work(cast), account=str(uuid4()))).status_code == 401


@pytest.mark.parametrize("changes", [["x"], [{}], [{"id": 1}], [[[[]]]]])
async def test_what_is_no_batch_is_told_so(client: httpx.AsyncClient, cast: Cast, changes: list[Any]) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    answer = await send(client, cast, *changes)

    assert answer.status_code == 422
    assert "vẫn còn trong máy" in answer.json()["message"]


async def test_the_neighbours_work_is_not_found(client: httpx.AsyncClient, cast: Cast) -> None:
    work = await give(cast)
    await signed_in(client, "secretary", cast, at_neighbour=True)
    said = {"id": str(uuid4()), "assignment": str(work), "kind": "progress", "seen": 1, "note": "x"}
    headers = {"X-Requested-With": "nennep", "X-Account": str(await account_of(client))}
    body = {"device": str(uuid4()), "changes": [said]}

    there = await client.post(f"/{cast.pleiku.slug}/assignments/changes", json=body, headers=headers)
    here = await client.post(f"/{cast.neighbour.slug}/assignments/changes", json=body, headers=headers)

    assert there.status_code == 404
    assert here.json()["acked"] == here.json()["rows"] == []
    assert here.json()["refused"][0]["reason"].startswith("Không tìm thấy")
