"""What becomes of a page: cleaned, then read. Each step is a job that may run twice, late, or be killed on its way.

A step looks whether the page still waits for it, works outside any transaction, and writes down what it found together
with the next step; a page that has moved on meanwhile, or begun another attempt, is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from infra.objects import Missing
from infra.postgres import Record, one, sql
from server.minutes.actions import settle
from server.minutes.folding import folded_text, line_texts
from server.minutes.keeping import fetch, key_of_page, store
from server.minutes.likeness import find_same
from server.paper import child
from tenants.outbox import later
from tenants.transactions import transaction

Keys = tuple[str, str, str]


async def clean_page(page: str, attempt: int = 1) -> None:
    """From the original to the pictures of a clean page. ``attempt``: the one that was asked for."""
    row = await _waiting(page, attempt, "identified")
    if row is None:
        return
    with TemporaryDirectory(prefix=child.FOLDER) as name:
        original = Path(name, "original")
        try:
            await fetch(row["object_key"], original)
            files = await child.clean(
                original,
                row["kind"],
                row["number"],
                turned=row["turned"],
                corners=row["corners"],
                folder=Path(name),
            )
        except Missing:
            await fail(page, attempt, "original_missing")
        except child.PageFailed as failed:
            await fail(page, attempt, failed.code)
        else:
            keys = await _store(row, (files.colour, files.grey, files.thumb), str(attempt))
            await _write_cleaned(row, files.facts, keys)


async def read_page(page: str, attempt: int = 1) -> None:
    """From the grey picture to the page's text."""
    row = await _waiting(page, attempt, "cleaned")
    if row is None:
        return
    with TemporaryDirectory(prefix=child.FOLDER) as name:
        colour, grey, thumb = (Path(name, picture) for picture in child.PICTURES)
        try:
            await fetch(row["grey_key"], grey)
            reading = await child.read(grey)
            keys: Keys = (row["clean_key"], row["grey_key"], row["thumb_key"])
            if reading and reading["turned"]:
                await fetch(row["clean_key"], colour)
                await fetch(row["thumb_key"], thumb)
                await child.turn((colour, grey, thumb), reading["turned"])
                keys = await _store(row, (colour, grey, thumb), f"{attempt}-{reading['turned']}")
        except Missing:
            await fail(page, attempt, "original_missing")
        except child.PageFailed as failed:
            await fail(page, attempt, failed.code)
        else:
            await _write_read(row, reading, keys)


async def fail(page: str, attempt: int, reason: str) -> None:
    """A page gets no further in this attempt: its state says at which step and, by a code of rules.REASONS, why."""
    async with transaction():
        row = await _held(page, attempt, ("identified", "cleaned"))
        if row is not None:
            step = "clean" if row["state"] == "identified" else "read"
            await sql(
                "UPDATE minutes_page SET state = 'failed', failed_step = $2, reason = $3 WHERE id = $1",
                row["id"], step, reason,
            )  # fmt: skip
            await settle(row["minutes"], changed=True)


async def page_given_up(reason: str, page: str, attempt: int = 1) -> None:
    """A step was tried as often as it may be."""
    await fail(page, attempt, reason)


_PAGE = """SELECT p.id, p.minutes, p.file, p.number, p.state, p.attempt, p.turned, p.corners, p.clean_key, p.grey_key,
    p.thumb_key, f.object_key, f.kind FROM minutes_page p JOIN minutes_file f ON f.id = p.file
WHERE p.id = $1 AND p.attempt = $2 AND p.state = ANY ($3)"""


async def _waiting(page: str, attempt: int, state: str) -> Record | None:
    async with transaction(read_only=True):
        return await one(_PAGE, UUID(page), attempt, [state])


async def _held(page: str | UUID, attempt: int, states: tuple[str, ...]) -> Record | None:
    """The page if it still waits, and its document locked until the transaction ends: two pages that end at the same
    moment must not both think that the other is still under way.
    """
    await sql(
        "SELECT 1 FROM minutes WHERE id = (SELECT minutes FROM minutes_page WHERE id = $1) FOR UPDATE",
        UUID(str(page)),
    )
    return await one(_PAGE, UUID(str(page)), attempt, list(states))


async def _store(row: Record, files: tuple[Path, Path, Path], attempt: str) -> Keys:
    keys = [key_of_page(row["minutes"], row["id"], attempt, file.name) for file in files]
    for key, file in zip(keys, files, strict=True):
        await store(key, file)
    return keys[0], keys[1], keys[2]


async def _write_cleaned(row: Record, facts: child.Facts, keys: Keys) -> None:
    async with transaction():
        if await _held(row["id"], row["attempt"], ("identified",)) is None:
            return
        await sql(
            """UPDATE minutes_page SET state = 'cleaned', cleaned_at = now(), width = $2, height = $3, faults = $4,
                looks = $5, clean_key = $6, grey_key = $7, thumb_key = $8 WHERE id = $1""",
            row["id"], facts.width, facts.height, list(facts.faults), facts.looks, *keys,
        )  # fmt: skip
        await find_same(row["id"])
        await later("read_page", page=str(row["id"]), attempt=row["attempt"])


async def _write_read(row: Record, reading: dict[str, Any] | None, keys: Keys) -> None:
    async with transaction():
        if await _held(row["id"], row["attempt"], ("cleaned",)) is None:
            return
        if reading is None:
            await sql("DELETE FROM minutes_text WHERE page = $1", row["id"])
            facts: tuple[Any, ...] = (None, None, "no_tesseract_language", None)
        else:
            # Guesses at a page that can't be read would be found, copied and proposed as if they stood on it.
            await _write_text(row, reading if reading["readable"] else reading | {"lines": []})
            facts = (
                reading["readable"],
                reading["sure"],
                "" if reading["readable"] or reading["lines"] else "no_text",
                reading["size"],
            )
        readable, sure, reason, size = facts
        await sql(
            """UPDATE minutes_page SET state = 'read', read_at = now(), readable = $2, sure = $3, reason = $4,
                width = coalesce($5, width), height = coalesce($6, height), clean_key = $7, grey_key = $8,
                thumb_key = $9 WHERE id = $1""",
            row["id"], readable, sure, reason, *(size or (None, None)), *keys,
        )  # fmt: skip
        await settle(row["minutes"], changed=True)


async def _write_text(row: Record, reading: dict[str, Any]) -> None:
    before = await one("SELECT lines, corrected FROM minutes_text WHERE page = $1", row["id"])
    corrected = (
        carried(json.loads(before["lines"]), json.loads(before["corrected"]), reading) if before else {}
    )
    await sql(
        """INSERT INTO minutes_text (page, minutes, lines, corrected, folded) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (page) DO UPDATE SET lines = $3, corrected = $4, folded = $5""",
        row["id"], row["minutes"], json.dumps(reading, ensure_ascii=False),
        json.dumps(corrected, ensure_ascii=False), folded_text(reading, corrected),
    )  # fmt: skip


def carried(
    before: Mapping[str, Any], corrected: Mapping[str, str], now: Mapping[str, Any]
) -> dict[str, str]:
    """What people put right, {number of a line: text}, on a page read anew: kept where a line reads as before."""
    old, new = line_texts(before, {}), line_texts(now, {})
    return {
        str(new.index(old[int(number)])): text
        for number, text in corrected.items()
        if old.count(old[int(number)]) == new.count(old[int(number)]) == 1
    }
