"""The board of a cell with 300 live assignments: what a phone downloads, and its time beside the query of its rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from statistics import median

from infra.postgres import close_pool, open_pool, sql
from server import clock
from server.assignments import queries
from server.assignments.sight import sight_of
from tenants.current import using
from tenants.transactions import transaction
from tests.bench import wire
from tests.bench.ground import Ground
from tests.bench.report import Figure, heading, tell
from tests.bench.town import House

LIVE, ENDED = 300, 700
TEXTS = (
    "Vận động các hộ trong tổ hiến đất làm đường hẻm số", "Thu quỹ đền ơn đáp nghĩa của các hộ từ nhà số",
    "Tuyên truyền phòng chống cháy nổ tại cụm dân cư", "Giúp đỡ hộ cận nghèo làm hồ sơ vay vốn, hộ thứ",
    "Nắm tình hình an ninh trật tự khu vực chợ, tuyến", "Dọn vệ sinh và trồng hoa hai bên đường số",
    "Viết bài về gương người tốt việc tốt, bài",
)  # fmt: skip

# Most is due in the coming weeks, some is overdue, some waits to be accepted; and what ended before must not cost.
_FILL = """WITH people AS (
    SELECT id, row_number() OVER (ORDER BY no) - 1 AS n, count(*) OVER () AS everybody FROM member
), made AS (
    INSERT INTO assignment (id, task, cell, given_on, version, member, text, area, due_on, state, result, asked_due,
        ended_on, folded)
    SELECT gen_random_uuid(), gen_random_uuid(), $1, $2::date, 1, p.id,
        ($5::text[])[k % cardinality($5) + 1] || ' ' || k,
        (ARRAY['economy', 'security', 'propaganda'])[k % 3 + 1], $2::date + 10 + k % 60,
        CASE WHEN k >= $3 THEN 'done' WHEN k % 10 = 0 THEN 'reported' ELSE 'open' END,
        CASE WHEN k >= $3 THEN 'on_time' ELSE '' END, CASE WHEN k < $3 AND k % 25 = 1 THEN $2::date + 90 END,
        CASE WHEN k >= $3 THEN $2::date + 10 END, ''
    FROM generate_series(0, $3::int + $4::int - 1) AS k JOIN people p ON p.n = k % p.everybody
    RETURNING id, cell, member, due_on, given_on, ended_on, state, result
) INSERT INTO assignment_span (assignment, n, cell, member, due_on, from_on, to_on, ended, result)
SELECT id, 1, cell, member, due_on, given_on, ended_on, CASE WHEN state = 'done' THEN 'done' ELSE '' END, result
FROM made"""


def figures(made: Ground, port: int, house: House, rounds: int, times: int) -> None:
    """Fill the cell of a committee and ask for its board, from the web process at ``port`` and without it."""
    heading(f"The board of a cell with {LIVE} live assignments; beside it the query of its rows alone")
    asyncio.run(_figures(made.servers.app_url, port, house, rounds, times))


async def _figures(url: str, port: int, house: House, rounds: int, times: int) -> None:
    await open_pool(url, size=2)
    try:
        with using(house.ref):
            async with transaction():
                given_on = clock.today() - timedelta(days=30)
                await sql(_FILL, house.cell, given_on, LIVE, ENDED, list(TEXTS))
            tell(*await _sizes(port, house))
            tell(*await _times(port, house, rounds, times))
    finally:
        await close_pool()


def _path(house: House) -> str:
    return f"/{house.ref.slug}/cells/{house.cell}/assignments"


async def _sizes(port: int, house: House) -> list[Figure]:
    line = await wire.Line.open(port)
    found = {}
    for encoding, most in (("identity", None), ("gzip", None), ("br", 20)):
        status, _, body = await line.ask(wire.get(_path(house), house.token, encoding=encoding))
        if status != 200 or (encoding == "identity" and body.count(b"/assignments/") < LIVE):
            raise RuntimeError(f"{status} {body[:500]!r}")
        found[encoding] = Figure(f"  {encoding}", len(body) / 1024, "KB", most=most)
    line.close()
    return [*found.values()]


async def _times(port: int, house: House, rounds: int, times: int) -> list[Figure]:
    """Medians by turns; a ratio is taken within a round."""
    line = await wire.Line.open(port)

    async def page() -> None:
        status, _, _ = await line.ask(wire.get(_path(house), house.token))
        assert status == 200

    async def bare() -> None:
        async with transaction(read_only=True):
            assert len(await queries.board(house.cell, await sight_of(house.secretary))) == LIVE

    for side in (page, bare):
        await _median(side, times)
    seen = [(await _median(page, times), await _median(bare, times)) for _ in range(rounds)]
    line.close()
    return [
        Figure("the page over HTTP, one at a time", median(ours for ours, _ in seen), "ms"),
        Figure("the query in its transaction", median(theirs for _, theirs in seen), "ms"),
        Figure("ratio", median(ours / theirs for ours, theirs in seen), "", most=3),
    ]


async def _median(side: Callable[[], Awaitable[None]], times: int) -> float:
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        await side()
        spent.append((time.perf_counter() - begun) * 1000)
    return median(spent)
