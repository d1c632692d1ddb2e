"""The servers beside the product, started with the compose file's own configuration: PostgreSQL, Valkey, SeaweedFS.

The programs are those that the tests bring; in the containers they are of the same versions.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
import redis

from infra.embedded import Embedded
from infra.embedded.account import choose
from infra.embedded.database import SETTINGS, Database
from infra.embedded.objects import PIECES
from infra.embedded.process import Spawner, end, free_ports, tail, wait_ready
from infra.embedded.programs import postgres, valkey, weed
from tests.ship.recipe import LOCAL, services
from tests.ship.test_compose import made

# What a machine of its own has more of, what containers have otherwise, and what says where it listens.
OTHERWISE = {
    "listen_addresses",
    "unix_socket_directories",
    "shared_buffers",
    "max_connections",
    "log_line_prefix",
}
SHAPE = {
    "roles": """SELECT rolname, rolcanlogin, rolcreaterole, rolinherit, rolsuper, rolcreatedb, rolreplication,
        rolbypassrls FROM pg_roles WHERE rolname IN ('nennep_owner', 'nennep_app', 'nennep_tenant') ORDER BY 1""",
    "members": """SELECT roleid::regrole::text, admin_option, inherit_option, set_option FROM pg_auth_members
        WHERE member = 'nennep_owner'::regrole AND roleid = 'nennep_tenant'::regrole ORDER BY 1""",
    "database": """SELECT datdba::regrole::text, datacl::text, encoding, datlocprovider, datcollate, datctype, datlocale
        FROM pg_database WHERE datname = 'nennep'""",
    # What migrations give to the product's own roles comes on top of this.
    "schema": """SELECT nspowner::regrole::text, has_schema_privilege('public', oid, 'USAGE'),
        has_schema_privilege('public', oid, 'CREATE') FROM pg_namespace WHERE nspname = 'ext'""",
    "extensions": """SELECT extname, extnamespace::regnamespace::text FROM pg_extension WHERE extname <> 'plpgsql'
        ORDER BY 1""",
    "passwords": "SELECT DISTINCT left(rolpassword, 13) FROM pg_authid WHERE rolname ~ '^nennep_(owner|app)$'",
}  # fmt: skip


class OfCompose(Database):
    """PostgreSQL as the compose file has it laid out, configured and filled; on loopback, by a port of the test's."""

    def __init__(self, folder: Path, secrets: Path) -> None:
        self.kept = secrets
        texts = {
            name: (secrets / f"database_{name}").read_text().strip() for name in ("superuser", "owner", "app")
        }
        super().__init__(folder, folder.with_suffix(".log"), choose(folder, [postgres()]), texts, fast=True)

    def prepare(self, spawner: Spawner, /) -> None:
        password = self.folder / "password"
        password.write_text(self.secrets["superuser"])
        self.account.give(password)
        asked = shlex.split(services()["database"]["environment"]["POSTGRES_INITDB_ARGS"])
        arguments = ["--pgdata=data", "--pwfile=password", "--username=postgres", "--no-sync", *asked]
        assert self.spawn(spawner, [str(postgres("initdb")), *arguments]).wait() == 0, tail(self.log)

    def command(self) -> list[str]:
        name, *arguments = services()["database"]["command"]
        told = [one.replace("/etc/nennep", str(self.folder)) for one in arguments]
        here = [f"--port={self.port}", "--listen_addresses=127.0.0.1", "--unix_socket_directories="]
        return [str(postgres(name)), "-D", "data", *told, *here]

    def settle(self) -> None:
        """As the image's entry point: the database, then what lies in its folder of beginnings."""
        asyncio.run(self._execute("postgres", "CREATE DATABASE nennep"))
        entry = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGPASSWORD": self.secrets["superuser"]}
        path = f"{postgres().parent}:{os.environ['PATH']}"
        subprocess.run(
            ["sh", LOCAL / "database.sh"], check=True, env=entry | {"PATH": path, "SECRETS": str(self.kept)}
        )


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, secrets: Path) -> Iterator[OfCompose]:
    folder = tmp_path_factory.mktemp("database") / "folder"
    folder.mkdir()
    (folder / "postgres.conf").write_bytes((LOCAL / "postgres.conf").read_bytes())
    spawner, server = Spawner(), OfCompose(folder, secrets)
    server.launch(spawner, lambda: False)
    yield server
    server.stop()
    spawner.close()


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_roles_schema_and_extensions_are_those_of_the_embedded_server(
    database: OfCompose, embedded: Embedded
) -> None:
    of_compose = {name: rows(database.url(), statement) for name, statement in SHAPE.items()}
    of_ours = {name: rows(embedded.servers.database_url, statement) for name, statement in SHAPE.items()}

    assert of_compose == of_ours
    assert of_compose["passwords"] == [("SCRAM-SHA-256",)]


def test_both_roles_come_in_with_the_addresses_that_were_made(database: OfCompose, secrets: Path) -> None:
    for name, role in (("database_url", "nennep_app"), ("owner_database_url", "nennep_owner")):
        url = (secrets / name).read_text().strip().replace("@database:5432", f"@127.0.0.1:{database.port}")
        assert rows(url, "SELECT current_user::text, current_database()::text") == [(role, "nennep")]


def test_what_keeps_data_safe_is_set_as_in_the_embedded_server(database: OfCompose) -> None:
    given = re.findall(r"(?m)^(\w+) = '?([^'\n]*)'?$", (LOCAL / "postgres.conf").read_text())
    shown = dict(rows(database.url(), "SELECT name, setting FROM pg_settings"))
    wanted = {name: value for name, value in SETTINGS.items() if name not in OTHERWISE} | {"fsync": "on"}

    assert len(wanted) >= 9
    assert {name: dict(given).get(name) for name in wanted} == wanted
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert shown[name] == "on"
    assert {"on": "1", "off": "0"}.get(shown["jit"], shown["jit"]) in ("0", "off")
    assert shown["log_parameter_max_length_on_error"] == "0"


def test_the_queue_takes_its_configuration_and_its_password(secrets: Path, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    text = (LOCAL / "valkey.conf").read_text().replace("/run/secrets", str(secrets))
    file = tmp_path / "valkey.conf"
    file.write_text(text.replace("dir /data", f"dir {tmp_path}").replace("bind * -::*", "bind 127.0.0.1"))
    url = (secrets / "queue_url").read_text().strip().replace("queue:6379", f"127.0.0.1:{port}")
    spawner = Spawner()
    process = spawner.start(
        [str(valkey()), str(file), "--port", str(port)], account=(-1, -1, -1), death_signal=signal.SIGKILL,
        folder=tmp_path, log=tmp_path / "log", environment={},
    )  # fmt: skip
    try:
        with redis.Redis.from_url(url) as known, redis.Redis(port=port) as stranger:
            assert wait_ready(process, known.ping, patience=20, given_up=lambda: False) is None
            with pytest.raises(redis.AuthenticationError):
                stranger.ping()
            kept = known.config_get("maxmemory-policy") | known.config_get("appendonly")
            assert kept == {"maxmemory-policy": "noeviction", "appendonly": "yes"}
    finally:
        end(process, signal.SIGTERM, 10)
        spawner.close()


def test_the_store_opens_one_door_only(secrets: Path, tmp_path: Path) -> None:
    ports = dict(zip(PIECES, free_ports(len(PIECES)), strict=True))
    program, *arguments = services()["objects"]["entrypoint"]
    told = [one.replace("/run/secrets", str(secrets)).replace("/data", str(tmp_path)) for one in arguments]
    told = [*told, *(f"-{piece}={port}" for piece, port in ports.items())]
    spawner = Spawner()
    process = spawner.start(
        [str(weed()), *told], account=(-1, -1, -1), death_signal=signal.SIGKILL,
        folder=Path("/"), log=tmp_path / "log", environment={"HOME": str(tmp_path)},
    )  # fmt: skip

    def answers() -> None:
        line = http.client.HTTPConnection("127.0.0.1", ports["s3.port"], timeout=2)
        line.request("GET", "/")
        assert line.getresponse().status == 403
        line.close()

    try:
        assert Path(program).name == "weed"
        assert wait_ready(process, answers, patience=60, given_up=lambda: False) is None, tail(
            tmp_path / "log"
        )
        listening = psutil.Process(process.pid).net_connections("tcp")
        open_doors = {
            one.laddr.port for one in listening if one.status == "LISTEN" and one.laddr.ip != "127.0.0.1"
        }
        assert open_doors <= {ports["s3.port"], ports["s3.port.grpc"]}
    finally:
        end(process, signal.SIGKILL, 10)
        spawner.close()
