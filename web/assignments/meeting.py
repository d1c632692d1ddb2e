"""A meeting's assignments as its page shows them: last time's work to go through, people to give work to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from infra.postgres import Record
from server import clock, names, versions
from server.accounts.reader import Reader
from server.assignments import queries, review, rules, usual
from server.assignments.fold import LIVE
from server.meetings import queries as meetings
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.assignments import dues
from web.assignments.chips import chips
from web.assignments.shown import standing, value_words
from web.render import errors, page, translate
from web.words import day, kind_word, when


@dataclass
class Desk:
    """What the page shows, read in one transaction."""

    held: Record
    reviewed: list[Record]
    given: list[Record]
    rivals: dict[UUID, dict[str, Any]]
    people: list[Record]
    templates: list[Record]
    following: date | None
    may_give: bool
    decides: bool


async def load(meeting: UUID, reader: Reader) -> Desk:
    """The meeting's assignments as the reader may see them. Raises NotFound."""
    async with transaction(read_only=True):
        held = await meetings.meeting(meeting, reader)
        cell, held_on = held["cell"], held["held_on"]
        here = held["state"] != "not_held"
        may_give = here and rules.may_give(reader, cell)
        reviewed = await review.reviewed(held, reader)
        given = await review.given_at(meeting, reader)
        return Desk(
            held, reviewed, given,
            rivals={row["id"]: await queries.rivals(row) for row in (*reviewed, *given) if row["rivals"]},
            people=await queries.people(cell, held_on) if may_give else [],
            templates=await usual.templates(cell) if may_give else [],
            following=await review.meeting_after(cell, held_on) if may_give else None,
            may_give=may_give, decides=here and rules.may_manage(reader, cell),
        )  # fmt: skip


@get("/{slug:str}/meetings/{meeting:uuid}/assignments", access=in_committee, support=True)
async def show_meeting_work(
    request: Asked, meeting: FromPath[UUID], undone: FromQuery[int] = 0
) -> Response[str]:
    """The work of a meeting; ``undone``: the number of a task whose "not done" forms are opened."""
    return meeting_page(request, await load(meeting, reader_of(request)), undone=undone)


def meeting_page(
    request: Asked, desk: Desk, *, undone: int = 0, typed: Mapping[str, Any] | None = None,
    refused: Refused | None = None,
) -> Response[str]:  # fmt: skip
    """The page; ``typed`` and ``refused`` belong to a form that was sent: of giving, or of one task (``undone``)."""
    held, today = desk.held, clock.today()
    faults = errors(request, refused) if refused else {}
    of_one = typed if undone else None
    based = [row for row in desk.reviewed if row["base"] and row["state"] != "cancelled"]
    shown = [_task(desk, row, today) for row in desk.reviewed]
    base = f"/{current().slug}/meetings/{held['id']}"
    return page(
        request, "assignments/meeting.html", status=422 if refused else 200,
        meeting={
            "id": held["id"], "cell": held["cell"], "cell_name": held["cell_name"], "day": held["held_on"].isoformat(),
            "title": translate(request, kind_word(held["kind"])), "when": translate(request, when(held["starts_at"])),
        },
        early=held["held_on"] > today, day=day(held["held_on"]),
        may_give=desk.may_give, decides=desk.decides, tasks=shown, left=sum(not one["decided"] for one in shown),
        done=sum(row["state"] == "done" and row["base"] == "due" for row in based), due=len(based),
        undone=next((one for one in shown if one["no"] == undone and not one["decided"]), None),
        given=[_task(desk, row, today) for row in desk.given], groups=_groups(desk.people),
        templates=desk.templates, areas=list(rules.AREAS.items()), chips=chips(),
        dues=dues.for_giving(held["held_on"], desk.following), carry=dues.for_carrying(held["held_on"], desk.following),
        values={"area": "other", **({} if of_one else typed or {}), "undone": of_one},
        errors={"": " ".join(faults.values())} if of_one else faults, undone_errors=faults if of_one else {},
        nonce=uuid4(), back=(base, translate(request, say("Cuộc họp"))),
        annex=f"{base}/assignments/annex" if desk.given and not reader_of(request).only_looks else None,
    )  # fmt: skip


def _task(desk: Desk, row: Record, today: date) -> dict[str, Any]:
    """A row of the page; ``decided``: nothing is left to do with it at this meeting (as standing.js has it)."""
    family, given = names.split(row["member_name"])
    rivals = desk.rivals.get(row["id"], {})
    later = row["due_on"] is None or row["due_on"] >= desk.held["held_on"]
    live = row["state"] in LIVE
    return {
        "id": row["id"], "no": row["no"], "v": versions.told(row["version"]), "state": row["state"],
        "result": row["result"],
        "due": row["due_on"].isoformat() if row["due_on"] else "", "due_words": _due_words(row["due_on"]),
        "asked_words": _asked_words(row["asked_due"]),
        "asked": row["asked_due"].isoformat() if row["asked_due"] else "", "member": row["member_no"], "family": family,
        "given": given, "text": row["text"], "area": row["area"], "check": row["check_by"],
        "base": row.get("base") or "", "standing": standing(row, today), "sayings": _sayings(rivals),
        "rivals": json.dumps(rivals, ensure_ascii=False) if rivals else "",
        "returns": row["state"] == "reported" and later, "live": live,
        "decided": not rivals and (not live or (row["state"] == "open" and later)),
    }  # fmt: skip


def _sayings(rivals: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What people say differently: register, change, words, by, day, note."""
    return [
        {
            "register": register, "change": one["change"], "by": one["by"], "note": one["note"],
            "words": value_words(register, one["value"], {str(one["value"]): one.get("name", "")}),
            "day": day(date.fromisoformat(one["at"][:10])),
        }
        for register, found in rivals.items()
        for one in found
    ]  # fmt: skip


def _asked_words(asked: date | None) -> Say | None:
    return say("xin thêm đến {day}", day=day(asked)) if asked else None


def _due_words(due: date | None) -> Say:
    return say("hạn {day}", day=day(due)) if due else say("không đặt hạn")


def _groups(people: list[Record]) -> list[tuple[str, list[dict[str, Any]]]]:
    made = []
    for _, rows in groupby(people, key=lambda row: row["group_number"]):
        found = list(rows)
        made.append((found[0]["group_name"], [_person(row) for row in found]))
    return made


def _person(row: Record) -> dict[str, Any]:
    family, given = names.split(row["name"])
    return {
        "no": row["no"], "family": family, "given": given, "load": row["open"], "exempt": bool(row["exempt_kind"]),
        "away": row["temporary_out"], "probationary": row["probationary"],
    }  # fmt: skip
