"""The yearly classification: counts that must add up, told by who leads the cell, summed for the province."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from infra.postgres import Record, one, sql
from server import clock
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.rollups.actions import recompute_dirty
from server.rollups.classification import COUNTS, of_year, read_told, tell
from server.rollups.verify import verify
from server.words import Refused
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast, person
from tests.rollups.papers import marks_of

YEAR = clock.today().year
SIX = {"grade": "good", "members": "6", "excellent": "1", "good": "3", "completed": "1", "failed": "", "not_rated": "1",
       "reason": "Chuyển sinh hoạt"}  # fmt: skip


async def year_of(cast: Cast, year: int = YEAR) -> Record | None:
    async with platform_transaction(read_only=True):
        return await one(
            "SELECT * FROM platform.rollup_year WHERE committee = $1 AND year = $2", cast.pleiku.id, year
        )


@pytest.mark.parametrize("change", [{}, {"grade": ""}, {"not_rated": "0", "good": "4", "reason": ""}])
def test_counts_that_add_up_are_read(change: dict[str, str]) -> None:
    told = read_told(SIX | change)

    assert sum(told.counts[name] for name in COUNTS[1:]) == told.counts["members"] == 6
    assert bool(told.reason) == bool(told.counts["not_rated"])


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"members": "58"}, "members", "còn thiếu 52"), ({"members": "4"}, "members", "thừa 2"),
        ({"good": "ba"}, "good", "từ 0 đến"), ({"good": "-3"}, "good", "từ 0 đến"), ({"good": "³"}, "good", "từ 0 đến"),
        ({"members": "99999"}, "members", "từ 0 đến"), ({"grade": "best"}, "grade", "trong danh sách"),
        ({"reason": " "}, "reason", "lý do chưa đánh giá"), ({"reason": "x" * 300}, "reason", "lý do chưa đánh giá"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused_at_its_field(change: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_told(SIX | change)

    assert words in refused.value.reasons[field]


async def test_what_a_cell_tells_is_summed_for_the_province_once(cast: Cast) -> None:
    for _ in range(2):
        await tell(cast.cell, YEAR, read_told(SIX), by=cast.hoa)
    assert await marks_of(cast.pleiku) == [(clock.month_of(clock.today()), False, "classification")]
    await recompute_dirty()

    row = await year_of(cast)
    assert row is not None
    assert {name: row[name] for name in row.keys() if name not in ("committee", "year", "computed_at")} == {  # noqa: SIM118
        "cells": 1, "cells_told": 1, "cells_excellent": 0, "cells_good": 1, "cells_completed": 0, "cells_failed": 0,
        "members": 6, "members_excellent": 1, "members_good": 3, "members_completed": 1, "members_failed": 0,
        "members_not_rated": 1,
    }  # fmt: skip
    assert (await verify(cast.pleiku))[1] == []


async def test_a_year_that_is_over_changes_with_its_december_and_leaves_others_alone(cast: Cast) -> None:
    await tell(cast.cell, YEAR - 1, read_told(SIX), by=cast.office)
    assert await marks_of(cast.pleiku) == [(date(YEAR - 1, 12, 1), False, "classification")]
    await recompute_dirty()
    await tell(cast.cell, YEAR - 1, read_told(SIX | {"grade": ""}), by=cast.office)
    await recompute_dirty()

    row = await year_of(cast, YEAR - 1)
    assert row is not None
    assert (row["cells"], row["cells_told"], row["members"]) == (1, 0, 6)
    assert await year_of(cast) is None
    assert (await verify(cast.pleiku))[1] == []


async def test_verify_finds_a_year_that_was_changed_by_hand(cast: Cast) -> None:
    await tell(cast.cell, YEAR, read_told(SIX), by=cast.hoa)
    await recompute_dirty()
    async with platform_transaction():
        await sql("UPDATE platform.rollup_year SET members_good = 4 WHERE committee = $1", cast.pleiku.id)

    [found] = (await verify(cast.pleiku))[1]

    assert (found.month, found.figure, found.stored, found.counted) == (
        date(YEAR, 1, 1),
        "year_members_good",
        4,
        3,
    )


async def test_a_cell_that_has_told_nothing_is_no_zero(cast: Cast) -> None:
    async with transaction():
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Thôn 1', '0')", uuid4())
    await tell(cast.cell, YEAR, read_told(SIX), by=cast.hoa)
    await recompute_dirty()

    async with transaction(read_only=True):
        silent, told = await of_year(YEAR, None)
    row = await year_of(cast)
    assert row is not None
    assert (row["cells"], row["cells_told"]) == (2, 1)
    assert (silent["members"], silent["grade"], silent["listed"]) == (None, None, 0)
    assert (told["members"], told["grade"], told["listed"]) == (6, "good", 6)


@pytest.mark.parametrize("who", ["recorder", "group_leader", "member", "support"])
async def test_only_who_leads_the_cell_and_the_office_tell(cast: Cast, who: str) -> None:
    reader: Reader = person("Người khác", who, None if who == "support" else cast.cell, 1)

    with pytest.raises(Refused, match="Chỉ bí thư"):
        await tell(cast.cell, YEAR, read_told(SIX), by=reader)


async def test_a_strangers_cell_and_a_year_to_come_are_not_there(cast: Cast) -> None:
    for by, year in ((cast.stranger, YEAR), (cast.hoa, YEAR + 1), (cast.hoa, 1999)):
        with pytest.raises(NotFound):
            await tell(cast.cell, year, read_told(SIX), by=by)
