"""One trace from a request through the outbox to the job and its SQL; and nothing of anybody in it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from infra import traces
from infra.embedded import Servers
from infra.embedded.process import free_ports
from infra.otlp import first_words, plain
from tests.kill.house import Web
from tests.observability.collector import Collector, facts
from tests.observability.deployment import Deployment
from tests.observability.evening import Evening, found
from tests.workers.processes import until
from workers.commands.children import ROOT

Spans = list[tuple[str, Span]]


async def trace_of(collector: Collector, number: str, last: str) -> Spans:
    """All spans of the trace of a request, once a span called ``last`` has come."""
    result: Spans = []

    async def come() -> bool:
        nonlocal result
        spans = collector.spans()
        roots = [span for _, span in spans if facts(span).get("nennep.request") == number]
        result = [(service, span) for service, span in spans if roots and span.trace_id == roots[0].trace_id]
        return any(span.name == last for _, span in result)

    await until(come, seconds=30, what=f"no {last} in {sorted({span.name for _, span in result})}")
    return result


async def test_a_closed_roll_is_one_trace_from_the_request_to_the_sql_of_its_job(
    deployment: Deployment, evening: Evening, collector: Collector
) -> None:
    spans = await trace_of(collector, evening.numbers["close"], "job recompute_dirty")

    by_id = {span.span_id: (service, span) for service, span in spans}
    (job,) = [span for _, span in spans if span.name == "job recompute_dirty"]
    service, request = by_id[job.parent_span_id]
    assert (service, request.name) == ("nennep-web", "POST /{slug}/meetings/{meeting}/closing")
    assert not request.parent_span_id
    assert by_id[job.span_id][0] == "nennep-worker"
    assert (
        facts(job)["nennep.committee"]
        == facts(request)["nennep.committee"]
        == evening.cast.pleiku.schema_name
    )
    below = [span.name for _, span in spans if span.parent_span_id == request.span_id]
    assert any(name.startswith("INSERT INTO platform.outbox") for name in below), below
    assert len([span for _, span in spans if span.parent_span_id == job.span_id]) > 3


async def test_a_page_of_minutes_is_one_trace_from_the_upload_to_the_document(
    deployment: Deployment, evening: Evening, collector: Collector
) -> None:
    spans = await trace_of(collector, evening.numbers["minutes"], "job assemble_minutes")

    names = [span.name for _, span in spans]
    for name in (
        "page look_at",
        "job clean_page",
        "page clean",
        "job read_page",
        "page read",
        "page assemble",
    ):
        assert name in names, names


def test_no_span_holds_anything_of_anybody(evening: Evening, collector: Collector) -> None:
    spans = collector.spans()

    text = "\n".join(str(span) for _, span in spans)
    told = "\n".join(f"{span.name} {span.status.message} {facts(span)}" for _, span in spans)
    assert len(spans) > 500
    assert not any(span.events for _, span in spans)
    assert found(text, evening.needles()) == found(told, evening.needles()) == []


def test_a_span_that_names_somebody_is_caught(evening: Evening) -> None:
    span = Span(name="SELECT", attributes=[])
    span.attributes.add(key="db.query.text").value.string_value = "… WHERE name = 'Trần Thị Bình'"

    assert found(f"{span.name} {facts(span)}", evening.needles()) == ["Trần Thị Bình"]


def test_a_statement_is_told_without_its_values() -> None:
    said = "SELECT a\n FROM m WHERE n = 'Nguyễn ''Văn'' An' AND t = $q$Trần$q$ AND b = $1 -- "

    assert plain(said) == "SELECT a FROM m WHERE n = ? AND t = ? AND b = $1 --"
    assert (
        first_words("INSERT INTO platform.outbox (id, job) VALUES ($1, $2)") == "INSERT INTO platform.outbox"
    )
    assert first_words("COMMIT") == "COMMIT"


def test_nothing_of_it_is_loaded_where_traces_are_off() -> None:
    # redis looks by itself for OpenTelemetry's metrics, where that is installed: nothing that is asked for here.
    look = (
        "import sys, web.app, workers.actors, workers.watched, workers.measuring; from infra import traces;"
        "traces.start('web', ''); print(*[m for m in sys.modules if m.startswith(('infra.otlp', 'google.protobuf',"
        "'requests', 'opentelemetry.sdk.trace', 'opentelemetry.exporter', 'opentelemetry.proto'))])"
    )

    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""


def test_an_address_that_is_none_is_told_and_hurts_nothing(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    monkeypatch.setitem(sys.modules, "infra.otlp", None)

    traces.start("web", "http://127.0.0.1:1")

    assert "traces are off" in caplog.text
    with traces.span("work") as span:
        span.tell(name="more")
    assert traces.traceparent() is None


class Traced(Web):
    """A web process whose collector is not well."""

    def __init__(self, servers: Servers, folder, port: int, traces_url: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        super(Web, self).__init__(
            servers,
            folder,
            "web",
            "--port",
            str(port),
            NENNEP_TRACES_URL=traces_url,
            NENNEP_LINGER_SECONDS="0",
        )


@pytest.mark.parametrize("collector_is", ["away", "slow", "failing"])
async def test_a_collector_that_is_not_well_hurts_nobody(
    database: Servers, tmp_path, collector_is: str
) -> None:
    sick = Collector(
        status=503 if collector_is == "failing" else 200, slow=60 if collector_is == "slow" else 0
    )
    if collector_is == "away":
        sick.stop()
    web = Traced(database, tmp_path, free_ports(1)[0], sick.url)
    try:
        await web.ready()
        async with httpx.AsyncClient(base_url=web.url, trust_env=False) as client:

            async def heard_of_it() -> bool:
                answers = [(await client.get("/login")).status_code for _ in range(20)]
                assert answers == [200] * 20
                return bool(sick.bodies) or collector_is == "away"

            await until(heard_of_it, seconds=30)
            assert (await client.get("/login")).status_code == 200
    finally:
        code = web.stop()
        with suppress(OSError):
            sick.stop()
    # It ended by itself, and was not killed because it waited for the collector.
    assert code in (0, -15)
    assert "Traceback" not in web.log.read_text("utf-8")
