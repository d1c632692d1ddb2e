"""What the database knows of the whole deployment, asked for once in a while by the dispatcher and kept for Prometheus.

Not asked at a scrape: whoever scrapes often, or twice, must not cost the database anything. Two dispatchers ask twice
and find the same; alerts take the greatest.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict

import asyncpg
from prometheus_client import Gauge

from infra import metrics, standing
from infra.log import Outage
from infra.postgres import Away, Record, one, sql
from server.backups.standing import NEWEST, TRIED
from server.schema import committee_line
from tenants.transactions import platform_transaction
from workers.jobs import QUEUES, queue_of
from workers.outbox import WANTED_NOW

EVERY_SECONDS, FIRST_SECONDS = 15.0, 1.0

_STATES = ("founding", "active", "suspended", "moving", "archived")
_RUN_STATES = ("open", "paused", "failed")

_OUTBOX = f"""SELECT job, count(*)::int AS n,
    extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now()))::float AS due,
    extract(epoch FROM now() - min(created_at))::float AS oldest
FROM platform.outbox WHERE {WANTED_NOW} GROUP BY job"""
_REST = f"""SELECT
    (SELECT count(*)::int FROM platform.outbox WHERE dead_at IS NOT NULL AND done_at IS NULL) AS dead,
    (SELECT count(DISTINCT (schema_name, month))::int FROM platform.rollup_dirty) AS dirty,
    (SELECT extract(epoch FROM now() - min(at))::float FROM platform.rollup_dirty) AS dirty_oldest,
    (SELECT count(DISTINCT (k.committee, d ->> 0))::int
        FROM platform.rollup_check k CROSS JOIN jsonb_array_elements(k.differences) AS d) AS faulty,
    (SELECT coalesce(sum(months), 0)::int FROM platform.rollup_check) AS months,
    (SELECT extract(epoch FROM min(coalesce(k.checked_at, c.created_at)))::float FROM platform.committee c
        LEFT JOIN platform.rollup_check k ON k.committee = c.id WHERE c.state = 'active') AS proved_at,
    (SELECT count(*)::int FROM platform.committee
        WHERE version < $1 AND state NOT IN ('founding', 'erased')) AS behind,
    extract(epoch FROM ({TRIED}))::float AS drilled_at"""
_DRILL_FAULTS = """WITH last AS (
    SELECT DISTINCT ON (committee, of) committee, fault FROM (
        SELECT committee, 'export' AS of, tested_at AS at, test_fault AS fault FROM platform.export
        UNION ALL SELECT committee, 'backup', rehearsed_at, rehearsal_fault FROM platform.backup
    ) AS drills WHERE at IS NOT NULL ORDER BY committee, of, at DESC
) SELECT count(*)::int AS n FROM last WHERE fault <> ''"""
_BACKUPS = f"""SELECT count(*) FILTER (WHERE taken_at IS NULL)::int AS missing,
    extract(epoch FROM coalesce(max(taken_at), min(since)))::float AS newest,
    extract(epoch FROM min(taken_at))::float AS stalest
FROM ({NEWEST}) AS newest"""
_COMMITTEES = "SELECT state, count(*)::int AS n FROM platform.committee GROUP BY state"
_RUNS = "SELECT state, count(*)::int AS n FROM platform.run WHERE state IN ('open', 'paused', 'failed') GROUP BY state"

log = logging.getLogger(__name__)


async def keep_measuring() -> None:
    """Measure again and again, until this is cancelled."""
    outage = Outage(log, "the database (measuring)")
    pause = FIRST_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = EVERY_SECONDS
        try:
            await measure()
            outage.over()
        except (asyncpg.PostgresError, *Away) as error:
            # The moment of the last measure, which is told too, grows old: that is what an alert looks at. Who waits
            # for the database at the start says so already.
            if not standing.awaited("database"):
                outage.began(error)
        except Exception as error:
            # Unseen by anybody, this task would be over, and every figure would stand still.
            log.error("measuring failed", exc_info=error)


async def measure() -> None:
    """Ask once and keep what was found."""
    async with platform_transaction(read_only=True):
        waiting, rest = await sql(_OUTBOX), await one(_REST, committee_line()[-1].version)
        committees, runs = await sql(_COMMITTEES), await sql(_RUNS)
        backups, faults = await one(_BACKUPS), await one(_DRILL_FAULTS)
    assert rest is not None
    assert backups is not None
    assert faults is not None
    _keep_outbox(waiting)
    _keep_by_state(metrics.COMMITTEES, _STATES, committees)
    _keep_by_state(metrics.RUNS, _RUN_STATES, runs)
    metrics.OUTBOX_DEAD.set(rest["dead"])
    metrics.DIRTY.set(rest["dirty"])
    metrics.DIRTY_OLDEST.set(rest["dirty_oldest"] or 0)
    metrics.PROOF_MONTHS.labels("faulty").set(rest["faulty"])
    metrics.PROOF_MONTHS.labels("proven").set(max(0, rest["months"] - rest["faulty"]))
    metrics.BEHIND.set(rest["behind"])
    metrics.DRILL_FAULTS.set(faults["n"])
    metrics.UNBACKED.set(backups["missing"])
    metrics.BACKUP_NEWEST.set(backups["newest"] or time.time())
    metrics.BACKUP_STALEST.set(backups["stalest"] or time.time())
    metrics.PROOF_AT.set(rest["proved_at"] or time.time())
    metrics.DRILL_AT.set(rest["drilled_at"] or time.time())
    metrics.MEASURED_AT.set_to_current_time()


def _keep_outbox(rows: list[Record]) -> None:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found[queue_of(row["job"])].append(row)
    for queue in QUEUES:
        mine = found[queue]
        metrics.OUTBOX.labels(queue).set(sum(row["n"] for row in mine))
        metrics.OUTBOX_DUE.labels(queue).set(max((row["due"] or 0 for row in mine), default=0))
        metrics.OUTBOX_OLDEST.labels(queue).set(max((row["oldest"] for row in mine), default=0))


def _keep_by_state(gauge: Gauge, states: tuple[str, ...], rows: list[Record]) -> None:
    found = {row["state"]: row["n"] for row in rows}
    for state in states:
        gauge.labels(state).set(found.get(state, 0))
