"""The document as a whole: its pages put together into one file, and what they seem to say, proposed."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from infra.objects import Missing
from infra.postgres import Record, connection, one, sql
from server.minutes.actions import settle
from server.minutes.again import begin_again
from server.minutes.keeping import fetch, key_of_document, store
from server.paper import child
from server.paper.stored import from_json
from server.proposals.fields import Proposal
from server.proposals.propose import propose
from tenants.transactions import transaction

_DOCUMENT = """SELECT d.id, d.cell, d.state, d.pdf_of, d.pdf_key, m.held_on, c.name FROM minutes d
JOIN meeting m ON m.id = d.meeting JOIN cell c ON c.id = d.cell WHERE d.id = $1"""
_PAGES = """SELECT p.id, p.attempt, p.state, p.clean_key, t.lines, t.corrected FROM minutes_page p
JOIN minutes d ON d.id = p.minutes JOIN minutes_file f ON f.id = p.file
    LEFT JOIN minutes_text t ON t.page = p.id AND p.failed_step <> 'read'
WHERE d.id = $1 AND f.id = ANY (d.wanted) AND f.same_decided <> 'dropped' AND p.same_decided <> 'dropped'
ORDER BY array_position(d.wanted, f.id), p.number"""
_DONE = ("assembling", "ready", "failed")


async def assemble_minutes(minutes: str) -> None:
    """Make one PDF of all pages, unless it is made of just these already, and propose values from their text."""
    async with transaction(read_only=True, snapshot=True):
        document, pages = await _look(UUID(minutes))
        people = await _people(document) if document else []
    if document is None:
        return
    made_of = _made_of(document, pages)
    if document["pdf_of"] != made_of:
        try:
            key = await _make(document, pages, made_of)
        except Missing as lost:
            await _clean_again(document["id"], str(lost))
            return
        found = await asyncio.to_thread(_proposed, pages, people, document)
    elif document["state"] != "ready":
        key, found = document["pdf_key"], None
    else:
        return
    async with transaction():
        await sql("SELECT 1 FROM minutes WHERE id = $1 FOR UPDATE", document["id"])
        now, pages = await _look(document["id"])
        # Whoever has changed it meanwhile has also asked for it to be put together again.
        if now is None or _made_of(document, pages) != made_of:
            return
        await sql(
            """UPDATE minutes SET state = 'ready', reason = '', pdf_key = $2, pdf_of = $3, ready_at = now()
            WHERE id = $1""",
            document["id"], key, made_of,
        )  # fmt: skip
        if found is not None:
            await _write_proposals(document["id"], found)


async def assembly_given_up(reason: str, minutes: str) -> None:
    """Putting a document together was tried as often as it may be."""
    async with transaction():
        await sql(
            "UPDATE minutes SET state = 'failed', reason = $2 WHERE id = $1 AND state = 'assembling'",
            UUID(minutes),
            reason,
        )


async def _look(minutes: UUID) -> tuple[Record | None, list[Record]]:
    """The document with its pages in order; None where it is not (or no longer) to be put together."""
    document = await one(_DOCUMENT, minutes)
    pages = await sql(_PAGES, minutes)
    waits = document is None or document["state"] not in _DONE
    return (
        (None, [])
        if waits or any(p["state"] in ("identified", "cleaned") for p in pages)
        else (document, pages)
    )


def _title(document: Record) -> str:
    return f"Biên bản {document['name']}, {document['held_on']:%d/%m/%Y}"


def _made_of(document: Record, pages: list[Record]) -> str:
    parts = [
        [str(page["id"]), page["attempt"], page["state"], page["clean_key"], page["lines"], page["corrected"]]
        for page in pages
    ]
    return sha256(json.dumps([_title(document), parts]).encode()).hexdigest()


async def _make(document: Record, pages: list[Record], made_of: str) -> str:
    """Put the pages together and store the file; its key, empty where no page has a picture. Raises Missing."""
    with TemporaryDirectory(prefix=child.FOLDER) as name:
        pictures = [(page, await _picture(page, Path(name))) for page in pages]
        leaves = [
            child.Leaf(picture, _reading(page), json.loads(page["corrected"] or "{}"))
            for page, picture in pictures
            if picture
        ]
        if not leaves:
            return ""
        file, key = Path(name, "document.pdf"), key_of_document(document["id"], made_of)
        await child.assemble(leaves, file, title=_title(document))
        await store(key, file)
        return key


async def _picture(page: Record, folder: Path) -> Path | None:
    if not page["clean_key"]:
        return None
    path = folder / f"{page['id']}.webp"
    await fetch(page["clean_key"], path)
    return path


async def _clean_again(minutes: UUID, key: str) -> None:
    """The store has lost a page's picture: have it made from the original again. Who asks for that, asks for us too."""
    async with transaction():
        await sql("SELECT 1 FROM minutes WHERE id = $1 FOR UPDATE", minutes)
        rows = await sql(
            """UPDATE minutes_page SET clean_key = '', grey_key = '', thumb_key = ''
            WHERE minutes = $1 AND clean_key = $2 RETURNING id""",
            minutes, key,
        )  # fmt: skip
        for row in rows:
            await begin_again(row["id"])
        await settle(minutes, changed=True)


def _reading(page: Record) -> dict[str, Any] | None:
    reading: dict[str, Any] | None = json.loads(page["lines"]) if page["lines"] else None
    return reading


async def _people(document: Record) -> list[str]:
    rows = await sql(
        "SELECT DISTINCT m.name FROM member m JOIN membership s ON s.member = m.id WHERE s.cell = $1",
        document["cell"],
    )
    return [row["name"] for row in rows]


def _proposed(pages: list[Record], people: list[str], document: Record) -> list[tuple[UUID, Proposal]]:
    read = [page for page in pages if page["lines"]]
    readings = [from_json(json.loads(page["lines"])) for page in read]
    found = propose(readings, people=people, meeting_on=document["held_on"])
    return [(read[proposal.page]["id"], proposal) for proposal in found]


async def _write_proposals(minutes: UUID, found: list[tuple[UUID, Proposal]]) -> None:
    """Put these in the place of what was proposed before; what a person has confirmed stays as it is."""
    await sql("DELETE FROM minutes_field WHERE minutes = $1 AND confirmed IS NULL", minutes)
    await sql(
        """UPDATE minutes_field SET proposed = NULL, printed = '', page = NULL, box = NULL, sure = NULL
        WHERE minutes = $1""",
        minutes,
    )
    await connection().executemany(
        """INSERT INTO minutes_field (minutes, name, ordinal, proposed, printed, page, box, sure)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (minutes, name, ordinal)
        DO UPDATE SET proposed = $4, printed = $5, page = $6, box = $7, sure = $8""",
        [
            (minutes, p.name, p.of, str(p.value), p.printed, page, list(p.box) if p.box else None, p.sure)
            for page, p in found
        ],
    )
