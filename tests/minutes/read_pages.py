"""Minutes as they stand when they were read, written straight into the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import sql
from server import clock
from server.minutes.folding import folded_text
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.cast import add_meeting

SIZE = (1654, 2339)
LINE_HEIGHT = 30


def reading(*blocks: str) -> dict[str, Any]:
    """The stored form of a page of some blocks, each with its lines; the n-th line's box begins at 100 n."""
    lines: list[list[Any]] = []
    for number, block in enumerate(blocks):
        for text in block.splitlines():
            y, words = 100 * len(lines), []
            for at, word in enumerate(text.split()):
                words.append([word, 100 + 120 * at, y, 110, LINE_HEIGHT, 90])
            lines.append(["body", number, -1, -1, [100, y, 120 * len(words) - 10, LINE_HEIGHT], words])
    return {"readable": True, "sure": 90, "size": list(SIZE), "turned": 0, "lines": lines}


async def read_minutes(
    ref: CommitteeRef, cell: UUID, *pages: str, held_on: date | None = None, kind: str = "regular",
    corrected: Mapping[str, str] | None = None,
) -> UUID:  # fmt: skip
    """A document of one file a page, read; each page is one block. ``corrected`` belongs to the first page."""
    meeting, minutes = await add_meeting(ref, cell, held_on or clock.today()), uuid4()
    files = [uuid4() for _ in pages]
    with using(ref):
        async with transaction():
            await sql("UPDATE meeting SET kind = $2 WHERE id = $1", meeting, kind)
            await sql(
                """INSERT INTO minutes (id, meeting, cell, state, wanted, created_by, account)
                VALUES ($1, $2, $3, 'ready', $4, 'Hòa', $5)""",
                minutes, meeting, cell, files, uuid4(),
            )  # fmt: skip
            for number, (file, text) in enumerate(zip(files, pages, strict=True)):
                await _page(minutes, file, reading(text), corrected or {} if number == 0 else {})
    return minutes


async def _page(minutes: UUID, file: UUID, lines: dict[str, Any], corrected: Mapping[str, str]) -> None:
    page = uuid4()
    await sql(
        """INSERT INTO minutes_file (id, minutes, sha256, bytes, kind, pages, object_key, stored_by, account)
        VALUES ($1, $2, repeat('0', 64), 1, 'jpeg', 1, 'k', 'Hòa', $1)""",
        file, minutes,
    )  # fmt: skip
    await sql(
        """INSERT INTO minutes_page (id, file, minutes, number, state, clean_key, width, height)
        VALUES ($1, $2, $3, 0, 'read', 'k/1/colour.webp', $4, $5)""",
        page, file, minutes, *SIZE,
    )  # fmt: skip
    await sql(
        "INSERT INTO minutes_text (page, minutes, lines, corrected, folded) VALUES ($1, $2, $3, $4, $5)",
        page, minutes, json.dumps(lines), json.dumps(corrected), folded_text(lines, corrected),
    )  # fmt: skip


async def change(ref: CommitteeRef, statement: str, *arguments: object) -> None:
    """One statement in a committee."""
    with using(ref):
        async with transaction():
            await sql(statement, *arguments)


def marked(parts: Sequence[tuple[str, bool]]) -> list[str]:
    """What is marked in a line."""
    return [text for text, is_marked in parts if is_marked]
