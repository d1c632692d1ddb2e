"""One assignment: how it stands, where it came from, what may be said of it now, and everything that was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from infra.postgres import Record
from server import clock, versions
from server.accounts.reader import Reader
from server.assignments import actions, evidence, queries, rules
from server.minutes.actions import note_look
from server.words import Refused, Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, Form, reader_of
from web.assignments import moves
from web.assignments.shown import card, dates, file_row, history, value_words
from web.assignments.work import Typed, show_work
from web.render import errors, page, translate
from web.words import day, kind_word, moment


@get("/{slug:str}/assignments/{no:int}", access=in_committee, support=True)
async def one(request: Asked, no: FromPath[int]) -> Response[str]:
    """One assignment; that somebody else's was opened is written down."""
    return await show_one(request, no)


async def show_one(
    request: Asked, no: int, *, faults: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of one assignment; ``faults`` by field of the form (``typed["kind"]``) that was refused.

    Raises NotFound, for an assignment that the reader may not see too.
    """
    reader, typed, faults = reader_of(request), typed or {}, faults or {}
    async with transaction():
        row = await queries.row(no, reader)
        part = await queries.part(row, reader)
        kinds = rules.moves(await queries.standing(row["id"]), part)
        said, rivals = await queries.history(row["id"]), await queries.rivals(row)
        files = await evidence.files_of(row["id"])
        people = await queries.people(row["cell"], clock.today()) if "reassigned" in kinds else []
        if not part.own:
            await note_look(row["id"], "assignment_opened", by=reader)
    first, others = moves.forms(row, kinds, typed=typed, errors=faults, own=part.own)
    shown_people = {str(told.change.sets["who"]): told.who for told in said if told.who}
    return page(
        request, "assignments/one.html", status=status, back=_back(request, reader), a=_shown(row, reader),
        conflicts=[_conflict(row, register, found, shown_people) for register, found in rivals.items()],
        may_settle="settled" in kinds, first=first, others=others, choices=_choices(row, people),
        **dates(row), errors=_errors(faults, typed), history=history(said),
        files=_files(row, files, part, reader, typed, faults), sheet=_sheet(row, part),
    )  # fmt: skip


def _errors(faults: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """A refusal's reasons under the ids of the page's fields."""
    kind = typed.get("kind")
    known = ("due", "note", "member", "text", "area", "check_by", "result")
    return {f"{kind}-{name}" if kind and name in known else name: why for name, why in faults.items()}


def _back(request: Asked, reader: Reader) -> tuple[str, str]:
    if reader.sees_all or reader.has("secretary", "deputy", "recorder"):
        return f"/{current().slug}/assignments", translate(request, say("Danh sách việc"))
    return f"/{current().slug}/work", translate(request, say("Việc của tôi"))


def _shown(row: Record, reader: Reader) -> dict[str, Any]:
    sees_cell = reader.may_see_cell(row["cell"])
    return {
        **card(row, clock.today()), "check_by": row["check_by"], "origin": _origin(row, reader),
        "cell_href": f"/{current().slug}/cells/{row['cell']}/assignments" if sees_cell else None,
    }  # fmt: skip


def _origin(row: Record, reader: Reader) -> list[tuple[Say, str | None]]:
    """Where an assignment came from: (words, address | None), the day first."""
    base = f"/{current().slug}"
    found: list[tuple[Say, str | None]] = []
    if row["meeting"]:
        words = say("{kind}, {day}", kind=kind_word(row["meeting_kind"]), day=day(row["meeting_held_on"]))
        found.append(
            (words, f"{base}/meetings/{row['meeting']}" if reader.may_see_cell(row["cell"]) else None)
        )
    else:
        found.append((say("giao ngày {day}", day=day(row["given_on"])), None))
    if row["minutes"]:
        place = f"?page={row['page']}" if row["page"] else ""
        line = f"#l{row['line']}" if row["page"] and row["line"] is not None else ""
        found.append((say("dòng ghi trong biên bản"), f"{base}/minutes/{row['minutes']}{place}{line}"))
    if row["usual_work"]:
        may = rules.may_give(reader, row["cell"])
        found.append((say("việc thường kỳ"), f"{base}/usual-work/{row['usual_work']}" if may else None))
    if row["resolution"]:
        found.append((say("nghị quyết chuyên đề năm {year}", year=row["given_on"].year), None))
    return found


def _conflict(
    row: Record, register: str, sayings: Sequence[Mapping[str, Any]], people: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "words": rules.REGISTER_WORDS[register], "change": uuid4(), "seen": versions.told(row["version"]),
        "action": f"/{current().slug}/assignments/{row['no']}/changes",
        "sayings": [
            {
                "id": one["change"], "words": value_words(register, one["value"], people), "by": one["by"],
                "note": one["note"], "when": day(date.fromisoformat(one["at"])),
            }
            for one in sayings
        ],
    }  # fmt: skip


def _choices(row: Record, people: Sequence[Record]) -> dict[str, list[tuple[Any, Any]]]:
    """What the fields of the forms offer."""
    others = [one for one in people if one["id"] != row["member"]]
    return {
        "result": list(rules.RESULTS.items()), "area": list(rules.AREAS.items()),
        "member": [(one["no"], say("{name} ({n} việc)", name=one["name"], n=one["open"])) for one in others],
    }  # fmt: skip


def _files(
    row: Record, files: Sequence[Record], part: rules.Part, reader: Reader, typed: Mapping[str, str],
    faults: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    base = f"/{current().slug}/assignments/{row['no']}/files"
    shown = [
        {
            **file_row(one, base), "error": faults.get(f"why-{one['id']}"), "typed": typed.get(f"why-{one['id']}", ""),
            "removal": f"{base}/{one['id']}/removal" if evidence.may_remove(part, one, reader) else None,
        }
        for one in files
        if one["removed_at"] is None
    ]  # fmt: skip
    removed = [
        {"name": file_row(one, base)["name"], "by": one["removed_by"], "when": moment(one["removed_at"]),
         "why": one["removed_why"]}
        for one in files if one["removed_at"] is not None
    ]  # fmt: skip
    return {
        "action": base,
        "nonce": uuid4(),
        "may_add": evidence.may_add(part),
        "kept": shown,
        "removed": removed,
    }


def _sheet(row: Record, part: rules.Part) -> str | None:
    if not (part.manages or part.own):
        return None
    return f"/{current().slug}/members/{row['member_no']}/years/{clock.today().year}"


@post("/{slug:str}/assignments/{no:int}/changes", access=in_committee)
async def change(request: Asked, no: FromPath[int], data: Form) -> Response[Any]:
    """Say one thing of an assignment, from a plain form: sent twice, it is said once."""
    reader = reader_of(request)
    async with transaction(read_only=True):
        row = await queries.row(no, reader)
        rivals = await queries.rivals(row)
    try:
        settles = data.get("kind") == "settled"
        said = moves.read_settling(row, rivals, data) if settles else moves.read(row, data)
        await actions.say_one(said, device=said.id, by=reader)
    except Refused as refusal:
        faults = errors(request, refusal)
        if data.get("back") == "work":
            return await show_work(request, refused=Typed(no, faults, data), status=422)
        return await show_one(request, no, faults=faults, typed=data, status=422)
    where = f"work#a{no}" if data.get("back") == "work" else f"assignments/{no}"
    return Redirect(f"/{current().slug}/{where}", status_code=303)
