"""The fleet: every committee of a province with what its administrators must know of it, and who needs attention.

All facts of all committees are gathered in one statement, so that what a filter counts is what it shows; a page of them
goes from path to path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from infra.postgres import Record, one, sql
from infra.settings import settings
from server import clock
from server.backups.standing import LATE, TRIED_LATE
from server.fleet.quotas import MEGABYTE, NEARLY_PERCENT, deployment
from server.names import fold
from server.schema import committee_line
from server.words import Say, say
from tenants.current import KINDS

# When work that waits is stuck, and a committee's silence, a missing export or an untested one needs attention.
STUCK_MINUTES, SILENT_DAYS, EXPORT_DAYS = 10, 30, 30
ON_A_PAGE = 50

# What needs attention, by the name of its column in _FACTS.
FILTERS: dict[str, Say] = {
    "behind": say("Chưa lên phiên bản mới"),
    "stuck": say("Việc bị tắc"),
    "failed": say("Có việc hỏng"),
    "silent": say("Không hoạt động 30 ngày"),
    "nearly_full": say("Dùng trên 80 % hạn mức"),
    "unexported": say("30 ngày chưa xuất dữ liệu"),
    "unsafe": say("Bản sao lưu cũ hoặc không phục hồi được"),
    "untested": say("90 ngày chưa thử phục hồi"),
    "wrong_figures": say("Số liệu cũ hoặc lệch"),
}

_FACTS = f"""WITH waiting AS (
    SELECT schema_name, min(created_at) AS since FROM platform.outbox
    WHERE done_at IS NULL AND dead_at IS NULL AND schema_name IS NOT NULL
        AND NOT (attempts = 0 AND sent_at IS NULL AND due_at > now()) GROUP BY schema_name
), dead AS (
    SELECT coalesce(schema_name, arguments ->> 'committee') AS whose, count(*)::int AS n FROM platform.outbox
    WHERE dead_at IS NOT NULL AND done_at IS NULL GROUP BY 1
), exported AS (
    SELECT committee, max(made_at) AS made_at, max(tested_at) FILTER (WHERE test_fault = '') AS tested_at
    FROM platform.export GROUP BY committee
), backed AS (
    SELECT committee, max(taken_at) FILTER (WHERE removed_at IS NULL) AS backed_at,
        max(rehearsed_at) FILTER (WHERE rehearsal_fault = '') AS rehearsed_at,
        coalesce((array_agg(rehearsal_fault ORDER BY rehearsed_at DESC) FILTER (WHERE rehearsed_at IS NOT NULL))[1], '')
            AS fault
    FROM platform.backup WHERE ended_at IS NOT NULL
        AND committee IN (SELECT id FROM platform.committee WHERE province = $1) GROUP BY committee
), dirty AS (
    SELECT schema_name, min(at) AS since FROM platform.rollup_dirty GROUP BY schema_name
), known AS (
    SELECT c.id, c.slug, c.kind, c.name, c.state, c.version, c.migration_error, c.created_at,
        c.state IN ('active', 'suspended', 'moving') AS live, w.since AS waiting_since,
        coalesce(i.n, 0) + coalesce(o.n, 0) AS failed_jobs, h.measured_at, h.database_bytes, h.object_bytes,
        h.members, h.accounts, h.active_at, coalesce(h.drift, '') AS drift, e.made_at AS exported_at,
        greatest(e.tested_at, b.rehearsed_at) AS tested_at, b.backed_at, coalesce(b.fault, '') AS fault,
        r.computed_at, d.since AS dirty_since, k.checked_at,
        coalesce(jsonb_array_length(k.differences), 0) AS differing,
        coalesce(q.members, $3::int) AS most_members, coalesce(q.accounts, $4::int) AS most_accounts,
        coalesce(q.object_megabytes, $5::int)::bigint * {MEGABYTE} AS most_object_bytes
    FROM platform.committee c
    LEFT JOIN waiting w ON w.schema_name = c.schema_name
    LEFT JOIN dead i ON i.whose = c.schema_name
    LEFT JOIN dead o ON o.whose = c.id::text
    LEFT JOIN dirty d ON d.schema_name = c.schema_name
    LEFT JOIN exported e ON e.committee = c.id
    LEFT JOIN backed b ON b.committee = c.id
    LEFT JOIN platform.committee_health h ON h.committee = c.id
    LEFT JOIN platform.committee_quota q ON q.committee = c.id
    LEFT JOIN platform.rollup_check k ON k.committee = c.id
    LEFT JOIN platform.rollup r ON r.committee = c.id AND r.month = $6
    WHERE c.province = $1 AND c.state <> 'erased'
), facts AS MATERIALIZED (
    SELECT k.*,
        state <> 'founding' AND (version < $2 OR migration_error <> '' OR drift <> '') AS behind,
        coalesce(waiting_since, CASE WHEN state = 'founding' THEN created_at END)
            < now() - interval '{STUCK_MINUTES} minutes' IS TRUE AS stuck,
        failed_jobs > 0 AS failed,
        live AND coalesce(active_at, created_at) < now() - interval '{SILENT_DAYS} days' AS silent,
        coalesce(greatest(members * 100.0 / most_members, accounts * 100.0 / most_accounts,
            object_bytes * 100.0 / most_object_bytes), 0) > {NEARLY_PERCENT} AS nearly_full,
        live AND coalesce(greatest(exported_at, backed_at), created_at) < now() - interval '{EXPORT_DAYS} days'
            AS unexported,
        live AND (fault <> '' OR
            $7::boolean AND coalesce(backed_at, created_at) < now() - interval '{LATE.total_seconds()} seconds')
            AS unsafe,
        live AND coalesce(tested_at, created_at) < now() - interval '{TRIED_LATE.days} days' AS untested,
        live AND (differing > 0 OR computed_at IS NULL
            OR dirty_since < now() - interval '{STUCK_MINUTES} minutes' IS TRUE) AS wrong_figures
    FROM known k
)"""
_COLUMNS = f"""id, slug, kind, name, state, version, migration_error, waiting_since, failed_jobs, measured_at,
    database_bytes, object_bytes, members, accounts, active_at, drift, exported_at, backed_at, tested_at, computed_at,
    dirty_since, checked_at, differing, most_members, most_accounts, most_object_bytes, {", ".join(FILTERS)}"""
_ANY = " OR ".join(FILTERS)
_COUNTS = ", ".join(f"count(*) FILTER (WHERE {name})::int AS n_{name}" for name in FILTERS)
# Of a chosen filter, or of anything that needs attention, or all; found by name, where one was asked for.
_CHOSEN = f"""CASE $8 WHEN '' THEN true WHEN 'attention' THEN ({_ANY})
    {"".join(f" WHEN '{name}' THEN {name}" for name in FILTERS)} ELSE true END
    AND ($9::uuid[] IS NULL OR id = ANY ($9))"""
_PAGE = f"""{_FACTS}, tally AS (
    SELECT count(*)::int AS n_all, count(*) FILTER (WHERE {_ANY})::int AS n_attention, {_COUNTS},
        count(*) FILTER (WHERE {_CHOSEN})::int AS n_found FROM facts
) SELECT t.*, p.* FROM tally t LEFT JOIN LATERAL (
    SELECT {_COLUMNS} FROM facts WHERE {_CHOSEN} AND """
_ONWARD = f"{_PAGE} slug > $10 ORDER BY slug LIMIT $11) p ON true ORDER BY p.slug"
_BACKWARD = f"{_PAGE} slug < $10 ORDER BY slug DESC LIMIT $11) p ON true ORDER BY p.slug"
_ONE = f"{_FACTS} SELECT {_COLUMNS} FROM facts WHERE id = $8"


@dataclass(frozen=True)
class Fleet:
    """A page of committees by path, how many each filter has, how many were found, and whether there is more."""

    rows: Sequence[Record]
    counts: Mapping[str, int]
    found: int
    before: str | None
    after: str | None


async def fleet(
    province: UUID, *, chosen: str = "", name: str = "", after: str = "", before: str = ""
) -> Fleet:
    """Committees of a province. ``chosen``: a key of FILTERS, or ``attention`` for any of them; ``name``: part of a
    name, with or without accents; ``after``, ``before``: the path behind or before which the page lies.

    Needs a platform transaction.
    """
    ids = await _named(province, name) if fold(name) else None
    backward = bool(before) and not after
    rows = await sql(
        _BACKWARD if backward else _ONWARD,
        *_given(province),
        chosen,
        ids,
        before if backward else after,
        ON_A_PAGE + 1,
    )
    told = rows[0]
    shown = [row for row in rows if row["slug"] is not None]
    further = len(shown) > ON_A_PAGE
    shown = (shown[1:] if backward else shown[:-1]) if further else shown
    counts = {key: told[f"n_{key}"] for key in ("all", "attention", *FILTERS)}
    return Fleet(
        shown, counts, told["n_found"],
        before=shown[0]["slug"] if shown and (further if backward else bool(after)) else None,
        after=shown[-1]["slug"] if shown and (backward or further) else None,
    )  # fmt: skip


async def facts_of(province: UUID, committee: UUID) -> Record:
    """All that the fleet knows of one committee. Needs a platform transaction."""
    row = await one(_ONE, *_given(province), committee)
    assert row is not None
    return row


def _given(province: UUID) -> tuple[object, ...]:
    quota = deployment()
    return (
        province, committee_line()[-1].version, quota.members, quota.accounts, quota.object_megabytes,
        clock.month_of(clock.today()), settings().backup_url is not None,
    )  # fmt: skip


async def _named(province: UUID, name: str) -> list[UUID]:
    wanted = fold(name)
    rows = await sql("SELECT id, slug, kind, name FROM platform.committee WHERE province = $1", province)
    return [
        row["id"]
        for row in rows
        if wanted in fold(f"{KINDS[row['kind']]} {row['name']}") or wanted == row["slug"]
    ]
