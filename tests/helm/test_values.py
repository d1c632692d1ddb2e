"""Values that mean nothing are refused with their name before anything is changed in a cluster."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.settings import KNOWN
from tests.helm.chart import CHART, library, merged, render, values_of

# Settings that the chart gives itself; everything else may stand under `settings`.
GIVEN = {
    "database_url", "owner_database_url", "queue_url", "objects_url", "objects_access_key", "objects_secret_key",
    "objects_bucket", "public_url", "host", "port", "database_pool", "push_private_key", "secret_key",
    "backup_key", "backup_objects_access_key", "backup_objects_secret_key", "trusted_proxies", "metrics_host",
    "metrics_port", "traces_url",
}  # fmt: skip
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("replica", {"web": {"replica": 3}}),
    ("webb", {"webb": {"replicas": 3}}),
    ("replicas", {"web": {"replicas": 0}}),
    ("replicas", {"web": {"replicas": "2"}}),
    ("publicUrl", {"publicUrl": "nennep.example.vn"}),
    ("publicUrl", {"publicUrl": "https://nennep.example.vn/app"}),
    ("url", {"objects": {"url": "https://key:secret@s3.example.vn"}}),
    ("tag", {"image": {"tag": "latest"}}),
    ("digest", {"image": {"digest": "sha256:abc"}}),
    ("databaseUrl", {"secrets": {"databaseUrl": {"name": ""}}}),
    ("databaseUrl", {"secrets": {"databaseUrl": "postgresql://nennep_app:secret@database/nennep"}}),
    ("secret_key", {"settings": {"secret_key": "0123456789"}}),
    ("database_url", {"settings": {"database_url": "postgresql://a@b/c"}}),
    ("session_days", {"settings": {"session_days": 1000}}),
    ("backup_url", {"settings": {"backup_url": "file:///backups"}}),
    ("second_factor", {"settings": {"second_factor": "never"}}),
    ("queues", {"workers": {"bulk": {"queues": ["slow"]}}}),
    ("queues", {"workers": {"bulk": {"queues": []}}}),
    ("quick", {"workers": {"quick": {"enabled": True}}}),
    ("replicas", {"dispatcher": {"replicas": 3}}),
    ("memory", {"web": {"resources": {"limits": {"memory": "512"}}}}),
    ("terminationGraceSeconds", {"workersCommon": {"terminationGraceSeconds": 20}}),
    ("controller", {"ingress": {"controller": "haproxy"}}),
    ("cidrs", {"networkPolicy": {"database": {"cidrs": ["10.0.0.0"]}}}),
    ("networkPolicy", {"networkPolicy": {"queue": {"cidrs": [], "namespaces": []}}}),
    ("kind", {"monitor": {"kind": "podmonitor"}}),
    ("repository", {"pgbouncer": {"enabled": True}}),
    ("host", {"pgbouncer": {"enabled": True, "image": {"repository": "pgbouncer", "tag": "1.25.1"}}}),
    ("maxPreparedStatements", {"pgbouncer": {"maxPreparedStatements": 0}}),
    ("trustedProxies", {"trustedProxies": ["everywhere"]}),
    ("committee", {"check": {"committee": "pleiku"}}),
]


@pytest.mark.parametrize(("named", "wrong"), WRONG, ids=[json.dumps(wrong)[:60] for _, wrong in WRONG])
def test_what_means_nothing_is_refused_by_name(named: str, wrong: dict[str, Any]) -> None:
    library()
    with pytest.raises(Exception, match=re.escape(named)) as refused:
        render(merged(values_of("smallest"), wrong))

    assert "schema" in str(refused.value)


def test_a_queue_that_nobody_carries_is_refused() -> None:
    library()
    with pytest.raises(Exception, match='No worker carries the queue "paper"'):
        render(
            merged(values_of("smallest"), {"workers": {"interactive": {"queues": ["interactive", "bulk"]}}})
        )


@pytest.mark.parametrize(
    "given",
    [
        {"web": {"terminationGraceSeconds": 32}},
        {"web": {"preStopSeconds": 21}},
        {"settings": {"linger_seconds": 18}},
    ],
    ids=json.dumps,
)
def test_a_pod_that_would_be_killed_before_its_requests_end_is_refused(given: dict[str, Any]) -> None:
    library()
    with pytest.raises(Exception, match="terminationGraceSeconds is"):
        render(merged(values_of("smallest"), given))


def test_a_pod_that_lingers_no_second_needs_no_time_for_it() -> None:
    library()
    given = {"web": {"terminationGraceSeconds": 28}, "settings": {"linger_seconds": 0}}

    pod = render(merged(values_of("smallest"), given)).component("web")

    assert pod["spec"]["terminationGracePeriodSeconds"] == 28


def test_without_any_values_it_says_what_is_missing() -> None:
    library()
    with pytest.raises(Exception, match="publicUrl"):
        render({})


def test_no_object_of_the_schema_takes_what_it_does_not_know() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))

    open_ = [path for path, found in _objects(schema) if found.get("additionalProperties", True) is True]

    assert open_ == []


def _objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from _objects(part, f"{path}/{number}")
    elif isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for name, part in schema.items():
            yield from _objects(part, f"{path}/{name}")


def test_every_setting_can_be_given_and_none_that_is_not_one() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))

    assert set(schema["properties"]["settings"]["properties"]) == set(KNOWN) - GIVEN
    assert set(KNOWN) >= GIVEN


def test_a_setting_arrives_as_the_product_reads_it() -> None:
    library()
    given = {"session_days": 7, "quota_object_mb": 100_000_000, "second_factor": "offered"}
    pod = render(merged(values_of("smallest"), {"settings": given})).component("web")

    found = {item["name"]: item["value"] for item in pod["spec"]["containers"][0]["env"]}

    for name, value in given.items():
        assert KNOWN[name][0](found[f"NENNEP_{name.upper()}"]) == value


def test_every_default_is_described_and_every_description_has_a_default() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    with library().Chart.load(CHART) as chart:
        assert set(chart.values) == set(schema["properties"])
