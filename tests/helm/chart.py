"""The chart as Helm's own library renders it, without a cluster and without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.sources import ROOT

CHART = ROOT / "helm" / "nennep"
GOLDEN = Path(__file__).parent / "golden"
VALUES = sorted((CHART / "ci").glob("*.yaml"))
NAMES = [file.stem for file in VALUES]
RELEASE = "nennep"

Manifest = dict[str, Any]
PODS = ("Deployment", "Job", "Pod")


def library() -> Any:
    """Helm as a library; whoever has a machine that it is not built for skips what needs it."""
    return pytest.importorskip("helm_python", reason="helm-python-sdk is built for Linux on x86_64 only")


def values_of(name: str) -> dict[str, Any]:
    """One of the values files of ci/."""
    found: dict[str, Any] = yaml.safe_load((CHART / "ci" / f"{name}.yaml").read_text("utf-8"))
    return found


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Values with others laid over them, as several -f do."""
    made = dict(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(made.get(key), dict)
        made[key] = merged(made[key], value) if both else value
    return made


# libyaml's, where PyYAML was built with it: ten times as quick.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Rendering:
    """What one values file comes to."""

    texts: dict[str, str]

    @cached_property
    def manifests(self) -> list[Manifest]:
        """Every object, hooks included."""
        return [
            found
            for path, text in sorted(self.texts.items())
            if not path.endswith(".txt")
            for found in yaml.load_all(text, _Loader)
            if found
        ]

    def of(self, *kinds: str) -> list[Manifest]:
        """Those of some kinds."""
        return [one for one in self.manifests if one["kind"] in kinds]

    def one(self, kind: str, name: str) -> Manifest:
        """The one with a name."""
        (found,) = [m for m in self.of(kind) if m["metadata"]["name"] == name]
        return found

    def pods(self) -> Iterator[tuple[str, Manifest]]:
        """Every pod that there will be: the name of what makes it, its template."""
        for made in self.of(*PODS):
            template = made if made["kind"] == "Pod" else made["spec"]["template"]
            yield made["metadata"]["name"], template

    def containers(self) -> Iterator[tuple[str, Manifest]]:
        """Every container of every pod."""
        for name, pod in self.pods():
            for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
                yield name, container

    def component(self, name: str) -> Manifest:
        """The pod of one component; the two migrations are alike."""
        found, *_ = [
            pod for _, pod in self.pods() if pod["metadata"]["labels"]["app.kubernetes.io/component"] == name
        ]
        return found


def render(values: dict[str, Any], *, revision: int = 1) -> Rendering:
    """Render with values. Raises HelmError where they are refused."""
    with library().Chart.load(CHART) as chart:
        return Rendering(
            chart.render(
                values, name=RELEASE, namespace="nennep", revision=revision, is_install=revision == 1
            )
        )


@lru_cache(maxsize=8)
def rendered(name: str) -> Rendering:
    """What a values file of ci/ comes to."""
    return render(values_of(name))


def golden_text(name: str) -> str:
    """A rendering as it is kept, in the order of the templates. Alerts and dashboards are left out: they are files."""
    parts = [
        f"# {path}\n{yaml.dump(found, Dumper=_Dumper, sort_keys=True, width=110)}"
        for path, text in sorted(rendered(name).texts.items())
        if not path.endswith(".txt")
        for found in yaml.load_all(text, _Loader)
        if found and not _carried(found)
    ]
    return "---\n".join(parts)


def _carried(manifest: Manifest) -> bool:
    return manifest["kind"] == "PrometheusRule" or "-dashboard-" in manifest["metadata"]["name"]
