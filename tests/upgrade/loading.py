"""A database of its own with what an earlier release left in it."""

from __future__ import annotations

import json
import lzma
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from infra.embedded import Servers
from infra.embedded.database import EXTENSIONS
from infra.embedded.programs import postgres
from infra.postgres import connect
from tests.tenants.town import swap_database
from tests.upgrade.make_fixture import FIXTURES

RELEASES = sorted(path.stem for path in FIXTURES.glob("*.json"))


@dataclass(frozen=True)
class Left:
    """A filled database: ``servers`` point at it, ``told`` says what its release was and who can log in."""

    servers: Servers
    owner: asyncpg.Connection
    told: dict[str, Any]

    @property
    def place(self) -> dict[str, str]:
        """The settings of a command that works in it."""
        return self.servers.environment()

    def login(self, role: str, committee: str | None = "Pleiku") -> dict[str, Any]:
        """Somebody who can log in."""
        found = [one for one in self.told["logins"] if one["role"] == role]
        return next(one for one in found if committee is None or committee in (one["committee"] or ""))


@asynccontextmanager
async def kept(release: str, servers: Servers) -> AsyncIterator[str]:
    """Load what a release left; the name of its database. It goes at the end, with its committees' roles."""
    name = f"left_{uuid4().hex[:8]}"
    above = await asyncpg.connect(servers.database_url)
    await above.execute(f"CREATE DATABASE {name} OWNER nennep_owner")
    super_url = swap_database(servers.database_url, name)
    try:
        inside = await asyncpg.connect(super_url)
        await inside.execute(EXTENSIONS.replace("DATABASE nennep", f"DATABASE {name}"))
        await inside.close()
        load(super_url, lzma.decompress((FIXTURES / f"{release}.sql.xz").read_bytes()))
        yield name
    finally:
        await above.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for schema in told_of(release)["schemas"]:
            await above.execute(f'DROP ROLE IF EXISTS "{schema}"')
        await above.close()


@asynccontextmanager
async def copy_of(name: str, release: str, servers: Servers) -> AsyncIterator[Left]:
    """A copy of a kept database, for one test."""
    copy = f"{name}_{uuid4().hex[:8]}"
    urls = {u: swap_database(getattr(servers, u), copy) for u in ("database_url", "owner_url", "app_url")}
    there = replace(servers, **urls)
    above = await asyncpg.connect(servers.database_url)
    await above.execute(f"CREATE DATABASE {copy} OWNER nennep_owner TEMPLATE {name}")
    await above.execute(
        f"REVOKE ALL ON DATABASE {copy} FROM PUBLIC; GRANT CONNECT ON DATABASE {copy} TO nennep_app"
    )
    try:
        owner = await connect(there.owner_url)
        try:
            yield Left(there, owner, told_of(release))
        finally:
            await owner.close()
    finally:
        await above.execute(f"DROP DATABASE {copy} WITH (FORCE)")
        await above.close()


def told_of(release: str) -> dict[str, Any]:
    """What is said beside a kept database."""
    told: dict[str, Any] = json.loads((FIXTURES / f"{release}.json").read_text("utf-8"))
    return told


def load(super_url: str, dump: bytes) -> None:
    """What psql is for: COPY from its own input."""
    at = urlsplit(super_url)
    subprocess.run(
        [str(postgres("psql")), "--no-psqlrc", "--quiet", "--output", os.devnull, "--set", "ON_ERROR_STOP=1",
         "--host", str(at.hostname), "--port", str(at.port), "--username", str(at.username),
         "--dbname", Path(at.path).name],
        input=dump, check=True, env=os.environ | {"PGPASSWORD": at.password or ""},
    )  # fmt: skip
