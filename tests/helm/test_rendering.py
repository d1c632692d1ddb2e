"""The chart renders, lints, fits the schemas of Kubernetes, and comes to what was looked at before."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any

import pytest
import yaml

from tests.helm.chart import (
    CHART,
    GOLDEN,
    NAMES,
    Rendering,
    golden_text,
    library,
    render,
    rendered,
    values_of,
)
from tests.house.sources import ROOT

kubernetes_validate = pytest.importorskip("kubernetes_validate")

# The oldest that Chart.yaml admits, and the newest whose schemas are at hand.
VERSIONS = ("1.30", "1.37")
WARNING = 2
LABELS = {
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/version",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/managed-by",
    "helm.sh/chart",
}
# What operators of a cluster define; for those the shape is asked by hand below.
CUSTOM = {
    "keda.sh/v1alpha1": {"ScaledObject", "TriggerAuthentication"},
    "monitoring.coreos.com/v1": {"PodMonitor", "ServiceMonitor", "PrometheusRule"},
}


@pytest.mark.parametrize("name", NAMES)
def test_it_lints_without_a_warning(name: str) -> None:
    report = library().chart.lint(CHART, values_of(name), strict=True, kube_version="v1.30.0")

    assert report["errors"] == []
    assert [m for m in report["messages"] if m["severity"] >= WARNING] == []


@pytest.fixture(scope="module", autouse=True)
def schemas_read_once() -> Iterator[None]:
    """The library reads megabytes of schemas anew for each object."""
    with pytest.MonkeyPatch.context() as patch:
        utils = kubernetes_validate.utils
        patch.setattr(utils, "schema_contents", lru_cache(utils.schema_contents))
        yield


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_fits_the_schema_of_kubernetes(chart: Rendering, version: str) -> None:
    checked = 0
    for manifest in chart.manifests:
        if manifest["kind"] in CUSTOM.get(manifest["apiVersion"], set()):
            continue
        kubernetes_validate.validate(manifest, version, strict=True)
        checked += 1

    assert checked >= 8


def test_a_slip_would_be_seen_by_that(chart: Rendering) -> None:
    manifest = deepcopy(chart.one("Deployment", "nennep-web"))
    manifest["spec"]["replica"] = 3

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, VERSIONS[1], strict=True)


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_to_what_was_looked_at(name: str) -> None:
    kept = (GOLDEN / f"{name}.yaml").read_text("utf-8")

    assert golden_text(name) == kept, "the chart renders otherwise: `make golden`, and read the diff"


def test_golden_files_are_those_of_the_values_files() -> None:
    assert sorted(file.stem for file in GOLDEN.glob("*.yaml")) == NAMES


def test_one_version_everywhere(chart: Rendering) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    head = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))

    assert (head["version"], head["appVersion"]) == (version, version)
    images = {c["image"] for name, c in chart.containers() if "pgbouncer" not in name}
    assert len(images) == 1
    assert images.pop() in (
        f"nennep:{version}",
        "registry.example.vn/platform/nennep@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
    )


def test_standard_labels_and_no_two_of_one_name(chart: Rendering) -> None:
    for manifest in chart.manifests:
        assert set(manifest["metadata"]["labels"]) >= LABELS, manifest["metadata"]["name"]
        assert manifest["metadata"]["name"].startswith("nennep")
        assert len(manifest["metadata"]["name"]) <= 63
    twice = Counter((m["kind"], m["metadata"]["name"]) for m in chart.manifests)
    assert max(twice.values()) == 1, twice.most_common(3)


def test_every_selector_finds_its_pods_and_no_others(chart: Rendering) -> None:
    labels = {name: pod["metadata"].get("labels", {}) for name, pod in chart.pods()}
    for manifest in chart.of("Deployment", "Service", "PodDisruptionBudget"):
        wanted = manifest["spec"]["selector"]
        wanted = wanted.get("matchLabels", wanted)
        found = [name for name, given in labels.items() if wanted.items() <= given.items()]
        meant = manifest["metadata"]["name"].removesuffix("-metrics")
        assert found == [meant], (manifest["kind"], manifest["metadata"]["name"], found)


def test_what_points_at_something_points_at_what_is_there(chart: Rendering) -> None:
    names = {(m["kind"], m["metadata"]["name"]) for m in chart.manifests}
    for scaler in chart.of("HorizontalPodAutoscaler", "ScaledObject"):
        assert ("Deployment", scaler["spec"]["scaleTargetRef"]["name"]) in names
    for ingress in chart.of("Ingress"):
        service = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        ports = {port["name"] for port in chart.one("Service", service["name"])["spec"]["ports"]}
        assert service["port"]["name"] in ports
    for service in chart.of("Service"):
        component = service["spec"]["selector"]["app.kubernetes.io/component"]
        (container,) = chart.component(component)["spec"]["containers"]
        given = {port["name"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= given


def test_whoever_scales_has_no_fixed_number_beside_it(chart: Rendering) -> None:
    scaled = {
        m["spec"]["scaleTargetRef"]["name"] for m in chart.of("HorizontalPodAutoscaler", "ScaledObject")
    }
    for deployment in chart.of("Deployment"):
        name = deployment["metadata"]["name"]
        assert ("replicas" in deployment["spec"]) == (name not in scaled), name


def test_rendering_twice_is_the_same_and_a_revision_has_a_job_of_its_own() -> None:
    first, again, next_one = (render(values_of("province"), revision=n) for n in (1, 1, 2))

    assert first == again
    names = [{m["metadata"]["name"] for m in r.of("Job")} for r in (first, next_one)]
    assert names == [{"nennep-migrate", "nennep-waves-1"}, {"nennep-migrate", "nennep-waves-2"}]


def test_alerts_and_dashboards_are_carried_as_they_are() -> None:
    alerts, boards = CHART / "files" / "alerts.yaml", sorted((CHART / "files" / "dashboards").glob("*.json"))
    province, smallest = rendered("province"), rendered("smallest")
    rules: list[Any] = [rule["spec"] for rule in province.of("PrometheusRule")]

    assert rules == ([yaml.safe_load(alerts.read_text("utf-8"))] if alerts.exists() else [])
    held = [m["data"] for m in province.of("ConfigMap") if "-dashboard-" in m["metadata"]["name"]]
    assert [text.strip() for data in held for text in data.values()] == [
        board.read_text("utf-8").strip() for board in boards
    ]
    assert smallest.of("PrometheusRule", "PodMonitor", "ServiceMonitor", "ConfigMap") == []
