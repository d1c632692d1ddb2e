"""The report of a province's month: figures as they are while it is open, and as they were frozen ever after.

What a closed report shows is made of what was frozen and of nothing else, so it is the same each time that it is taken;
what was changed since stands behind it, numbered. Small numbers of people are hidden in it as on every page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from infra.postgres import Record, one, sql
from server import clock
from server.meetings.queries import NotFound
from server.province.actions import Province
from server.province.figures import months, order_of
from server.province.hiding import Figure, columns
from server.rollups.closing import digest, frozen
from server.rollups.corrections import changes_of
from server.rollups.counting import FIGURES
from server.rollups.figure_words import FIGURE_WORDS
from server.rollups.indicators import BY_KEY, INDICATORS, Indicator
from server.rollups.marking import cause_words
from server.words import Say, say
from tenants.current import KINDS

# The tables of a report: what they are called, and their indicators.
PARTS: tuple[tuple[Say, tuple[str, ...]], ...] = (
    (say("Tổ chức và đảng viên"), ("cells", "members", "probationary", "exempt_age_health", "exempt_away_work")),
    (say("Sinh hoạt"), ("met", "not_met", "not_reported", "meetings_held", "attendance")),
    (say("Phân công nhiệm vụ"), ("assigned", "work_live", "work_done", "work_late", "work_not_done")),
    (
        say("Biên bản và chất lượng sinh hoạt"),
        ("minutes_received", "quality_told", "quality_good", "quality_fair", "quality_average", "quality_weak"),
    ),
)  # fmt: skip
# Figures of single columns that are no people: a correction tells the numbers of these alone.
OF_THINGS = frozenset(
    name for name in FIGURES if name.startswith(("cells", "meetings", "rolls", "assignments", "quality"))
)
_ORDER = {name: n for n, name in enumerate(FIGURES)}


@dataclass(frozen=True)
class Reported:
    """One committee in a report, under the name of that month; figures by indicator, none where it did not report;
    ``empty``: it had no cell.
    """

    title: str
    figures: Mapping[str, Figure]
    empty: bool = False


@dataclass(frozen=True)
class Correction:
    """What was changed in a committee's month after it was closed. ``changed``: (figure, before, after); of people it
    says which figure and no numbers (both None), or it would tell what is hidden.
    """

    title: str
    number: int
    at: datetime
    causes: Sequence[Say | str]
    changed: Sequence[tuple[Say | str, int | None, int | None]]


@dataclass(frozen=True)
class Report:
    """A province's month. ``sha256``: of the frozen figures, and whether they still have it (``whole``); both are None
    while the month is open. ``as_of``: when it was closed, or when its newest figure was computed.
    """

    province: str
    month: date
    closed_at: datetime | None
    as_of: datetime | None
    sha256: str | None
    whole: bool | None
    lines: Sequence[Reported]
    totals: Mapping[str, Figure]
    corrections: Sequence[Correction]

    @property
    def reported(self) -> int:
        """How many committees had figures, of a cell."""
        return sum(bool(line.figures) and not line.empty for line in self.lines)


def indicators_of(part: tuple[Say, tuple[str, ...]]) -> list[Indicator]:
    """The indicators of one of PARTS."""
    return [BY_KEY[key] for key in part[1]]


async def report(province: Province, month: date) -> Report:
    """The report of a month (its first day). Raises NotFound for a month to come. Needs a platform transaction that
    sees one moment.
    """
    if month > clock.month_of(clock.today()):
        raise NotFound(month)
    closing = await one(
        "SELECT closed_at, sha256 FROM platform.closing WHERE province = $1 AND month = $2",
        province.id,
        month,
    )
    return await (_open(province, month) if closing is None else _closed(province, month, closing))


async def _open(province: Province, month: date) -> Report:
    told = (await months(province.id, [month]))[month]
    lines = [Reported(line.title, line.figures, line.empty) for line in told.lines]
    as_of = told.computed[1] if told.computed else None
    return Report(province.name, month, None, as_of, None, None, lines, told.totals, ())


async def _closed(province: Province, month: date, closing: Record) -> Report:
    rows = await frozen(province.id, month)
    counted = [_counted(row) for row in rows]
    found = columns({each.key: [each.of(row) for row in counted] for each in INDICATORS}, INDICATORS)
    lines = [
        Reported(
            _title(row),
            {key: column.figures[n] for key, column in found.items()} if row["figures"] else {},
            counted[n]["cells"] == 0,
        )
        for n, row in enumerate(rows)
    ]
    return Report(
        province.name, month, closing["closed_at"], closing["closed_at"], closing["sha256"],
        digest(rows) == closing["sha256"], sorted(lines, key=lambda line: order_of(line.title)),
        {key: column.total for key, column in found.items()}, await _corrections(province.id, month),
    )  # fmt: skip


def _counted(row: Record) -> dict[str, Any]:
    return dict.fromkeys(FIGURES) | (json.loads(row["figures"]) if row["figures"] else {})


def _title(row: Mapping[str, Any]) -> str:
    return f"{KINDS[row['kind']]} {row['name']}"


_LAST = "(($2::date + interval '1 month')::date - 1)"
# A correction x is the province's ($1) where the committee was frozen with it or belongs to it on the month's last day.
_OURS = """(EXISTS (SELECT 1 FROM platform.rollup_closed f
        WHERE f.committee = x.committee AND f.month = x.month AND f.province = $1)
    OR EXISTS (SELECT 1 FROM platform.committee_belonging b WHERE b.committee = x.committee AND b.province = $1
        AND (x.month + interval '1 month')::date - 1 BETWEEN b.from_on AND coalesce(b.to_on, 'infinity')))"""
_CORRECTIONS = f"""SELECT x.number, x.at, x.cause, x.changed, coalesce(n.kind, c.kind) AS kind,
    coalesce(n.name, c.name) AS name
FROM platform.rollup_correction x JOIN platform.committee c ON c.id = x.committee
LEFT JOIN platform.committee_name n ON n.committee = c.id AND {_LAST} BETWEEN n.from_on AND coalesce(n.to_on, {_LAST})
WHERE x.month = $2 AND {_OURS} ORDER BY x.at, x.committee, x.number"""


async def _corrections(province: UUID, month: date) -> list[Correction]:
    return [
        Correction(_title(row), row["number"], row["at"], cause_words(row["cause"]), _changed(row))
        for row in await sql(_CORRECTIONS, province, month)
    ]


def _changed(row: Record) -> list[tuple[Say | str, int | None, int | None]]:
    return [
        (FIGURE_WORDS.get(name, name), *((before, after) if name in OF_THINGS else (None, None)))
        for name, before, after in sorted(
            changes_of(row), key=lambda change: _ORDER.get(change[0], len(_ORDER))
        )
    ]


async def report_months(province: UUID) -> list[Record]:
    """The months that a province has figures of, newest first: month, closed_at, committees, reported and sha256 (None
    while it is open), corrections (how many). Needs a platform transaction.
    """
    return await sql(
        f"""SELECT m.month, c.closed_at, c.committees, c.reported, c.sha256,
            (SELECT count(*)::int FROM platform.rollup_correction x WHERE x.month = m.month AND {_OURS}) AS corrections
        FROM (SELECT DISTINCT r.month FROM platform.rollup r
                JOIN platform.committee_belonging b ON b.committee = r.committee AND b.province = $1
            WHERE r.month <= $2 UNION SELECT month FROM platform.closing WHERE province = $1) m
        LEFT JOIN platform.closing c ON c.province = $1 AND c.month = m.month ORDER BY m.month DESC LIMIT 60""",
        province, clock.month_of(clock.today()),
    )  # fmt: skip
