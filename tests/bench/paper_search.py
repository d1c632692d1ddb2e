"""``python -m tests.bench.paper_search``: what a search in minutes takes among many pages, and what it finds of words
that were read wrong. One committee of 20,000 pages beside others; every figure is told, none fails.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from statistics import median, quantiles
from typing import NamedTuple
from uuid import UUID

from infra.postgres import close_pool, one, open_pool
from server.minutes.folding import folded_text, words_of
from server.minutes.ladder import rungs
from server.minutes.search import Wanted, search
from server.schema import platform_lines
from tenants.current import CommitteeRef, using
from tenants.migrations.runner import migrate_platform
from tenants.transactions import transaction
from tests.bench import paper_town
from tests.bench.ground import Ground, ground
from tests.bench.paper_pages import Writer
from tests.bench.report import Figure, heading, tell

PAGES, OTHERS, OTHER_COMMITTEES, TIMES, WRITTEN = 20_000, 80_000, 8, 20, 100
SLOWEST_MS = 100
# Letters read wrong: a good photograph, a poor one, handwriting.
SHARES, OCCURRENCES = (0.02, 0.05, 0.08), 1500


class Kind(NamedTuple):
    """Questions of one kind."""

    name: str
    asked: tuple[Wanted, ...]


def _kinds(cell: UUID) -> list[Kind]:
    def words(*typed: str) -> tuple[Wanted, ...]:
        return tuple(map(Wanted, typed))

    return [
        Kind("words of nearly every page", words("đồng chí", "dong chi", "chi bộ", "chi", "đảng viên", "12")),
        Kind("with accents that no page has", words("đóng chỉ", "đảng viến", "chỉ bồ")),
        Kind("names", words("Võ Tấn Phước", "vo tan phuoc", "Nguyễn Thị", "H'Bia", "Ksor")),
        Kind("phrases", words("sinh hoạt chi bộ", "bê tông", "ke be tong", "phải có mặt", "đảng viên nhất trí")),
        Kind("long phrases", words("biên bản sinh hoạt chi bộ thường kỳ", "của các đồng chí đảng viên trong chi bộ")),
        Kind("near misses", words("dang pi", "nhất trì", "đảmg uỷ", "Vỏ Tấm Phước", "đảngviên nhất trí", "bêtông")),
        Kind("beginnings", words("sinh ho", "thôn", "phươ", "đảng vi")),
        Kind("scattered words", words("mương bê tông kinh phí", "học sinh vay vốn", "đảng phí nghị quyết")),
        Kind("nothing", words("không có từ nào như vậy", "xyzzy", "zzz qqq")),
        Kind("filtered", (
            Wanted("đồng chí", cell=cell), Wanted("chi bộ", cells=(cell,)), Wanted("nghị quyết", person="Võ Tấn Phước"),
        )),
    ]  # fmt: skip


def main() -> None:
    """Build, ask, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.paper_search", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help="pages of the committee that is asked")
    parser.add_argument("--others", type=int, default=OTHERS, help="pages of the other committees together")
    given = parser.parse_args()
    begun = time.monotonic()
    with ground() as made:
        asyncio.run(_run(made, given.pages, given.others))
    print(f"\n{time.monotonic() - begun:.0f} s in all")


async def _run(made: Ground, pages: int, others: int) -> None:
    url = made.servers.owner_url
    await migrate_platform(url, platform_lines())
    await open_pool(made.servers.app_url, size=4)
    try:
        refs = await paper_town.committees(url, 1 + OTHER_COMMITTEES)
        for number, ref in enumerate(refs[1:]):
            await _filled(ref, url, others // OTHER_COMMITTEES, seed=number + 2)
        cells, told = await _filled(refs[0], url, pages, seed=1)
        heading(f"The index of {pages:,} pages, {others:,} pages of other committees beside it")
        tell(
            Figure("built in", told["seconds"], "s"),
            Figure("size", told["index"], "MB", note=f"{1024 * told['index'] / pages:.1f} KB a page"),
            Figure("lines and terms of the pages", told["text"], "MB"),
        )
        with using(refs[0]):
            taken = [await _timed_write(cells) for _ in range(WRITTEN)]
            tell(
                Figure(
                    f"one page more, p50 of {WRITTEN}",
                    median(taken),
                    "ms",
                    note=f"slowest {max(taken):.0f} ms",
                )
            )
            await _ask(_kinds(cells[0]))
            await _misread()
    finally:
        await close_pool()


async def _filled(
    ref: CommitteeRef, url: str, pages: int, *, seed: int
) -> tuple[list[UUID], dict[str, float]]:
    made = await paper_town.without_index(ref, url)
    cells = await paper_town.fill(ref, pages, seed=seed)
    return cells, await paper_town.with_index(ref, url, made)


async def _ask(kinds: list[Kind]) -> None:
    heading("First page of answers: documents, pages, marked lines, and how many there are (ms)")
    for kind in kinds:
        taken = {asked: [await _timed(asked) for _ in range(TIMES)] for asked in kind.asked}
        every = [ms for each in taken.values() for ms in each]
        slowest = max(taken, key=lambda asked: median(taken[asked]))
        worst = f"slowest “{slowest.words}” {median(taken[slowest]):.0f} ms"
        note = f"least {min(every):.0f}, p95 {quantiles(every, n=20)[-1]:.0f} ms; {worst}"
        name = f"{kind.name} (p50 of {len(kind.asked)} × {TIMES})"
        tell(Figure(name, median(every), "ms", most=SLOWEST_MS, note=note))


async def _timed_write(cells: list[UUID]) -> float:
    chance = random.Random()
    page = Writer(chance.randrange(10**6)).page()
    begun = time.perf_counter()
    async with transaction():
        await paper_town.copy([page], cells, chance)
    return (time.perf_counter() - begun) * 1000


async def _timed(asked: Wanted) -> float:
    begun = time.perf_counter()
    async with transaction(read_only=True):
        await search(asked)
    return (time.perf_counter() - begun) * 1000


async def _misread() -> None:
    heading("Phrases of 2 to 4 words on pages on which letters are read wrong")
    writer, chance = Writer(99), random.Random(99)
    for share in SHARES:
        seen = [await _met(writer, chance, share) for _ in range(OCCURRENCES)]
        whole = sum(rung == "phrase" for rung in seen)
        broken = OCCURRENCES - whole
        near = sum(rung == "near" for rung in seen)
        tell(
            Figure(
                f"{100 * share:.0f} % of letters wrong: phrase met without accents",
                100 * whole / OCCURRENCES,
                "%",
            ),
            Figure(
                "  of the others met as near", 100 * near / max(broken, 1), "%", note=f"{near} of {broken}"
            ),
            Figure("  met in all", 100 * (whole + near) / OCCURRENCES, "%"),
        )


async def _met(writer: Writer, chance: random.Random, share: float) -> str:
    while True:
        page = writer.page()
        line = chance.randrange(len(page.true))
        words = [word for word in words_of(page.true[line]) if not word.folded.isdigit()]
        size = chance.randint(2, 4)
        if len(words) > size:
            break
    start = chance.randrange(len(words) - size)
    phrase = page.true[line][words[start].start : words[start + size - 1].end]
    read = writer.misread(page.true[line], share)
    lines = {"lines": [["body", 0, -1, -1, [0, 0, 1, 1], [[word, 0, 0, 1, 1, 90] for word in read.split()]]]}
    asked = rungs(phrase)
    async with transaction(read_only=True):
        row = await one(
            """SELECT t @@ $2::tsquery AS phrase, t @@ $3::tsquery AS near
            FROM (SELECT array_to_tsvector(string_to_array($1, ' ')) AS t) x""",
            folded_text(lines, {}), asked[2], asked.get(4, ""),
        )  # fmt: skip
    assert row is not None
    return "phrase" if row["phrase"] else "near" if row["near"] else "not"


if __name__ == "__main__":
    main()
