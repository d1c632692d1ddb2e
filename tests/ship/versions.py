"""Every place that says which version this is."""

from __future__ import annotations

import re
import tomllib

import yaml

from tests.house.sources import ROOT
from tests.ship.recipe import DOCKERFILE, image, ours


def versions() -> dict[str, str]:
    """Place -> version. Raises FileNotFoundError or KeyError where a place has none."""
    chart = yaml.safe_load((ROOT / "helm/nennep/Chart.yaml").read_text("utf-8"))
    top = re.search(r"(?m)^## \[?(\d+\.\d+\.\d+)\]?", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    shown = re.search(r"-t nennep:(\S+)", DOCKERFILE.read_text("utf-8"))
    found = {
        "pyproject.toml": tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"],
        "helm/nennep/Chart.yaml version": str(chart["version"]),
        "helm/nennep/Chart.yaml appVersion": str(chart["appVersion"]),
        "infra/Dockerfile ARG VERSION": image().lines["ARG VERSION"],
        "infra/Dockerfile, how it is built": shown[1] if shown else "",
        "CHANGELOG.md, its first entry": top[1] if top else "",
    }
    tags = {f"infra/compose.yaml {name}": one["image"].split(":")[1] for name, one in ours().items()}
    return found | tags
