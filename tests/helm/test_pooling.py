"""PgBouncer's configuration, and the examples of databases that stand before or behind it."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any

import pytest
import yaml

from infra.embedded.database import EXTENSIONS, ROLES
from tests.helm.chart import CHART, Rendering, library, merged, render, rendered, values_of


@pytest.fixture(autouse=True)
def helm() -> None:
    """Where Helm's library is not to be had, nothing of this can be asked."""
    library()


def ini(chart: Rendering) -> ConfigParser:
    """The configuration as PgBouncer reads it."""
    found = ConfigParser(strict=True, interpolation=None)
    found.read_string(chart.one("ConfigMap", "nennep-pgbouncer")["data"]["pgbouncer.ini"])
    return found


def test_it_pools_transactions_and_keeps_statements_and_lets_no_backend_grow_old() -> None:
    said = ini(rendered("country"))

    assert said["databases"]["nennep"] == "host=nennep-rw.database.svc port=5432 dbname=nennep"
    assert said["pgbouncer"]["pool_mode"] == "transaction"
    assert said["pgbouncer"]["max_prepared_statements"] == "200"
    assert said["pgbouncer"]["server_lifetime"] == "120"
    assert ini(rendered("province"))["pgbouncer"]["server_lifetime"] == "600"
    assert said["pgbouncer"]["server_tls_sslmode"] == "verify-full"
    assert said["pgbouncer"]["auth_type"] == "scram-sha-256"
    assert "password" not in " ".join(said["pgbouncer"].values()).lower()


def test_no_connection_keeps_more_statements_than_the_pooler_follows() -> None:
    mine = {"settings": {"database_statements": 150}}

    kept = [
        {item["name"]: item["value"] for item in chart.component("web")["spec"]["containers"][0]["env"]}
        for chart in (rendered("province"), render(merged(values_of("province"), mine)), rendered("smallest"))
    ]

    assert [env.get("NENNEP_DATABASE_STATEMENTS") for env in kept] == ["200", "150", None]


def test_whoever_verifies_the_server_names_the_authority() -> None:
    (mount,) = [
        m
        for m in rendered("country").component("pgbouncer")["spec"]["containers"][0]["volumeMounts"]
        if m["name"] == "authority"
    ]

    assert ini(rendered("country"))["pgbouncer"]["server_tls_ca_file"] == f"{mount['mountPath']}/ca.crt"
    assert "server_tls_ca_file" not in ini(rendered("province"))["pgbouncer"]
    with pytest.raises(Exception, match="verifies nobody without"):
        render(merged(values_of("province"), {"pgbouncer": {"database": {"tls": "verify-full"}}}))


def test_a_changed_configuration_is_a_new_pod() -> None:
    more = render(merged(values_of("province"), {"pgbouncer": {"poolSize": 21}}))

    sums = [
        chart.component("pgbouncer")["metadata"]["annotations"]["checksum/config"]
        for chart in (rendered("province"), more)
    ]
    assert sums[0] != sums[1]


def test_it_ends_when_transactions_have_and_before_it_is_killed() -> None:
    pod = rendered("province").component("pgbouncer")["spec"]
    (container,) = pod["containers"]
    (_, _, script) = container["lifecycle"]["preStop"]["exec"]["command"]

    # SIGINT and not SIGTERM: the latter waits for clients, and a pool never leaves.
    assert "kill -INT 1" in script
    assert (
        sum(int(part.split()[1]) for part in script.split("; ") if part.startswith("sleep"))
        < (pod["terminationGracePeriodSeconds"])
    )


@pytest.fixture(scope="module")
def cnpg() -> dict[str, dict[str, Any]]:
    """The objects of the example by kind."""
    text = (CHART / "examples" / "cloudnative-pg.yaml").read_text("utf-8")
    return {found["kind"]: found for found in yaml.safe_load_all(text)}


def test_the_example_makes_the_roles_and_extensions_that_the_product_needs(
    cnpg: dict[str, dict[str, Any]],
) -> None:
    made = "\n".join(cnpg["Cluster"]["spec"]["bootstrap"]["initdb"]["postInitApplicationSQL"])

    for line in filter(None, (line.rstrip(";") for line in EXTENSIONS.splitlines())):
        assert line in made, line
    assert "CREATE ROLE nennep_app LOGIN NOINHERIT" in made
    assert "CREATE ROLE nennep_app LOGIN NOINHERIT" in ROLES
    assert "GRANT nennep_tenant TO nennep_owner WITH ADMIN OPTION" in made
    assert "ALTER ROLE nennep_owner CREATEROLE" in made
    # The operator would take the committees' roles away from roles that it manages.
    assert "managed" not in cnpg["Cluster"]["spec"]


def test_the_example_loses_nothing_and_its_pooler_is_like_ours(cnpg: dict[str, dict[str, Any]]) -> None:
    cluster = cnpg["Cluster"]["spec"]
    (archive,) = cluster["plugins"]

    assert cluster["postgresql"]["synchronous"]["dataDurability"] == "required"
    assert archive["isWALArchiver"]
    assert archive["parameters"]["barmanObjectName"] == cnpg["ObjectStore"]["metadata"]["name"]
    assert cnpg["ScheduledBackup"]["spec"]["cluster"]["name"] == cnpg["Cluster"]["metadata"]["name"]
    # Six parts: seconds come first there.
    assert len(cnpg["ScheduledBackup"]["spec"]["schedule"].split()) == 6
    theirs = cnpg["Pooler"]["spec"]["pgbouncer"]
    ours = ini(rendered("province"))["pgbouncer"]
    assert theirs["poolMode"] == ours["pool_mode"]
    assert {name: ours[name] for name in theirs["parameters"]} == theirs["parameters"]
