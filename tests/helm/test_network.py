"""Who may speak to whom: nobody, and then each way by its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helm.chart import Manifest, Rendering, library, merged, render, rendered, values_of

PRIVATE = "10.0.0.0/8"


@pytest.fixture(autouse=True, scope="module")
def helm() -> None:
    """Where Helm's library is not to be had, nothing of this can be asked."""
    library()


def policies(chart: Rendering, labels: dict[str, str], way: str) -> list[Manifest]:
    """Those that speak of a pod in one direction."""
    return [p for p in chart.of("NetworkPolicy") if way in p["spec"]["policyTypes"] and _selects(p, labels)]


def _selects(policy: Manifest, labels: dict[str, str]) -> bool:
    selector = policy["spec"]["podSelector"]
    wanted = all(labels.get(key) == value for key, value in selector["matchLabels"].items())
    return wanted and all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []))


def ways(chart: Rendering, component: str, way: str) -> set[int]:
    """The ports that a component may be reached at (Ingress) or may reach (Egress)."""
    labels = chart.component(component)["metadata"]["labels"]
    rules = [rule for p in policies(chart, labels, way) for rule in p["spec"].get(way.lower(), [])]
    assert all(rule.get("to") or rule.get("from") for rule in rules), "a rule without a place opens the world"
    return {port["port"] for rule in rules for port in rule["ports"]}


def test_every_pod_is_closed_first(chart: Rendering) -> None:
    if not chart.of("NetworkPolicy"):
        assert chart == rendered("smallest")
        return
    for name, pod in chart.pods():
        labels = pod["metadata"]["labels"]
        for way in ("Ingress", "Egress"):
            closed = [p for p in policies(chart, labels, way) if not p["spec"].get(way.lower())]
            assert [p["metadata"]["name"] for p in closed if len(p["spec"]["policyTypes"]) == 2] == [
                "nennep-default-deny"
            ], name


def test_each_process_of_a_province_has_the_ways_that_it_needs_and_no_more() -> None:
    chart = rendered("province")
    names, bouncer, queue, objects, database, push = 53, 6432, 6379, 443, 5432, 443

    assert ways(chart, "web", "Egress") == {names, bouncer, queue, objects}
    assert ways(chart, "dispatcher", "Egress") == {names, bouncer, queue, objects}
    assert ways(chart, "worker-bulk", "Egress") == {names, bouncer, database, queue, objects, push}
    assert ways(chart, "pgbouncer", "Egress") == {names, database}
    assert ways(chart, "migrate", "Egress") == {names, database}
    assert ways(chart, "check", "Egress") == {names, 8000}
    assert ways(chart, "web", "Ingress") == {8000, 9100}
    assert ways(chart, "worker-paper", "Ingress") == {9100}
    assert ways(chart, "pgbouncer", "Ingress") == {bouncer}
    assert ways(chart, "check", "Ingress") == ways(chart, "migrate", "Ingress") == set()


def test_without_a_pooler_processes_reach_the_database_and_traces_reach_the_collector() -> None:
    assert 5432 in ways(rendered("one-machine"), "web", "Egress")
    assert 4318 in ways(rendered("country"), "web", "Egress")
    assert 4318 not in ways(rendered("province"), "web", "Egress")


def _push(chart: Rendering) -> list[Any]:
    return [p for p in chart.of("NetworkPolicy") if p["metadata"]["name"] == "nennep-to-push"]


def test_the_world_is_open_to_workers_only_on_443_and_only_where_reminders_are_pushed() -> None:
    assert _push(rendered("one-machine")) == []
    (policy,) = _push(rendered("province"))
    (rule,) = policy["spec"]["egress"]
    components = policy["spec"]["podSelector"]["matchExpressions"][0]["values"]
    assert all(name.startswith("worker-") for name in components)
    assert [port["port"] for port in rule["ports"]] == [443]
    assert PRIVATE in rule["to"][0]["ipBlock"]["except"]


def test_the_web_is_reached_from_the_ingress_controller_and_the_check_only() -> None:
    (policy,) = [
        p
        for p in rendered("province").of("NetworkPolicy")
        if p["metadata"]["name"].endswith("web-from-ingress")
    ]
    (rule,) = policy["spec"]["ingress"]

    first, second = rule["from"]
    assert first == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}
    assert second["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "check"


def test_metrics_are_reached_only_where_somebody_collects_them() -> None:
    silent = render(merged(values_of("province"), {"monitor": {"kind": "none"}}))

    assert ways(silent, "web", "Ingress") == {8000}


def test_uploads_and_streams_pass_the_ingress() -> None:
    (nginx,) = rendered("province").of("Ingress")
    said = {key.rsplit("/", 1)[1]: value for key, value in nginx["metadata"]["annotations"].items()}

    assert said == {
        "proxy-body-size": "200m",
        "proxy-buffering": "off",
        "proxy-request-buffering": "off",
        "proxy-read-timeout": "120",
        "proxy-send-timeout": "120",
    }
    assert nginx["spec"]["tls"] == [{"hosts": ["nennep.example.vn"], "secretName": "nennep-tls"}]
    mine = {"ingress": {"annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "50m"}}}
    (told,) = render(merged(values_of("province"), mine)).of("Ingress")
    assert told["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"] == "50m"
