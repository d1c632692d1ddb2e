"""The embedded servers: what was acknowledged outlives every kill, and nobody's data is opened twice at once."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import minio
import psutil
import pytest
import redis

from infra.embedded import Embedded, ServerFailed, Servers, running
from infra.embedded.account import Account, choose
from infra.embedded.folder import Folder
from infra.embedded.process import LEASH, free_ports
from infra.embedded.programs import valkey
from infra.postgres import connect

HERE = Path(__file__).resolve().parents[2]

# A process of its own that starts the servers, writes to each and then waits for its end.
OTHER = """
import sys, json, os, pathlib, time
sys.path.insert(0, sys.argv[2])
from infra.embedded import running
from tests.infra.test_embedded import write
with running(pathlib.Path(sys.argv[1]), fast=True) as embedded:
    write(embedded.servers, sys.argv[3])
    print(json.dumps({"uid": os.geteuid(), **embedded.servers.pids}), flush=True)
    sys.stdin.read()
"""


def sql(url: str, statement: str) -> list[asyncpg.Record]:
    async def run() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def store(servers: Servers) -> minio.Minio:
    address = servers.objects_url.removeprefix("http://")
    keys = {"access_key": servers.objects_access_key, "secret_key": servers.objects_secret_key}
    return minio.Minio(address, secure=False, **keys)


def write(servers: Servers, text: str) -> None:
    """One thing into each of the three."""
    sql(servers.owner_url, f"CREATE TABLE IF NOT EXISTS said AS SELECT '{text}' AS text")
    redis.Redis.from_url(servers.queue_url).set("said", text)
    store(servers).put_object(servers.objects_bucket, "said", io.BytesIO(text.encode()), len(text.encode()))


def read(servers: Servers) -> tuple[str, str, str]:
    queue: bytes = redis.Redis.from_url(servers.queue_url).get("said")
    answer = store(servers).get_object(servers.objects_bucket, "said")
    return sql(servers.owner_url, "SELECT text FROM said")[0]["text"], queue.decode(), answer.data.decode()


def other_process(folder: Path, text: str, account: Account | None = None) -> subprocess.Popen[str]:
    numbers = (account.uid, account.gid, account.capability) if account else (-1, -1, -1)
    leash = [
        sys.executable,
        "-I",
        "-S",
        str(LEASH),
        str(os.getpid()),
        *map(str, numbers),
        str(int(signal.SIGKILL)),
    ]
    return subprocess.Popen(
        [*leash, sys.executable, "-c", OTHER, str(folder), str(HERE), text],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
    )


def started(process: subprocess.Popen[str]) -> dict[str, int]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def gone(pids: list[int]) -> bool:
    def runs(pid: int) -> bool:
        return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE

    end = time.monotonic() + 5
    while any(runs(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(runs(pid) for pid in pids)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose servers were killed without a word, after each had acknowledged a write."""
    folder = tmp_path_factory.mktemp("killed") / "data"
    process = other_process(folder, "đã ghi")
    pids = started(process)
    del pids["uid"]
    process.kill()
    process.wait()
    assert gone(list(pids.values())), "the servers outlived the process that started them"
    return folder


@pytest.fixture(scope="module")
def again(folder: Path) -> Iterator[Embedded]:
    """The same folder, started again, with a server of a former life still running in it."""
    # On a socket in that folder: one that listens nowhere ends by itself, sooner or later than it is found.
    left_over = [str(valkey()), "--port", "0", "--unixsocket", "orphan.sock"]
    orphan = subprocess.Popen(left_over, cwd=folder / "queue", stdout=subprocess.DEVNULL)
    with running(folder) as embedded:
        assert orphan.wait(5) == -signal.SIGKILL
        yield embedded


async def test_a_row_that_is_refused_does_not_stand_in_the_log(again: Embedded, folder: Path) -> None:
    owner = await connect(again.servers.owner_url)
    try:
        await owner.execute("CREATE TEMPORARY TABLE person (name text CHECK (name = ''))")
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await owner.execute("INSERT INTO person VALUES ($1)", "Phạm Thị Em")
    finally:
        await owner.close()

    log = what_stands_in_the_log(folder)
    assert "Phạm Thị Em" in str(refused.value.detail)
    assert 'violates check constraint "person_name_check"' in log
    assert "Phạm" not in log


def what_stands_in_the_log(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.rglob("database.log"))


def test_all_that_was_acknowledged_is_there_after_a_kill(again: Embedded) -> None:
    assert read(again.servers) == ("đã ghi",) * 3


@pytest.mark.parametrize("name", ["database", "queue", "objects"])
def test_one_server_killed_and_started_again_keeps_address_and_data(again: Embedded, name: str) -> None:
    before = again.servers
    again.kill(name)
    assert again.fallen() == [name]
    again.restart(name)
    after = again.servers
    assert again.fallen() == []
    assert after.pids.pop(name) != before.pids.pop(name)
    assert after == before
    assert read(after) == ("đã ghi",) * 3


def test_a_folder_in_use_is_refused_with_its_user_named(again: Embedded, folder: Path) -> None:
    with pytest.raises(ServerFailed, match=f"in use by process {os.getpid()}"):
        Embedded.start(folder)
    assert read(again.servers) == ("đã ghi",) * 3


def test_roles_can_do_what_they_are_for_and_no_more(again: Embedded) -> None:
    rights = "rolname, rolsuper, rolcreaterole, rolinherit, rolcanlogin"
    roles = sql(again.servers.database_url, f"SELECT {rights} FROM pg_roles")
    found = {role[0]: tuple(role)[1:] for role in roles if role[0].startswith("nennep")}
    assert found == {
        "nennep_owner": (False, True, True, True),
        "nennep_app": (False, False, False, True),
        "nennep_tenant": (False, False, True, False),
    }
    for statement in (
        "CREATE ROLE t1",
        "GRANT nennep_tenant TO t1",
        "GRANT t1 TO nennep_app",
        "DROP ROLE t1",
    ):
        sql(again.servers.owner_url, statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        sql(again.servers.app_url, "CREATE SCHEMA mine")
    words = sql(
        again.servers.app_url,
        "SELECT ext.unaccent('Đặng Thị Ước'), ext.similarity('Nguyễn', 'nguyễn'), lower('Đ')",
    )
    assert tuple(words[0]) == ("Dang Thi Uoc", 1.0, "đ")


def test_durability_is_not_traded(again: Embedded) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert sql(again.servers.database_url, f"SHOW {setting}")[0][0] == "on"
    queue = redis.Redis.from_url(again.servers.queue_url)
    assert queue.config_get("appendonly")["appendonly"] == "yes"
    assert queue.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_only_loopback_listens_and_nobody_enters_without_a_password(again: Embedded) -> None:
    for pid in again.servers.pids.values():
        listening = [
            line.laddr.ip for line in psutil.Process(pid).net_connections() if line.status == "LISTEN"
        ]
        assert set(listening) == {"127.0.0.1"}
    host = again.servers.app_url.split("@")[1]
    with pytest.raises(asyncpg.InvalidPasswordError):
        sql(f"postgresql://postgres:wrong@{host}", "SELECT 1")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url("redis://" + again.servers.queue_url.split("@")[1]).ping()
    with pytest.raises(minio.S3Error):
        minio.Minio(again.servers.objects_url.removeprefix("http://"), secure=False).get_object(
            "nennep", "said"
        )


def test_the_object_store_has_no_open_side_door(again: Embedded) -> None:
    for line in psutil.Process(again.servers.pids["objects"]).net_connections():
        if line.status == "LISTEN":
            for path in ("buckets/nennep/said", "1,01637037d6"):
                with suppress(OSError, http.client.HTTPException):  # gRPC doors do not speak HTTP/1
                    door = http.client.HTTPConnection("127.0.0.1", line.laddr.port, timeout=1)
                    door.request("GET", f"/{path}")
                    answer = door.getresponse()
                    assert answer.status >= 300, (line.laddr.port, path, answer.status)


def test_secrets_are_for_their_owner_only(again: Embedded, folder: Path) -> None:
    for file in (folder / "secrets.json", folder / "queue" / "valkey.conf", folder / "objects" / "s3.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    command = " ".join(" ".join(psutil.Process(pid).cmdline()) for pid in again.servers.pids.values())
    assert not any(secret in command for secret in json.loads((folder / "secrets.json").read_text()).values())


def test_the_sealing_key_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    made = Folder(tmp_path).kept_key()

    assert Folder(tmp_path).kept_key() == made
    assert len(made) == 43
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_lost_secrets_are_told_and_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "database").mkdir()
    with pytest.raises(ServerFailed, match=r"secrets\.json is missing"):
        Embedded.start(tmp_path)
    assert (tmp_path / "database").exists()
    Folder(tmp_path).hold()  # the refusal gave the lock back


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerFailed, match="cannot be used"):
        Embedded.start(tmp_path / "file" / "data")


def test_a_server_that_fails_is_told_with_its_log_and_the_others_are_ended(tmp_path: Path) -> None:
    Folder(tmp_path).secrets()
    (tmp_path / "database" / "data").mkdir(parents=True)
    with pytest.raises(
        ServerFailed, match=r"PostgreSQL did not start: it ended with code \d+\. Log .*database\.log"
    ):
        Embedded.start(tmp_path)
    left = [process for process in psutil.process_iter() if process.name() in ("valkey-server", "weed")]
    assert not [process for process in left if str(tmp_path) in process.cwd()]


def test_ports_are_free_and_different() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests have run as an ordinary user already")
def test_runs_as_an_ordinary_user_too(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    account = choose(folder, [Path(sys.executable).resolve(), HERE / "infra"])
    account.give(folder)
    process = other_process(folder, "người khác", account)
    assert started(process)["uid"] == account.uid != 0
    process.communicate()
    assert process.returncode == 0
    assert {path.stat().st_uid for path in folder.rglob("*")} == {account.uid}
