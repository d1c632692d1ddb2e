"""The compose file for one machine, held to what it must be. (`docker compose config` of 2.26 takes it; no engine runs
where these tests run.)"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.settings import KNOWN, LARGEST_MB, read
from tests.house.sources import ROOT
from tests.ship.recipe import LOCAL, command_of, compose, image, ours, resolved, services
from web.minutes.upload import LARGEST_FORM
from workers.commands import cli

SITE = {"SITE": "nennep.example.vn"}
ONE_SHOT = {"migrate", "bucket", "objects-folder", "nennep"}
VARIABLES = {f"NENNEP_{name.upper()}{ending}" for name in KNOWN for ending in ("", "_FILE")}
LONG = {"restart": {"unless-stopped"}, "one-shot": {"no", "on-failure:3", "on-failure:10"}}


def made(folder: Path) -> Path:
    """What make-secrets makes."""
    secrets = folder / "secrets"
    subprocess.run(["sh", LOCAL / "make-secrets", secrets], check=True, capture_output=True)
    return secrets


@pytest.mark.parametrize("name", sorted(services()))
def test_every_container_is_held(name: str) -> None:
    one = services()[name]
    limits = one["deploy"]["resources"]["limits"]

    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one.get("cap_add", []) == {"proxy": ["NET_BIND_SERVICE"], "objects-folder": ["CHOWN"]}.get(
        name, []
    )
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["restart"] in LONG["one-shot" if name in ONE_SHOT else "restart"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert one["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert not {"privileged", "container_name", "extra_hosts", "pid", "ipc"} & set(one)
    if name not in ONE_SHOT:
        assert {"test", "interval", "timeout", "start_period", "retries"} == set(one["healthcheck"])
    else:
        assert one["healthcheck"] == {"disable": True}


def test_all_together_leave_a_machine_of_8_gb_something_for_itself() -> None:
    limits = [
        one["deploy"]["resources"]["limits"]["memory"]
        for name, one in services().items()
        if name not in ONE_SHOT
    ]

    assert sum(int(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]] for limit in limits) <= 7 * 1024


@pytest.mark.parametrize("name", sorted(services()))
def test_images_are_named_by_their_whole_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:(\d+\.\d+\.\d+|18\.\d+|4\.\d+)(-[a-z0-9.]+)?", services()[name]["image"])


def test_only_the_proxy_is_published_and_few_see_the_world() -> None:
    published = {name for name, one in services().items() if "ports" in one}
    outside = {name for name, one in services().items() if "outside" in one.get("networks", ())}
    inner = {name for name, network in compose()["networks"].items() if network.get("internal")}

    assert published == {"proxy"}
    assert services()["proxy"]["ports"] == ["80:80", "443:443", "443:443/udp"]
    assert outside == {"proxy", "worker", "nennep"}
    assert inner == {"front", "back"}
    assert {name for name, one in services().items() if "front" in one.get("networks", ())} == {
        "proxy",
        "web",
    }
    assert "back" not in services()["proxy"]["networks"]


def test_the_web_believes_the_network_that_only_the_proxy_shares() -> None:
    (front,) = compose()["networks"]["front"]["ipam"]["config"]
    told = services()["web"]["environment"]["NENNEP_TRUSTED_PROXIES"]

    assert resolved(told, SITE).split(",")[1] == resolved(front["subnet"], SITE)
    assert resolved(told, SITE | {"FRONT": "10.9.8.0/28"}).endswith(",10.9.8.0/28")


@pytest.mark.parametrize("name", sorted(ours()))
def test_every_variable_is_known_and_no_secret_is_written_down(name: str) -> None:
    environment: dict[str, str] = ours()[name]["environment"]
    secret = {
        variable
        for variable, setting in ((f"NENNEP_{name.upper()}", name) for name in KNOWN)
        if setting.endswith(("_key", "database_url", "queue_url"))
    }

    assert set(environment) <= VARIABLES
    assert not secret & set(environment), "a secret comes by file"
    for variable, value in environment.items():
        if variable.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in ours()[name]["secrets"]


def test_only_who_migrates_founds_and_restores_has_the_owners_address() -> None:
    assert {name for name, one in ours().items() if "owner_database_url" in one["secrets"]} == {
        "migrate", "nennep", "worker",
    }  # fmt: skip


def test_the_settings_of_each_are_taken(tmp_path: Path) -> None:
    secrets = made(tmp_path)
    for name, one in ours().items():
        values = {key: resolved(value, SITE) for key, value in one["environment"].items()}
        placed = {key: value.replace("/run/secrets", str(secrets)) for key, value in values.items()}

        found = read(image_environment() | placed)

        assert (found.https, found.host, found.port) == (True, "0.0.0.0", 8000), name
        assert (found.owner_database_url is None) is ("owner_database_url" not in one["secrets"])
        assert found.backup_key is not None
        assert found.push_private_key is not None


def image_environment() -> dict[str, str]:
    """What the image itself sets of ours."""
    return {name: value for name, value in image().environment.items() if name.startswith("NENNEP_")}


def test_secrets_are_made_once_and_each_is_used(tmp_path: Path) -> None:
    secrets = made(tmp_path)
    declared = {name: one["file"] for name, one in compose()["secrets"].items()}
    used = {name for one in services().values() for name in one.get("secrets", ())}
    kept = {file.name: file.read_bytes() for file in secrets.iterdir()}
    again = subprocess.run(
        ["sh", LOCAL / "make-secrets", secrets], capture_output=True, text=True, check=False
    )

    assert set(declared) == used == set(kept)
    assert all(file == f"./compose/secrets/{name}" for name, file in declared.items())
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in secrets.iterdir()} == {0o444}
    assert again.returncode == 1
    assert "stays as it is" in again.stderr
    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == kept
    (tmp_path / "other").mkdir()
    assert not set(kept.values()) & {file.read_bytes() for file in made(tmp_path / "other").iterdir()}


def test_secrets_are_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()

    assert {"/infra/.env", "/infra/compose/secrets/"} <= set(ignored)


def test_the_rest_waits_for_the_migration() -> None:
    for name in ("web", "worker", "dispatcher"):
        assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services()["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", sorted({*ours()} - {"bucket"}))
def test_what_is_started_is_a_command_of_the_product(name: str) -> None:
    program, *arguments = command_of(name)

    assert program == "nennep"
    context: Any = cli.make_context("nennep", [*arguments], resilient_parsing=True)
    if not arguments[0].startswith("-"):
        assert cli.get_command(context, arguments[0]) is not None
        assert cli.get_command(context, arguments[0]).make_context(arguments[0], arguments[1:])  # type: ignore[union-attr]


def test_temporary_files_of_uploads_lie_on_a_disk() -> None:
    for name in ("web", "worker"):
        assert f"{name}-temporary:/tmp" in services()[name]["volumes"]
        assert services()[name]["tmpfs"] == []


def test_new_volumes_can_be_written_by_the_account_of_the_product() -> None:
    """A volume takes its owner from the image's folder; where the image has none it is root's alone."""
    made = re.findall(r"install -d -o nennep -g nennep -m 0700 ((?:/\S+ ?)+)", image().lines["RUN"])
    writable = {"/tmp", *" ".join(made).split()}

    mounted = {place.split(":")[1] for one in ours().values() for place in one.get("volumes", ())}

    assert mounted == writable


def test_the_proxy_lets_the_largest_upload_through() -> None:
    (said,) = re.findall(r"max_size (\d+)MB", (LOCAL / "Caddyfile").read_text("utf-8"))

    assert LARGEST_MB * 1_000_000 < LARGEST_FORM < int(said) * 1_000_000


def test_every_file_that_is_handed_over_is_there() -> None:
    made_later = {"./compose/certificates"}
    for one in services().values():
        for volume in one.get("volumes", ()):
            place = volume.split(":")[0]
            if place.startswith("./") and place not in made_later:
                assert (LOCAL.parent / place).is_file(), place
            elif not place.startswith("./"):
                assert place in compose()["volumes"]
