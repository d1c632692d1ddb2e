"""The verbs of a document on its way in: arrange its files, decide on a repeated one. One transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings.queries import NotFound
from server.meetings.queries import meeting as find_meeting
from server.minutes import rules
from server.minutes.queries import Receipt, head, limits, receipt
from server.rollups.marking import mark_dirty
from server.words import Refused, say
from tenants.outbox import later
from tenants.transactions import transaction


async def arrange(minutes: UUID, *, meeting: UUID, files: Sequence[UUID], by: Reader) -> Receipt:
    """Say which files belong to a document of a meeting, in order; makes the document where there is none yet.

    The ids are the sender's, so sending it twice changes nothing. Raises NotFound, Refused(minutes=…, files=…).
    """
    async with transaction():
        held = await find_meeting(meeting, by)
        rules.check_may_send(by, held["cell"])
        made = await one(
            """INSERT INTO minutes (id, meeting, cell, created_by, account) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (id) DO NOTHING RETURNING id""",
            minutes, meeting, held["cell"], by.name, by.account_id,
        )  # fmt: skip
        row = await head(minutes, by, lock=True)
        rules.check_arrangement(files, limits=limits(), first=made is not None)
        await _check_arranged(row, meeting, files)
        if list(row["wanted"]) != list(files):
            await sql(
                "UPDATE minutes SET wanted = $2, arranged = arranged + 1 WHERE id = $1", minutes, list(files)
            )
            await settle(minutes, changed=True)
        return await receipt(minutes, by)


async def _check_arranged(row: Record, meeting: UUID, files: Sequence[UUID]) -> None:
    rules.check_not_binned(binned=row["binned_at"] is not None)
    if row["meeting"] != meeting:
        raise Refused(minutes=say("Biên bản này thuộc một cuộc họp khác."))
    others = await sql(
        "SELECT 1 FROM minutes_file WHERE id = ANY ($1) AND minutes <> $2", list(files), row["id"]
    )
    if others:
        raise NotFound(row["id"])
    held = await one(
        "SELECT coalesce(sum(pages), 0)::int AS n FROM minutes_file WHERE id = ANY ($1)", list(files)
    )
    assert held is not None
    # Files that were taken out and are put back: each was counted when the others were not there.
    if held["n"] > limits().pages and not set(files) <= set(row["wanted"]):
        raise Refused(files=rules.words_for("too_many_pages", limits()))


async def move(minutes: UUID, file: UUID | None, *, up: bool, by: Reader) -> None:
    """Move one file of a document a place up or down; one that is not in it is left alone.

    Raises NotFound, Refused(minutes=…).
    """
    async with transaction():
        row = await head(minutes, by, lock=True)
        rules.check_may_send(by, row["cell"])
        rules.check_not_binned(binned=row["binned_at"] is not None)
        files = list(row["wanted"])
        if file in files:
            at = files.index(file)
            files.insert(max(0, at + (-1 if up else 1)), files.pop(at))
            await sql("UPDATE minutes SET wanted = $2, arranged = arranged + 1 WHERE id = $1", minutes, files)
            await settle(minutes, changed=files != row["wanted"])


async def settle(minutes: UUID, *, changed: bool = False) -> str:
    """Find out how a document stands after something happened to its files or pages, in the present transaction,
    which holds the document's lock; returns its state.

    ``changed``: what goes into the PDF is no longer what it was. Has it put together where all pages are done.
    """
    row = await one(
        """SELECT d.state, d.wanted, m.held_on FROM minutes d JOIN meeting m ON m.id = d.meeting WHERE d.id = $1""",
        minutes,
    )
    assert row is not None
    stored = await one(
        "SELECT count(*)::int AS n FROM minutes_file WHERE minutes = $1 AND id = ANY ($2)",
        minutes,
        row["wanted"],
    )
    assert stored is not None
    pages = await sql(
        """SELECT p.state FROM minutes_page p JOIN minutes_file f ON f.id = p.file
        WHERE p.minutes = $1 AND f.id = ANY ($2) AND f.same_decided <> 'dropped' AND p.same_decided <> 'dropped'""",
        minutes, row["wanted"],
    )  # fmt: skip
    before = row["state"]
    state = rules.document_state(
        whole=0 < len(row["wanted"]) == stored["n"], pages=[page["state"] for page in pages],
        assembled=before == "ready" and not changed, given_up=before == "failed" and not changed,
    )  # fmt: skip
    if state != before:
        await sql("UPDATE minutes SET state = $2, reason = '' WHERE id = $1", minutes, state)
    if "collecting" in (before, state) and state != before:
        await mark_dirty(row["held_on"], cause="minutes")
    if state == "assembling" and (changed or before != "assembling"):
        await later("assemble_minutes", minutes=str(minutes))
    return state


async def decide_same(file: UUID, decision: str, *, by: Reader) -> None:
    """Keep a file although it is the same as an earlier one, or drop it: it then counts no more, and stays stored.

    Raises NotFound, Refused(decision=…) for anything else than kept or dropped.
    """
    async with transaction():
        found = await one("SELECT minutes FROM minutes_file WHERE id = $1", file)
        if found is None:
            raise NotFound(file)
        row = await head(found["minutes"], by, lock=True)
        rules.check_may_send(by, row["cell"])
        rules.check_not_binned(binned=row["binned_at"] is not None)
        if decision not in ("kept", "dropped"):
            raise Refused(decision=say("Xin chọn giữ lại hoặc bỏ tệp trùng."))
        changed = await sql(
            "UPDATE minutes_file SET same_decided = $2 WHERE id = $1 AND same_decided <> $2 RETURNING id",
            file,
            decision,
        )
        if changed:
            await record_event(by, f"minutes_file_{decision}", str(row["id"]), str(file))
            await settle(row["id"], changed=True)


async def note_look(minutes: UUID, action: str, *, by: Reader) -> None:
    """Write down that somebody opened (``minutes_opened``) or downloaded (``minutes_downloaded``) a document.

    In the present transaction; each once in ten minutes for each person and document.
    """
    await sql(
        """INSERT INTO event (account, by_name, action, subject) SELECT $1, $2, $3, $4
        WHERE NOT EXISTS (SELECT 1 FROM event WHERE at > now() - interval '10 minutes' AND account = $1
            AND action = $3 AND subject = $4)""",
        by.account_id, by.name, action, str(minutes),
    )  # fmt: skip
