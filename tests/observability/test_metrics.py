"""What Prometheus is told: by every process, under few names, with labels that no deployment can make many."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from infra import metrics
from infra.embedded import Servers
from infra.postgres import sql
from tenants import registry
from tenants.current import using
from tenants.outbox import later
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.observability.deployment import PROCESSES, Deployment
from tests.observability.evening import Evening, found
from tests.workers.processes import until
from workers import measuring
from workers.jobs import JOBS
from workers.measuring import measure

DOCS = Path(__file__).parents[2] / "docs"
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|c_[a-z0-9]{13}|\d{4}-\d\d|[A-Z2-7]{5}-[A-Z2-7]{5}")
# Of one process, however long it runs and whoever it serves: routes x methods x statuses, jobs, steps.
MOST_SERIES = 6000


def samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples


def value(texts: list[str], name: str, **labels: str) -> float:
    """The sum over all processes."""
    return sum(
        s.value
        for text in texts
        for s in samples(text)
        if s.name == name and labels.items() <= s.labels.items()
    )


async def test_each_process_has_a_port_of_its_own_from_the_one_that_was_set(
    deployment: Deployment, evening: Evening
) -> None:
    ports = await deployment.ports()

    assert ports == [deployment.base_port + n for n in range(PROCESSES)]
    processes = Counter(
        s.labels["process"]
        for text in await deployment.scrapes()
        for s in samples(text)
        if s.name == "nennep_build_info"
    )
    assert processes == {"web": 2, "worker": 1, "dispatcher": 1}


async def test_what_was_done_is_counted(deployment: Deployment, evening: Evening) -> None:
    async def measured() -> bool:
        return value(await deployment.scrapes(), "nennep_outbox_dead") >= 1

    await until(measured, seconds=60, what="the dispatcher has not looked at the dead letters")
    texts = await deployment.scrapes()

    assert value(texts, "nennep_marks_accepted_total") == 6
    assert value(texts, "nennep_too_often_total", form="password") > 0
    route = "/{slug}/meetings/{meeting}/marks"
    assert value(texts, "nennep_http_requests_total", route=route, method="POST", status="2xx") >= 6
    assert value(texts, "nennep_http_request_seconds_count", route=route) >= 6
    assert value(texts, "nennep_http_requests_total", status="5xx") >= 2
    assert value(texts, "nennep_jobs_total", job="recompute_dirty", outcome="done") >= 1
    assert value(texts, "nennep_jobs_total", job="unknown", outcome="given_up") == 1
    assert value(texts, "nennep_minutes_step_seconds_count", step="read", outcome="done") == 1
    assert value(texts, "nennep_minutes_step_seconds_count", step="look_at", outcome="unusable") >= 1
    assert value(texts, "nennep_pool_acquire_seconds_count") > 100
    assert value(texts, "nennep_pool_limit") > PROCESSES
    assert value(texts, "nennep_committees", state="active") >= 2
    assert value(texts, "process_resident_memory_bytes") > 50e6


async def test_items_of_runs_are_counted_once_each(deployment: Deployment, evening: Evening) -> None:
    """That of the evening, and those of a night's run where its hour has come while the tests go on."""

    async def equal() -> bool:
        async with platform_transaction(read_only=True):
            rows = await sql(
                """SELECT count(*)::int AS n FROM platform.run_item i JOIN platform.run r ON r.id = i.run
                WHERE r.kind = 'measure' AND i.state = 'done' AND i.ended_at > $1""",
                deployment.began,
            )
        counted = value(await deployment.scrapes(), "nennep_run_items_total", kind="measure", outcome="done")
        return counted == rows[0]["n"] >= 1

    await until(equal, seconds=60, what="items are counted otherwise than they were done")


async def test_no_label_is_anybodys(deployment: Deployment, evening: Evening) -> None:
    texts = await deployment.scrapes()

    labels = {v for text in texts for s in samples(text) for v in s.labels.values()}
    assert found("\n".join(labels), evening.needles()) == []
    assert [label for label in labels if IDS.search(label)] == []
    assert all(len([*samples(text)]) < MOST_SERIES for text in texts)


def test_a_label_with_an_id_is_caught() -> None:
    assert IDS.search(f"/pleiku/meetings/{uuid4()}")
    assert IDS.search("c_abcdefghij234")


async def test_a_thousand_committees_are_no_more_series_than_one(cast: Cast, database: Servers) -> None:
    def series() -> set[tuple[str, ...]]:
        return {(s.name, *s.labels.values()) for s in samples(metrics.text(measured=True).decode())}

    for name in JOBS:
        metrics.JOBS.labels(name, "done")
    await measure()
    before = series()
    async with platform_transaction():
        province = await registry.add_province(f"Nghìn xã {uuid4().hex[:8]}")
        for number in range(1000):
            await registry.add_committee(
                province, kind="commune_committee", name=f"Xã số {number} {uuid4().hex[:6]}"
            )
        await sql(
            """INSERT INTO platform.outbox (id, schema_name, job, arguments)
            SELECT gen_random_uuid(), schema_name, 'Nguyễn Văn ' || slug, '{}' FROM platform.committee
            WHERE province = $1""",
            province,
        )
    try:
        await measure()
        assert series() == before
        assert metrics.OUTBOX.labels("bulk")._value.get() >= 1000
    finally:
        async with platform_transaction():
            await sql("UPDATE platform.outbox SET done_at = now() WHERE job LIKE 'Nguyễn Văn %'")
            await sql("UPDATE platform.committee SET state = 'erased' WHERE province = $1", province)


async def test_what_waits_is_measured_by_queue_with_its_age(cast: Cast) -> None:
    with using(cast.pleiku):
        async with transaction():
            await later("read_page", page=str(uuid4()), attempt=1)
    async with platform_transaction():
        await sql(
            """UPDATE platform.outbox SET due_at = now() - interval '9 minutes', created_at = now() - interval '1 hour'
            WHERE schema_name = $1""",
            cast.pleiku.schema_name,
        )

    await measure()

    text = [metrics.text(measured=True).decode()]
    assert value(text, "nennep_outbox_waiting", queue="paper") >= 1
    assert value(text, "nennep_outbox_oldest_due_seconds", queue="paper") >= 540
    assert value(text, "nennep_outbox_oldest_waiting_seconds", queue="paper") >= 3600
    async with platform_transaction():
        await sql(
            "UPDATE platform.outbox SET done_at = now() WHERE schema_name = $1", cast.pleiku.schema_name
        )


async def test_a_measure_that_breaks_is_said_and_the_next_one_is_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = measuring._COMMITTEES
    monkeypatch.setattr(measuring, "FIRST_SECONDS", 0)
    monkeypatch.setattr(measuring, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(measuring, "_COMMITTEES", "SELECT 1 AS something_else")
    metrics.MEASURED_AT.set(0)

    async def said() -> bool:
        return "measuring failed" in caplog.text

    async def measured() -> bool:
        return bool(metrics.MEASURED_AT._value.get())

    going_on = asyncio.create_task(measuring.keep_measuring())
    await until(said, what="nobody would know")
    monkeypatch.setattr(measuring, "_COMMITTEES", whole)
    await until(measured, what="it was given up")
    going_on.cancel()


async def test_live_and_ready_of_every_process(deployment: Deployment, evening: Evening) -> None:
    for port in await deployment.ports():
        ready = await deployment.ask(port, "/ready")
        assert (ready.status_code, ready.json()["state"]) == (200, "ready")
        assert (await deployment.ask(port, "/live")).json() == {"state": "alive"}
        assert (await deployment.ask(port, "/elsewhere")).status_code == 404
        assert (await deployment.ask(port, "/metrics", "POST")).status_code == 405


def test_every_metric_is_told_of_in_the_docs_and_none_that_is_not() -> None:
    told = set(
        re.findall(r"^\| `(nennep_\w+)` ", (DOCS / "observability.md").read_text("utf-8"), re.MULTILINE)
    )

    assert told == names()


def names() -> set[str]:
    """Of metrics as they are scraped: without the endings of histograms."""
    found_ = set()
    for registry_ in (metrics.OWN, metrics.MEASURED):
        for family in registry_.collect():
            ending = "_total" if family.type == "counter" else ""
            found_.add(f"{family.name}{ending}")
    return {name for name in found_ if name.startswith("nennep_")}
