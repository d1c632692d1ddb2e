"""`nennep doctor` in front of real servers, broken in real ways: each fault is named, with what to do."""

from __future__ import annotations

import asyncio
import json
import re
from collections import namedtuple
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
import redis

from infra.embedded import Embedded, Servers
from infra.embedded.database import SETTINGS
from infra.objects import make_client
from infra.postgres import sql
from infra.settings import settings
from server.schema import committee_line
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.commands.certificates import Authority, https
from tests.commands.conftest import Nennep, Outcome
from tests.workers.rows import ask, rows_of
from workers import outbox
from workers.doctor import machine
from workers.doctor.database import LOCKS, setup, skew
from workers.doctor.machine import secret_files
from workers.doctor.work import backups

DEAD = "127.0.0.1:9"
Disk = namedtuple("Disk", "total used free")


def lines(outcome: Outcome, level: str) -> list[str]:
    """What was found on one level. Every line that is not ok says what to do."""
    found = [line.split(maxsplit=1) for line in outcome.out.splitlines()]
    assert {kind for kind, _ in found} <= {"ok", "warn", "fail"}
    assert all("  — " in told for kind, told in found if kind != "ok"), outcome.out
    assert outcome.code == (1 if any(kind == "fail" for kind, _ in found) else 0)
    return [told for kind, told in found if kind == level]


def told(outcome: Outcome, level: str, words: str) -> bool:
    """Whether a line of a level has these words."""
    return any(words in line for line in lines(outcome, level))


async def test_what_is_well_is_said_and_a_disk_that_is_not_waited_for_is_a_fault(
    nennep: Nennep, servers: Servers
) -> None:
    found = await nennep("doctor")

    good = "\n".join(lines(found, "ok"))
    for words in (
        "settings: all", "Nền Nếp", "Python 3.", "PostgreSQL 18", "(NENNEP_OWNER_DATABASE_URL)", "behind PostgreSQL's",
        "role nennep_app: owns nothing", "role nennep_owner can found committees", "Valkey 9",
        "written, read, compared, removed; closed to strangers", "for this machine only",
    ):  # fmt: skip
        assert words.replace("behind ", "") in good.replace("ahead of ", "").replace("behind ", ""), words
    # The suite's own PostgreSQL does without fsync (tests/conftest.py).
    assert told(found, "fail", "PostgreSQL may lose what it has acknowledged")
    assert servers.secret_key not in found.out


async def test_machines_read_the_same(nennep: Nennep) -> None:
    found = await nennep("doctor", "--json")

    rows = json.loads(found.out)
    assert {"database", "queue", "object store", "migrations"} <= {row["check"] for row in rows}
    assert all(set(row) == {"check", "level", "what", "todo"} for row in rows)
    assert all(bool(row["todo"]) == (row["level"] != "ok") for row in rows)


async def test_every_wrong_setting_is_told_at_once(nennep: Nennep) -> None:
    found = await nennep("doctor", environment={"NENNEP_PORT": "http", "NENNEP_LOG_LEVEL": "LOUD"})

    assert told(found, "fail", "NENNEP_PORT: must be")
    assert told(found, "fail", "NENNEP_LOG_LEVEL: must be")
    assert told(found, "warn", "servers were not looked at")
    assert told(found, "ok", "Python 3.")


async def test_all_servers_down_is_a_line_each_and_no_more(nennep: Nennep) -> None:
    away = {
        "NENNEP_DATABASE_URL": f"postgresql://nennep_app:geheim@{DEAD}/nennep",
        "NENNEP_OWNER_DATABASE_URL": f"postgresql://nennep_owner:geheim@{DEAD}/nennep",
        "NENNEP_QUEUE_URL": f"redis://:geheim@{DEAD}/0",
        "NENNEP_OBJECTS_URL": f"http://{DEAD}",
    }
    found = await nennep("doctor", environment=away)

    faults = lines(found, "fail")
    assert len(faults) == 4
    assert [re.findall(r"NENNEP_\w+", fault) for fault in faults] == [
        ["NENNEP_DATABASE_URL"], ["NENNEP_OWNER_DATABASE_URL"], ["NENNEP_QUEUE_URL"], ["NENNEP_OBJECTS_URL"],
    ]  # fmt: skip
    assert all(DEAD in fault for fault in faults)
    assert told(found, "warn", "migrations: not looked at")
    assert "geheim" not in found.out + found.err


async def test_wrong_passwords_are_told_from_servers_that_are_away(nennep: Nennep, servers: Servers) -> None:
    wrong = {
        "NENNEP_DATABASE_URL": re.sub(r":[^:@]+@", ":geheim@", servers.app_url),
        "NENNEP_QUEUE_URL": re.sub(r":[^:@]+@", ":geheim@", servers.queue_url),
        "NENNEP_OBJECTS_SECRET_KEY": "geheim",
    }
    found = await nennep("doctor", environment=wrong)

    assert told(found, "fail", "check the user, the password and the database's name")
    assert told(found, "fail", "check the user and the password")
    assert told(found, "fail", "the two keys")
    assert "geheim" not in found.out + found.err


@pytest_asyncio.fixture(loop_scope="session")
async def superuser(database: Servers) -> AsyncIterator[asyncpg.Connection]:
    """Who may break things."""
    held = await asyncpg.connect(database.database_url)
    yield held
    await held.close()


async def test_a_role_that_may_too_much(
    nennep: Nennep, cast: Cast, database: Servers, superuser: asyncpg.Connection
) -> None:
    role = f"too_much_{uuid4().hex[:8]}"
    await superuser.execute(f"CREATE ROLE {role} LOGIN INHERIT BYPASSRLS PASSWORD 'geheim'")
    await superuser.execute(
        f'GRANT "{cast.pleiku.schema_name}" TO {role}; GRANT CONNECT ON DATABASE nennep TO {role}'
    )
    await superuser.execute(f"CREATE TABLE public.mark (); ALTER TABLE public.mark OWNER TO {role}")
    try:
        url = re.sub(r"//[^@]+@", f"//{role}:geheim@", database.owner_url)
        found = await nennep("doctor", environment={"NENNEP_DATABASE_URL": url})
    finally:
        await superuser.execute(f"DROP TABLE public.mark; REVOKE CONNECT ON DATABASE nennep FROM {role}")
        await superuser.execute(f"DROP ROLE {role}")

    for words in ("inherits the rights", "passes by row security", "owns 1 tables", "may enter 1 committees"):
        assert told(found, "fail", f"role {role} {words}"), found.out
    assert told(found, "fail", "finds mark without naming a schema")


async def test_a_database_before_its_migration(
    nennep: Nennep, database: Servers, superuser: asyncpg.Connection
) -> None:
    name = f"empty_{uuid4().hex[:8]}"
    await superuser.execute(f"CREATE DATABASE {name} OWNER nennep_owner")
    try:
        url = f"{database.app_url.rpartition('/')[0]}/{name}"
        found = await nennep("doctor", environment={"NENNEP_DATABASE_URL": url})
    finally:
        await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")

    assert told(found, "fail", "does not have this version's tables  — nennep migrate")
    assert told(found, "fail", "pg_trgm is not in a schema ext")
    assert told(found, "warn", "timetable, jobs, backups, demonstration: not looked at")


async def test_committees_that_are_behind_or_stuck(nennep: Nennep, cast: Cast) -> None:
    async with platform_transaction():
        await sql(
            "UPDATE platform.committee SET version = $1, migration_error = 'locked' WHERE id = $2",
            committee_line()[-1].version - 1, cast.pleiku.id,
        )  # fmt: skip
    try:
        found = await nennep("doctor")
    finally:
        async with platform_transaction():
            await sql(
                "UPDATE platform.committee SET version = $1, migration_error = '' WHERE id = $2",
                committee_line()[-1].version, cast.pleiku.id,
            )  # fmt: skip

    assert told(found, "fail", "committees are stuck in a migration")
    assert told(found, "fail", "committees wait for a migration")


async def test_a_queue_that_may_forget(nennep: Nennep, servers: Servers) -> None:
    queue = redis.Redis.from_url(servers.queue_url)
    queue.config_set("maxmemory-policy", "allkeys-lru")
    try:
        found = await nennep("doctor")
    finally:
        queue.config_set("maxmemory-policy", "noeviction")
        queue.close()

    assert told(found, "warn", "maxmemory-policy is allkeys-lru")


async def test_a_store_without_a_bucket_and_one_that_is_open_to_everybody(
    nennep: Nennep, servers: Servers
) -> None:
    missing = await nennep("doctor", environment={"NENNEP_OBJECTS_BUCKET": "no-such-bucket"})
    bucket, store = f"open-{uuid4().hex[:8]}", make_client(settings())
    store.make_bucket(bucket)
    rule = {
        "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }  # fmt: skip
    store.set_bucket_policy(bucket, json.dumps({"Version": "2012-10-17", "Statement": [rule]}))
    try:
        opened = await nennep("doctor", environment={"NENNEP_OBJECTS_BUCKET": bucket})
        left = [*store.list_objects(bucket, recursive=True)]
    finally:
        store.remove_bucket(bucket)

    assert told(missing, "fail", "has no bucket no-such-bucket")
    assert told(opened, "fail", "is open to everybody")
    assert left == []


async def test_certificates(nennep: Nennep, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    trusted = {"SSL_CERT_FILE": str(authority.file)}
    found = {}
    for name, since, until in (("good", -1, 90), ("soon", -1, 10), ("now", -1, 1), ("over", -9, -2)):
        async with https(authority.certificate(since=since, until=until)) as url:
            found[name] = await nennep("doctor", environment=trusted | {"NENNEP_PUBLIC_URL": url})
    async with https(authority.certificate(since=-1, until=91)) as url:
        found["strange"] = await nennep("doctor", environment={"NENNEP_PUBLIC_URL": url})
    found["gone"] = await nennep("doctor", environment=trusted | {"NENNEP_PUBLIC_URL": f"https://{DEAD}"})
    found["clear"] = await nennep("doctor", environment={"NENNEP_PUBLIC_URL": "http://nennep.example.vn"})

    assert told(found["good"], "ok", "is good for 90 days")
    assert told(found["soon"], "warn", "ends in 10 days")
    assert told(found["now"], "fail", "ends in 1 days")
    assert told(found["over"], "fail", "certificate has expired")
    assert told(found["strange"], "fail", "unable to get local issuer certificate")
    assert told(found["gone"], "warn", "could not be looked at")
    assert told(found["clear"], "fail", "passwords go in clear")


async def test_files_settings_and_pools_that_deserve_a_word(nennep: Nennep, tmp_path: Path) -> None:
    secret = tmp_path / "secret-key"
    secret.write_text("A" * 43)
    secret.chmod(0o644)
    closed = {
        "NENNEP_SECRET_KEY_FILE": str(secret),
        "NENNEP_DATABASE_POOL": "200",
        "TESSDATA_PREFIX": str(tmp_path),
    }
    environment = closed | {"NENNEP_SOMETHING_ELSE": "1"}

    found = await nennep("doctor", environment=environment, without=("NENNEP_SECRET_KEY",))

    assert told(found, "warn", f"everybody here can read {secret} (mode 644)")
    assert told(found, "warn", "one web process takes 200")
    assert told(found, "warn", "Vietnamese is not here")
    assert told(found, "warn", "NENNEP_SOMETHING_ELSE is not known")
    assert told(found, "warn", "backups of committees are off")
    assert told(found, "warn", "no key for reminders")


async def test_a_secret_that_is_mounted_by_itself_is_seen_by_its_container_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret-key"
    secret.write_text("A" * 43)
    secret.chmod(0o444)
    monkeypatch.setattr("os.path.ismount", lambda path: path == secret)

    ((level, _, _),) = [one async for one in secret_files({"NENNEP_SECRET_KEY_FILE": str(secret)})]

    assert level == "ok"


async def test_work_that_was_given_up_and_a_demonstration_in_the_open(nennep: Nennep, cast: Cast) -> None:
    await ask(cast.pleiku, month="tháng mười")
    row = (await rows_of(cast.pleiku))[0]
    await outbox.failed([row["id"]], "ValueError", hopeless=True)
    # Sent, and no worker has begun it: it is due again only in a while.
    late = """UPDATE platform.outbox SET created_at = now() - interval '2 hours', sent_at = now(),
        due_at = now() + interval '15 minutes' WHERE id = $1"""
    async with platform_transaction():
        await sql("INSERT INTO platform.setting (name, value) VALUES ('demo', '{\"built\": true}')")
    try:
        found = await nennep("doctor", environment={"NENNEP_PUBLIC_URL": "http://10.0.0.1"})
        await outbox.release([row["id"]])
        async with platform_transaction():
            await sql(late, row["id"])
        late_one = await nennep("doctor")
    finally:
        async with platform_transaction():
            await sql("DELETE FROM platform.setting WHERE name = 'demo'")
        await outbox.done([row["id"]])

    assert told(found, "warn", "jobs were given up")
    assert told(found, "warn", "the demonstration stands in this database")
    assert re.search(r"fail +jobs: \d+ wait, the oldest for 12\d min", late_one.out)


async def test_a_backup_that_is_missing(nennep: Nennep, cast: Cast, tmp_path: Path) -> None:
    environment = {"NENNEP_BACKUP_URL": f"file://{tmp_path}"}
    async with platform_transaction():
        await sql("DELETE FROM platform.backup")  # what other tests have kept and tried
        await sql(
            """INSERT INTO platform.backup (id, committee, taken_at, ended_at) VALUES ($1, $2, now(), now())""",
            uuid4(), cast.pleiku.id,
        )  # fmt: skip
        await sql("DELETE FROM platform.export")
        before = await sql("SELECT id, created_at FROM platform.committee")
        await sql("UPDATE platform.committee SET created_at = now() - interval '27 hours'")
    found = await nennep("doctor", environment=environment)
    async with platform_transaction():
        await sql("UPDATE platform.committee SET created_at = now() - interval '15 days'")
    untried = await nennep("doctor", environment=environment)
    async with platform_transaction():
        closed = await sql(
            "UPDATE platform.committee SET state = 'suspended' WHERE state = 'active' RETURNING id"
        )
    none_active = [told async for told in backups(replace(settings(), backup_url=f"file://{tmp_path}"))]
    async with platform_transaction():
        await sql(
            "UPDATE platform.committee SET state = 'active' WHERE id = ANY ($1)",
            [row["id"] for row in closed],
        )
        await sql("UPDATE platform.backup SET rehearsed_at = now()")
        await sql("UPDATE platform.committee SET created_at = now() - interval '25 hours'")
    well = await nennep("doctor", environment=environment)
    async with platform_transaction():
        await sql("DELETE FROM platform.backup WHERE committee = $1", cast.pleiku.id)
        for row in before:
            await sql("UPDATE platform.committee SET created_at = $2 WHERE id = $1", *row.values())

    assert told(found, "warn", "committees have none of the last 26 hours")
    assert not told(found, "warn", "no backup or export was restored and found equal")
    assert told(untried, "warn", "no backup or export was restored and found equal since")
    assert [what for _, what, _ in none_active if "found equal" in what] == []
    assert told(well, "ok", "backups: no committee is without one for longer than 26 hours")
    assert not told(well, "warn", "no backup or export was restored")


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0.0, "ok"), (-1.9, "ok"), (2.1, "warn"), (-29.0, "warn"), (31.0, "fail"), (-3600, "fail")],
)
def test_clocks_that_are_apart(seconds: float, level: str) -> None:
    found, told, todo = skew("PostgreSQL", seconds)

    assert found == level
    assert ("ahead of" in told) == (seconds > 0)
    assert bool(todo) == (level != "ok")


async def test_a_server_as_it_comes_is_not_set_up_for_many_committees(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("max_locks_per_transaction", "recovery_init_sync_method", "log_error_verbosity"):
        monkeypatch.delitem(SETTINGS, name)
    plain = await asyncio.to_thread(Embedded.start, tmp_path, fast=True)
    try:
        given = replace(settings(), database_url=plain.servers.app_url)
        found = [(level, what, todo) async for level, what, todo in setup(given)]
    finally:
        await asyncio.to_thread(plain.stop)

    assert [(level, what) for level, what, _ in found if level != "ok"] == [
        ("warn", "max_locks_per_transaction is 64"),
        ("warn", "recovery_init_sync_method is fsync"),
        ("warn", "log_error_verbosity is default: rows that a constraint refuses stand in PostgreSQL's log"),
    ]
    assert f"set it to {LOCKS}" in found[0][2]
    assert "set it to syncfs" in found[1][2]


@pytest.mark.parametrize(("free", "level"), [(101, "ok"), (99, "warn")])
async def test_a_disk_of_backups_that_is_nearly_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: str
) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: Disk(1000 * 10**9, 0, free * 10**9))
    here = replace(settings(), backup_url=f"file://{tmp_path}")

    [(found, told_, _)] = [one async for one in machine.backups(here)]

    assert (found, told_) == (level, f"folder of backups {tmp_path}: {free} of 1,000 GB free")


async def test_a_folder_of_backups_that_is_not_mounted_here_is_not_looked_at(tmp_path: Path) -> None:
    for place in (f"file://{tmp_path}/not-mounted-here", "s3://backups", None):
        assert [one async for one in machine.backups(replace(settings(), backup_url=place))] == []
