"""Everybody of one committee walks the routes of assigned work with the real ids of a cell's work: who may not see it
finds nothing, whatever the path, the query or the form asks for.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from infra.postgres import sql
from server import clock
from server.assignments import reminders, resolutions
from server.assignments.resolutions import Body
from tenants.transactions import transaction
from tests.assignments import usual
from tests.assignments.duties import set_up
from tests.assignments.saying import AN, BINH, day, given, row, said
from tests.cast import Cast
from tests.minutes.sending import picture, sent
from tests.web.test_assignments_evidence import Desk
from tests.web.walking import filled, handlers, signed_in

SECRET = "Việc chỉ riêng An biết"
OF_WORK = (
    "assignments",
    "usual-work",
    "reminders",
    "/reminding",
    "resolutions",
    "/years/",
    "/contacts",
    "{slug}/work",
)
# What is one's own, or a form that may be asked for by everybody of the committee, and holds nobody's work.
OF_NOBODY = {"/{slug}/work", "/{slug}/resolutions"}


@pytest.fixture
async def ours(client: httpx.AsyncClient, cast: Cast, own_store: None) -> dict[str, object]:
    """An assignment of An with a file, a rule, a resolution, minutes and a reminder: what a path is filled with."""
    meeting = await cast.meeting()
    new = given(cast, AN, text=SECRET, meeting=meeting, due=day(0))
    await said(new, by=cast.hoa)
    no = (await row(new.assignment, cast.hoa))["no"]
    work = await usual.add(cast, usual.monthly(cast, AN, text=SECRET))
    year = clock.today().year
    await resolutions.write(cast.cell, year, Body(), by=cast.hoa)
    await resolutions.put_in(cast.cell, year, [no], by=cast.hoa)
    await signed_in(client, "member", cast, at_neighbour=False, member=await cast.member(AN))
    desk = Desk(client, cast, no)
    await desk.send(picture(), f"{SECRET}.jpg")
    file = (await desk.file()).rsplit("/", 1)[1]
    minutes, _ = await sent(cast, picture(100))
    await set_up()
    await reminders.plan_reminders(clock.today().isoformat())
    return {
        "meeting": meeting,
        "assignment": no,
        "file": file,
        "work": work,
        "year": year,
        "minutes": minutes,
    }


async def answers(
    client: httpx.AsyncClient, cast: Cast, ours: dict[str, object]
) -> list[tuple[str, httpx.Response]]:
    """Every route of assigned work, asked for the cell's own by path, query, form and JSON."""
    found = []
    for path, method, _ in handlers():
        if "{slug}" not in path or not any(part in path for part in OF_WORK) or path.endswith("/changes"):
            continue
        here = filled(path, cast, **ours)  # type: ignore[arg-type]
        asks = {
            "cell": str(cast.cell),
            "who": str(cast.numbers[AN]),
            "q": "viec chi rieng",
            "member": str(cast.numbers[AN]),
        }
        form = {
            **asks,
            "no": asks["who"],
            "do": "put_all",
            "told": "1",
            "see": "1",
            "take.1": "1",
            "every": "",
        }
        more = {"params": asks} if method == "GET" else {"params": {"cell": asks["cell"]}, "data": form}
        if method == "PUT":
            more = {"content": picture(), "headers": {"X-Sha256": "0" * 64}}
        found.append((f"{method} {path}", await client.request(method, here, **more)))  # type: ignore[arg-type]
    assert len(found) > 30
    return found


@pytest.mark.parametrize("role", ["secretary", "recorder", "group_leader", "member"])
async def test_who_belongs_to_another_cell_finds_none_of_our_work(
    client: httpx.AsyncClient, cast: Cast, ours: dict[str, object], role: str
) -> None:
    other = uuid4()
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ khác', '2')", other)
    await signed_in(client, role, replace(cast, cell=other), at_neighbour=False)

    for name, answer in await answers(client, cast, ours):
        assert answer.status_code == 404 or name.removeprefix("GET ") in OF_NOBODY, (
            f"{name} {answer.status_code}"
        )
        assert SECRET not in answer.text, f"{name} shows work"
        assert AN not in answer.text, f"{name} shows a name"


@pytest.mark.parametrize("who", ["unlinked", BINH, "leader"])
async def test_who_sees_own_work_only_finds_none_of_another_member(
    client: httpx.AsyncClient, cast: Cast, ours: dict[str, object], who: str
) -> None:
    role = "group_leader" if who == "leader" else "member"
    an, linked = await cast.member(AN), await cast.member(BINH) if who == BINH else None
    async with transaction():
        # A leader of group 1, to which An belongs no more.
        await sql(
            """UPDATE membership SET party_group = (SELECT id FROM party_group WHERE cell = $1 AND number = 2)
            WHERE member = $2""",
            cast.cell, an,
        )  # fmt: skip
    await signed_in(client, role, cast, at_neighbour=False, member=linked)

    for name, answer in await answers(client, cast, ours):
        assert SECRET not in answer.text, f"{name} shows work"
        assert answer.status_code < 500, name
