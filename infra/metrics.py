"""Everything that is counted, in one list: what Prometheus finds at /metrics (docs/observability.md tells of each).

Labels are bounded by the code: a route's template, a job's name, never an id, a path, a committee or a person. So a
deployment with thousands of committees has as many series as one with a single committee.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.process_collector import ProcessCollector

disable_created_metrics()  # type: ignore[no-untyped-call]
# What each process counts of itself, and what one process finds out for all of them by asking the database.
OWN, MEASURED = CollectorRegistry(), CollectorRegistry()
ProcessCollector(registry=OWN)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_WEB_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_POOL_SECONDS = (0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 2, 10)
_JOB_SECONDS = (0.01, 0.05, 0.25, 1, 5, 20, 60, 300, 1800)
_STEP_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 20, 60)

BUILD = Gauge(
    "nennep_build_info",
    "Always 1: which version runs as which process.",
    ["version", "process"],
    registry=OWN,
)

REQUESTS = Counter("nennep_http_requests", "Answered requests.", ["route", "method", "status"], registry=OWN)
REQUEST_SECONDS = Histogram(
    "nennep_http_request_seconds", "From the first byte of a request to the last of its answer; no live streams.",
    ["route"], buckets=_WEB_SECONDS, registry=OWN,
)  # fmt: skip
IN_FLIGHT = Gauge("nennep_http_in_flight", "Requests under way, live streams included.", registry=OWN)
TOO_OFTEN = Counter(
    "nennep_too_often", "Tries to log in that had to wait because of earlier ones.", ["form"], registry=OWN
)
MARKS = Counter(
    "nennep_marks_accepted", "Marks of roll calls that were committed and acknowledged.", registry=OWN
)
LISTENERS = Gauge("nennep_live_listeners", "Phones that follow a roll live.", registry=OWN)

POOL = Gauge("nennep_pool_connections", "Connections of this process to PostgreSQL.", ["state"], registry=OWN)
POOL_LIMIT = Gauge("nennep_pool_limit", "The most connections that this process may have.", registry=OWN)
POOL_WAITING = Gauge("nennep_pool_waiting", "Pieces of work that wait for a connection.", registry=OWN)
POOL_SECONDS = Histogram(
    "nennep_pool_acquire_seconds",
    "How long work waited for a connection.",
    buckets=_POOL_SECONDS,
    registry=OWN,
)

JOBS = Counter(
    "nennep_jobs", "Jobs that ended: done, failed, put_off, given_up.", ["job", "outcome"], registry=OWN
)
JOB_SECONDS = Histogram(
    "nennep_job_seconds", "How long jobs took.", ["job"], buckets=_JOB_SECONDS, registry=OWN
)
RUN_ITEMS = Counter(
    "nennep_run_items", "Items of runs: done, put_back, failed, lost.", ["kind", "outcome"], registry=OWN
)
STEP_SECONDS = Histogram(
    "nennep_minutes_step_seconds", "Work on a page of minutes in its own process: done, unusable, died.",
    ["step", "outcome"], buckets=_STEP_SECONDS, registry=OWN,
)  # fmt: skip
ROUND_AT = Gauge(
    "nennep_dispatcher_round_timestamp_seconds", "When the dispatcher last went round.", registry=MEASURED
)

MEASURED_AT = Gauge("nennep_measured_timestamp_seconds", "When these were asked for.", registry=MEASURED)
OUTBOX = Gauge(
    "nennep_outbox_waiting", "Rows that are due or handed out, and not done.", ["queue"], registry=MEASURED
)
OUTBOX_DUE = Gauge(
    "nennep_outbox_oldest_due_seconds", "How long the row waits that nobody has handed out for longest.", ["queue"],
    registry=MEASURED,
)  # fmt: skip
OUTBOX_OLDEST = Gauge(
    "nennep_outbox_oldest_waiting_seconds", "Age of the oldest row that is due or handed out.", ["queue"],
    registry=MEASURED,
)  # fmt: skip
OUTBOX_DEAD = Gauge(
    "nennep_outbox_dead", "Dead letters: rows given up, for a person to look at.", registry=MEASURED
)
RUNS = Gauge("nennep_runs", "Runs: open, paused, or failed (a person decides).", ["state"], registry=MEASURED)
DIRTY = Gauge(
    "nennep_rollups_dirty", "Months of committees that changed and were not counted yet.", registry=MEASURED
)
DIRTY_OLDEST = Gauge(
    "nennep_rollups_oldest_dirty_seconds", "Age of the oldest of those marks.", registry=MEASURED
)
PROOF_MONTHS = Gauge(
    "nennep_rollups_months", "Months of figures at the last proof of each committee: proven, faulty.", ["outcome"],
    registry=MEASURED,
)  # fmt: skip
PROOF_AT = Gauge(
    "nennep_rollups_stalest_proof_timestamp_seconds", "When the committee was proved whose proof is oldest.",
    registry=MEASURED,
)  # fmt: skip
COMMITTEES = Gauge("nennep_committees", "Committees by state.", ["state"], registry=MEASURED)
BEHIND = Gauge("nennep_committees_behind", "Committees that wait for a migration.", registry=MEASURED)
UNBACKED = Gauge("nennep_backup_missing", "Committees with data and without any backup.", registry=MEASURED)
BACKUP_NEWEST = Gauge(
    "nennep_backup_newest_timestamp_seconds",
    "The moment that the newest backup holds; where there is none, the first founding.",
    registry=MEASURED,
)
BACKUP_STALEST = Gauge(
    "nennep_backup_stalest_timestamp_seconds", "The same of the committee whose newest is oldest.",
    registry=MEASURED,
)  # fmt: skip
DRILL_AT = Gauge(
    "nennep_restore_drill_timestamp_seconds",
    "When a restored committee was last found equal; where none was, the first founding.",
    registry=MEASURED,
)  # fmt: skip
DRILL_FAULTS = Gauge(
    "nennep_restore_drill_faults", "Committees whose last restore drill found a fault.", registry=MEASURED
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@lru_cache(maxsize=1)
def product_version() -> str:
    """The version that is installed; "unknown" where it is not installed but run from its sources."""
    try:
        return version("nennep")
    except PackageNotFoundError:
        return "unknown"


def name_process(process: str) -> None:
    """Say which process this is."""
    BUILD.labels(product_version(), process).set(1)


def answered(route: str, method: str, status: int, seconds: float, *, streamed: bool) -> None:
    """Count a request. ``route``: the template of its path."""
    REQUESTS.labels(route, method if method in _METHODS else "other", f"{status // 100}xx").inc()
    if not streamed:
        REQUEST_SECONDS.labels(route).observe(seconds)


@contextmanager
def waiting_for_connection() -> Iterator[None]:
    """Count a wait for the pool."""
    began = time.perf_counter()
    POOL_WAITING.inc()
    try:
        yield
    finally:
        POOL_WAITING.dec()
        POOL_SECONDS.observe(time.perf_counter() - began)


def text(*, measured: bool) -> bytes:
    """What Prometheus is told; ``measured``: by the process that asks the database for all."""
    own = generate_latest(OWN)
    return own + generate_latest(MEASURED) if measured else own
