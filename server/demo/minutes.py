"""Minutes of the demonstration: drawn from its own closed rolls and sent through the door that phones use."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

from infra.postgres import Record, sql
from server.accounts.reader import Reader
from server.demo.chance import dice, new_id
from server.demo.drawing import photographs
from server.demo.papers import Facts, compose
from server.minutes.actions import arrange
from server.minutes.uploads import take
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction

# Read page by page at the first start, so few: the newest of the home cell, and one of the cell that met last, so that
# the present month has something to show.
_OF_HOME, _OF_OTHERS = 2, 1


async def send_minutes(ref: CommitteeRef, home: UUID, *, by: Reader, seed: int) -> int:
    """Send the minutes of some closed rolls of a committee, by somebody of its office; how many documents.

    Needs the object store; the workers read the pages once they run.
    """
    sent = 0
    with using(ref):
        for meeting, facts in await _some_meetings(ref.title, home):
            chance = dice(seed, meeting, "minutes")
            pages = list(photographs(compose(facts, chance), chance))
            document, files = new_id(chance), [new_id(chance) for _ in pages]
            await arrange(document, meeting=meeting, files=files, by=by)
            for file, page in zip(files, pages, strict=True):
                digest = hashlib.sha256(page).hexdigest()
                await take(document, file, _whole(page), sha256=digest, size=len(page), name="", by=by)
            sent += 1
    return sent


async def _whole(page: bytes) -> AsyncIterator[bytes]:
    yield page


async def _some_meetings(superior: str, home: UUID) -> list[tuple[UUID, Facts]]:
    async with transaction(read_only=True):
        rows = await sql(
            """SELECT * FROM (SELECT m.id, m.cell, m.held_on, m.starts_at, m.place, c.name AS cell_name,
                coalesce(h.name, '') AS chair, coalesce(w.name, '') AS recorder,
                row_number() OVER (PARTITION BY m.cell ORDER BY m.held_on DESC) AS turn,
                dense_rank() OVER (ORDER BY m.cell <> $1, n.newest DESC, c.sort_key) AS place_in_line
                FROM meeting m JOIN cell c ON c.id = m.cell JOIN roll_call r ON r.meeting = m.id
                JOIN (SELECT x.cell, max(x.held_on) AS newest FROM meeting x JOIN roll_call y ON y.meeting = x.id
                    WHERE x.state = 'held' AND y.closed_at IS NOT NULL GROUP BY x.cell) n ON n.cell = m.cell
                LEFT JOIN member h ON h.id = m.chair LEFT JOIN member w ON w.id = m.recorder
                WHERE m.state = 'held' AND r.closed_at IS NOT NULL) AS t
            WHERE (t.cell = $1 AND t.turn <= $2) OR (t.place_in_line = 2 AND t.turn <= $3)
            ORDER BY t.place_in_line, t.held_on""",
            home, _OF_HOME, _OF_OTHERS,
        )  # fmt: skip
        return [(row["id"], _facts(row, superior, await _roll(row["id"]))) for row in rows]


async def _roll(meeting: UUID) -> list[Record]:
    return await sql(
        "SELECT name, base, probationary, state, reason FROM roll_entry WHERE meeting = $1 ORDER BY sort_key",
        meeting,
    )


def _facts(row: Record, superior: str, roll: list[Record]) -> Facts:
    expected = [e for e in roll if e["base"] == "expected"]
    here = [e for e in expected if e["state"] in ("present", "late")]
    active = [e["name"] for e in here]
    return Facts(
        superior=superior, cell=row["cell_name"], place=row["place"] or "Nhà sinh hoạt cộng đồng",
        starts_at=row["starts_at"], held_on=row["held_on"], number=row["held_on"].month,
        chair=row["chair"] or active[0], recorder=row["recorder"] or active[-1],
        members=len(roll), official=_official(roll), exempt=len(roll) - len(expected),
        expected=len(expected), present=len(here), votes=_official(here),
        voters=_official(expected),
        absent=[(e["name"], e["reason"]) for e in expected if e["state"] == "absent_excused"],
        unexcused=[e["name"] for e in expected if e["state"] == "absent_unexcused"],
        active=active,
    )  # fmt: skip


def _official(entries: Iterable[Record]) -> int:
    return sum(not e["probationary"] for e in entries)
