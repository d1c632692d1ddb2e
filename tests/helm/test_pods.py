"""Each pod has the least that it can work with: rights, root, secrets, room; and says the truth about itself."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from infra.settings import KNOWN
from tests.helm.chart import Rendering, rendered
from workers.commands import cli
from workers.commands.web import GRACE_SECONDS
from workers.commands.worker import GRACE_MILLISECONDS
from workers.jobs import QUEUES

PROCESSES = re.compile(r"web|worker-\w+|dispatcher")
SECRET_SETTINGS = {
    "database_url",
    "owner_database_url",
    "queue_url",
    "objects_access_key",
    "objects_secret_key",
    "secret_key",
    "push_private_key",
    "backup_key",
    "backup_objects_access_key",
    "backup_objects_secret_key",
}
OWNERS_ONLY = {"owner_database_url", "backup_key", "backup_objects_access_key", "backup_objects_secret_key"}


def component(pod: dict[str, object]) -> str:
    """What kind of pod it is."""
    return pod["metadata"]["labels"]["app.kubernetes.io/component"]  # type: ignore[index]


def test_no_pod_has_rights_or_a_token(chart: Rendering) -> None:
    for name, pod in chart.pods():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        # One of Kubernetes' variables for services is NENNEP_PORT.
        assert spec["enableServiceLinks"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] >= 1000, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
    for name, container in chart.containers():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, name
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name


def test_every_container_has_limits_and_asks_for_less(chart: Rendering) -> None:
    for name, container in chart.containers():
        for amount in ("cpu", "memory", "ephemeral-storage"):
            requests, limits = (container["resources"][side][amount] for side in ("requests", "limits"))
            assert _amount(requests) <= _amount(limits), (name, amount)


def _amount(text: str) -> float:
    units = {"m": 0.001, "Mi": 2.0**20, "Gi": 2.0**30, "": 1.0}
    number, unit = re.fullmatch(r"([\d.]+)(m|Mi|Gi|)", text).groups()  # type: ignore[union-attr]
    return float(number) * units[unit]


def test_only_tmp_can_be_written_and_it_has_an_end_within_the_limit(chart: Rendering) -> None:
    for name, pod in chart.pods():
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        (container,) = pod["spec"]["containers"]
        for mount in container["volumeMounts"]:
            if mount["name"] == "tmp":
                assert mount["mountPath"] == "/tmp", name
                size = volumes["tmp"]["emptyDir"]["sizeLimit"]
                assert _amount(size) <= _amount(container["resources"]["limits"]["ephemeral-storage"]), name
            else:
                assert mount["readOnly"] is True, name
        assert set(volumes) == {mount["name"] for mount in container["volumeMounts"]}
        assert "medium" not in volumes["tmp"]["emptyDir"], "uploads belong on a disk, not in memory"


def test_processes_answer_probes_and_liveness_asks_the_loop_only(chart: Rendering) -> None:
    seen = set()
    for _, pod in chart.pods():
        if not PROCESSES.fullmatch(component(pod)):
            continue
        (container,) = pod["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        port, prefix = ("http", "/health") if component(pod) == "web" else ("metrics", "")
        asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")}
        assert asked["readiness"] == {"path": f"{prefix}/ready", "port": port}
        assert asked["liveness"] == asked["startup"] == {"path": f"{prefix}/live", "port": port}
        assert ports["metrics"] == 9100
        assert ports.get("http", 8000) == 8000
        seen.add(component(pod))
    assert {"web", "dispatcher", "worker-interactive"} <= seen


def test_a_pod_is_given_longer_to_end_than_the_product_takes(chart: Rendering) -> None:
    for _, pod in chart.pods():
        kind, grace = component(pod), pod["spec"].get("terminationGracePeriodSeconds", 0)
        if kind == "web":
            waits = pod["spec"]["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
            assert grace >= waits + int(KNOWN["linger_seconds"][1] or 0) + GRACE_SECONDS + 10
        elif kind.startswith("worker-"):
            assert grace >= 2 * GRACE_MILLISECONDS / 1000


def test_every_variable_is_a_setting_and_no_secret_stands_in_one(chart: Rendering) -> None:
    for name, container in chart.containers():
        given = {item["name"]: item["value"] for item in container.get("env", [])}
        assert len(given) == len(container.get("env", [])), name
        for variable, value in given.items():
            setting = variable.removeprefix("NENNEP_").removesuffix("_FILE").lower()
            assert setting in KNOWN, (name, variable)
            assert variable.endswith("_FILE") == (setting in SECRET_SETTINGS), (name, variable)
            reader = KNOWN[setting][0]
            if not variable.endswith("_FILE"):
                reader(value)


def test_every_secret_file_that_is_named_is_mounted(chart: Rendering) -> None:
    for name, pod in chart.pods():
        (container,) = pod["spec"]["containers"]
        wanted = {
            item["value"].rsplit("/", 1)[1]
            for item in container.get("env", [])
            if item["name"].endswith("_FILE")
        }
        sources = [v["projected"]["sources"] for v in pod["spec"]["volumes"] if "projected" in v]
        mounted = {item["path"] for source in sources for one in source for item in one["secret"]["items"]}
        assert wanted == mounted, name


def test_the_owners_address_is_only_where_schemas_are_built(chart: Rendering) -> None:
    for _, pod in chart.pods():
        variables = {item["name"] for item in pod["spec"]["containers"][0].get("env", [])}
        owned = {f"NENNEP_{name.upper()}_FILE" for name in OWNERS_ONLY} & variables
        builds = component(pod).startswith("worker-") or component(pod) == "migrate"
        assert ("NENNEP_OWNER_DATABASE_URL_FILE" in owned) == builds, component(pod)
        assert builds or not owned, component(pod)


def test_nothing_that_is_rendered_is_a_secret(chart: Rendering) -> None:
    assert chart.of("Secret") == []
    for text in chart.texts.values():
        # Addresses with a password in them.
        assert not re.search(r"://[^/\s]*:[^/\s]*@", text)


def test_all_queues_are_carried_and_no_more_pages_handed_out_than_are_worked_on(chart: Rendering) -> None:
    commands = {component(pod): pod["spec"]["containers"][0]["command"] for _, pod in chart.pods()}
    workers = {name: command for name, command in commands.items() if name.startswith("worker-")}
    carried = {part.removeprefix("--queue=") for c in workers.values() for part in c if "--queue=" in part}

    assert carried == set(QUEUES)
    (paper,) = [part for part in commands["dispatcher"] if part.startswith("--paper=")]
    assert int(paper.removeprefix("--paper=")) >= 1


@pytest.mark.parametrize(("name", "pages"), [("smallest", 1), ("province", 4), ("country", 24)])
def test_the_dispatcher_knows_how_many_pages_all_workers_do(name: str, pages: int) -> None:
    command = rendered(name).component("dispatcher")["spec"]["containers"][0]["command"]

    assert command == ["nennep", "dispatcher", f"--paper={pages}"]


def test_a_new_version_never_takes_away_the_old_one_before_it_is_ready(chart: Rendering) -> None:
    for deployment in chart.of("Deployment"):
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    jobs = {job["metadata"]["name"]: job for job in chart.of("Job")}
    waves = jobs["nennep-waves-1"]
    # The rollout waits for the waves, so it must not be called failed before them.
    deadline = chart.one("Deployment", "nennep-web")["spec"]["progressDeadlineSeconds"]
    assert deadline > waves["spec"]["activeDeadlineSeconds"]
    assert "annotations" not in waves["metadata"]
    hook = jobs["nennep-migrate"]
    assert hook["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    command = hook["spec"]["template"]["spec"]["containers"][0]["command"]
    assert command == ["nennep", "migrate", "--until", "canaries"]


def test_every_command_is_one_that_the_product_has(chart: Rendering) -> None:
    for name, container in chart.containers():
        program, *arguments = container["command"]
        if program != "nennep":
            assert name == "nennep-pgbouncer"
            continue
        words = [argument.split("=", 1)[0] for argument in arguments]
        options = [word for word in words if word.startswith("--")]
        told = CliRunner().invoke(cli, [*_before_options(words), "--help"]).output
        assert all(option in told for option in options), (name, arguments)


def _before_options(words: list[str]) -> list[str]:
    first = next((i for i, word in enumerate(words) if word.startswith("--")), len(words))
    return words[:first]
